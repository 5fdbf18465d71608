// For everyone: what has to hold in every state of the chat, whatever the
// customer's eyes, hands and settings. docs/accessibility.md names these.

import assert from "node:assert/strict";

import { chat, PHONE } from "./stage.mjs";
import { tour } from "./states.mjs";

const wide = (frame) => frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// Words that a box has cut off. A clamp of lines and a file's long name are meant.
const cutOff = (app) =>
  app.evaluate(() =>
    [...document.querySelectorAll(".panel *")]
      .filter((e) => e.checkVisibility() && e.closest(".unseen, .choice-quote, .attached-name, textarea") === null)
      .filter((e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() !== ""))
      .filter((e) => ["hidden", "clip"].includes(getComputedStyle(e).overflowX) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
      .map((e) => e.className + ": " + e.textContent.slice(0, 40)),
  );

// Words of two buttons or paragraphs that lie over each other.
const overlapping = (app) =>
  app.evaluate(() => {
    const boxes = [...document.querySelectorAll(".panel :is(button, input, textarea, .case-title, .facts li, .quiet, .speaker, .state)")]
      .filter((e) => e.checkVisibility() && e.closest(".unseen, [inert], .menu") === null)
      .map((e) => [e, e.getBoundingClientRect()])
      .filter(([, r]) => r.width > 0 && r.height > 0);
    const out = [];
    for (const [i, [a, ra]] of boxes.entries()) {
      for (const [b, rb] of boxes.slice(i + 1)) {
        if (a.contains(b) || b.contains(a) || a.closest(".scroll, .passage") !== b.closest(".scroll, .passage") || a.closest(".person") !== b.closest(".person")) continue;
        const x = Math.min(ra.right, rb.right) - Math.max(ra.left, rb.left);
        const y = Math.min(ra.bottom, rb.bottom) - Math.max(ra.top, rb.top);
        if (x > 2 && y > 2) out.push((a.innerText || a.id).slice(0, 30) + " / " + (b.innerText || b.id).slice(0, 30));
      }
    }
    return out;
  });

// What is pressed and under 24 px, but for links in a line of text.
const small = (app) =>
  app.evaluate(() =>
    [...document.querySelectorAll(".panel :is(button, a, input, textarea, summary)")]
      .filter((e) => e.checkVisibility() && e.closest(".prose, .source") === null)
      .map((e) => [e.innerText || e.ariaLabel || e.id, e.getBoundingClientRect()])
      .filter(([, r]) => r.width < 24 || r.height < 24)
      .map(([name, r]) => `${name} ${r.width}x${r.height}`),
  );

// Whoever has the focus: can it be seen, and is nothing over it? The ring is
// compared with what lies behind it.
const focusOf = (app) =>
  app.evaluate(() => {
    const e = document.activeElement;
    if (e === null || e === document.body) return null;
    const style = getComputedStyle(e);
    const parse = (c) => (c.match(/[\d.]+/g) ?? []).map(Number);
    let behind = e.parentElement;
    while (behind !== null && parse(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    const light = (c) => {
      const [r, g, b] = parse(c).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [a, b] = [light(style.outlineColor), light(getComputedStyle(behind ?? document.body).backgroundColor)];
    const box = e.getBoundingClientRect();
    const at = document.elementFromPoint(box.x + box.width / 2, Math.min(box.y + box.height / 2, innerHeight - 1));
    return {
      name: (e.innerText || e.getAttribute("aria-label") || e.id || e.className).trim().slice(0, 40),
      ring: style.outlineStyle === "none" ? 0 : Number.parseFloat(style.outlineWidth),
      contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05),
      clear: at !== null && (e.contains(at) || at.contains(e)),
      script: e.tabIndex < 0, // a place that a script put the focus on, for a screen reader
    };
  });

async function everyFocus(app, page, what) {
  await chat.field(app).focus();
  const seen = new Set();
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press("Shift+Tab");
    const f = await focusOf(app);
    if (f === null || seen.has(f.name)) break;
    seen.add(f.name);
    if (f.script) continue;
    assert.ok(f.ring >= 2, `${what}: ${f.name}: a ring of ${f.ring} px`);
    assert.ok(f.contrast >= 3, `${what}: ${f.name}: the ring's contrast is ${f.contrast.toFixed(2)}`);
    assert.ok(f.clear, `${what}: ${f.name} lies under something`);
  }
  assert.ok(seen.size > 3, `${what}: ${seen.size} places`);
}

// The spacing of 1.4.12, as a customer's own style sheet sets it.
const SPACING = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }";
const spaced = (app) =>
  app.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  }, SPACING);

export const scenarios = {
  "axe finds nothing in any state of the chat": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await tour(s, page, app, async (what) => {
        await s.axe(page, what);
        assert.deepEqual(await small(app), [], what + ": targets of 24 px at least");
      });
    },
  },

  "axe finds nothing in any state of the chat on a phone in the dark": {
    window: { viewport: PHONE, isMobile: true, hasTouch: true, colorScheme: "dark" },
    play: async (s) => {
      const page = await s.open("/chat/shop");
      await tour(s, page, page, async (what) => {
        await s.axe(page, what);
        assert.deepEqual(await small(page), [], what + ": targets of 24 px at least");
        assert.ok((await wide(page)) <= 0, what + " scrolls sideways");
      });
    },
  },

  "text spacing cuts nothing off, in any state": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await spaced(app);
      await tour(s, page, app, async (what) => {
        assert.deepEqual(await cutOff(app), [], what);
        assert.deepEqual(await overlapping(app), [], what);
        assert.ok((await wide(app)) <= 0, what + " scrolls sideways");
      });
    },
  },

  "text of two hundred per cent cuts nothing off, in any state": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await app.evaluate(() => (document.documentElement.style.fontSize = "200%"));
      await tour(s, page, app, async (what) => {
        assert.deepEqual(await cutOff(app), [], what);
        assert.deepEqual(await overlapping(app), [], what);
        assert.ok((await wide(app)) <= 0, what + " scrolls sideways");
        assert.ok((await app.locator(".body").boundingBox()).height > 90, what + ": there is room to read");
      });
    },
  },

  "every state of the chat works at four hundred per cent": {
    window: { viewport: { width: 320, height: 256 } },
    play: async (s) => {
      const page = await s.open("/chat/shop");
      await tour(s, page, page, async (what) => {
        assert.ok((await wide(page)) <= 0, what + " scrolls sideways");
        assert.deepEqual(await cutOff(page), [], what);
        assert.ok((await page.locator(".body").boundingBox()).height > 40, what + ": there is room to read");
        const write = await chat.field(page).boundingBox();
        assert.ok(write.y + write.height <= 256, what + ": where one writes is in sight");
      });
    },
  },

  "with forced colours every control has its edge and the focus its ring": {
    window: { forcedColors: "active" },
    play: async (s) => {
      const page = await s.open("/chat/shop");
      await tour(s, page, page, async (what) => {
        const bare = await page.evaluate(() =>
          [...document.querySelectorAll(".panel :is(button:not(.button-quiet, .button-icon, .talk), input, textarea, .bubble)")]
            .filter((e) => e.checkVisibility() && !e.hidden && e.closest(".menu") === null)
            .filter((e) => Number.parseFloat(getComputedStyle(e).borderTopWidth) === 0 || getComputedStyle(e).borderTopStyle === "none")
            .map((e) => e.innerText || e.className),
        );
        assert.deepEqual(bare, [], what + ": an edge that is not only a colour");
      });
      await everyFocus(page, page, "forced colours");
      const icons = await page.evaluate(() => [...document.querySelectorAll(".panel svg")].filter((e) => getComputedStyle(e).stroke === "none").length);
      assert.equal(icons, 0, "icons are drawn in the colour of the words");
    },
  },

  "the focus can be seen and lies under nothing, in light and dark": {
    play: async (s) => {
      const page = await s.open("/chat/shop");
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await everyFocus(page, page, "welcome, " + colorScheme);
      }
      await chat.ask(page, "WHICH TABLE return refund delivery");
      await chat.answer(page).locator(".choice").first().waitFor();
      await chat.talk(page).click();
      await page.locator(".case .facts").waitFor();
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await everyFocus(page, page, "choices, in line, " + colorScheme);
      }
    },
  },

  "what comes takes nobody's focus away, and nobody's place": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await s.order("pieces");
      await s.order("hold_end");
      await chat.ask(app, "How do I make a gift return?");
      await app.locator(".partial:visible").waitFor();
      await page.keyboard.type("while it comes");
      await s.order("hold_end", { times: 0 });
      await chat.answer(app).locator(".source a").waitFor();
      await page.keyboard.type(", and after");
      assert.equal(await chat.field(app).inputValue(), "while it comes, and after");
      await chat.ask(app, "LONG gift return");
      await chat.answer(app, 1).locator("li").nth(299).waitFor();
      await app.locator(".scroll").evaluate((e) => (e.scrollTop = 0));
      await s.order("person", { text: "Hello, Mara here." });
      await app.locator(".line.agent").waitFor({ state: "attached" });
      assert.equal(await app.locator(".scroll").evaluate((e) => e.scrollTop), 0, "who reads further up stays there");
    },
  },

  "the page behind keeps its focus where it was, and gets it back": {
    play: async (s) => {
      const page = await s.open();
      await chat.launcher(page).focus();
      await page.keyboard.press("Enter");
      const app = await chat.again(page);
      await app.waitForFunction(() => document.activeElement.id === "fd-write");
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement.shadowRoot?.activeElement?.className === "launcher");
      await page.locator("main a").first().focus();
      await page.evaluate(() => window.Frontdesk("open"));
      await app.waitForFunction(() => document.activeElement.id === "fd-write" && document.hasFocus());
      await page.locator("main a").first().focus();
      await page.evaluate(() => window.Frontdesk("close"));
      await chat.launcher(page).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.localName), "a", "closing takes no focus that is elsewhere");
    },
  },
};

// Every language of ours: its words fit a phone, and nothing is left in English.
scenarios["the words of every language fit a phone"] = {
  window: { viewport: PHONE, isMobile: true, hasTouch: true },
  play: async (s) => {
    const page = await s.open("/chat/shop?lang=en");
    const english = await page.locator(".talk").innerText();
    for (const lang of ["de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh"]) {
      await page.goto(s.base + "/chat/shop?lang=" + lang);
      await page.locator(".welcome .choice").first().waitFor();
      assert.equal(await page.getAttribute("html", "lang"), lang);
      assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
      assert.notEqual(await page.locator(".talk").innerText(), english, lang);
      await page.locator('[aria-controls="fd-menu"]').click();
      assert.ok((await wide(page)) <= 0, lang + " scrolls sideways");
      assert.deepEqual(await cutOff(page), [], lang);
      assert.deepEqual(await overlapping(page), [], lang);
      assert.deepEqual(await small(page), [], lang + ": targets of 24 px at least");
    }
    await s.axe(page, "Chinese");
  },
};
