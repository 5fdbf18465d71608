// What happens: loading, what the stream tells, what the agent does. Everything
// that is shown comes from the server; what is done shows at once and is put
// right by what the server says of it.

import { del, get, post, type Trouble } from "./api";
import { t } from "./i18n";
import { Live, type Told } from "./live";
import { go, readPlace } from "./route";
import { belongs, desk, needsReply, openState, type OpenCase, type Sending, type View } from "./state";
import { now, setClock } from "./time";
import type { Colleague, LogEntry, Message, Opened, QueueState, Row, Start } from "./types";
import { alertYours } from "./alerts";
import { forgetDraft, keepDraft } from "./drafts";

let live: Live | null = null;
let toastId = 0;

// Loading ------------------------------------------------------------------------

export async function begin(): Promise<void> {
  try {
    const s = await get<Start>("/start");
    adopt(s);
    desk.set({ phase: "in", why: "" });
    live?.close();
    live = new Live(s.cursor, told, (link) => desk.set({ link }));
    void beat();
    void loadMine();
    arrive();
  } catch (err) {
    const trouble = err as Trouble;
    if (trouble.status === 401) desk.set({ phase: "out" });
    else {
      desk.set({ phase: "down", why: trouble.message });
      setTimeout(() => void begin(), 3_000);
    }
  }
}

function adopt(s: Start): void {
  setClock(s.now);
  desk.set({ me: s.me, shop: s.shop, queues: s.queues, agents: s.agents, canned: s.canned });
}

/** The session is over: what was begun to write is kept, all else goes. */
export function signedOut(): void {
  live?.close();
  live = null;
  desk.set({ phase: "out", rows: new Map(), order: [], open: null, fresh: [], left: new Set(), dialog: null, agents: [], queues: [] });
}

export async function signOut(): Promise<void> {
  await flushClosings();
  try {
    await del("/presence");
    await post("/logout");
  } catch {
    // the cookie is gone or the network is: signed out here in any case
  }
  signedOut();
}

/** Reads the address and loads what it names. */
export function arrive(): void {
  const place = readPlace(location.hash);
  const was = desk.state.place;
  const first = desk.state.order.length === 0 && desk.state.list === "loading";
  desk.set({ place, rail: false });
  if (place.page !== "list") {
    show("");
    return;
  }
  if (first || place.view.kind !== was.view.kind || place.view.queue !== was.view.queue || was.page !== "list") void loadList();
  show(place.open);
}

const path = (v: View, after: string): string => {
  const q = new URLSearchParams({ view: v.kind, limit: "100" });
  if (v.queue !== "") q.set("queue", v.queue);
  if (after !== "") q.set("after", after);
  return "/cases?" + q;
};

let loading: AbortController | null = null;

export async function loadList(): Promise<void> {
  loading?.abort();
  const mine = new AbortController();
  loading = mine;
  const v = desk.state.place.view;
  desk.set({ list: "loading", order: [], next: "", fresh: [], left: new Set(), search: "" });
  try {
    const page = await get<{ cases: Row[]; next: string; now: string }>(path(v, ""), mine.signal);
    setClock(page.now);
    keepRows(page.cases);
    desk.set({ list: "ready", order: page.cases.map((r) => r.id), next: page.next });
  } catch (err) {
    if (!mine.signal.aborted) desk.set({ list: "failed", listFailed: (err as Error).message });
  }
}

export async function loadMore(): Promise<void> {
  const { next, place, list } = desk.state;
  if (next === "" || list !== "ready") return;
  desk.set({ next: "" });
  try {
    const page = await get<{ cases: Row[]; next: string }>(path(place.view, next));
    keepRows(page.cases);
    const known = new Set(desk.state.order);
    desk.set({ order: [...desk.state.order, ...page.cases.map((r) => r.id).filter((id) => !known.has(id))], next: page.next });
  } catch (err) {
    desk.set({ next });
    say((err as Error).message, "trouble");
  }
}

async function loadMine(): Promise<void> {
  try {
    const page = await get<{ cases: Row[] }>(path({ kind: "mine", queue: "" }, ""));
    keepRows(page.cases);
  } catch {
    // the counts come with the next rows
  }
}

/** Finds a case by its reference and opens it; false where there is none. */
export async function findReference(reference: string): Promise<boolean> {
  const found = await get<{ cases: Row[] }>("/cases?" + new URLSearchParams({ reference }));
  if (found.cases.length === 0) return false;
  keepRows(found.cases);
  go({ open: found.cases[0].id });
  return true;
}

/** Cases of the list whose row holds the words. */
export function matches(r: Row, words: string): boolean {
  const hay = [r.reference, r.name, r.problem, r.note, r.topic, r.product, r.agent_name, r.queue].join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((w) => hay.includes(w));
}

function keepRows(list: Row[]): void {
  const rows = new Map(desk.state.rows);
  for (const r of list) {
    const old = rows.get(r.id);
    if (old === undefined || r.version >= old.version) rows.set(r.id, r);
  }
  desk.set({ rows });
}

let wallTimer = 0;
/** Counts of the queues, and who is there: read again soon, and not too often. */
export function countAgain(): void {
  if (wallTimer !== 0) return;
  wallTimer = window.setTimeout(async () => {
    wallTimer = 0;
    try {
      const [q, a] = await Promise.all([get<{ queues: QueueState[] }>("/queues"), get<{ agents: Colleague[] }>("/agents")]);
      desk.set({ queues: q.queues, agents: a.agents });
    } catch {
      // the next change asks again
    }
  }, 600);
}

// The open case --------------------------------------------------------------------

let opening: AbortController | null = null;
let openTimer = 0;

/** Opens a case; a walk through the list with j and k loads only where it rests. */
function show(id: string): void {
  clearTimeout(openTimer);
  if (id === "") {
    opening?.abort();
    live?.watch("", 0);
    desk.set({ open: null, selected: desk.state.selected });
    return;
  }
  if (desk.state.open?.id === id && desk.state.open.status !== "failed") return;
  opening?.abort();
  desk.set({ open: openState(id), selected: id });
  const quick = performance.now() - lastShow > 180;
  lastShow = performance.now();
  openTimer = window.setTimeout(() => void load(id), quick ? 0 : 140);
}
let lastShow = 0;

async function load(id: string): Promise<void> {
  const mine = new AbortController();
  opening = mine;
  try {
    const o = await get<Opened>("/cases/" + id, mine.signal);
    keepRows([o.case]);
    if (o.draft) keepDraft(id, o.draft.text, o.draft.note, Date.parse(o.draft.at));
    const sending = desk.state.open?.id === id ? desk.state.open.sending : [];
    desk.set({ open: { ...openState(id, o), sending } });
    live?.watch(id, lastSeq(o.messages.lines));
    void beat();
  } catch (err) {
    if (mine.signal.aborted) return;
    desk.set({ open: { ...openState(id), status: "failed", failed: (err as Error).message } });
  }
}

const lastSeq = (lines: { seq: number }[]): number => lines.at(-1)?.seq ?? 0;

function change(id: string, f: (o: OpenCase) => Partial<OpenCase>): void {
  const o = desk.state.open;
  if (o !== null && o.id === id) desk.set({ open: { ...o, ...f(o) } });
}

export async function loadEarlier(): Promise<void> {
  const o = desk.state.open;
  if (o === null || !o.more) return;
  const first = o.lines[0]?.seq ?? 0;
  try {
    const page = await get<Opened["messages"]>(`/cases/${o.id}/messages?before=${first}`);
    change(o.id, (now) => ({ lines: [...page.lines, ...now.lines], more: page.more }));
  } catch (err) {
    say((err as Error).message, "trouble");
  }
}

async function loadLog(id: string): Promise<void> {
  const after = desk.state.open?.id === id ? (desk.state.open.log.at(-1)?.n ?? 0) : 0;
  try {
    const { log } = await get<{ log: LogEntry[] }>(`/cases/${id}/log?after=${after}`);
    change(id, (o) => ({ log: [...o.log, ...log.filter((e) => !o.log.some((x) => x.n === e.n))] }));
  } catch {
    // the next change asks again
  }
}

let packetTimer = 0;
/** The packet grows with what the customer says: read again a moment later. */
function packetAgain(id: string): void {
  clearTimeout(packetTimer);
  packetTimer = window.setTimeout(async () => {
    try {
      const o = await get<Opened>("/cases/" + id);
      change(id, () => ({ packet: o.packet ?? null }));
    } catch {
      // it is there with the next opening
    }
  }, 1_500);
}

// What the stream tells --------------------------------------------------------------

function told({ event, data }: Told): void {
  switch (event) {
    case "hello":
    case "beat":
      if (data.now) setClock(data.now);
      if (event === "beat") void beat();
      return;
    case "changes":
      changed(data);
      return;
    case "said":
      said(data);
      return;
    case "typing":
      if (data.by?.author === "customer") change(data.case, () => ({ customerTypes: Date.now() + 5_000 }));
      return;
    case "looking":
      change(data.case, () => ({ looking: data.people }));
      return;
    case "reset":
      void again();
      return;
    case "over":
      signedOut();
  }
}

/** Loads everything anew: too much was missed, or the rights are others now. */
async function again(): Promise<void> {
  try {
    const s = await get<Start>("/start");
    adopt(s);
    live?.restart(s.cursor);
    await loadList();
    const o = desk.state.open;
    if (o !== null) await load(o.id);
  } catch {
    // the stream comes back and says so again
  }
}

interface Changes {
  cases?: { row: Row; kinds: string[]; yours?: boolean }[];
  gone?: string[];
  presence?: boolean;
  settings?: boolean;
}

function changed(c: Changes): void {
  const { place, me } = desk.state;
  const rows = new Map(desk.state.rows);
  const order = new Set(desk.state.order);
  const fresh = new Set(desk.state.fresh);
  const left = new Set(desk.state.left);
  const direct: string[] = [];
  for (const { row, kinds, yours } of c.cases ?? []) {
    const old = rows.get(row.id);
    rows.set(row.id, row);
    const fits = belongs(row, place.view, me, now());
    if (order.has(row.id)) {
      if (fits || place.view.kind === "mentions") left.delete(row.id);
      else left.add(row.id);
    } else if (fits) {
      // What I took, and a first row in an empty list, need no waiting.
      if (place.view.kind === "mine" || desk.state.order.length === 0) direct.push(row.id);
      else fresh.add(row.id);
    } else {
      fresh.delete(row.id);
    }
    if (yours) alertYours(row, kinds, me);
    else if (kinds.includes("message") && row.agent === me.agent) alertYours(row, ["message"], me);
    if (desk.state.open?.id === row.id) {
      if (kinds.some((k) => k !== "message")) void loadLog(row.id);
      if (kinds.includes("message")) packetAgain(row.id);
      if (old !== undefined && old.agent === me.agent && row.agent !== me.agent && row.state === "claimed") {
        say(t("said.taken_over", { name: row.agent_name ?? "" }));
      }
    }
  }
  for (const id of c.gone ?? []) {
    rows.delete(id);
    fresh.delete(id);
    if (order.has(id)) left.add(id);
    if (desk.state.open?.id === id) change(id, () => ({ status: "failed", failed: t("case.elsewhere") }));
  }
  desk.set({ rows, fresh: [...fresh], left, order: direct.length > 0 ? inOrder([...direct, ...desk.state.order], rows) : desk.state.order });
  if (!pointerInList) settle();
  if (c.settings) {
    void get<Start>("/start").then(adopt).catch(() => {});
  } else if (c.presence || (c.cases?.length ?? 0) > 0 || (c.gone?.length ?? 0) > 0) {
    countAgain();
  }
}

function said(data: { case: string; line: { seq: number; kind: "message" | "owner"; at: string; body: Message } }): void {
  change(data.case, (o) => {
    if (o.lines.some((l) => l.seq === data.line.seq)) return {};
    const mine = data.line.body.client_msg_id;
    const lines = [...o.lines, data.line].sort((a, b) => a.seq - b.seq);
    return {
      lines: lines as OpenCase["lines"],
      sending: o.sending.filter((s) => s.id !== mine),
      customerTypes: data.line.body.author === "customer" ? 0 : o.customerTypes,
    };
  });
}

// The list ---------------------------------------------------------------------------

let pointerInList = false;

/** Nothing moves under the pointer: what left the view goes when it is elsewhere. */
export function pointerIn(is: boolean): void {
  pointerInList = is;
  if (!is) settle();
}

function inOrder(ids: string[], rows: Map<string, Row>): string[] {
  const closed = desk.state.place.view.kind === "closed";
  const key = (id: string): number => {
    const r = rows.get(id);
    if (r === undefined) return Infinity;
    if (closed) return -Date.parse(r.closed_at ?? "");
    return r.due_first === undefined ? Infinity : Date.parse(r.due_first);
  };
  return [...new Set(ids)].sort((a, b) => {
    const x = key(a);
    const y = key(b);
    return x === y ? (a < b ? -1 : 1) : x - y;
  });
}

/** Takes away what left the view, but for the case that is open. */
export function settle(): void {
  const { left, order, open } = desk.state;
  if (left.size === 0) return;
  const stays = new Set([...left].filter((id) => id === open?.id));
  const rest = order.filter((id) => !left.has(id) || stays.has(id));
  if (rest.length !== order.length) desk.set({ order: rest, left: stays });
}

/** Lets in what waits behind the bar. */
export function letIn(): void {
  const { fresh, order, rows, left } = desk.state;
  const rest = order.filter((id) => !left.has(id) || id === desk.state.open?.id);
  desk.set({ order: inOrder([...fresh.filter((id) => rows.has(id)), ...rest], rows), fresh: [], left: new Set() });
}

/** The rows that the list shows, in its order. */
export function shown(): Row[] {
  const { order, rows, search } = desk.state;
  const list: Row[] = [];
  for (const id of order) {
    const r = rows.get(id);
    if (r !== undefined && (search === "" || matches(r, search))) list.push(r);
  }
  return list;
}

/** One row up or down, which opens it. */
export function step(by: number): void {
  const list = shown();
  if (list.length === 0) return;
  const at = list.findIndex((r) => r.id === desk.state.selected);
  const to = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.max(0, Math.min(list.length - 1, at + by));
  go({ open: list[to].id }, desk.state.place.open !== "");
}

// What the agent does ------------------------------------------------------------------

export function say(text: string, kind: "said" | "trouble" = "said", undo?: () => void, ms = 6_000): number {
  const id = ++toastId;
  desk.set({ toasts: [...desk.state.toasts.slice(-2), { id, text, kind, undo }] });
  setTimeout(() => unsay(id), kind === "trouble" ? Math.max(ms, 9_000) : ms);
  return id;
}

export function unsay(id: number): void {
  desk.set({ toasts: desk.state.toasts.filter((x) => x.id !== id) });
}

export const row = (id: string): Row | undefined => desk.state.rows.get(id);

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
  // What somebody else has a lead takes over; others are told who has it.
  if (r.state === "claimed" && me.leads) return act(r, "transfer", { agent: me.agent }, "");
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
    go({ view: { kind: "mine", queue: "" }, open: done.case.id });
  } catch (err) {
    say((err as Error).message, "trouble");
  }
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
  body: { ended: string; topic: string; memo: string };
  timer: number;
}
const closings = new Map<string, Closing>();

export function close(r: Row, ended: string, topic: string, memo: string): void {
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
  closings.set(r.id, { row: r, body: { ended, topic, memo }, timer });
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

// Sending ----------------------------------------------------------------------------

export function sendReply(id: string, name: string, text: string, suggested: string, citations: unknown[]): void {
  const send: Sending = { id: name, text, at: new Date(now()).toISOString(), failed: "", again: () => void attempt() };
  const attempt = async () => {
    change(id, (o) => ({ sending: o.sending.map((s) => (s.id === name ? { ...s, failed: "" } : s)) }));
    try {
      const done = await post<{ message: Message; seq: number; case: Row }>(`/cases/${id}/replies`, { client_msg_id: name, text, suggested, citations });
      const known = row(id);
      said({ case: id, line: { seq: done.seq, kind: "message", at: done.message.at, body: { ...done.message, client_msg_id: name } } });
      change(id, (o) => ({ sending: o.sending.filter((s) => s.id !== name) }));
      changed({ cases: [{ row: { ...done.case, visitor: known?.visitor ?? done.case.visitor, name: known?.name }, kinds: ["replied"] }] });
    } catch (err) {
      change(id, (o) => ({ sending: o.sending.map((s) => (s.id === name ? { ...s, failed: (err as Error).message } : s)) }));
    }
  };
  change(id, (o) => ({ sending: [...o.sending, send] }));
  void attempt();
}

export async function sendNote(id: string, text: string, mentions: string[]): Promise<boolean> {
  try {
    const { entry } = await post<{ entry: LogEntry }>(`/cases/${id}/notes`, { text, mentions });
    change(id, (o) => (o.log.some((e) => e.n === entry.n) ? {} : { log: [...o.log, entry] }));
    return true;
  } catch (err) {
    say((err as Error).message, "trouble");
    return false;
  }
}

// Presence -----------------------------------------------------------------------------

let typingUntil = 0;

export async function beat(status = ""): Promise<void> {
  const open = desk.state.place.page === "list" ? (desk.state.open?.id ?? "") : "";
  try {
    const p = await post<{ status: string; now: string }>("/presence", { status, case: open, typing: Date.now() < typingUntil });
    desk.set({ status: p.status });
  } catch (err) {
    if (status !== "") say((err as Error).message, "trouble");
  }
}

export async function leave(): Promise<void> {
  try {
    await del("/presence");
    desk.set({ status: "" });
  } catch (err) {
    say((err as Error).message, "trouble");
  }
}

let saidTyping = 0;
/** Somebody writes: said at most every three seconds. */
export function typing(id: string, note: boolean): void {
  typingUntil = Date.now() + 5_000;
  if (Date.now() - saidTyping < 3_000) return;
  saidTyping = Date.now();
  post(`/cases/${id}/typing`, { note }).catch(() => {});
}

/** How many wait for a word of mine: the number in the title. */
export function mineWaiting(): number {
  let n = 0;
  for (const r of desk.state.rows.values()) if (needsReply(r, desk.state.me)) n++;
  return n;
}
