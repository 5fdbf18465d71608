// Pages of others on which the chat cannot be had, for now or at all: what a
// customer sees in its window then, and the way round.

import assert from "node:assert/strict";

import { chat, poll } from "./stage.mjs";

const { LISTED } = process.env;
const QUESTION = "How do I make a gift return?";

export const scenarios = {
  "an app that is kept away says so, with a way round": {
    noise: /ERR_FAILED|Failed to load/,
    play: async (s) => {
      const page = await s.open("/chat/shop");
      await page.clock.install();
      await page.goto(LISTED + "/plain");
      await page.route("**/widget/app?*", (r) => r.abort());
      await chat.launcher(page).click();
      await page.clock.runFor(16_000);
      const note = page.locator("#frontdesk-widget dialog p");
      await note.getByText("Something keeps it from loading").waitFor();
      assert.equal(await note.getByRole("link").getAttribute("href"), s.base + "/chat/shop");
      await page.unroute("**/widget/app?*"); // whatever kept it away is gone
      await note.getByRole("button").click();
      await chat.launcher(page).waitFor();
      const app = await chat.open(page);
      await chat.field(app).waitFor();
      assert.equal(await note.count(), 0);
    },
  },

  "a frame that the browser refuses says so at once": {
    noise: /frame-ancestors|Framing|Failed to load/,
    play: async (s) => {
      const page = await s.open(LISTED + "/plain");
      const policy = { "Content-Security-Policy": "frame-ancestors 'none'" }; // as of a site that has just taken the origin off its list
      await page.route("**/widget/app?*", (r) => r.fulfill({ contentType: "text/html", body: "<p>Not for you", headers: policy }));
      await page.clock.install();
      await chat.launcher(page).waitFor();
      await page.clock.pauseAt(Date.now() + 60_000);
      await chat.launcher(page).click();
      await poll(async () => assert.ok(page.frames().some((f) => f.url().startsWith("chrome-error:"))));
      await poll(async () => {
        await page.clock.runFor(250);
        assert.ok(await page.locator("#frontdesk-widget dialog p").isVisible());
      });
      assert.ok((await page.evaluate(() => performance.now())) < 75_000, "long before the app counts as missing");
    },
  },

  "a window whose chat cannot be made for now says so, can be closed, and has the chat by itself": {
    noise: /status of 503/,
    window: { locale: "de-DE" },
    play: async (s) => {
      const page = await s.open(LISTED + "/german");
      await chat.launcher(page).waitFor();
      await s.order("away");
      await chat.launcher(page).click();
      const inside = page.frameLocator("#frontdesk-widget iframe");
      const close = inside.getByRole("button", { name: "Chat schließen" });
      await inside.getByRole("heading", { name: "Der Chat ist gerade nicht erreichbar" }).waitFor();
      await s.axe(page, "the chat is away, in its window");
      assert.ok(await inside.locator("html").evaluate((e) => e.scrollWidth <= e.clientWidth), "it scrolls sideways");
      await close.press("Escape");
      await chat.launcher(page).waitFor();
      await chat.launcher(page).click();
      await close.click();
      await chat.launcher(page).click();
      await close.waitFor();
      await s.order("back");
      const app = inside.locator(".panel:visible");
      await app.waitFor();
      await inside.locator("#fd-write").fill(QUESTION);
      await inside.locator("#fd-write").press("Enter");
      await inside.locator(".lines > .bot .source a").waitFor();
    },
  },

  "a window whose chat is away can be closed also where its page cannot be had again": {
    noise: /status of 503|ERR_FAILED|Failed to load/,
    play: async (s) => {
      const page = await s.open(LISTED + "/plain");
      await chat.launcher(page).waitFor();
      await s.order("away");
      await chat.launcher(page).click();
      const again = page.frameLocator("#frontdesk-widget iframe").getByRole("link", { name: "Try now" });
      await again.waitFor();
      await page.route("**/widget/app?*", (r) => r.abort()); // nobody answers now: the browser shows its own page
      await again.click();
      const note = page.locator("#frontdesk-widget dialog p");
      await note.getByText("Something keeps it from loading").waitFor();
      await page.unroute("**/widget/app?*"); // before the window closes: the launcher, which has the focus then, fetches the chat ahead
      await s.order("back");
      await note.getByRole("button").click();
      await chat.field(await chat.open(page)).waitFor();
    },
  },
};
