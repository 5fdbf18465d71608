// The shop's page and the help pages: looks, languages, without scripts.

import assert from "node:assert/strict";

import { chat, PHONE } from "./stage.mjs";

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function everyPage(s, page, what) {
  for (const path of ["/", "/help", "/help?topic=refunds", "/help?q=return", "/help?q=zzzzz", "/help/returns-policy", "/help/returns-policy-2025", "/help/ar/returns", "/help/nothing-here"]) {
    await page.goto(s.base + path);
    await s.axe(page, what + " " + path);
    assert.ok((await wide(page)) <= 0, `${what} ${path} scrolls sideways`);
  }
}

export const scenarios = {
  "a page that cannot be made for now says so in the reader's language, and comes back by itself": {
    noise: /status of 503/,
    window: { locale: "de-DE" },
    play: async (s) => {
      await s.order("away");
      const page = await s.open("/chat/shop?ask=How+do+I+make+a+gift+return%3F");
      await page.getByRole("heading", { name: "Der Chat ist gerade nicht erreichbar" }).waitFor();
      await s.axe(page, "the chat is away");
      const help = await s.open("/help");
      await help.getByRole("heading", { name: "Die Hilfeseiten sind gerade nicht erreichbar" }).waitFor();
      await s.axe(help, "the help pages are away");
      await s.order("back");
      await chat.answers(page).first().waitFor();
      await help.getByRole("heading", { name: "Die Hilfeseiten sind gerade nicht erreichbar" }).waitFor({ state: "detached" });
      await help.locator(".topics").waitFor();
    },
  },

  "axe finds nothing on any page": {
    noise: /status of 404/,
    play: async (s) => everyPage(s, await s.open(), "light"),
  },

  "axe finds nothing in the dark either": {
    noise: /status of 404/,
    window: { colorScheme: "dark" },
    play: async (s) => {
      const page = await s.open();
      await everyPage(s, page, "dark");
      const [r, g, b] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g).map(Number);
      assert.ok(r + g + b < 150, "it is dark");
      await page.goto(s.base + "/");
      const app = await chat.open(page);
      await s.axe(page, "welcome, dark");
      await chat.ask(app, "How do I make a gift return?");
      await chat.answer(app).locator(".source a").waitFor();
      await chat.answer(app).getByRole("button", { name: "Not quite" }).click();
      await s.axe(page, "answer, dark");
      await chat.answer(app).locator(".source a").click();
      await app.locator(".passage mark").first().waitFor();
      await s.axe(page, "passage, dark");
      await page.keyboard.press("Escape");
      await chat.talk(app).click();
      await app.locator(".case").getByText("K7QM-4T2P").waitFor();
      await s.axe(page, "in line, dark");
    },
  },

  "axe finds nothing on a phone": {
    noise: /status of 404/,
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => everyPage(s, await s.open(), "phone"),
  },

  "nothing is lost at four hundred per cent": {
    noise: /status of 404/,
    window: { viewport: { width: 320, height: 256 } },
    play: async (s) => {
      const page = await s.open();
      await everyPage(s, page, "320 px");
      await page.goto(s.base + "/");
      const app = await chat.open(page);
      await chat.ask(app, "My K2 flashes red three times");
      await chat.answer(app).locator(".source a").waitFor();
      assert.ok((await wide(page)) <= 0);
      assert.ok((await wide(app)) <= 0);
      assert.ok(await chat.field(app).isVisible());
    },
  },

  "right to left is a mirror": {
    play: async (s) => {
      const page = await s.open("/chat/shop?lang=ar");
      const app = await chat.open(page);
      assert.equal(await page.getAttribute("html", "dir"), "rtl");
      await app.locator("#fd-write").fill("كيف يمكنني إرجاع المنتجات خلال 45 يومًا؟");
      await page.keyboard.press("Enter");
      const link = chat.answer(app).locator(".source a");
      await link.waitFor();
      const [own, said] = [await chat.own(app).boundingBox(), await chat.answer(app).boundingBox()];
      assert.ok(own.x < said.x + said.width / 2, "the customer is on the left");
      assert.ok((await wide(page)) <= 0);
      assert.equal(await chat.answer(app).locator(".prose").evaluate((e) => getComputedStyle(e).direction), "rtl");
      await link.click();
      await app.locator(".passage mark").first().waitFor();
      assert.equal(await app.locator(".passage-body > div").getAttribute("dir"), "rtl");
      await s.axe(page, "right to left");
      await page.goto(s.base + "/help/ar/returns");
      assert.equal(await page.getAttribute("html", "dir"), "rtl");
      assert.equal(await page.getAttribute("html", "lang"), "ar");
    },
  },

  "without scripts the shop's box searches, and an article shows the quote": {
    window: { javaScriptEnabled: false },
    play: async (s) => {
      const page = await s.open();
      await page.getByLabel("Ask about a machine, an order or a return").fill("gift return order number");
      await page.getByRole("button", { name: "Ask", exact: true }).click();
      await page.getByRole("heading", { level: 1 }).getByText("Found for").waitFor();
      await page.locator(".hits").getByRole("link", { name: "Returns and refunds", exact: true }).click();
      assert.match(page.url(), /#quoted$/);
      assert.ok((await page.locator(".prose mark").count()) > 0);
      await page.getByRole("link", { name: "Used machines" }).click();
      assert.match(page.url(), /#s-used-machines$/);
      await page.getByRole("link", { name: "Refunds", exact: true }).click();
      await page.getByRole("link", { name: "When your refund arrives" }).click();
      await page.getByRole("heading", { level: 1 }).getByText("When your refund arrives").waitFor();
    },
  },

  "a page that has changed since says so, and an outdated one names the current": {
    play: async (s) => {
      const page = await s.open("/help/returns-policy?g=1&from=10&to=60&sum=00000001");
      await page.getByText("no longer says what was quoted").waitFor();
      assert.equal(await page.locator("mark").count(), 0);
      await page.goto(s.base + "/help/returns-policy-2025");
      await page.locator(".note").getByRole("link", { name: "Returns and refunds" }).click();
      await page.getByRole("heading", { level: 1 }).getByText("Returns and refunds").waitFor();
      await page.getByRole("link", { name: "Ask us" }).click();
      await chat.again(page);
    },
  },

  "nothing moves for those who asked for that": {
    play: async (s) => {
      const page = await s.open("/", { reducedMotion: "reduce" });
      const app = await chat.open(page);
      const moving = await app.evaluate(() =>
        [...document.querySelectorAll("*")].filter((e) => {
          const c = getComputedStyle(e);
          return [c.transitionDuration, c.animationDuration].some((d) => d.split(",").some((x) => Number.parseFloat(x) > 0));
        }).length,
      );
      assert.equal(moving, 0);
    },
  },

  "forced colours and print show what is needed": {
    play: async (s) => {
      const page = await s.open("/help/returns-policy", { forcedColors: "active" });
      await s.axe(page, "forced colours");
      await page.emulateMedia({ media: "print" });
      assert.ok(!(await page.locator(".search").isVisible()));
      assert.ok(!(await page.locator(".contents").isVisible()));
      assert.ok(await page.getByRole("heading", { level: 1 }).isVisible());
    },
  },
};
