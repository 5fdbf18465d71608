// What customers do when all is well.

import assert from "node:assert/strict";

import { chat, PHONE } from "./stage.mjs";

const QUESTION = "How do I make a gift return?";
const ANSWER = /With the number and the delivery postcode you can make a gift return/;

async function answered(s, path = "/", options = {}) {
  const page = await s.open(path, options);
  await chat.open(page);
  await chat.ask(page, QUESTION);
  await chat.answer(page).getByRole("link", { name: "Returns and refunds" }).waitFor();
  return page;
}

export const scenarios = {
  "a question gets its answer, with the page it stands on": {
    play: async (s) => {
      const page = await answered(s);
      assert.match(await chat.answer(page).locator(".prose").innerText(), ANSWER);
      const href = await chat.answer(page).locator(".source a").getAttribute("href");
      assert.match(href, /^\/help\/returns-policy\?g=1&from=\d+&to=\d+&sum=[0-9a-f]{8}/);
      assert.equal(await chat.own(page).count(), 1);
      const told = await page.locator("[aria-live=polite]").innerText();
      assert.match(told, ANSWER, "a screen reader is told the whole answer");
    },
  },

  "a citation opens in place, at the quoted words, and gives the focus back": {
    play: async (s) => {
      const page = await answered(s);
      const link = chat.answer(page).locator(".source a");
      await link.click();
      const marked = page.locator(".passage mark");
      await marked.first().waitFor();
      const quote = (await chat.answer(page).locator(".prose").innerText()).replace(/\s+/g, " ").trim();
      const words = (await marked.allTextContents()).join("").replace(/\s+/g, " ").trim();
      assert.equal(words, quote);
      assert.ok(await marked.first().isVisible());
      const seen = await marked.first().evaluate((m) => {
        const box = m.getBoundingClientRect();
        const body = m.closest(".passage-body").getBoundingClientRect();
        return box.top >= body.top && box.top < body.bottom;
      });
      assert.ok(seen, "the quoted words are in sight without scrolling");
      assert.equal(await page.evaluate(() => document.activeElement.className), "passage-title");
      await s.axe(page, "passage");
      await page.keyboard.press("Escape");
      await page.locator(".passage").waitFor({ state: "hidden" });
      assert.ok(await link.evaluate((a) => a === document.activeElement));
    },
  },

  "a person is one press away, and then the bot is silent": {
    play: async (s) => {
      const page = await answered(s);
      await chat.talk(page).click();
      await page.getByText("You are in line for a person").waitFor();
      const card = page.locator(".case");
      assert.match(await card.innerText(), /Reference\s+K7QM-4T2P/);
      assert.match(await card.innerText(), /Place 2 in line/);
      assert.ok(!(await chat.talk(page).isVisible()));
      await chat.ask(page, "I also have a question about my refund");
      await chat.own(page).nth(1).waitFor();
      await page.locator(".working").waitFor({ state: "hidden" });
      assert.equal(await chat.answers(page).count(), 1, "no answer of the bot after the handover");
      await page.reload();
      await page.getByText("K7QM-4T2P").last().waitFor();
      assert.equal(await chat.own(page).count(), 2);
      await s.order("person", { text: "Hello, Mara here." });
      await page.getByText("Mara has your conversation").waitFor();
      assert.match(await page.locator(".line.agent .speaker").innerText(), /Mara · person/);
      await s.axe(page, "a person has joined");
    },
  },

  "the way to a person works before anything was said": {
    play: async (s) => {
      const page = await s.open();
      await chat.open(page);
      await chat.talk(page).click();
      await page.locator(".case").getByText("K7QM-4T2P").waitFor();
    },
  },

  "a reload keeps the conversation, the draft and the open window": {
    play: async (s) => {
      const page = await answered(s);
      for (const [n, q] of ["What does the return label cost?", "How long does the refund take?", "My K2 flashes red three times"].entries()) {
        await chat.ask(page, q);
        await chat.answer(page, n + 1).locator(".source a").waitFor();
      }
      await chat.field(page).fill("a half-written thought");
      await page.reload();
      await chat.answer(page, 3).locator(".source a").waitFor();
      assert.equal(await chat.field(page).inputValue(), "a half-written thought");
      assert.equal(await chat.own(page).count(), 4);
      assert.equal(await chat.answers(page).count(), 4);
      const top = await chat.own(page).nth(3).evaluate((e) => e.getBoundingClientRect().top - e.closest(".scroll").getBoundingClientRect().top);
      assert.ok(top >= 0 && top < 300, `the last question is in sight: ${top}`);
      assert.equal(await page.locator("[aria-live=polite]").innerText(), "", "what was heard before is no news");
    },
  },

  "everything works with the keyboard alone": {
    play: async (s) => {
      const page = await s.open();
      const focused = () => page.evaluate(() => document.activeElement.innerText || document.activeElement.getAttribute("aria-label") || document.activeElement.id);
      const tabTo = async (wanted, key = "Tab") => {
        for (let i = 0; i < 60; i++) {
          if ((await focused()).trim() === wanted) return;
          await page.keyboard.press(key);
        }
        assert.fail(`Tab never reached "${wanted}"`);
      };
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "Skip to the shop");
      await tabTo("Ask us");
      await page.keyboard.press("Enter");
      assert.equal(await focused(), "fd-write");
      await page.keyboard.type(QUESTION);
      await page.keyboard.press("Enter");
      await chat.answer(page).locator(".source a").waitFor();
      await tabTo("Returns and refunds", "Shift+Tab");
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.equal(ring, "solid", "the focus can be seen");
      await page.keyboard.press("Enter");
      await page.locator(".passage mark").first().waitFor();
      await tabTo("Open the page");
      await page.keyboard.press("Escape");
      assert.equal(await focused(), "Returns and refunds");
      await tabTo("That helped");
      await page.keyboard.press("Space");
      await page.getByText("Thank you for saying so.").waitFor();
      assert.equal(await focused(), "That helped", "the focus stays where it was");
      await tabTo("Talk to a person");
      await page.keyboard.press("Enter");
      await page.locator(".case").getByText("K7QM-4T2P").waitFor();
      await page.waitForFunction(() => document.activeElement.classList.contains("case"));
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement.classList.contains("launcher"));
    },
  },

  "on a phone the chat is the screen, and nothing is too small or too wide": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const page = await answered(s);
      const box = await chat.panel(page).boundingBox();
      assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, PHONE.width, PHONE.height]);
      assert.ok(await page.locator("main").evaluate((m) => m.inert), "the page behind is out of reach");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing scrolls sideways");
      const small = await page.evaluate(() =>
        [...document.querySelectorAll(".panel :is(button, a, textarea)")]
          .filter((e) => e.checkVisibility() && e.closest(".prose, .source") === null)
          .map((e) => [e.innerText || e.ariaLabel, e.getBoundingClientRect()])
          .filter(([, r]) => r.width < 24 || r.height < 24)
          .map(([name]) => name),
      );
      assert.deepEqual(small, [], "targets of 24 px at least");
      await s.axe(page, "phone");
      await page.getByRole("button", { name: "Close the chat" }).click();
      assert.ok(!(await page.locator("main").evaluate((m) => m.inert)));
    },
  },

  "what there is of a reply shows before it is whole, and is told once": {
    play: async (s) => {
      await s.order("pieces");
      await s.order("hold_end");
      const page = await s.open();
      await chat.open(page);
      await chat.ask(page, QUESTION);
      await page.locator(".partial").getByText("If somebody gave you the item").waitFor();
      assert.equal(await chat.answers(page).count(), 0);
      assert.equal(await page.locator("[aria-live=polite]").innerText(), "", "pieces are not read out");
      await s.order("hold_end", { times: 0 });
      await chat.answer(page).locator(".source a").waitFor();
      assert.ok(!(await page.locator(".partial").isVisible()));
      assert.equal(await chat.answers(page).count(), 1);
    },
  },

  "nothing waits for a reply: a second message goes out at once": {
    play: async (s) => {
      await s.order("hold");
      const page = await s.open();
      await chat.open(page);
      await chat.ask(page, QUESTION);
      await page.getByText("Looking in the help pages").waitFor();
      const before = await s.order("hold");
      await chat.ask(page, "and how long does the refund take");
      await page.waitForFunction(() => document.querySelectorAll(".lines > .own:not(.unsent)").length === 2);
      const after = await s.order("hold");
      assert.equal(after.posts, before.posts + 1);
      await s.order("hold", { times: 0 });
      await chat.answer(page, 1).waitFor();
    },
  },

  "feedback shows what was said, and offers a person after a no": {
    play: async (s) => {
      const page = await answered(s);
      const [yes, no] = ["That helped", "Not quite"].map((name) => chat.answer(page).getByRole("button", { name }));
      await no.click();
      await page.getByText("A person can take it from here").waitFor();
      assert.equal(await no.getAttribute("aria-pressed"), "true");
      await chat.answer(page).getByRole("button", { name: "Talk to a person" }).waitFor();
      await yes.click();
      await page.getByText("Thank you for saying so").waitFor();
      assert.equal(await no.getAttribute("aria-pressed"), "false");
      await page.reload();
      await yes.waitFor();
      assert.equal(await yes.getAttribute("aria-pressed"), "true");
    },
  },

  "a closed case is rated with one press, and another press replaces it": {
    play: async (s) => {
      const page = await answered(s);
      await s.order("closed");
      const asks = page.locator(".line.system").filter({ hasText: "How was it?" });
      const scores = asks.getByRole("group", { name: "How was it?" }).getByRole("button");
      await scores.first().waitFor();
      assert.equal(await scores.count(), 5);
      const sent = page.waitForRequest(/\/rating$/);
      await scores.nth(3).click();
      assert.deepEqual((await sent).postDataJSON(), { case: "01a20412-d950-78f1-8035-0de7dba37af9", satisfaction: 4 });
      await asks.getByText("Thank you. That helps us.").waitFor();
      await scores.nth(4).click();
      assert.equal(await scores.nth(3).getAttribute("aria-pressed"), "false");
      await page.reload();
      await scores.nth(4).waitFor();
      assert.equal(await scores.nth(4).getAttribute("aria-pressed"), "true");
    },
  },

  "no answer, and a failure, offer a person; a reply from words alone says so": {
    play: async (s) => {
      const page = await s.open();
      await chat.open(page);
      await chat.ask(page, "qwertzuiop");
      await chat.answer(page).getByRole("button", { name: "Talk to a person" }).waitFor();
      await chat.ask(page, "BREAK");
      await chat.answer(page, 1).getByRole("button", { name: "Talk to a person" }).waitFor();
      await s.order("degrade");
      await chat.ask(page, QUESTION);
      await chat.answer(page, 2).getByText("Part of our search is away just now").waitFor();
      await s.axe(page, "no answer");
    },
  },

  "a choice has its number and its line, and a press is said in the customer's name": {
    play: async (s) => {
      const page = await s.open();
      await chat.open(page);
      await chat.ask(page, "WHICH return refund");
      const choices = chat.answer(page).getByRole("list", { name: "Which of these is it about?" }).getByRole("button");
      const choice = choices.first();
      const title = await choice.locator(".choice-title").innerText();
      assert.equal(await choice.locator(".choice-number").innerText(), "1");
      assert.notEqual(await choice.locator(".choice-quote").innerText(), "");
      assert.ok((await choice.ariaSnapshot()).includes(title), "a screen reader hears the title");
      assert.match(await page.locator("[aria-live=polite]").innerText(), new RegExp("1\\. " + title), "choices are read out with their numbers");
      await s.axe(page, "choices");
      const before = await s.order("nothing");
      await s.order("hold");
      await choice.click();
      await choice.click(); // a second press of the same says nothing new
      await chat.own(page).nth(1).waitFor();
      await s.order("hold", { times: 0 });
      await chat.answer(page, 1).locator(".source a").waitFor();
      assert.equal(await chat.own(page).nth(1).locator(".bubble").innerText(), title);
      assert.equal(await chat.own(page).count(), 2);
      assert.equal((await s.order("nothing")).posts, before.posts + 1);
      await page.reload();
      await chat.answer(page, 1).locator(".source a").waitFor();
      await choices.nth(1).click(); // an earlier choice can still be pressed
      await chat.own(page).nth(2).waitFor();
    },
  },

  "a choice is reached and pressed with the keyboard, and fits a phone": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const page = await s.open();
      await chat.open(page);
      await chat.ask(page, "WHICH TABLE return refund");
      const choice = chat.answer(page).locator(".choice").first();
      await choice.waitFor();
      assert.equal(await choice.locator(".choice-quote").innerText(), "Plan: Half · Price: £12", "a row says what its columns are called");
      for (const box of await chat.answer(page).locator(".choice").all()) {
        const { x, width, height } = await box.boundingBox();
        assert.ok(x >= 0 && x + width <= PHONE.width && height >= 44, "a choice fits, and a thumb hits it");
      }
      await chat.field(page).focus();
      for (let i = 0; i < 30 && !(await choice.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press("Shift+Tab");
      assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "solid", "the focus can be seen");
      await page.keyboard.press("Enter");
      await chat.own(page).nth(1).waitFor();
      assert.equal(await chat.own(page).nth(1).locator(".bubble").innerText(), "Plans");
      await s.axe(page, "choices on a phone");
    },
  },

  "two tabs show one conversation": {
    play: async (s) => {
      const page = await answered(s);
      const other = await s.tab(page.context(), "/");
      await chat.open(other);
      await chat.answer(other).getByRole("link", { name: "Returns and refunds" }).waitFor();
      await chat.ask(other, "And how long does the refund take?");
      await chat.answer(other, 1).waitFor();
      await chat.answer(page, 1).waitFor();
      assert.equal(await chat.own(page).count(), 2);
      assert.equal(await chat.own(other).count(), 2);
    },
  },

  "a new conversation leaves the earlier one behind": {
    play: async (s) => {
      const page = await answered(s);
      await page.getByRole("button", { name: "New conversation" }).click();
      await page.getByText("What can we help with?").waitFor();
      assert.equal(await chat.lines(page).count(), 0);
      await chat.ask(page, "How long does the refund take?");
      await chat.answer(page).locator(".source a").waitFor();
      assert.equal(await chat.own(page).count(), 1);
    },
  },

  "the questions on the page open the chat and ask": {
    play: async (s) => {
      const page = await s.open();
      await page.getByRole("link", { name: "My K2 flashes red three times" }).click();
      await chat.answer(page).waitFor();
      await page.getByLabel("Ask about a machine, an order or a return").fill("How long does the refund take?");
      await page.getByRole("button", { name: "Ask", exact: true }).click();
      await chat.answer(page, 1).waitFor();
    },
  },

  "a message that came while the chat was closed is counted": {
    play: async (s) => {
      const page = await answered(s);
      await chat.talk(page).click();
      await page.locator(".case").getByText("K7QM-4T2P").waitFor();
      await page.getByRole("button", { name: "Close the chat" }).click();
      await s.order("person", { text: "Are you still there?" });
      await page.getByRole("button", { name: /1 new message/ }).click();
      await page.locator(".line.agent").getByText("Are you still there?").waitFor();
    },
  },
};
