import assert from "node:assert/strict";
import test from "node:test";

import { random } from "./random.mjs";
import { unit } from "./unit.mjs";

const { EventParser, readEvents } = await unit("sse");

const read = (...pieces) => {
  const p = new EventParser();
  return pieces.flatMap((x) => p.feed(x));
};

test("events are taken apart", () => {
  const rows = [
    ["an event", "id: 3\nevent: message\ndata: {}\n\n", [{ id: "3", event: "message", data: "{}" }]],
    ["a comment is silence", ":\n\n: beat\n\n", []],
    ["data over lines", "data: a\ndata: b\n\n", [{ id: "", event: "message", data: "a\nb" }]],
    ["no data, no event", "event: x\nid: 1\n\n", []],
    ["an id is its event's own", "id: 1\ndata: a\n\ndata: b\n\n", [{ id: "1", event: "message", data: "a" }, { id: "", event: "message", data: "b" }]],
    ["carriage returns", "data: a\r\n\r\ndata: b\r\r", [{ id: "", event: "message", data: "a" }]],
    ["an id with NUL is none", "id: a\0b\ndata: x\n\n", [{ id: "", event: "message", data: "x" }]],
    ["one space goes, two are one", "data:  x\n\n", [{ id: "", event: "message", data: " x" }]],
    ["a field without a colon", "data\n\n", [{ id: "", event: "message", data: "" }]],
    ["an unfinished event waits", "data: a\n", []],
    ["other fields are left out", "retry: 2000\n\n", []],
  ];
  for (const [name, text, want] of rows) assert.deepEqual(read(text), want, name);
});

test("a body is read to its end, without its mark of byte order", async () => {
  const heard = [];
  await readEvents(new Response("\ufeffdata: a\n\ndata: b\n\n"), (e) => heard.push(e.data), { idleMs: 60_000, onIdle: () => {} });
  assert.deepEqual(heard, ["a", "b"]);
});

test("pieces of any size make the same events", () => {
  for (let seed = 0; seed < 400; seed++) {
    const r = random(seed);
    let text = "";
    for (let i = r.below(30); i > 0; i--) {
      text += r.pick(["id: 1", "event: delta", "data: é漢😀", "data:", ": beat", "", "", "x"]) + r.pick(["\n", "\n", "\r\n", "\r"]);
    }
    text += "\n"; // a CR at the very end could still become CRLF
    const pieces = [];
    for (let at = 0; at < text.length; ) {
      const to = Math.min(text.length, at + 1 + r.below(6));
      pieces.push(text.slice(at, to));
      at = to;
    }
    assert.deepEqual(read(...pieces), read(text), `seed ${seed}: ${JSON.stringify(text)}`);
  }
});
