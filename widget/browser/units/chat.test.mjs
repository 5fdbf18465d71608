import assert from "node:assert/strict";
import test from "node:test";

import { random } from "./random.mjs";
import { unit } from "./unit.mjs";

const { choiceLine } = await unit("choices");
const { keeper } = await unit("keep");
const { Log } = await unit("log");
const { Outbox } = await unit("outbox");
const { Patience } = await unit("patience");

const message = (id, author, more = {}) => ({ id, event: "message", body: { id: "m" + id, author, text: "t" + id, ...more } });

test("a log is the same in whatever order and however often its events come", () => {
  const events = [];
  for (let id = 1; id <= 24; id++) {
    const kind = id % 4;
    if (kind === 1) events.push(message(id, "customer", { client_msg_id: "c" + id }));
    else if (kind === 2) events.push({ id, event: "decision", body: { degraded: id % 8 === 2 ? ["embedder"] : undefined } });
    else if (kind === 3) events.push(message(id, "bot"));
    else events.push({ id, event: "done", body: { outcome: id % 8 === 0 ? "none" : "answer" } });
  }
  const straight = new Log();
  for (const e of events) straight.add(e, true);
  assert.equal(straight.lines().length, 12);
  for (let seed = 0; seed < 200; seed++) {
    const r = random(seed);
    const log = new Log();
    const pool = [...events, ...events.filter(() => r.below(2) === 0)];
    while (pool.length > 0) log.add(pool.splice(r.below(pool.length), 1)[0], false);
    assert.deepEqual(log.lines(), straight.lines(), "seed " + seed);
    assert.equal(log.working, false);
  }
});

test("a log knows whether a reply is still to come", () => {
  const log = new Log();
  assert.equal(log.working, false);
  log.add(message(1, "customer"), true);
  assert.equal(log.working, true);
  log.add({ id: 2, event: "done", body: { outcome: "merged" } }, true);
  log.add(message(3, "customer"), true);
  assert.equal(log.working, true, "a merged turn is answered with the next");
  log.add(message(4, "bot"), true);
  log.add({ id: 5, event: "done", body: { outcome: "answer" } }, true);
  assert.equal(log.working, false);
  log.add(message(6, "agent"), true);
  assert.equal(log.working, false);
});

test("a failure nobody spoke about is said", () => {
  const log = new Log();
  log.add(message(1, "customer"), true);
  log.add({ id: 2, event: "error", body: { code: "x", text: "It failed." } }, true);
  const last = log.lines().at(-1);
  assert.equal(last.text, "It failed.");
  assert.equal(last.offer, true);
  assert.equal(log.working, false);
});

test("passing events leave no trace, and only the followed stream moves the mark", () => {
  const log = new Log();
  assert.equal(log.add({ id: 0, event: "delta", body: { text: "x" } }, true), false);
  log.add(message(7, "bot"), false);
  assert.equal(log.followed, 0);
  assert.equal(log.add(message(7, "bot"), true), false);
  assert.equal(log.followed, 7);
});

test("an outbox comes back as it was, but for what was under way", () => {
  const kept = new Map();
  const keep = { get: (k) => kept.get(k) ?? null, set: (k, v) => kept.set(k, structuredClone(v)), remove: (k) => kept.delete(k) };
  const box = new Outbox(keep, "outbox");
  for (const id of ["a", "b", "c", "d"]) box.add(id, "text " + id);
  box.items[0].state = "sending";
  box.received("b");
  box.refuse("c", "too long");
  assert.equal(box.next.id, "a");
  const again = new Outbox(keep, "outbox");
  assert.deepEqual(again.items.map((p) => p.id + " " + p.state), ["a waiting", "b sent", "c refused", "d waiting"]);
  again.again();
  assert.deepEqual(again.items.map((p) => p.state), ["waiting", "waiting", "refused", "waiting"]);
  kept.set("outbox", [{ id: 5 }, null, "x", { id: "y", text: "" }]);
  assert.deepEqual(new Outbox(keep, "outbox").items, [], "what is not ours is left out");
});

test("a keeper works with storage that is there, full, blocked or of somebody else", () => {
  const real = new Map();
  let full = false;
  const storage = {
    getItem: (k) => real.get(k) ?? null,
    setItem: (k, v) => {
      if (full) throw new Error("quota");
      real.set(k, v);
    },
    removeItem: (k) => real.delete(k),
  };
  const keep = keeper(() => storage, "p:");
  keep.set("a", { x: 1 });
  assert.deepEqual(keeper(() => storage, "p:").get("a"), { x: 1 });
  assert.equal(keeper(() => storage, "q:").get("a"), null);
  full = true;
  keep.set("a", { x: 2 });
  assert.deepEqual(keep.get("a"), { x: 2 });
  assert.equal(real.has("p:a"), false, "an older value would come back after a reload");
  real.set("p:b", "{broken");
  assert.equal(keep.get("b"), null);
  keep.remove("a");
  assert.equal(keep.get("a"), null);
  const blocked = keeper(() => {
    throw new Error("denied");
  }, "p:");
  blocked.set("a", 1);
  assert.equal(blocked.get("a"), 1);
});

test("patience grows, is never in step, and ends when woken", async () => {
  const waits = [];
  const timers = { after: (ms) => waits.push(ms), cancel: () => {}, random: () => 0.5 };
  const patience = new Patience(timers);
  const all = [1, 2, 3, 9].map((fails) => patience.pause(fails, 0));
  all.push(patience.pause(1, 60_000));
  assert.deepEqual(waits, [800, 1600, 3200, 15_000, 60_000]);
  patience.wake();
  await Promise.all(all);
  patience.pause(1, 0);
  assert.ok(waits.at(-1) === 800);
});

test("an outbox keeps what was pressed, and leaves it behind with its conversation", () => {
  const kept = new Map();
  const keep = { get: (k) => kept.get(k) ?? null, set: (k, v) => kept.set(k, structuredClone(v)), remove: (k) => kept.delete(k) };
  const box = new Outbox(keep, "outbox");
  box.add("a", "Returns", { message: "m1", article: "returns" });
  box.add("b", "words");
  const again = new Outbox(keep, "outbox");
  assert.deepEqual(again.items.map((p) => p.choice), [{ message: "m1", article: "returns" }, null]);
  again.again();
  assert.deepEqual(again.items.map((p) => p.choice), [null, null]);
  kept.set("outbox", [{ id: "x", text: "t", choice: { message: 1 } }, { id: "y", text: "t", choice: "z" }]);
  assert.deepEqual(new Outbox(keep, "outbox").items.map((p) => p.choice), [null, null], "what is stored may be anything");
});

test("files stay behind with their conversation, and no message is lost over it", () => {
  const kept = new Map();
  const keep = { get: (k) => kept.get(k) ?? null, set: (k, v) => kept.set(k, structuredClone(v)), remove: (k) => kept.delete(k) };
  const box = new Outbox(keep, "outbox");
  const file = (id) => ({ id, name: id, type: "text/plain", size: 1, url: "/x" });
  box.add("a", "", null, [file("f")]);
  box.add("b", "words", null, [file("g"), file("h")]);
  box.add("c", "more");
  box.received("a");
  const shape = (b) => b.items.map((p) => [p.text, p.files.map((f) => f.id).join(), p.state, p.why].join("|"));
  const want = ["|f|refused|gone", "words||waiting|", "|g,h|refused|gone", "more||waiting|"];
  box.again("gone");
  assert.deepEqual(shape(box), want);
  box.again("gone twice");
  assert.deepEqual(shape(box), want, "what was said of them stays");
  assert.deepEqual(shape(new Outbox(keep, "outbox")), want, "over a reload, too");
  assert.equal(box.next.id, "b");
  assert.equal(new Set(box.items.map((p) => p.id)).size, 4, "each can be taken back by itself");
});

test("a choice's line reads as words, a row with what its columns are called", () => {
  assert.equal(choiceLine({ quote: "Send it **within** [30 days](/x)." }), "Send it within 30 days.");
  assert.equal(choiceLine({ quote: "| Half | £12 | |", header: "| Plan | Price | Note |" }), "Plan: Half · Price: £12");
  assert.equal(choiceLine({ quote: "| a | b |" }), "a · b");
  assert.equal(choiceLine({ quote: "| a \\| b | c |", header: "| x |" }), "x: a | b · c");
  for (const quote of [undefined, null, 1, ""]) assert.equal(choiceLine({ quote }), "");
});
