// Plays scenarios in one Chromium and says on standard output how each went,
// one JSON line each. What to play comes on standard input: see type play.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

import { Stage } from "./stage.mjs";

const FLAGS = [
  "--headless=new",
  "--no-sandbox", // root has no other way; the pages are our own
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];

/** A scenario that takes longer hangs; most take one to five seconds. */
const LIMIT_MS = 180_000;

const within = (ms, what, promise) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

const play = JSON.parse(readFileSync(0, "utf8"));
const { scenarios } = await import(`./${play.set}.mjs`);

const profile = mkdtempSync(join(tmpdir(), "frontdesk-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: play.chromium,
  args: FLAGS,
  headless: true,
});
const real = browser.browser();
try {
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (!play.only.split("|").some((part) => name.includes(part))) continue;
    const began = performance.now();
    const stage = new Stage(real, play, scenario);
    let error = "";
    try {
      await stage.order("reset");
      await within(scenario.limit ?? LIMIT_MS, "the scenario", scenario.play(stage));
      stage.verdict();
    } catch (err) {
      error = err.stack ?? String(err);
      error += await stage.evidence();
    } finally {
      await within(30_000, "closing the window", stage.close()).catch((err) => (error += "\n" + err.message));
    }
    console.log(JSON.stringify({ name, error, millis: Math.round(performance.now() - began) }));
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
