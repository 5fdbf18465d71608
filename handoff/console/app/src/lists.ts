// The list: which cases it shows, and in which order.

import { rowOfAlone } from "./alone";
import { get, type Trouble } from "./api";
import { go } from "./route";
import { say } from "./say";
import { askedFor, desk, served, type View } from "./state";
import { setClock } from "./time";
import type { Alone, Extract, Row } from "./types";

const path = (v: View, after: string): string => {
  const asked = v.kind === "search" || v.kind === "saved";
  const q = asked ? new URLSearchParams({ q: askedFor(v), zone: zone() }) : new URLSearchParams({ view: v.kind, limit: "100" });
  if (v.queue !== "") q.set("queue", v.queue);
  if (after !== "") q.set("after", after);
  return (asked ? "/search?" : "/cases?") + q;
};

/** The reader's own time zone: a day that is searched for is one of theirs. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

interface Page {
  rows: Row[];
  found: [string, Extract[]][];
  next: string;
}

/** What a search found: a case, or a conversation without one. */
interface Result {
  case?: Row;
  conversation?: Alone;
  extracts: Extract[];
}

const rowOf = (r: Result): Row => r.case ?? rowOfAlone(r.conversation!);

/** A page of a view: a list of cases, or what a search found. */
async function page(v: View, after: string, signal?: AbortSignal): Promise<Page> {
  const got = await get<{ cases?: Row[]; results?: Result[]; next: string; now: string }>(path(v, after), signal);
  setClock(got.now);
  const found = got.results ?? [];
  const rows = got.cases ?? found.map(rowOf);
  keepRows(rows);
  return { rows, found: found.map((r, i) => [rows[i].id, r.extracts]), next: got.next };
}

let loading: AbortController | null = null;

/** A list that could not be had is asked for again after so long. */
const AGAIN_MS = 4_000;

/** Loads the list of where the page is. Afresh is for the list that is shown
 * already: it stays, and keys move in it, until the new one is there. */
export async function loadList(afresh = false): Promise<void> {
  loading?.abort();
  const mine = new AbortController();
  loading = mine;
  const v = desk.state.place.view;
  if (!afresh || desk.state.list !== "ready") {
    desk.set({ list: "loading", order: [], next: "", fresh: [], left: new Set(), search: "", extracts: new Map() });
  }
  try {
    const p = await page(v, "", mine.signal);
    desk.set({ list: "ready", order: p.rows.map((r) => r.id), next: p.next, fresh: [], left: new Set(), extracts: new Map(p.found) });
  } catch (err) {
    if (mine.signal.aborted) return;
    const trouble = err as Trouble;
    const kept = afresh && trouble.passing && desk.state.list === "ready";
    if (!kept) desk.set({ list: "failed", listFailed: trouble.message, listBad: trouble.code === "search" });
    // What is away is back in a moment: nobody has to find out by trying.
    if (trouble.passing) window.setTimeout(() => { if (loading === mine) void loadList(kept); }, AGAIN_MS * (0.75 + Math.random() / 2));
  }
}

export async function loadMore(): Promise<void> {
  const { next, place, list } = desk.state;
  if (next === "" || list !== "ready") return;
  desk.set({ next: "" });
  try {
    const p = await page(place.view, next);
    if (place.view !== desk.state.place.view && path(place.view, "") !== path(desk.state.place.view, "")) return; // another view by now
    const known = new Set(desk.state.order);
    const here = new Set(p.rows.map((r) => r.id));
    desk.set({
      order: [...desk.state.order, ...[...here].filter((id) => !known.has(id))],
      fresh: desk.state.fresh.filter((id) => !here.has(id)),
      next: p.next,
      extracts: new Map([...desk.state.extracts, ...p.found]),
    });
  } catch (err) {
    desk.set({ next });
    say((err as Error).message, "trouble");
  }
}

let askTimer = 0;
/** What only the server can tell is asked again a moment after a change: what is
 * new waits behind the bar, what is gone goes when the pointer is elsewhere. */
export function askAgain(): void {
  if (askTimer !== 0 || !served(desk.state.place.view)) return;
  askTimer = window.setTimeout(async () => {
    askTimer = 0;
    const { view } = desk.state.place;
    if (!served(view) || desk.state.list !== "ready") return;
    try {
      const p = await page(view, "");
      if (path(view, "") !== path(desk.state.place.view, "") || desk.state.list !== "ready") return;
      const { order, fresh, left, next } = desk.state;
      const here = new Set(p.rows.map((r) => r.id));
      const known = new Set(order);
      // Only what the first page reaches to is known to have gone.
      const reach = next === "" && p.next === "" ? order : order.slice(0, order.findLastIndex((id) => here.has(id)) + 1);
      const gone = reach.filter((id) => !here.has(id));
      desk.set({
        fresh: [...new Set([...fresh, ...p.rows.map((r) => r.id).filter((id) => !known.has(id))])],
        left: new Set([...[...left].filter((id) => !here.has(id)), ...gone]),
        extracts: new Map([...desk.state.extracts, ...p.found]),
      });
      if (order.length === 0) letIn();
      settleUnlessPointed();
    } catch {
      // the next change asks again
    }
  }, 3_000 + Math.random() * 2_000);
}

export async function loadMine(): Promise<void> {
  try {
    await page({ kind: "mine", queue: "", ask: "" }, "");
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

export function keepRows(list: Row[]): void {
  const rows = new Map(desk.state.rows);
  for (const r of list) {
    const old = rows.get(r.id);
    if (old === undefined || r.version >= old.version) rows.set(r.id, r);
  }
  desk.set({ rows });
}

let pointerInList = false;

/** Nothing moves under the pointer: what left the view goes when it is elsewhere. */
export function pointerIn(is: boolean): void {
  pointerInList = is;
  if (!is) settle();
}

/** By what the view's list is ordered, the first first. */
function rank(r: Row | undefined): number {
  if (r === undefined) return Infinity;
  switch (desk.state.place.view.kind) {
    case "search":
    case "saved":
      return -Date.parse(r.opened_at);
    case "closed":
      return -Date.parse(r.closed_at ?? "");
    default:
      return r.due_first === undefined ? Infinity : Date.parse(r.due_first);
  }
}

export function inOrder(ids: string[], rows: Map<string, Row>): string[] {
  return [...new Set(ids)].sort((a, b) => {
    const x = rank(rows.get(a));
    const y = rank(rows.get(b));
    return x === y ? (a < b ? -1 : 1) : x - y;
  });
}

/** Whether a row stands behind all that are loaded: it comes with its page, and
 * is nothing new. */
export function beyond(r: Row): boolean {
  const { next, order, rows } = desk.state;
  return next !== "" && order.length > 0 && rank(r) > rank(rows.get(order.at(-1)!));
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

/** What left the view goes, unless it would move under the pointer. */
export function settleUnlessPointed(): void {
  if (!pointerInList) settle();
}
