// The widget on pages of others: what it needs of them, what it may not do to
// them, and what they may do to it.

import assert from "node:assert/strict";

import { scenarios as missing } from "./missing.mjs";
import { chat, PHONE, poll } from "./stage.mjs";

const { LISTED, OTHER, FAR } = process.env;
const QUESTION = "How do I make a gift return?";

async function asked(s, path, options) {
  const page = await s.open(LISTED + path, options);
  const app = await chat.open(page);
  await chat.ask(app, QUESTION);
  await chat.answer(app).locator(".source a").waitFor();
  return [page, app];
}

// warned collects what the console says in words of ours.
async function warned(s, address) {
  const page = await s.open("/chat/shop");
  const said = [];
  page.on("console", (m) => m.text().startsWith("Frontdesk") && said.push(m.text()));
  const first = page.waitForEvent("console", (m) => m.text().startsWith("Frontdesk"));
  await page.goto(address);
  await first;
  return [page, said];
}

export const scenarios = {
  ...missing,

  "a page with a strict policy has the whole chat, and nothing is refused": {
    play: async (s) => {
      const [page, app] = await asked(s, "/strict");
      const box = await chat.launcher(page).evaluate((b) => [getComputedStyle(b).borderRadius, getComputedStyle(b).position]);
      assert.deepEqual(box, ["6px", "fixed"], "its style is there without style-src");
      await chat.answer(app).locator(".source a").click();
      await app.locator(".passage mark").first().waitFor();
      await s.axe(page, "a strict page");
    },
  },

  "a page that resets every style does not reach the widget": {
    play: async (s) => {
      const [page, app] = await asked(s, "/unstyled");
      const box = await chat.window(page).boundingBox();
      assert.ok(box.width === 460 && box.height > 500, JSON.stringify(box));
      await app.getByRole("button", { name: "Close the chat" }).click();
      const launcher = await chat.launcher(page).boundingBox();
      assert.ok(launcher.height >= 56 && launcher.x < 30, "in its corner: " + JSON.stringify(launcher));
    },
  },

  "a page that replaces arrays, JSON and fetch, behind the loader or before it, does no harm": {
    noise: /the page's own/,
    play: async (s) => {
      for (const path of ["/overridden", "/overridden-first"]) {
        const page = await s.open(LISTED + path);
        const clean = page.waitForEvent("framenavigated", (f) => f !== page.mainFrame());
        await page.mainFrame().waitForLoadState();
        await page.locator("#frontdesk-widget").waitFor({ state: "attached" });
        await page.mouse.move(40, 780); // over the launcher, and then on it: a page without its arrays cannot be asked where that is
        await page.mouse.click(60, 760);
        const app = await clean;
        await app.locator(".panel:visible").waitFor();
        await chat.ask(app, QUESTION);
        await chat.answer(app).locator(".source a").waitFor();
        await app.getByRole("button", { name: "Close the chat" }).click();
        await app.locator(".panel").waitFor({ state: "hidden" });
      }
    },
  },

  "three lines on one page make one widget": {
    play: async (s) => {
      const [page] = await asked(s, "/two");
      assert.equal(await page.locator("#frontdesk-widget").count(), 1);
      assert.equal(await page.locator("#frontdesk-widget iframe").count(), 1);
    },
  },

  "a site that is not there draws nothing and says one line": {
    noise: /Frontdesk: there is no site|status of 404/,
    play: async (s) => {
      const [page, said] = await warned(s, LISTED + "/unknown");
      assert.equal(await page.locator("#frontdesk-widget").count(), 0);
      assert.deepEqual(said, ['Frontdesk: there is no site "nope"']);
    },
  },

  "an origin that is not on the list draws nothing, and cannot frame the app either": {
    noise: /Frontdesk: the site does not list|frame-ancestors|Framing/,
    play: async (s) => {
      const [page, said] = await warned(s, OTHER + "/plain");
      assert.equal(await page.locator("#frontdesk-widget").count(), 0);
      assert.deepEqual(said, ["Frontdesk: the site does not list the origin " + OTHER]);
      await page.evaluate((src) => {
        const f = document.createElement("iframe");
        f.src = src;
        document.body.append(f);
        return new Promise((r) => f.addEventListener("load", r));
      }, s.base + "/widget/app?site=shop");
      const inside = page.frames().at(-1);
      assert.equal(await inside.locator(".panel").count(), 0, "the browser refuses the frame");
    },
  },

  "messages from anybody else on the page are not heard": {
    play: async (s) => {
      const page = await s.open(LISTED + "/plain");
      const app = await chat.open(page);
      await page.evaluate(() => {
        window.postMessage({ frontdesk: 1, do: "close" }, "*"); // of the right shape, from the wrong window
        window.postMessage({ frontdesk: 1, do: "unread", n: 99 }, "*");
      });
      await app.evaluate(() => {
        window.postMessage({ frontdesk: 1, do: "ask", text: "not the page" }, "*");
        parent.postMessage({ frontdesk: 1, do: "event", name: "shutdown" }, "*"); // the right window, no such message
        parent.postMessage("close", "*");
      });
      await chat.ask(app, QUESTION);
      await chat.answer(app).waitFor();
      assert.equal(await chat.own(app).count(), 1);
      assert.ok(await chat.window(page).isVisible());
    },
  },

  "what a page calls before the loader is there is done when it is, and events are told without words": {
    play: async (s) => {
      const page = await s.open(LISTED + "/early");
      const app = await chat.again(page);
      await chat.answer(app).locator(".source a").waitFor();
      assert.equal(await chat.own(app).count(), 1);
      await page.waitForFunction(() => window.told.some(([n, d]) => n === "message" && d.author === "bot"));
      const told = await page.evaluate(() => window.told);
      assert.deepEqual([...new Set(told.map(([n]) => n))].sort(), ["message", "open", "ready"]);
      assert.ok(!JSON.stringify(told).includes("gift"), "not a word of the conversation");
      await page.evaluate(() => window.Frontdesk("close"));
      await chat.launcher(page).waitFor();
      await page.evaluate(() => window.Frontdesk("shutdown"));
      assert.equal(await page.locator("#frontdesk-widget").count(), 0);
      assert.equal(await page.evaluate(() => typeof window.Frontdesk), "undefined");
    },
  },

  "a page that changes its address and its body keeps the chat, and hides it where the site says": {
    play: async (s) => {
      const [page, app] = await asked(s, "/plain");
      await page.evaluate(() => {
        history.pushState(null, "", "/next");
        document.body.replaceWith(document.createElement("body"));
      });
      await chat.ask(app, "How long does the refund take?");
      await chat.answer(app, 1).waitFor();
      await app.getByRole("button", { name: "Close the chat" }).click();
      await chat.launcher(page).waitFor();
      await page.evaluate(() => history.pushState(null, "", "/checkout/pay"));
      await chat.launcher(page).waitFor({ state: "hidden" });
      await page.evaluate(() => history.pushState(null, "", "/plain"));
      await chat.launcher(page).waitFor();
      await page.goto(LISTED + "/checkout/pay");
      await page.locator("#frontdesk-widget").waitFor({ state: "attached" });
      assert.ok(!(await chat.launcher(page).isVisible()));
    },
  },

  "the next page of the shop has the open window and the conversation again": {
    play: async (s) => {
      const [page, before] = await asked(s, "/plain");
      await chat.field(before).fill("a half-written thought");
      await page.goto(LISTED + "/strict");
      const app = await chat.again(page);
      await chat.answer(app).locator(".source a").waitFor();
      assert.equal(await chat.field(app).inputValue(), "a half-written thought");
      assert.ok(await page.evaluate(() => document.activeElement === document.body), "the page keeps its focus");
      await page.goBack();
      await chat.answer(await chat.again(page)).locator(".source a").waitFor();
    },
  },

  "on a page of another site, whose frame may keep nothing, all is kept and live all the same": {
    play: async (s) => {
      const page = await s.open(FAR + "/plain");
      let app = await chat.open(page);
      const denied = await app.evaluate(() => {
        try {
          return localStorage.length < 0;
        } catch {
          return true;
        }
      });
      assert.ok(denied, "this browser lets such a frame keep things: then nothing is played here");
      await page.evaluate(() => window.Frontdesk("identify", "e30." + btoa('{"sub":"ada"}') + ".x"));
      await chat.ask(app, QUESTION);
      await chat.answer(app).locator(".source a").waitFor();
      await chat.own(app).first().waitFor();
      const order = await chat.lines(app).evaluateAll((l) => l.map((e) => e.className.includes("own")));
      assert.deepEqual(order, [true, false], "the question stands before its answer");
      await s.order("listen");
      await s.order("person", { text: "Hello, Mara here." });
      await app.locator(".line.agent").getByText("Hello, Mara here.").waitFor();
      await chat.field(app).fill("a half-written thought");
      await poll(async () => assert.match(await page.evaluate(() => localStorage["frontdesk:shop:app"]), /half-written/));
      await page.goto(FAR + "/strict");
      app = await chat.again(page);
      await app.locator(".line.agent").getByText("Hello, Mara here.").waitFor();
      assert.equal(await chat.own(app).count(), 1);
      assert.equal(await chat.field(app).inputValue(), "a half-written thought");
      await chat.ask(app, "And another thing");
      await chat.own(app).nth(1).waitFor();
      await page.evaluate(() => window.Frontdesk("identify", null));
      await app.locator(".welcome:visible").waitFor();
      await poll(async () => assert.doesNotMatch((await page.evaluate(() => localStorage["frontdesk:shop:app"])) ?? "", /half-written|token-/));
    },
  },

  "the page's own language is spoken, from right to left where it is written so": {
    play: async (s) => {
      const page = await s.open(LISTED + "/rtl");
      await chat.launcher(page).getByText("اسألنا").waitFor();
      const app = await chat.open(page);
      assert.equal(await app.evaluate(() => document.documentElement.dir), "rtl");
      await chat.ask(app, QUESTION);
      const corners = await chat.own(app).locator(".bubble").evaluate((b) => [getComputedStyle(b).borderBottomLeftRadius, getComputedStyle(b).borderBottomRightRadius]);
      assert.deepEqual(corners, ["4px", "20px"], "the bubble's corner is on the customer's side, though its words run the other way");
      await chat.answer(app).waitFor();
      await app.getByRole("button", { name: "التحدث إلى شخص" }).click();
      await app.getByText("أنت في انتظار شخص").waitFor();
      await s.axe(page, "Arabic");
      await page.goto(LISTED + "/german");
      const german = await chat.again(page); // still open, in its new page's language
      await german.getByText("Sie warten auf einen Menschen").waitFor();
      await german.getByRole("button", { name: "Mehr", exact: true }).click();
      await german.getByRole("button", { name: "Neue Unterhaltung" }).click();
      await german.getByText("Grüß Gott").waitFor();
    },
  },

  "a site's colour that is too light to read is made fit": {
    play: async (s) => {
      const [page, app] = await asked(s, "/plain");
      await s.axe(page, "a yellow accent");
      const accent = await app.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent").trim());
      assert.notEqual(accent, "#ffd400");
    },
  },

  "a site's own font, sizes and corners are those of launcher, chat and help pages, and its dark colour the dark one": {
    play: async (s) => {
      const look = (e) => {
        const { fontFamily, fontSize, lineHeight, width, height, borderRadius, backgroundColor } = getComputedStyle(e);
        return { fontFamily, fontSize, lineHeight, width, height, borderRadius, backgroundColor };
      };
      for (const [colorScheme, colour] of [["light", null], ["dark", "rgb(102, 201, 185)"]]) {
        const page = await s.open(LISTED + "/plain", { colorScheme });
        const launcher = await chat.launcher(page).evaluate(look);
        assert.match(launcher.fontFamily, /^"?Liberation Serif"?, serif/);
        assert.equal(launcher.borderRadius, "6px");
        const app = await chat.open(page);
        const { borderRadius, width, height } = await chat.window(page).evaluate(look);
        assert.deepEqual([borderRadius, width, height], ["20px", "460px", "700px"]);
        assert.equal((await app.locator("html").evaluate(look)).fontSize, "17px");
        const field = await chat.field(app).evaluate(look);
        assert.match(field.fontFamily, /^"?Liberation Serif"?, serif/);
        assert.equal(field.borderRadius, "2px");
        const send = await app.getByRole("button", { name: "Send", exact: true }).evaluate(look);
        assert.deepEqual([send.height, send.borderRadius], ["48px", "2px"]);
        if (colour !== null) assert.deepEqual([launcher.backgroundColor, send.backgroundColor], [colour, colour]);
        await s.axe(page, "a site's own looks, " + colorScheme);
        await page.goto(s.base + "/help");
        assert.equal((await page.locator("html").evaluate(look)).fontSize, "17px");
        const { fontFamily, fontSize, lineHeight } = await page.locator("body").evaluate(look);
        assert.match(fontFamily, /^"?Liberation Serif"?, serif/);
        assert.deepEqual([fontSize, lineHeight], ["17px", "27.2px"]);
      }
    },
  },

  "a page whose launcher is hidden can open the chat all the same, and hides it again behind it": {
    play: async (s) => {
      for (const options of [{}, { viewport: PHONE, isMobile: true, hasTouch: true }]) {
        const page = await s.open(LISTED + "/checkout/pay", options);
        await page.locator("#frontdesk-widget").waitFor({ state: "attached" });
        await page.evaluate(() => window.Frontdesk("open"));
        const app = await chat.again(page);
        assert.ok(await chat.window(page).isVisible());
        await app.getByRole("button", { name: "Close the chat" }).click();
        await chat.window(page).waitFor({ state: "hidden" });
        assert.ok(!(await chat.launcher(page).isVisible()));
        assert.equal(await page.evaluate(() => document.documentElement.style.overflow), "");
      }
    },
  },

  "an open window stays away from the pages that the site hides it on": {
    play: async (s) => {
      const [page] = await asked(s, "/plain");
      await page.goto(LISTED + "/checkout/pay");
      await page.locator("#frontdesk-widget").waitFor({ state: "attached" });
      await page.evaluate(() => new Promise((r) => requestIdleCallback(r)));
      assert.ok(!(await chat.window(page).isVisible()));
      await page.goto(LISTED + "/plain");
      await chat.answer(await chat.again(page)).locator(".source a").waitFor();
    },
  },

  "the module puts one widget on the page however often it comes and goes, and none after it went": {
    play: async (s) => {
      const page = await s.open(LISTED + "/module?server=" + encodeURIComponent(s.base));
      await chat.launcher(page).waitFor();
      await page.evaluate(() => window.open_());
      await chat.again(page);
      assert.equal(await page.locator("#frontdesk-widget").count(), 1);
      assert.deepEqual(await page.evaluate(() => window.told), [2], "the last one is told");
      await page.evaluate(() => window.shut());
      assert.equal(await page.locator("#frontdesk-widget").count(), 0);
      await page.evaluate(() => {
        window.again();
        window.shut();
      });
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator("#frontdesk-widget").count(), 0, "shut down before it was there");
      await page.evaluate(() => window.again());
      await chat.launcher(page).waitFor();
    },
  },

  "what a signed-in customer's page says loads nothing before somebody opens the chat": {
    play: async (s) => {
      const page = await s.open(LISTED + "/plain");
      await chat.launcher(page).waitFor();
      await page.evaluate(() => window.Frontdesk("identify", "e30." + btoa('{"sub":"ada"}') + ".x"));
      await page.evaluate(() => new Promise((r) => requestIdleCallback(r)));
      assert.equal(await page.locator("#frontdesk-widget iframe").count(), 0);
    },
  },

  "more topics than a menu has are refused in words, and the preview stays": {
    play: async (s) => {
      const page = await s.open("/widget/preview?site=shop");
      await page.getByLabel(/Topics/).fill("a, b, c, d, e, f, g");
      await page.getByRole("button", { name: "Try it" }).click();
      await page.getByRole("alert").getByText("at most 6").waitFor();
      assert.equal(await page.getByLabel(/Topics/).inputValue(), "a, b, c, d, e, f, g", "what was typed is still there");
      await chat.launcher(page).waitFor();
      await s.axe(page, "preview, refused");
    },
  },

  "without intent the page loads the loader and one answer, and nothing else of ours": {
    play: async (s) => {
      const page = await s.open("/chat/shop");
      const ours = [];
      page.on("request", (r) => r.url().startsWith(s.base) && ours.push(new URL(r.url()).pathname));
      await page.goto(LISTED + "/plain?fresh");
      await chat.launcher(page).waitFor();
      await page.evaluate(() => new Promise((r) => requestIdleCallback(r)));
      assert.deepEqual(ours.filter((p) => !p.endsWith("icon.svg")), ["/widget.js", "/widget/start"]);
      const added = await page.evaluate(() => [...document.querySelectorAll("body *, head *")].filter((e) => e.id.startsWith("frontdesk")).length);
      assert.equal(added, 0, "beside the body, not in it");
      assert.deepEqual(await page.context().cookies(), [], "no cookie");
    },
  },

  "on a phone the whole screen is the chat, and the page scrolls again behind it": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const [page, app] = await asked(s, "/plain");
      const box = await chat.window(page).boundingBox();
      assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, PHONE.width, PHONE.height]);
      assert.equal(await page.evaluate(() => document.documentElement.style.overflow), "hidden");
      await s.axe(page, "phone");
      await page.keyboard.press("Escape");
      await chat.launcher(page).waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.style.overflow), "");
      await page.reload();
      await chat.launcher(page).waitFor();
      assert.ok(!(await chat.window(page).isVisible()), "a new page is for reading");
    },
  },

  "the preview tries colour, corner and words on, and stores nothing": {
    play: async (s) => {
      const page = await s.open("/widget/preview?site=shop");
      await chat.launcher(page).waitFor();
      await s.axe(page, "preview");
      await page.getByLabel("Corner").selectOption("right");
      await page.getByLabel("On the button").fill("Hello there");
      await page.getByRole("button", { name: "Try it" }).click();
      await chat.launcher(page).getByText("Hello there").waitFor();
      assert.ok((await chat.launcher(page).boundingBox()).x > 800);
      assert.match(await page.locator("pre").first().innerText(), /"launcher":"Hello there"/);
      assert.match(await page.locator("pre").nth(1).innerText(), /^<script async src="http.*\/widget\.js" data-site="shop"><\/script>$/);
      const elsewhere = await s.open(LISTED + "/plain");
      await chat.launcher(elsewhere).getByText("Ask us").waitFor();
    },
  },

  "a link leads to a question, an article, or a person, once": {
    play: async (s) => {
      const page = await s.open("/chat/shop?about=returns-policy");
      await page.getByText("About: Returns and refunds").waitFor();
      await page.goto(s.base + "/chat/shop?ask=" + encodeURIComponent(QUESTION));
      await chat.answer(page).locator(".source a").waitFor();
      await page.reload();
      await chat.answer(page).locator(".source a").waitFor();
      assert.equal(await chat.own(page).count(), 1, "a reload does not ask again");
      await page.goto(s.base + "/chat/shop?person=1");
      await page.locator(".case").getByText("K7QM-4T2P").waitFor();
    },
  },
};
