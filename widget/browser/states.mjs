// The states that the chat can be in, one after the other in one window: for
// checks that have to hold in each of them.

import { chat } from "./stage.mjs";

/**
 * Walks through the states; each(name) is called in every one of them. The page
 * is a page of the chat or one that holds it, in any language of ours: nothing
 * here is found by its words, but for what the scripted service says.
 */
export async function tour(s, page, app, each) {
  const menu = app.locator('[aria-controls="fd-menu"]');
  const choices = app.locator(".welcome .choice");
  await choices.first().waitFor();
  await each("welcome");
  await choices.first().click();
  await app.locator(".welcome .all, .welcome .button-quiet").first().waitFor();
  await each("topic");
  await choices.first().click();
  await app.locator(".passage-body > div").waitFor();
  await each("article");
  await page.keyboard.press("Escape");
  await chat.field(app).fill("too long ".repeat(1_000));
  await app.locator("#fd-hint:not(:empty)").waitFor();
  await each("too-long");
  await s.order("hold");
  await chat.ask(app, "How do I make a gift return?");
  await app.locator(".working:visible").waitFor();
  await each("working");
  await s.order("hold", { times: 0 });
  await chat.answer(app).locator(".source a").waitFor();
  await each("answer");
  await chat.answer(app).locator(".source a").click();
  await app.locator(".passage mark").first().waitFor();
  await each("passage");
  await page.keyboard.press("Escape");
  await menu.click();
  await each("menu");
  await page.keyboard.press("Escape");
  await chat.ask(app, "WHICH TABLE return refund delivery");
  await chat.answer(app, 1).locator(".choice").first().waitFor();
  await each("choices");
  await chat.ask(app, "qwertzuiop");
  await chat.answer(app, 2).waitFor();
  await chat.ask(app, "asdfghjkl");
  await app.locator(".talk.button-main").waitFor();
  await each("offered");
  await app.locator(".talk").click();
  await app.locator(".case .facts").waitFor();
  await each("in-line");
  await app.locator(".case .ways button").first().click();
  await app.locator("#fd-address").waitFor();
  await page.keyboard.press("Enter");
  await app.locator("#fd-address-hint:not(:empty)").waitFor();
  await each("address");
  await app.locator(".address .ways button").nth(1).click();
  await s.order("person", { text: "Hello, Mara here.\n\nShall I make the label for you?" });
  await app.locator(".line.agent").waitFor();
  await chat.ask(app, "Yes please");
  await chat.had(app).nth(4).waitFor();
  await s.order("read");
  await chat.own(app).last().locator(".state:visible").waitFor();
  await s.order("typing");
  await app.locator(".typing:visible").waitFor();
  await each("person");
  await s.order("closed");
  await app.locator(".scores button").first().click();
  await app.locator(".effort:visible").waitFor();
  await each("rating");
}
