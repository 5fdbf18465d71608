// Text that wants to be more than text, and hands that press too often.

import assert from "node:assert/strict";

import { chat } from "./stage.mjs";

const ALLOWED = new Set(["div", "p", "a", "strong", "em", "code", "br", "ul", "ol", "li", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "thead", "tbody", "tr", "td", "th", "hr"]);

export const scenarios = {
  "markup in an answer stays text, and links go nowhere they should not": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "MARKUP gift return");
      const body = chat.answer(app).locator(".prose");
      await body.waitFor();
      const made = await body.evaluate((e) => [...e.querySelectorAll("*")].map((x) => x.localName));
      assert.deepEqual(made.filter((t) => !ALLOWED.has(t)), []);
      const links = await body.evaluate((e) => [...e.querySelectorAll("a")].map((a) => a.href + " " + a.rel));
      assert.deepEqual(links, ["https://elsewhere.example/pixel.png noopener noreferrer"]);
      const attributes = await body.evaluate((e) => [...e.querySelectorAll("*")].flatMap((x) => x.getAttributeNames()).filter((n) => n.startsWith("on") || n === "style" || n === "src"));
      assert.deepEqual(attributes, []);
      await body.getByText("bold").click();
      assert.equal(await app.evaluate(() => window.pwned), undefined);
      assert.match(await body.innerText(), /\{\{constructor/, "braces are words");
    },
  },

  "a customer's words are shown as they were written": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      const words = "<img src=x onerror=window.pwned=1> **not bold** [no](https://elsewhere.example) &amp; {{x}} \u202Egnp.exe";
      await chat.ask(app, words);
      await chat.answer(app).waitFor();
      const bubble = chat.own(app).locator(".bubble");
      assert.equal(await bubble.evaluate((e) => e.textContent), words);
      assert.equal(await bubble.evaluate((e) => e.childElementCount), 0);
      assert.equal(await app.evaluate(() => window.pwned), undefined);
    },
  },

  "the page's policy lets no string become markup": {
    noise: /TrustedHTML|TrustedScript|Content Security Policy|Refused to|violates/,
    play: async (s) => {
      const page = await s.open();
      const outcome = await page.evaluate(() => {
        const tries = {
          innerHTML: () => (document.body.innerHTML = "<p>x"),
          policy: () => trustedTypes.createPolicy("mine", {}),
          script: () => (document.createElement("script").text = "window.pwned = 1"),
        };
        return Object.entries(tries).map(([name, fn]) => {
          try {
            fn();
            return name + " went through";
          } catch {
            return "";
          }
        }).filter((x) => x !== "");
      });
      assert.deepEqual(outcome, []);
    },
  },

  "fifty thousand pasted characters are counted, kept and not sent": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "x".repeat(50_000));
      await app.getByText("42,000 characters too many").waitFor();
      assert.equal(await chat.lines(app).count(), 0);
      assert.equal((await chat.field(app).inputValue()).length, 50_000);
    },
  },

  "two hundred presses send one message, and an empty one none": {
    play: async (s) => {
      const before = await s.order("nothing");
      const page = await s.open();
      const app = await chat.open(page);
      await page.keyboard.press("Enter");
      await chat.field(app).fill("   \n ");
      await page.keyboard.press("Enter");
      await chat.field(app).fill("How do I make a gift return?");
      await app.evaluate(() => {
        const form = document.querySelector(".composer");
        for (let i = 0; i < 200; i++) form.requestSubmit();
      });
      await chat.answer(app).waitFor();
      assert.equal(await chat.own(app).count(), 1);
      assert.equal((await s.order("nothing")).posts, before.posts + 1);
    },
  },
};
