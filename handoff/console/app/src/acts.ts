// What the agent does with a case: it shows at once and is put right by what
// the server says of it.

import { get, post, type Trouble } from "./api";
import { inherit } from "./beside";
import { forgetDraft } from "./drafts";
import { t } from "./i18n";
import { shown } from "./lists";
import { row } from "./opened";
import { go } from "./route";
import { say, unsay } from "./say";
import { desk } from "./state";
import { changed } from "./told";
import type { Opened, Row } from "./types";

/** A change of a case that may have moved on since it was looked at. */
async function act(r: Row, what: string, body: Record<string, unknown>, words: string): Promise<boolean> {
  try {
    const done = await post<{ case: Row } | undefined>(`/cases/${r.id}/${what}`, { version: r.version, ...body });
    if (done !== undefined) changed({ cases: [{ row: done.case, kinds: [what] }] });
    if (words !== "") say(words);
    return true;
  } catch (err) {
    const trouble = err as Trouble;
    say(trouble.message, "trouble");
    if (trouble.code === "case_moved" || trouble.code === "case_taken" || trouble.code === "case_closed") void look(r.id);
    return false;
  }
}

/** Reads a row again that turned out to be another than we thought. */
async function look(id: string): Promise<void> {
  try {
    const o = await get<Opened>("/cases/" + id);
    changed({ cases: [{ row: o.case, kinds: ["looked"] }] });
  } catch {
    // it is said already
  }
}

export async function claim(r: Row): Promise<boolean> {
  const { me } = desk.state;
  if (r.state === "claimed" && r.agent === me.agent) return true;
  // What somebody else has a lead takes over, and says why; others are told who has it.
  if (r.state === "claimed" && me.leads) {
    desk.set({ dialog: { name: "takeover", row: r } });
    return false;
  }
  return act(r, "claim", { version: 0 }, "");
}

export async function claimNext(): Promise<void> {
  const { view } = desk.state.place;
  try {
    const done = await post<{ case: Row } | undefined>("/cases/next", view.queue === "" ? {} : { queues: [view.queue] });
    if (done === undefined) {
      say(t("said.none_waits"));
      return;
    }
    changed({ cases: [{ row: done.case, kinds: ["claimed"] }] });
    go({ view: { kind: "mine", queue: "", ask: "" }, open: done.case.id });
  } catch (err) {
    say((err as Error).message, "trouble");
  }
}

export async function takeOver(r: Row, why: string): Promise<void> {
  inherit();
  await act(r, "takeover", { why }, "");
}

export const release = (r: Row, why: string) => act(r, "release", { why }, t("said.released"));
export const transfer = (r: Row, to: { queue?: string; agent?: string }, why: string, name: string) => act(r, "transfer", { ...to, why }, t("said.transferred", { name }));
export const escalate = (r: Row, queue: string, why: string) => act(r, "escalate", { queue, why }, t("said.escalated"));
export const snooze = (r: Row, until: string | null) => act(r, "snooze", until === null ? {} : { until }, until === null ? t("said.woken") : t("said.snoozed"));
export const setPriority = (r: Row, priority: string) => act(r, "priority", { priority }, "");
export const merge = (r: Row, into: string) => act(r, "merge", { into }, t("said.merged"));
export const reopen = (r: Row) => act(r, "reopen", {}, t("said.reopened"));

// Closing ends the customer's conversation with us and tells them so, and cannot
// be taken back once it is said: so it waits some seconds for an undo.
const UNDO_MS = 6_000;
interface Closing {
  row: Row;
  body: { ended: string; topic: string; product: string; memo: string };
  timer: number;
}
const closings = new Map<string, Closing>();

export function close(r: Row, ended: string, topic: string, product: string, memo: string): void {
  const toast = say(t("said.closing", { reference: r.reference }), "said", () => {
    const c = closings.get(r.id);
    if (c === undefined) return;
    clearTimeout(c.timer);
    closings.delete(r.id);
    desk.set({ pending: new Set(closings.keys()) });
    unsay(toast);
    go({ open: r.id });
  }, UNDO_MS);
  const timer = window.setTimeout(() => void commitClose(r.id), UNDO_MS);
  closings.set(r.id, { row: r, body: { ended, topic, product, memo }, timer });
  desk.set({ pending: new Set(closings.keys()) });
  const list = shown().filter((x) => !closings.has(x.id));
  const at = shown().findIndex((x) => x.id === r.id);
  const next = list[Math.min(Math.max(at, 0), list.length - 1)];
  go({ open: next !== undefined && window.innerWidth > 720 ? next.id : "" }, true);
}

async function commitClose(id: string): Promise<void> {
  const c = closings.get(id);
  if (c === undefined) return;
  closings.delete(id);
  clearTimeout(c.timer);
  const latest = row(id) ?? c.row;
  desk.set({ pending: new Set(closings.keys()) });
  if (latest.customer_at !== c.row.customer_at) {
    say(t("said.wrote_meanwhile", { reference: latest.reference }), "trouble");
    return;
  }
  // Of the version that was decided on: if the customer or somebody else moved
  // the case on meanwhile, the closing is void and says so.
  try {
    const done = await post<{ case: Row }>(`/cases/${id}/close`, { version: c.row.version, ...c.body }, { keepalive: true });
    changed({ cases: [{ row: done.case, kinds: ["closed"] }] });
    forgetDraft(id);
  } catch (err) {
    say(t("said.not_closed", { reference: latest.reference }) + " " + (err as Error).message, "trouble");
    void look(id);
  }
}

/** Closes now what waits for an undo: the page goes away. */
export async function flushClosings(): Promise<void> {
  await Promise.all([...closings.keys()].map(commitClose));
}
