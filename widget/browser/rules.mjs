// Speaking first, with restraint: when a rule fires, and when none may.

import assert from "node:assert/strict";

import { chat, PHONE } from "./stage.mjs";

const { LISTED } = process.env;
const bubble = (page) => page.locator("#frontdesk-widget .say");
const DAY = 24 * 60 * 60 * 1000;

// A page on which time passes only when it is told to.
async function at(s, path, context) {
  const page = context === undefined ? await s.open("/chat/shop") : await s.tab(context, "/chat/shop");
  page.told = [];
  page.on("request", (r) => r.url().endsWith("/rules") && r.method() === "POST" && page.told.push(r.postDataJSON()));
  await page.clock.install();
  await go(page, path);
  return page;
}

async function go(page, path) {
  await page.goto(LISTED + path);
  await page.locator("#frontdesk-widget").waitFor({ state: "attached" });
  await page.locator('script[src$="/rules.js"]').waitFor({ state: "attached" });
  await page.waitForFunction(() => typeof window.Frontdesk.rules === "function");
}

// silent lets time pass, and nobody says anything in it.
async function silent(page, seconds, why) {
  await page.clock.runFor(seconds * 1000);
  assert.equal(await bubble(page).count(), 0, why);
}

async function speaks(page, seconds, words) {
  await page.clock.runFor(seconds * 1000);
  await bubble(page).getByText(words).waitFor();
}

export const scenarios = {
  "after a time on a page it asks once, and a press opens the chat": {
    play: async (s) => {
      const page = await at(s, "/plain");
      await silent(page, 18, "too early");
      await speaks(page, 5, "Can we help?");
      await s.axe(page, "it speaks first");
      assert.ok(await page.evaluate(() => document.activeElement === document.body), "the page keeps its focus");
      await bubble(page).getByText("Can we help?").click();
      await (await chat.again(page)).locator(".welcome").waitFor();
      assert.equal(await bubble(page).count(), 0);
      assert.deepEqual(page.told, [{ rule: "slow", event: "shown" }, { rule: "slow", event: "taken" }]);
    },
  },

  "after a no it is silent for good: here, on the next page, and on another day": {
    play: async (s) => {
      const page = await at(s, "/plain");
      await speaks(page, 22, "Can we help?");
      await bubble(page).getByRole("button", { name: "Not now" }).click();
      assert.equal(await bubble(page).count(), 0);
      await silent(page, 120, "said no");
      await go(page, "/plain");
      await silent(page, 60, "said no on the page before");
      await page.clock.setSystemTime(Date.now() + 3 * DAY);
      await go(page, "/plain");
      await page.evaluate(() => window.Frontdesk("page", { cart: 900, search_failed: true, error: true }));
      await silent(page, 60, "said no three days ago");
      assert.deepEqual(page.told.map((e) => e.event), ["shown", "declined"]);
    },
  },

  "what the cart is worth, a search that failed and an error on the page are reasons": {
    play: async (s) => {
      for (const [facts, words] of [
        [{ cart: 49.99 }, ""],
        [{ cart: 50 }, "Questions before you pay?"],
        [{ search_failed: true }, "Not found? Ask us."],
        [{ error: true }, "Something went wrong there."],
      ]) {
        const page = await at(s, "/rtl");
        await silent(page, 30, "no reason yet");
        await page.evaluate((f) => window.Frontdesk("page", f), facts);
        if (words === "") await silent(page, 5, JSON.stringify(facts));
        else await speaks(page, 3, words);
        const sent = JSON.stringify(page.told);
        assert.ok(!sent.includes("49") && !sent.includes("50"), "what the cart is worth stays in the browser: " + sent);
        await page.context().close();
      }
    },
  },

  "who comes back is greeted at the second visit, not on the second page": {
    play: async (s) => {
      const page = await at(s, "/german");
      await silent(page, 10, "the first visit");
      await go(page, "/german");
      await silent(page, 10, "another page of the first visit");
      const later = await at(s, "/german", page.context());
      await speaks(later, 3, "Welcome back.");
    },
  },

  "it speaks twice a day at most, and three times in all": {
    play: async (s) => {
      const page = await at(s, "/plain");
      for (const what of ["first", "second"]) {
        await speaks(page, 22, "Can we help?");
        assert.ok(what);
        await go(page, "/plain");
      }
      await silent(page, 60, "a third time on one day");
      await page.clock.setSystemTime(Date.now() + DAY);
      await go(page, "/plain");
      await speaks(page, 22, "Can we help?");
      await page.clock.setSystemTime(Date.now() + 2 * DAY);
      await go(page, "/plain");
      await silent(page, 60, "a fourth time in all");
    },
  },

  "it never speaks over an open window or a conversation, nor on a hidden page": {
    play: async (s) => {
      const page = await at(s, "/plain");
      const app = await chat.open(page);
      await silent(page, 60, "the window is open");
      await chat.ask(app, "How do I make a gift return?");
      await chat.answer(app).waitFor();
      await app.getByRole("button", { name: "Close the chat" }).click();
      await chat.launcher(page).waitFor();
      await silent(page, 60, "there is a conversation");
      await go(page, "/plain");
      await silent(page, 60, "and there is one on the next page");
      const other = await at(s, "/checkout/pay");
      await other.evaluate(() => window.Frontdesk("page", { cart: 900 }));
      await silent(other, 60, "the launcher is hidden here");
    },
  },

  "what it says goes when the chat is opened otherwise, and fits a phone": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const page = await at(s, "/plain");
      await speaks(page, 22, "Can we help?");
      const box = await bubble(page).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width, JSON.stringify(box));
      const no = await bubble(page).getByRole("button", { name: "Not now" }).boundingBox();
      assert.ok(no.width >= 24 && no.height >= 24);
      await chat.open(page);
      assert.equal(await bubble(page).count(), 0);
    },
  },

  "a press opens the topic that the rule names": {
    play: async (s) => {
      const page = await at(s, "/two");
      await speaks(page, 3, "Sending it back?");
      await bubble(page).getByText("Sending it back?").click();
      const app = await chat.again(page);
      await app.locator(".welcome h3").getByText(/refunds/i).waitFor();
    },
  },

  "time on a page begins anew where pages change without loading": {
    play: async (s) => {
      const page = await at(s, "/german");
      await silent(page, 60, "no rule is about this page");
      await page.evaluate(() => history.pushState(null, "", "/plain"));
      await silent(page, 15, "a minute elsewhere is not a minute here");
      await speaks(page, 8, "Can we help?");
    },
  },

  "where nothing can be remembered it says nothing": {
    play: async (s) => {
      const page = await s.open("/chat/shop");
      await page.addInitScript(() => {
        for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
      });
      await page.clock.install();
      await go(page, "/plain");
      await silent(page, 60, "it could not keep to its own limits");
    },
  },
};
