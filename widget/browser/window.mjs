// The rest of the chat's window: topics, waiting, typing, what is kept of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { chat, poll } from "./stage.mjs";

const noise = /Failed to load resource|net::ERR/;
const QUESTION = "How do I make a gift return?";

export async function answered(s, options = {}) {
  const page = await s.open("/", options);
  const app = await chat.open(page);
  await chat.ask(app, QUESTION);
  await chat.answer(app).locator(".source a").waitFor();
  return [page, app];
}

export async function waiting(s) {
  const [page, app] = await answered(s);
  await chat.talk(app).click();
  await app.getByText("You are in line for a person").waitFor();
  return [page, app];
}

const streams = (page) => {
  const open = new Set();
  page.on("request", (r) => r.url().endsWith("/events") && open.add(r));
  page.on("requestfailed", (r) => open.delete(r));
  page.on("requestfinished", (r) => open.delete(r));
  return open;
};

export const scenarios = {
  "who waits can leave an address, ask the assistant meanwhile, wait again, and stop": {
    play: async (s) => {
      const [page, app] = await waiting(s);
      await app.getByRole("button", { name: "Leave an address" }).click();
      await app.waitForFunction(() => document.activeElement.type === "email");
      await page.keyboard.type("no address");
      await page.keyboard.press("Enter");
      await app.getByText("This does not look like an e-mail address.").waitFor();
      await s.axe(page, "an address");
      await app.getByLabel("Your e-mail address").fill("ada@shop.example");
      await page.keyboard.press("Enter");
      await app.getByText("The answer will also reach you at ada@shop.example.").first().waitFor();
      await app.getByRole("button", { name: "Ask the assistant meanwhile" }).click();
      await app.getByText("You are in line; the assistant answers meanwhile").waitFor();
      await chat.ask(app, "How long does the refund take?");
      await chat.answer(app, 1).waitFor();
      assert.ok(await app.getByText("Place 2 in line").isVisible(), "the place is kept");
      await app.getByRole("button", { name: "Wait for the person only" }).click();
      await app.getByText("You are in line for a person").waitFor();
      await app.getByRole("button", { name: "Stop waiting" }).click();
      await chat.talk(app).waitFor();
    },
  },

  "that a person is writing is seen, and goes when they have written": {
    play: async (s) => {
      const [, app] = await waiting(s);
      await s.order("person", { text: "Hello, Mara here." });
      await app.getByText("Mara has your conversation").waitFor();
      await s.order("typing");
      await app.getByText("Mara is writing…").waitFor();
      await s.order("person", { text: "There it is." });
      await app.locator(".line.agent").getByText("There it is.").waitFor();
      await app.getByText("Mara is writing…").waitFor({ state: "hidden" });
    },
  },

  "each side sees how far the other has read, over a reload too, and not what nobody looks at": {
    play: async (s) => {
      const [page, app] = await waiting(s);
      const read = (a) => chat.own(a).locator(".state").getByText("Read", { exact: true });
      assert.equal(await read(app).count(), 0);
      await s.order("read");
      await read(app).waitFor();
      await chat.ask(app, "And another thing");
      await chat.had(app).getByText("And another thing").waitFor();
      assert.equal(await chat.own(app).last().locator(".state:visible").count(), 0, "not read yet");
      await s.order("read");
      await chat.own(app).last().locator(".state").getByText("Read").waitFor();
      assert.equal(await read(app).count(), 1, "only at the last one");
      await s.axe(page, "read");

      const before = (await s.order("person", { text: "Hello, Mara here." })).reads;
      await app.locator(".line.agent").waitFor();
      await poll(async () => assert.equal((await s.order("nothing")).reads, before + 1));
      await app.getByRole("button", { name: "Close the chat" }).click();
      await chat.launcher(page).waitFor();
      await s.order("person", { text: "One more." });
      await page.locator("#frontdesk-widget .launcher b").getByText("1").waitFor();
      assert.equal((await s.order("nothing")).reads, before + 1, "a closed window is read by nobody");
      await chat.launcher(page).click();
      await poll(async () => assert.equal((await s.order("nothing")).reads, before + 2));
      await page.reload();
      await read(await chat.again(page)).waitFor();
    },
  },

  "the conversation is sent to the customer's own address, and what became of it is said": {
    noise,
    play: async (s) => {
      const [page, app] = await answered(s);
      const ask = async (state, words) => {
        await s.order("transcript", { text: state });
        await app.getByRole("button", { name: "More", exact: true }).click();
        await app.getByRole("button", { name: "Send to my e-mail" }).click();
        await app.getByRole("status").getByText(words).waitFor();
      };
      await ask("no_address", "Leave an address first");
      await ask("asked", "We have asked ada@shop.example for a confirmation");
      await s.axe(page, "a confirmation is asked for");
      await ask("away", "You can save it as a text file instead");
      await ask("sent", "Sent to ada@shop.example.");
      await app.getByRole("button", { name: "All right" }).click();
      await app.getByText("Sent to ada@shop.example.").waitFor({ state: "detached" });
      assert.ok(await chat.field(app).evaluate((e) => e === document.activeElement), "one goes on writing");
    },
  },

  "0 in the empty box asks for a person, in a number it is a number": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.field(app).focus();
      await page.keyboard.type("10");
      assert.equal(await chat.field(app).inputValue(), "10");
      await chat.field(app).fill("");
      await page.keyboard.type("0");
      await app.locator(".case").getByText("K7QM-4T2P").waitFor();
      assert.equal(await chat.field(app).inputValue(), "");
    },
  },

  "six topics at most, articles behind them, and a person on every screen": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      const topics = app.getByRole("list", { name: "Topics" }).getByRole("button");
      await topics.first().waitFor();
      const n = await topics.count();
      assert.ok(n > 1 && n <= 6, `${n} topics`);
      await s.axe(page, "topics");
      await topics.first().click();
      assert.ok(await chat.talk(app).isVisible());
      await app.locator(".welcome .choice").first().click();
      await app.locator(".passage-body > div").waitFor();
      assert.ok(await chat.talk(app).isVisible(), "also over an article");
      await s.axe(page, "an article of the menu");
      await page.keyboard.press("Escape");
      await app.getByRole("button", { name: "All topics" }).click();
      await topics.first().waitFor();
      assert.ok(await topics.first().evaluate((b) => b === document.activeElement), "the focus is where it came from");
    },
  },

  "a conversation is saved as text, left, listed and taken up again": {
    play: async (s) => {
      const [page, app] = await answered(s);
      await app.getByRole("button", { name: "More", exact: true }).click();
      await s.axe(page, "the menu");
      const file = page.waitForEvent("download");
      await app.getByRole("button", { name: "Save as a text file" }).click();
      const text = readFileSync(await (await file).path(), "utf8");
      assert.match(text, /Conversation with Kettlewick/);
      assert.ok(text.includes("You · ") && text.includes(QUESTION) && text.includes("From: Returns and refunds"));
      await chat.fresh(app);
      await app.getByText("What can we help with?").waitFor();
      await app.getByRole("button", { name: "More", exact: true }).click();
      await app.getByRole("button", { name: "Earlier conversations" }).click();
      await s.axe(page, "earlier conversations");
      await app.getByRole("button", { name: new RegExp(QUESTION.slice(0, -1)) }).click();
      await chat.answer(app).locator(".source a").waitFor();
      assert.equal(await chat.own(app).count(), 1);
    },
  },

  "after two answers that did not help a person is offered in the open": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "qwertzuiop");
      await chat.answer(app).waitFor();
      await chat.ask(app, "asdfghjkl");
      await app.getByText("Shall a person take it from here?").waitFor();
      assert.ok(await app.locator(".talk.button-main").isVisible());
      await s.axe(page, "offered");
    },
  },

  "of many tabs one hears, and another one does when that is closed": {
    noise,
    play: async (s) => {
      const [page, app] = await answered(s);
      const tabs = [];
      for (let n = 0; n < 7; n++) tabs.push(await s.tab(page.context(), "/chat/shop"));
      const open = tabs.map(streams);
      for (const t of tabs) await chat.answer(t).locator(".source a").waitFor();
      assert.equal(open.reduce((sum, o) => sum + o.size, 0), 0, "the first one hears for all");
      await chat.ask(tabs[6], "How long does the refund take?");
      for (const t of [app, ...tabs]) await chat.answer(t, 1).waitFor();
      await page.close();
      await s.order("listen");
      await s.order("person", { text: "Still here." });
      for (const t of tabs) await t.locator(".line.agent").getByText("Still here.").waitFor();
    },
  },

  "what a tab had not sent when it was closed, the next one sends, once": {
    noise,
    play: async (s) => {
      const [page, app] = await answered(s);
      const context = page.context();
      const before = await s.order("listen");
      await context.route("**/v1/**", (r) => r.abort("internetdisconnected"));
      await s.order("cut");
      await chat.ask(app, "How long does the refund take?");
      await app.getByText("Kept here, not sent yet").waitFor();
      await page.close();
      await context.unroute("**/v1/**");
      const next = await s.tab(context, "/chat/shop");
      await chat.answer(next, 1).waitFor();
      assert.equal(await chat.own(next).count(), 2);
      assert.equal((await s.order("nothing")).posts, before.posts + 1);
    },
  },

  "hours turn by the service's clock, whatever the visitor's says": {
    play: async (s) => {
      // What the service said of the shop, before it had hours, is kept for three
      // seconds: until it says otherwise to who asks in a way of their own, and with
      // that to all who asked before.
      const hours = async () => (await (await fetch(s.base + "/v1/widget/shop?lang=tlh")).json()).hours;
      await hours();
      await s.order("hours", { text: "open", times: 120 });
      await poll(async () => assert.ok(await hours()));
      const page = await s.open("/chat/shop");
      await page.clock.install({ time: Date.now() - 366 * 86_400_000 });
      await page.goto(s.base + "/");
      const app = await chat.open(page);
      const [open, closed] = [app.getByText("People are here now."), app.getByText("Nobody is here right now. People are back")];
      await open.waitFor();
      // A year would have to pass on the visitor's clock before it came to the turn.
      const pass = (minutes, seen) => poll(async () => {
        await page.clock.fastForward(minutes * 60_000);
        assert.ok(await seen.isVisible());
      });
      await s.order("hours", { text: "closed", times: 3600 });
      await pass(3, closed);
      await s.order("hours", { text: "open", times: 3600 });
      await pass(61, open);
    },
  },

  "of very many messages the first ones come on a press, whole and in their order": {
    play: async (s) => {
      const [, app] = await answered(s);
      await s.order("fill", { times: 200 });
      const more = app.getByRole("button", { name: "Show earlier messages" });
      await more.waitFor();
      while (await more.isVisible()) {
        const had = await chat.lines(app).count();
        await more.click();
        await app.waitForFunction((n) => document.querySelectorAll(".lines > .line").length > n, had);
      }
      await poll(async () => assert.equal(await chat.lines(app).count(), 202));
      assert.ok((await app.locator(".lines > .far").count()) >= 60, "what is far away is not drawn");
      const first = chat.lines(app).first();
      await first.scrollIntoViewIfNeeded();
      assert.match(await first.innerText(), /gift return/);
      const link = chat.answer(app).locator(".source a");
      await link.focus(); // what is out of sight can be reached all the same
      await poll(async () => assert.ok((await link.boundingBox()).height > 10));
      const places = await chat.lines(app).evaluateAll((all) => all.map((e) => e.getBoundingClientRect().top));
      assert.deepEqual(places, [...places].sort((a, b) => a - b), "each stands below the one before");
      await chat.lines(app).last().scrollIntoViewIfNeeded();
      assert.match(await chat.lines(app).last().innerText(), /Message 199/);
    },
  },
};
