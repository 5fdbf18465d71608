import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { unit } from "./unit.mjs";

const { first } = await unit("fires");
const { pageHidden } = await unit("hidden");

// The service's own judgement plays the same table: TestRules_Table.
for (const { name, proactive, hidden = [], situation, fires } of JSON.parse(readFileSync(new URL("../../settings/testdata/rules.json", import.meta.url), "utf8"))) {
  test("rules: " + name, () => {
    const { on = false, per_day = 1, per_visitor = 3, rules = [] } = proactive;
    const s = { seconds: 0, cart: 0, visits: 0, language: "", search_failed: false, error: false, people: false, declined: false, today: 0, ever: 0, ...situation };
    s.conversation = situation.conversation === true || pageHidden(hidden, s.page);
    const rule = first({ on, per_day, per_visitor, rules: rules.filter((r) => !r.off) }, s);
    assert.equal(rule?.id ?? "", fires);
  });
}
