// What customers do when all is well.

import assert from "node:assert/strict";

import { chat, framed, PHONE, poll } from "./stage.mjs";

const QUESTION = "How do I make a gift return?";
const ANSWER = /With the number and the delivery postcode you can make a gift return/;

async function answered(s, path = "/", options = {}) {
  const page = await s.open(path, options);
  const app = await chat.open(page);
  await chat.ask(app, QUESTION);
  await chat.answer(app).getByRole("link", { name: "Returns and refunds" }).waitFor();
  return [page, app];
}

export const scenarios = {
  "a question gets its answer, with the page it stands on": {
    play: async (s) => {
      const [page, app] = await answered(s);
      assert.match(await chat.answer(app).locator(".prose").innerText(), ANSWER);
      const href = await chat.answer(app).locator(".source a").getAttribute("href");
      assert.match(href, /^\/help\/returns-policy\?g=1&from=\d+&to=\d+&sum=[0-9a-f]{8}/);
      assert.equal(await chat.own(app).count(), 1);
      const told = await app.locator("[aria-live=polite]").innerText();
      assert.match(told, ANSWER, "a screen reader is told the whole answer");
    },
  },

  "a citation opens in place, at the quoted words, and gives the focus back": {
    play: async (s) => {
      const [page, app] = await answered(s);
      const link = chat.answer(app).locator(".source a");
      await link.click();
      const marked = app.locator(".passage mark");
      await marked.first().waitFor();
      const quote = (await chat.answer(app).locator(".prose").innerText()).replace(/\s+/g, " ").trim();
      const words = (await marked.allTextContents()).join("").replace(/\s+/g, " ").trim();
      assert.equal(words, quote);
      assert.ok(await marked.first().isVisible());
      const seen = await marked.first().evaluate((m) => {
        const box = m.getBoundingClientRect();
        const body = m.closest(".passage-body").getBoundingClientRect();
        return box.top >= body.top && box.top < body.bottom;
      });
      assert.ok(seen, "the quoted words are in sight without scrolling");
      assert.equal(await app.evaluate(() => document.activeElement.className), "passage-title");
      await s.axe(page, "passage");
      await page.keyboard.press("Escape");
      await app.locator(".passage").waitFor({ state: "hidden" });
      assert.ok(await link.evaluate((a) => a === document.activeElement));
    },
  },

  "a person is one press away, and then the bot is silent": {
    play: async (s) => {
      let [page, app] = await answered(s);
      await chat.talk(app).click();
      await app.getByText("You are in line for a person").waitFor();
      const card = app.locator(".case");
      assert.match(await card.innerText(), /Reference\s+K7QM-4T2P/);
      assert.match(await card.innerText(), /Place 2 in line/);
      assert.ok(!(await chat.talk(app).isVisible()));
      await chat.ask(app, "I also have a question about my refund");
      await chat.own(app).nth(1).waitFor();
      await app.locator(".working").waitFor({ state: "hidden" });
      assert.equal(await chat.answers(app).count(), 1, "no answer of the bot after the handover");
      await page.reload();
      app = await chat.again(page);
      await app.getByText("K7QM-4T2P").last().waitFor();
      assert.equal(await chat.own(app).count(), 2);
      await s.order("person", { text: "Hello, Mara here." });
      await app.getByText("Mara has your conversation").waitFor();
      assert.match(await app.locator(".line.agent .speaker").innerText(), /Mara · person/);
      await s.axe(page, "a person has joined");
    },
  },

  "who presses twice for a person waits all the same": {
    play: async (s) => {
      const page = await s.open("/chat/shop");
      await page.clock.install();
      await page.goto(s.base + "/");
      const app = await chat.open(page);
      await page.clock.pauseAt(Date.now() + 60_000); // no time passes between the two presses
      let ended = 0;
      page.on("request", (r) => r.url().endsWith("/wait") && ended++);
      await chat.talk(app).click();
      const stop = app.getByRole("button", { name: "Stop waiting" });
      await stop.click();
      assert.ok(await app.getByText("You are in line for a person").isVisible());
      assert.equal(ended, 0, "the second press is of the first one's making");
      await page.clock.runFor(1_000);
      await stop.click();
      await chat.talk(app).waitFor();
      assert.equal(ended, 1);
    },
  },

  "the way to a person works before anything was said": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.talk(app).click();
      await app.locator(".case").getByText("K7QM-4T2P").waitFor();
    },
  },

  "a reload keeps the conversation, the draft and the open window": {
    play: async (s) => {
      let [page, app] = await answered(s);
      for (const [n, q] of ["What does the return label cost?", "How long does the refund take?", "My K2 flashes red three times"].entries()) {
        await chat.ask(app, q);
        await chat.answer(app, n + 1).locator(".source a").waitFor();
      }
      await chat.field(app).fill("a half-written thought");
      await page.reload();
      app = await chat.again(page);
      await chat.answer(app, 3).locator(".source a").waitFor();
      assert.equal(await chat.field(app).inputValue(), "a half-written thought");
      assert.equal(await chat.own(app).count(), 4);
      assert.equal(await chat.answers(app).count(), 4);
      const top = await chat.own(app).nth(3).evaluate((e) => e.getBoundingClientRect().top - e.closest(".scroll").getBoundingClientRect().top);
      assert.ok(top >= 0 && top < 300, `the last question is in sight: ${top}`);
      assert.equal(await app.locator("[aria-live=polite]").innerText(), "", "what was heard before is no news");
    },
  },

  "everything works with the keyboard alone": {
    play: async (s) => {
      const page = await s.open();
      const name = () => {
        let e = document.activeElement;
        while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
        return e?.localName === "iframe" ? "IFRAME" : (e?.innerText || e?.getAttribute("aria-label") || e?.id || "").trim();
      };
      const focused = async () => {
        const here = await page.evaluate(name);
        return here === "IFRAME" ? (await framed(page)).evaluate(name) : here;
      };
      const tabTo = async (wanted, key = "Tab") => {
        for (let i = 0; i < 60; i++) {
          if ((await focused()).startsWith(wanted)) return;
          await page.keyboard.press(key);
        }
        assert.fail(`Tab never reached "${wanted}"`);
      };
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "Skip to the shop");
      await chat.launcher(page).waitFor();
      await tabTo("Ask us", "Shift+Tab");
      await page.keyboard.press("Enter");
      const app = await chat.again(page);
      await app.waitForFunction(() => document.activeElement.id === "fd-write");
      await page.keyboard.type(QUESTION);
      await page.keyboard.press("Enter");
      await chat.answer(app).locator(".source a").waitFor();
      await tabTo("Returns and refunds", "Shift+Tab");
      const ring = await app.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.equal(ring, "solid", "the focus can be seen");
      await page.keyboard.press("Enter");
      await app.locator(".passage mark").first().waitFor();
      await tabTo("Open the page");
      await page.keyboard.press("Escape");
      assert.equal(await focused(), "Returns and refunds");
      await tabTo("That helped");
      await page.keyboard.press("Space");
      await app.getByText("Thank you for saying so.").waitFor();
      assert.equal(await focused(), "That helped", "the focus stays where it was");
      await tabTo("Talk to a person");
      await page.keyboard.press("Enter");
      await app.locator(".case").getByText("K7QM-4T2P").waitFor();
      await app.waitForFunction(() => document.activeElement.classList.contains("case"));
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement.shadowRoot?.activeElement?.className === "launcher");
    },
  },

  "on a phone the chat opens on what there is to see, and no keyboard comes up over it": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await app.waitForFunction(() => document.activeElement.className === "scroll" && document.hasFocus());
      await s.axe(page, "opened on a phone");
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement.shadowRoot?.activeElement?.className === "launcher");
    },
  },

  "on a phone the chat is the screen, and nothing is too small or too wide": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const [page, app] = await answered(s);
      const box = await chat.window(page).boundingBox();
      assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, PHONE.width, PHONE.height]);
      await page.evaluate(() => document.querySelector("main a").focus());
      assert.ok(await page.evaluate(() => document.activeElement.localName !== "a"), "the page behind is out of reach");
      assert.ok(await app.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing scrolls sideways");
      const small = await app.evaluate(() =>
        [...document.querySelectorAll(".panel :is(button, a, textarea)")]
          .filter((e) => e.checkVisibility() && e.closest(".prose, .source") === null)
          .map((e) => [e.innerText || e.ariaLabel, e.getBoundingClientRect()])
          .filter(([, r]) => r.width < 24 || r.height < 24)
          .map(([name]) => name),
      );
      assert.deepEqual(small, [], "targets of 24 px at least");
      await s.axe(page, "phone");
      await app.getByRole("button", { name: "Close the chat" }).click();
      await chat.launcher(page).waitFor(); // it is closed by a message from the frame
      await page.evaluate(() => document.querySelector("main a").focus());
      assert.equal(await page.evaluate(() => document.activeElement.localName), "a");
    },
  },

  "what there is of a reply shows before it is whole, and is told once": {
    play: async (s) => {
      await s.order("pieces");
      await s.order("hold_end");
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, QUESTION);
      await app.locator(".partial").getByText("If somebody gave you the item").waitFor();
      assert.equal(await chat.answers(app).count(), 0);
      assert.equal(await app.locator("[aria-live=polite]").innerText(), "", "pieces are not read out");
      await s.order("hold_end", { times: 0 });
      await chat.answer(app).locator(".source a").waitFor();
      assert.ok(!(await app.locator(".partial").isVisible()));
      assert.equal(await chat.answers(app).count(), 1);
    },
  },

  "nothing waits for a reply: a second message goes out at once": {
    play: async (s) => {
      await s.order("hold");
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, QUESTION);
      await app.getByText("Looking in the help pages").waitFor();
      const before = await s.order("hold");
      await chat.ask(app, "and how long does the refund take");
      await app.waitForFunction(() => document.querySelectorAll(".lines > .own:not(.unsent)").length === 2);
      const after = await s.order("hold");
      assert.equal(after.posts, before.posts + 1);
      await s.order("hold", { times: 0 });
      await chat.answer(app, 1).waitFor();
    },
  },

  "feedback shows what was said, and offers a person after a no": {
    play: async (s) => {
      let [page, app] = await answered(s);
      const says = (name) => chat.answer(app).getByRole("button", { name });
      const [yes, no] = [says("That helped"), says("Not quite")];
      await no.click();
      await app.getByText("Noted. Thank you for saying so.").waitFor();
      assert.equal(await no.getAttribute("aria-pressed"), "true");
      await chat.own(app).nth(1).getByText("That didn't help").waitFor();
      await chat.answer(app, 1).getByRole("button", { name: "Talk to a person" }).waitFor();
      assert.equal(await app.locator(".lines .offer:visible").count(), 1, "offered once, where it was last a reason to");
      await yes.click();
      await app.getByText("Thank you for saying so.", { exact: true }).waitFor();
      assert.equal(await no.getAttribute("aria-pressed"), "false");
      await page.reload();
      app = await chat.again(page);
      await says("That helped").waitFor();
      assert.equal(await says("That helped").getAttribute("aria-pressed"), "true");
    },
  },

  "a closed case is rated with one press, and another press replaces it": {
    play: async (s) => {
      let [page, app] = await answered(s);
      await s.order("closed");
      const asks = app.locator(".line.system").filter({ hasText: "How was it?" });
      const scores = asks.getByRole("group", { name: "How was it?" }).getByRole("button");
      await scores.first().waitFor();
      assert.equal(await scores.count(), 5);
      const sent = page.waitForRequest(/\/rating$/);
      await scores.nth(3).click();
      assert.deepEqual((await sent).postDataJSON(), { case: "01a20412-d950-78f1-8035-0de7dba37af9", satisfaction: 4 });
      await asks.getByText("Thank you. That helps us.").waitFor();
      await s.order("hold");
      const changed = page.waitForRequest(/\/rating$/);
      await scores.nth(4).click();
      assert.equal(await scores.nth(3).getAttribute("aria-pressed"), "false");
      await changed;
      await page.reload(); // the press arrives though its page is gone
      app = await chat.again(page);
      await s.order("hold", { times: 0 });
      await s.order("noted", { times: 2 });
      const kept = app.getByRole("group", { name: "How was it?" }).getByRole("button").nth(4);
      await kept.waitFor();
      assert.equal(await kept.getAttribute("aria-pressed"), "true");
    },
  },

  "no answer, and a failure, offer a person; a reply from words alone says so": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "qwertzuiop");
      await chat.answer(app).getByRole("button", { name: "Talk to a person" }).waitFor();
      await chat.ask(app, "BREAK");
      await chat.answer(app, 1).getByRole("button", { name: "Talk to a person" }).waitFor();
      await s.order("degrade");
      await chat.ask(app, QUESTION);
      await chat.answer(app, 2).getByText("Part of our search is away just now").waitFor();
      await s.axe(page, "no answer");
    },
  },

  "a choice has its number and its line, and a press is said in the customer's name": {
    play: async (s) => {
      const page = await s.open();
      let app = await chat.open(page);
      await chat.ask(app, "WHICH return refund");
      const choices = chat.answer(app).getByRole("list", { name: "Which of these is it about?" }).getByRole("button");
      const choice = choices.first();
      const title = await choice.locator(".choice-title").innerText();
      assert.equal(await choice.locator(".choice-number").innerText(), "1");
      assert.notEqual(await choice.locator(".choice-quote").innerText(), "");
      assert.ok((await choice.ariaSnapshot()).includes(title), "a screen reader hears the title");
      assert.match(await app.locator("[aria-live=polite]").innerText(), new RegExp("1\\. " + title), "choices are read out with their numbers");
      await s.axe(page, "choices");
      const before = await s.order("nothing");
      await s.order("hold");
      await choice.click();
      await choice.click(); // a second press of the same says nothing new
      await chat.own(app).nth(1).waitFor();
      await s.order("hold", { times: 0 });
      await chat.answer(app, 1).locator(".source a").waitFor();
      assert.equal(await chat.own(app).nth(1).locator(".bubble").innerText(), title);
      assert.equal(await chat.own(app).count(), 2);
      assert.equal((await s.order("nothing")).posts, before.posts + 1);
      await page.reload();
      app = await chat.again(page);
      await chat.answer(app, 1).locator(".source a").waitFor();
      await chat.answer(app).locator(".choice").nth(1).click(); // an earlier choice can still be pressed
      await chat.own(app).nth(2).waitFor();
    },
  },

  "a choice is reached and pressed with the keyboard, and fits a phone": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "WHICH TABLE return refund");
      const choice = chat.answer(app).locator(".choice").first();
      await choice.waitFor();
      assert.equal(await choice.locator(".choice-quote").innerText(), "Plan: Half · Price: £12", "a row says what its columns are called");
      for (const box of await chat.answer(app).locator(".choice").all()) {
        const { x, width, height } = await box.boundingBox();
        assert.ok(x >= 0 && x + width <= PHONE.width && height >= 44, "a choice fits, and a thumb hits it");
      }
      await chat.field(app).focus();
      for (let i = 0; i < 30 && !(await choice.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press("Shift+Tab");
      assert.equal(await app.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "solid", "the focus can be seen");
      await page.keyboard.press("Enter");
      await chat.own(app).nth(1).waitFor();
      assert.equal(await chat.own(app).nth(1).locator(".bubble").innerText(), "Plans");
      await s.axe(page, "choices on a phone");
    },
  },

  "two tabs show one conversation": {
    play: async (s) => {
      const [page, app] = await answered(s);
      const second = await s.tab(page.context(), "/");
      const other = await chat.open(second);
      await chat.answer(other).getByRole("link", { name: "Returns and refunds" }).waitFor();
      await chat.ask(other, "And how long does the refund take?");
      await chat.answer(other, 1).waitFor();
      await chat.answer(app, 1).waitFor();
      assert.equal(await chat.own(app).count(), 2);
      assert.equal(await chat.own(other).count(), 2);
    },
  },

  "a new conversation leaves the earlier one behind": {
    play: async (s) => {
      const [page, app] = await answered(s);
      await chat.fresh(app);
      await app.getByText("What can we help with?").waitFor();
      assert.equal(await chat.lines(app).count(), 0);
      await chat.ask(app, "How long does the refund take?");
      await chat.answer(app).locator(".source a").waitFor();
      assert.equal(await chat.own(app).count(), 1);
    },
  },

  "the questions on the page open the chat and ask": {
    play: async (s) => {
      const page = await s.open();
      await page.getByRole("link", { name: "My K2 flashes red three times" }).click();
      const app = await chat.again(page);
      await chat.answer(app).waitFor();
      await page.getByLabel("Ask about a machine, an order or a return").fill("How long does the refund take?");
      await page.getByRole("button", { name: "Ask", exact: true }).click();
      await chat.answer(app, 1).waitFor();
    },
  },

  "a message that came while the chat was closed is counted": {
    play: async (s) => {
      const [page, app] = await answered(s);
      await chat.talk(app).click();
      await app.locator(".case").getByText("K7QM-4T2P").waitFor();
      await app.getByRole("button", { name: "Close the chat" }).click();
      await s.order("person", { text: "Are you still there?" });
      await page.getByRole("button", { name: /1 new message/ }).waitFor();
      await page.reload();
      await page.getByRole("button", { name: /1 new message/ }).waitFor(); // the next page knows it, too
      const second = await s.tab(page.context(), "/");
      await second.getByRole("button", { name: /1 new message/ }).click();
      const other = await chat.again(second);
      await other.locator(".line.agent").getByText("Are you still there?").waitFor();
      await poll(async () => assert.equal(await page.getByRole("button", { name: /new message/ }).count(), 0, "it was read in the other tab"));
    },
  },
};
