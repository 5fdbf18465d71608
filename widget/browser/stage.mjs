// One scenario's browser window, and what may not happen in any of them: an
// error in the console, a request to another host.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/**
 * @typedef {object} Scenario
 * @property {(s: Stage) => Promise<void>} play
 * @property {object} [window] options of the window: viewport, colorScheme, …
 * @property {RegExp} [noise] what the console may say in this one
 */

export class Stage {
  #browser;
  #play;
  #scenario;
  #contexts = [];
  #pages = [];
  #said = [];
  #strays = [];

  constructor(browser, play, scenario) {
    this.#browser = browser;
    this.#play = play;
    this.#scenario = scenario;
  }

  get base() {
    return this.#play.base;
  }

  /** Tells the scripted server what to do; the real one takes no orders. */
  async order(what, more = {}) {
    if (this.#play.control === "") return {};
    const response = await fetch(this.#play.control, { method: "POST", body: JSON.stringify({ do: what, times: 1, ...more }) });
    assert.equal(response.status, 200);
    return response.json();
  }

  /** Opens a page in a window of its own. */
  async open(path = "/", options = {}) {
    const context = await this.#browser.newContext({ viewport: DESK, reducedMotion: "reduce", ...this.#scenario.window, ...options });
    context.setDefaultTimeout(10_000);
    this.#contexts.push(context);
    return this.tab(context, path);
  }

  /** Opens a page beside another one. */
  async tab(context, path) {
    const page = await context.newPage();
    this.#pages.push(page);
    page.on("console", (m) => {
      if (m.type() === "error" || m.type() === "warning") this.#said.push(m.text());
    });
    page.on("pageerror", (e) => this.#said.push("uncaught: " + e));
    page.on("request", (r) => {
      const url = new URL(r.url());
      if (url.protocol.startsWith("http") && url.origin !== this.base) this.#strays.push(r.url());
    });
    await page.goto(this.base + path);
    return page;
  }

  /** What no scenario may leave behind. */
  verdict() {
    const noise = this.#scenario.noise;
    const errors = this.#said.filter((s) => noise === undefined || !noise.test(s));
    assert.deepEqual(errors, [], "the console is quiet");
    assert.deepEqual(this.#strays, [], "no other host is asked for anything");
  }

  /** axe finds nothing on the page as it is now. */
  async axe(page, what) {
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")}`);
    });
    assert.deepEqual(found, [], "axe, " + what);
  }

  async picture(page, name, options = {}) {
    await page.screenshot({ path: join(this.#play.out, name + ".png"), animations: "disabled", caret: "hide", ...options });
  }

  /** For a failure's message: what was on screen. */
  async evidence() {
    const parts = this.#said.length > 0 ? ["\nconsole: " + this.#said.join("\n")] : [];
    for (const page of this.#pages) {
      try {
        const panel = page.locator(".panel:visible");
        const shown = (await panel.count()) > 0 ? panel : page.locator("body");
        parts.push("\non screen: " + (await shown.innerText()).replace(/\n+/g, "\n").slice(-600));
      } catch {
        // The page is gone; there is nothing to show.
      }
    }
    return parts.join("");
  }

  async close() {
    for (const c of this.#contexts) await c.close();
  }
}

// What customers do, in the words of the page ------------------------------------

export const chat = {
  panel: (page) => page.getByRole("dialog"),
  open: async (page) => page.getByRole("button", { name: "Ask us" }).click(),
  field: (page) => page.getByRole("dialog").getByLabel("Your question"),
  async ask(page, text) {
    await this.field(page).fill(text);
    await page.keyboard.press("Enter");
  },
  lines: (page) => page.locator(".lines > .line"),
  own: (page) => page.locator(".lines > .own"),
  answers: (page) => page.locator(".lines > .bot"),
  answer(page, n = 0) {
    return this.answers(page).nth(n);
  },
  talk: (page) => page.locator(".person").getByRole("button", { name: "Talk to a person" }),
};
