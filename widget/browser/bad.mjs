// What browsers, machines and customers do that nobody planned for: each ends
// sanely, is said in words, and loses nothing.

import assert from "node:assert/strict";

import { chat, poll } from "./stage.mjs";

const noise = /Failed to load resource|net::ERR/;
const QUESTION = "How do I make a gift return?";
const YEAR = 365 * 24 * 60 * 60 * 1000;

async function answered(s) {
  const page = await s.open();
  const app = await chat.open(page);
  await chat.ask(app, QUESTION);
  await chat.answer(app).locator(".source a").waitFor();
  return [page, app];
}

// A browser that translates a page wraps every text in elements of its own, says
// something else in them, and does the same with whatever comes later.
function translate() {
  const skip = (e) => e === null || e.closest("script, style, textarea, [translate=no], font") !== null;
  const one = (text) => {
    if (text.data.trim() === "" || skip(text.parentElement)) return;
    const inner = document.createElement("font");
    inner.style.verticalAlign = "inherit";
    inner.textContent = "§" + text.data;
    const outer = document.createElement("font");
    outer.append(inner);
    text.replaceWith(outer);
    globalThis.translations = (globalThis.translations ?? 0) + 1;
  };
  const all = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) found.push(walk.currentNode);
    if (root.nodeType === Node.TEXT_NODE) found.push(root);
    found.forEach(one);
  };
  all(document.body);
  document.documentElement.classList.add("translated-ltr");
  new MutationObserver((list) => {
    for (const m of list) {
      if (m.type === "characterData") all(m.target);
      for (const n of m.addedNodes) if (n.isConnected) all(n);
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}

const clockWrong = (by) => ({
  play: async (s) => {
    const page = await s.open("/chat/shop");
    await page.clock.install({ time: Date.now() + by });
    await page.goto(s.base + "/");
    const app = await chat.open(page);
    await chat.ask(app, QUESTION);
    await chat.answer(app).locator(".source a").waitFor();
    await s.order("expire"); // the token is over by the server's clock, whatever this one says
    await chat.ask(app, "And how long does the refund take?");
    await chat.answer(app, 1).waitFor();
    assert.equal(await chat.own(app).count(), 2);
    assert.equal(await app.locator(".unsent").count(), 0);
    await page.reload();
    const again = await chat.again(page);
    await chat.answer(again, 1).waitFor();
    const when = await chat.answer(again).locator("time").getAttribute("datetime");
    assert.ok(Math.abs(Date.parse(when) - Date.now()) < 60_000, "the server's time is shown: " + when);
  },
  noise,
});

// within lets the page's clock go on until something is there, and leaves real
// requests their time: a clock that runs an hour at once runs out on all of them.
async function within(page, what, seconds) {
  const there = () => what.waitFor({ timeout: 300 }).then(() => true, () => false);
  for (let s = 0; s < seconds && !(await there()); s++) await page.clock.runFor(1_000);
  await what.waitFor();
}

export const scenarios = {
  "a clock that is a year ahead changes nothing": clockWrong(YEAR),
  "a clock that is a year behind changes nothing": clockWrong(-YEAR),

  "a server that is gone for an hour is asked with patience, and then has everything once": {
    noise,
    play: async (s) => {
      const page = await s.open("/chat/shop");
      await page.clock.install();
      await page.goto(s.base + "/");
      const app = await chat.open(page);
      await chat.ask(app, QUESTION);
      await chat.answer(app).waitFor();
      const before = await s.order("listen");
      let tries = 0;
      await page.route("**/v1/**", (r) => {
        tries++;
        return r.abort("connectionrefused");
      });
      await s.order("cut");
      await app.getByText("No connection.").waitFor();
      await chat.ask(app, "First: how long does the refund take?");
      await app.getByText("Kept here, not sent yet").waitFor();
      for (let minute = 0; minute < 60; minute += 2) await page.clock.runFor(120_000);
      await chat.ask(app, "Second: and do you deliver to Ireland?");
      await app.getByText("Kept here, not sent yet").nth(1).waitFor();
      assert.ok(await app.getByText("No connection.").isVisible(), "it is still said");
      assert.ok(tries < 1_000, `${tries} requests in an hour`);
      await s.order("expire"); // and the token has run out meanwhile
      await page.unroute("**/v1/**");
      await within(page, chat.answer(app, 2), 60);
      await app.locator(".link span").waitFor({ state: "detached" });
      const words = await chat.own(app).locator(".bubble").allInnerTexts();
      assert.deepEqual(words.map((w) => w.split(":")[0]), [QUESTION, "First", "Second"]);
      assert.equal((await s.order("nothing")).posts, before.posts + 2);
    },
  },

  "a page that the browser translates goes on, and is not written over": {
    play: async (s) => {
      const [page, app] = await answered(s);
      await app.evaluate(translate);
      await page.evaluate(translate);
      await app.locator(".talk", { hasText: "§" }).waitFor();
      await chat.ask(app, "How long does the refund take?");
      await chat.answer(app, 1).locator(".source a").waitFor();
      await chat.answer(app, 1).getByText("§").first().waitFor();
      const bubble = chat.own(app).first().locator(".bubble");
      assert.equal(await bubble.innerText(), "§" + QUESTION, "what is translated stays translated");
      const before = await app.evaluate(() => globalThis.translations);
      await chat.field(app).fill("a draft");
      await app.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))); // the screen is brought up to date
      await app.evaluate(() => new Promise((r) => setTimeout(r))); // and the observer has had its turn
      assert.equal(await app.evaluate(() => globalThis.translations), before, "app and translator do not write over each other");
      await app.locator(".talk").click();
      await app.locator(".case").getByText("K7QM-4T2P").waitFor();
      assert.equal(await app.locator(".reference").innerText(), "K7QM-4T2P", "a reference is no word");
      await s.order("person", { text: "Hello, Mara here." });
      await app.locator(".line.agent").getByText("§Hello, Mara here.").waitFor();
      await chat.ask(app, "Thank you");
      await chat.had(app).nth(2).waitFor();
      assert.equal(await app.locator(".unsent").count(), 0);
    },
  },

  "a page that comes back from the back and forward cache has what was said meanwhile": {
    noise,
    play: async (s) => {
      const [page, app] = await answered(s);
      await s.order("listen");
      // The browser of these tests keeps no pages: they are told what it would tell them.
      const tell = (name) => app.evaluate((n) => dispatchEvent(new PageTransitionEvent(n, { persisted: true })), name);
      let open = 0;
      page.on("request", (r) => r.url().endsWith("/events") && open++);
      await tell("pagehide");
      await s.order("person", { text: "While you were away." });
      await tell("pageshow");
      await app.locator(".line.agent").getByText("While you were away.").waitFor();
      assert.equal(await app.locator(".line.agent").count(), 1);
      assert.equal(open, 1, "one stream, not two");
      await chat.ask(app, "Back again");
      await chat.had(app).nth(1).waitFor();
      assert.equal(await app.locator(".unsent").count(), 0);
    },
  },

  "five hundred emoji, joined ones among them, are one message": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      const words = "👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪😀".repeat(100);
      await chat.ask(app, words);
      await chat.answer(app).waitFor();
      assert.equal(await chat.own(app).locator(".bubble").innerText(), words);
      assert.ok(await app.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing scrolls sideways");
      assert.ok((await chat.field(app).boundingBox()).height < 60, "the box is small again");
    },
  },

  "an answer of three hundred lines is read from its beginning": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "LONG gift return");
      const last = chat.answer(app).locator("li").nth(299);
      await last.waitFor();
      await chat.answer(app).locator("li").first().waitFor();
      const view = await app.locator(".scroll").boundingBox();
      const first = await chat.answer(app).locator("li").first().boundingBox();
      assert.ok(first.y > view.y && first.y < view.y + view.height, "its first line is in sight");
      assert.ok(await app.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing scrolls sideways");
      assert.equal(await app.locator('[aria-live="polite"]').getByText("Step 300 of three hundred").count(), 1, "it is read out once");
      await s.axe(page, "a long answer");
      await chat.field(app).focus();
      await page.keyboard.press("Shift+Tab");
      await app.locator(".scroll").focus();
      await page.keyboard.press("End");
      await poll(async () => assert.ok((await chat.answer(app).locator(".source").boundingBox()).y < view.y + view.height, "its end is reached with the keyboard"));
    },
  },

  "a paste of fifty thousand characters stays over a reload, and is sent once it fits": {
    play: async (s) => {
      const page = await s.open();
      let app = await chat.open(page);
      const words = QUESTION + " " + "x".repeat(50_000);
      await chat.field(app).focus();
      await app.evaluate((text) => {
        const data = new DataTransfer();
        data.setData("text/plain", text);
        const field = document.activeElement;
        if (field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))) document.execCommand("insertText", false, text);
      }, words);
      await app.getByText("characters too many").waitFor();
      await page.reload();
      app = await chat.again(page);
      assert.equal((await chat.field(app).inputValue()).length, words.length);
      await app.getByText("characters too many").waitFor();
      await chat.field(app).fill(QUESTION);
      await page.keyboard.press("Enter");
      await chat.answer(app).locator(".source a").waitFor();
      assert.equal(await chat.own(app).count(), 1);
    },
  },
};
