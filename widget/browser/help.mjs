// The help pages as a portal: see TestHelp.

import assert from "node:assert/strict";

import { PHONE } from "./stage.mjs";

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const box = (page) => page.getByRole("combobox");
const options = (page) => page.getByRole("option");
const phone = { viewport: PHONE, isMobile: true, hasTouch: true };

async function suggested(page, typed) {
  await box(page).pressSequentially(typed);
  await options(page).first().waitFor();
}

export const scenarios = {
  "suggestions come as one types, and the keyboard reaches them": {
    play: async (s) => {
      const page = await s.open("/help");
      await suggested(page, "retur");
      assert.equal(await box(page).getAttribute("aria-expanded"), "true");
      assert.equal(await options(page).first().locator(".suggestion-title").innerText(), "Returns and refunds");
      assert.match(await page.locator(".search [role=status]").innerText(), /^Suggestions: \d+$/);
      await s.axe(page, "suggestions");
      await page.keyboard.press("ArrowDown");
      const chosen = await box(page).getAttribute("aria-activedescendant");
      assert.equal(await page.locator("#" + chosen).getAttribute("aria-selected"), "true");
      await s.axe(page, "a suggestion is chosen");
      await page.keyboard.press("Escape");
      assert.equal(await page.getByRole("listbox").count(), 0);
      assert.equal(await box(page).inputValue(), "retur", "what was typed stays");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Returns and refunds" }).waitFor();
    },
  },

  "without a choice Enter searches for what was typed": {
    play: async (s) => {
      const page = await s.open("/help");
      await suggested(page, "gift return");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1 }).getByText("gift return").waitFor();
    },
  },

  "a suggestion is pressed, on a phone in the dark": {
    window: { ...phone, colorScheme: "dark" },
    play: async (s) => {
      const page = await s.open("/help");
      await suggested(page, "deliv");
      await s.axe(page, "suggestions, phone, dark");
      assert.ok((await wide(page)) <= 0);
      const title = await options(page).nth(1).locator(".suggestion-title").innerText();
      await options(page).nth(1).tap();
      await page.getByRole("heading", { level: 1, name: title }).waitFor();
    },
  },

  "suggestions at four hundred per cent": {
    window: { viewport: { width: 320, height: 256 } },
    play: async (s) => {
      const page = await s.open("/help");
      await suggested(page, "how long");
      assert.ok((await wide(page)) <= 0);
    },
  },

  "without scripts it is a form, and so is the rating": {
    window: { javaScriptEnabled: false },
    play: async (s) => {
      const page = await s.open("/help");
      await page.getByLabel("Search the help pages").fill("gift return");
      await page.getByRole("button", { name: "Search" }).click();
      await page.locator(".hits a").first().click();
      await page.getByRole("button", { name: "Yes" }).click();
      await page.getByText("Thank you.").waitFor();
      await page.goto(s.base + "/help/returns-policy");
      await page.getByRole("button", { name: "No", exact: true }).click();
      await page.getByLabel("What was missing?").fill("How long it takes in August");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("It goes to the people who write these pages").waitFor();
    },
  },

  "was this helpful, without leaving the page": {
    play: async (s) => {
      const page = await s.open("/help/returns-policy");
      await page.evaluate(() => (globalThis.same = true));
      await page.getByRole("button", { name: "No", exact: true }).click();
      const missing = page.getByLabel("What was missing?");
      await missing.waitFor();
      assert.ok(await missing.evaluate((e) => e === document.activeElement), "the box has the focus");
      await s.axe(page, "what was missing");
      await missing.fill("The price, <b>of course</b>");
      await page.getByRole("button", { name: "Send" }).click();
      const noted = page.getByText("It goes to the people who write these pages");
      await noted.waitFor();
      assert.ok(await noted.evaluate((e) => e === document.activeElement), "the thanks have the focus");
      await s.axe(page, "noted");
      await page.goto(s.base + "/help/delivery-uk");
      await page.evaluate(() => (globalThis.same = true));
      await page.getByRole("button", { name: "Yes" }).click();
      await page.getByText("Thank you.").waitFor();
      assert.ok(await page.evaluate(() => globalThis.same), "it is the same page");
    },
  },

  "a rating that a script cannot send goes as a form": {
    noise: /Failed to load resource|net::ERR/,
    play: async (s) => {
      const page = await s.open("/help/returns-policy");
      await page.route(
        (url) => url.pathname === "/help/returns-policy",
        (route, request) => (request.resourceType() === "fetch" ? route.abort() : route.continue()),
      );
      await page.getByRole("button", { name: "No", exact: true }).click();
      await page.getByLabel("What was missing?").fill("Words");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("It goes to the people who write these pages").waitFor();
      await page.goto(s.base + "/help/delivery-uk");
      await page.getByRole("button", { name: "No", exact: true }).click();
      await page.getByLabel("What was missing?").waitFor();
    },
  },

  "each in their language, with the way to the others": {
    play: async (s) => {
      const page = await s.open("/help/returns-policy");
      await page.getByRole("navigation", { name: "Languages" }).getByRole("link", { name: "Deutsch" }).click();
      await page.getByRole("heading", { level: 1, name: "Rückgabe und Erstattung" }).waitFor();
      assert.equal(await page.getAttribute("html", "lang"), "de");
      await page.getByText("War das hilfreich?").waitFor();
      await s.axe(page, "German");
      await page.goto(s.base + "/help/ar/returns");
      assert.equal(await page.getAttribute("html", "dir"), "rtl");
      await page.getByText("هل كان هذا مفيدًا؟").waitFor();
      await s.axe(page, "right to left");
      const helpful = await page.locator(".helpful").boundingBox();
      const about = await page.locator(".about").boundingBox();
      assert.ok(about.x < helpful.x, "what comes next stands on the left");
      await page.goto(s.base + "/help?lang=de");
      await page.getByRole("heading", { level: 1, name: "Wobei können wir helfen?" }).waitFor();
    },
  },

  "what is not found offers the chat and a person": {
    play: async (s) => {
      const page = await s.open("/help?q=zzzzz");
      await page.getByRole("heading", { level: 1 }).getByText("Nothing found").waitFor();
      const offer = page.getByRole("region", { name: "Ask us" });
      assert.equal(await offer.getByRole("link", { name: "Ask us" }).getAttribute("href"), "/chat/shop?ask=zzzzz");
      assert.equal(await offer.getByRole("link", { name: "Talk to a person" }).getAttribute("href"), "/chat/shop?person=1");
      await s.axe(page, "nothing found");
    },
  },

  "structured data is data, and the policy says nothing against it": {
    play: async (s) => {
      const page = await s.open("/help/returns-policy");
      const data = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
      assert.equal(data["@graph"][0].headline, "Returns and refunds");
      const address = await page.locator("link[rel=canonical]").getAttribute("href");
      assert.equal(address, data["@graph"][0].mainEntityOfPage);
      assert.ok((await page.locator("link[rel=alternate][hreflang=de]").count()) > 0);
    },
  },

  "on paper there is the article and nothing else": {
    play: async (s) => {
      const page = await s.open("/help/returns-policy");
      await page.emulateMedia({ media: "print" });
      for (const gone of [".top", ".after", ".contents", ".related", ".end"]) assert.ok(!(await page.locator(gone).isVisible()), gone);
      assert.ok(await page.getByRole("heading", { level: 1 }).isVisible());
    },
  },
};
