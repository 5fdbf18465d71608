// What five hundred live rows cost the browser: a trace of Chromium while cases
// change twenty times a second and somebody scrolls.

import { readFileSync, writeFileSync } from "node:fs";

import { assert, desk, noise } from "./people.mjs";

const ROWS = 500;
const SECONDS = 8;
const PER_SECOND = 20;

// Script and layout as Chromium's timeline names them. Each is counted where it
// is not part of another one of them.
const WORK = new Set([
  "FunctionCall", "EvaluateScript", "v8.callFunction", "RunMicrotasks", "TimerFire", "FireAnimationFrame", "EventDispatch", "FireIdleCallback",
  "UpdateLayoutTree", "Layout", "IntersectionObserverController::computeIntersections", "MinorGC", "MajorGC",
]);

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const ms = (us) => Math.round(us / 100) / 10;

/** The page's main thread: of all renderers', the one that worked most. */
function mainThread(events) {
  const mains = new Set(events.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map((e) => `${e.pid}/${e.tid}`));
  const spent = new Map();
  for (const e of events) {
    const thread = `${e.pid}/${e.tid}`;
    if (e.ph === "X" && mains.has(thread) && WORK.has(e.name)) spent.set(thread, (spent.get(thread) ?? 0) + e.dur);
  }
  return [...spent].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** What a trace says, in milliseconds: of the clock, and of the thread's own
 * time, which a machine that is busy with other things does not stretch. */
export function read(trace) {
  const events = JSON.parse(trace).traceEvents;
  const main = mainThread(events);
  const mine = events.filter((e) => `${e.pid}/${e.tid}` === main);
  const tasks = mine.filter((e) => e.ph === "X" && /^(ThreadControllerImpl::)?RunTask$/.test(e.name));
  const frames = mine.filter((e) => e.name === "BeginMainThreadFrame" || e.name === "Commit").map((e) => e.ts).sort((a, b) => a - b);
  const begins = mine.filter((e) => e.name === "BeginMainThreadFrame").map((e) => e.ts).sort((a, b) => a - b);
  const work = mine.filter((e) => e.ph === "X" && WORK.has(e.name)).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const perFrame = (begins.length > 0 ? begins : frames).map(() => ({ wall: 0, cpu: 0 }));
  const edges = begins.length > 0 ? begins : frames;
  let end = 0;
  let frame = -1;
  for (const e of work) {
    if (e.ts < end) continue; // within the one before
    end = e.ts + e.dur;
    while (frame + 1 < edges.length && edges[frame + 1] <= e.ts) frame++;
    if (frame < 0) continue;
    perFrame[frame].wall += e.dur;
    perFrame[frame].cpu += e.tdur ?? e.dur;
  }
  const figure = (list) => {
    const sorted = [...list].sort((a, b) => a - b);
    return { p50: ms(at(sorted, 0.5)), p95: ms(at(sorted, 0.95)), p99: ms(at(sorted, 0.99)), max: ms(sorted.at(-1) ?? 0) };
  };
  return {
    tasks: tasks.length,
    task_cpu: figure(tasks.map((e) => e.tdur ?? e.dur)),
    task_wall: figure(tasks.map((e) => e.dur)),
    over_50: tasks.filter((e) => (e.tdur ?? e.dur) > 50_000).length,
    frames: edges.length,
    frame_cpu: figure(perFrame.map((f) => f.cpu)),
    frame_wall: figure(perFrame.map((f) => f.wall)),
    over_8: perFrame.filter((f) => f.cpu > 8_000).length,
  };
}

export const scenarios = {
  "a desk with five hundred rows while they change and somebody scrolls": {
    noise,
    window: { viewport: { width: 1440, height: 900 }, reducedMotion: "no-preference" },
    play: async (s) => {
      const page = await desk.enter(s, "admin");
      await page.evaluate(() => (location.hash = "#/open/all"));
      const rows = page.locator(".row[data-id]");
      // All of them, a page at a time, as somebody scrolls down.
      await page.waitForFunction((want) => {
        document.querySelector(".rows")?.scrollTo(0, 1e9);
        document.querySelector(".fresh")?.click();
        return document.querySelectorAll(".row[data-id]").length >= want;
      }, ROWS * 0.9, { polling: 100, timeout: 60_000 });
      await rows.first().waitFor();
      const ids = (await (await page.request.get(`${s.base}/desk/api/v1/cases?view=open&limit=200`)).json()).cases.map((c) => c.id);
      const headers = { Origin: s.base, "Content-Type": "application/json" };
      const browser = page.context().browser();
      await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.frame", "blink.user_timing", "v8.execute"] });
      const until = Date.now() + SECONDS * 1000;
      let changes = 0;
      const changing = (async () => {
        const all = [];
        for (let n = 0; Date.now() < until; n++) {
          const priority = ["high", "normal", "low"][n % 3];
          all.push(page.request.post(`${s.base}/desk/api/v1/cases/${ids[(n * 37) % ids.length]}/priority`, { headers, data: { priority, version: 0 } }).then((r) => r.ok() && changes++));
          await new Promise((done) => setTimeout(done, 1000 / PER_SECOND));
        }
        await Promise.all(all);
      })();
      const box = await page.locator(".rows").boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      for (let n = 0; Date.now() < until; n++) {
        await page.mouse.wheel(0, (n % 120 < 60 ? 1 : -1) * 240);
        await page.waitForTimeout(16);
      }
      await changing;
      const trace = await browser.stopTracing();
      if (process.env.DESK_TRACE) writeFileSync(process.env.DESK_TRACE, trace);
      const figure = { rows: await rows.count(), changes, ...read(trace) };
      assert.ok(changes > 0 && figure.frames > 0 && figure.tasks > 0, JSON.stringify(figure));
      if (process.env.DESK_SPEED) writeFileSync(process.env.DESK_SPEED, JSON.stringify(figure));
    },
  },
};

if (process.argv[2] === "read") console.log(JSON.stringify(read(readFileSync(process.argv[3])), null, 1));
