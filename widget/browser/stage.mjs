// One scenario's browser window, and what may not happen in any of them: an
// error in the console, a request to another host.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Milliseconds that anything is waited for before it counts as missing; ends at once when it is there. Long, for machines that do much else. */
const PATIENCE = 60_000;

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/**
 * @typedef {object} Scenario
 * @property {(s: Stage) => Promise<void>} play
 * @property {object} [window] options of the window: viewport, colorScheme, …
 * @property {number} [limit] in ms, of one that has to wait for the service: else 180 s
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
    const response = await fetch(this.#play.control, { method: "POST", body: JSON.stringify({ do: what, times: 1, ...more }), signal: AbortSignal.timeout(PATIENCE) });
    assert.equal(response.status, 200);
    return response.json();
  }

  /** Opens a page in a window of its own. */
  async open(path = "/", options = {}) {
    const context = await this.#browser.newContext({ viewport: DESK, reducedMotion: "reduce", ...this.#scenario.window, ...options });
    context.setDefaultTimeout(PATIENCE);
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
      const known = [this.base, process.env.LISTED, process.env.OTHER, process.env.FAR].includes(url.origin);
      if (url.protocol.startsWith("http") && !known) this.#strays.push(r.url());
    });
    await page.goto(path.startsWith("http") ? path : this.base + path);
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
    // A frame is looked at by itself: what is around it is another page's.
    for (const frame of page.frames?.() ?? [page]) {
      if (!(await frame.evaluate(() => "axe" in globalThis))) await frame.evaluate(axe); // half a megabyte of script, once a document
      const found = await frame.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"], iframes: false });
        return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; ")}`);
      });
      assert.deepEqual(found, [], "axe, " + what);
    }
  }

  async picture(page, name, options = {}) {
    await page.screenshot({ path: join(this.#play.out, name + ".png"), animations: "disabled", caret: "hide", ...options });
  }

  /** Keeps a figure for the one who asked for the run; aim "" where there is none. */
  figure(what, aim, measured, met = "") {
    console.log(`${what}: ${measured}`);
    appendFileSync(join(this.#play.out, "figures.jsonl"), JSON.stringify({ what, aim, measured, met }) + "\n");
  }

  get out() {
    return this.#play.out;
  }

  get browser() {
    return this.#browser;
  }

  /** For a failure's message: what was on screen. */
  async evidence() {
    const parts = this.#said.length > 0 ? ["\nconsole: " + this.#said.join("\n")] : [];
    for (const page of this.#pages) {
      try {
        for (const frame of page.frames()) {
          const panel = frame.locator(".panel:visible");
          const shown = (await panel.count()) > 0 ? panel : frame.locator("body");
          parts.push("\non screen: " + (await shown.innerText()).replace(/\n+/g, "\n").slice(-600));
        }
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

/** Looks again and again until a check holds. */
export async function poll(check) {
  const until = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await check();
    } catch (err) {
      if (Date.now() > until) throw err;
      await new Promise((r) => setTimeout(r, 50));
    }
  }
}

// What customers do, in the words of the page ------------------------------------

/** The frame that the chat lives in; the page itself where the chat is a page of its own. */
export async function framed(page) {
  if (new URL(page.url()).pathname.startsWith("/chat")) return page;
  const handle = await page.locator("#frontdesk-widget iframe").elementHandle({ timeout: PATIENCE });
  const frame = await handle.contentFrame();
  await frame.locator(".panel").waitFor({ state: "attached" });
  return frame;
}

export const chat = {
  launcher: (page) => page.locator("#frontdesk-widget .launcher"),
  window: (page) => page.locator("#frontdesk-widget dialog"),
  /** Opens the chat; what it gives is where everything of it is looked for. */
  async open(page) {
    if (!new URL(page.url()).pathname.startsWith("/chat")) await this.launcher(page).click();
    const app = await framed(page);
    await app.locator(".panel:visible").waitFor();
    return app;
  },
  /** The chat after a reload, or one that the page opened. */
  again: async (page) => {
    const app = await framed(page);
    await app.locator(".panel:visible").waitFor();
    return app;
  },
  panel: (app) => app.locator(".panel"),
  field: (app) => app.locator("#fd-write"),
  async ask(app, text) {
    await this.field(app).fill(text);
    await this.field(app).press("Enter");
  },
  lines: (app) => app.locator(".lines > .line"),
  own: (app) => app.locator(".lines > .own"),
  /** Of these what the service has: what a person can have read, say. */
  had: (app) => app.locator(".lines > .own:not(.unsent)"),
  answers: (app) => app.locator(".lines > .bot"),
  answer(app, n = 0) {
    return this.answers(app).nth(n);
  },
  talk: (app) => app.locator(".person").getByRole("button", { name: "Talk to a person" }),
  /** A new conversation, as the menu offers it. */
  async fresh(app) {
    await app.getByRole("button", { name: "More", exact: true }).click();
    await app.getByRole("button", { name: "New conversation" }).click();
  },
};
