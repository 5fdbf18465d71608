// What stands beside a conversation and is never part of it: what the one who
// has it is writing, for leads; whispers; who took it over; what is suggested.

import { get, post } from "./api";
import { draftOf, setDraft } from "./drafts";
import { t } from "./i18n";
import { change } from "./opened";
import { say } from "./say";
import { desk, type OpenCase } from "./state";
import { Store } from "./store";
import type { LogEntry, Packet, Row } from "./types";

export type Suggestion = NonNullable<Packet["reply"]>;

export interface Writing {
  case: string;
  agent?: string;
  name?: string;
  text: string;
  at?: string;
}

interface Beside {
  id: string; // of the open case
  writing: Writing | null;
  last: Writing | null; // what was being written and is not seen as said yet
  inherited: Writing | null; // what the one before was writing when I took over
  suggestion: Suggestion | null; // that a search found, where the packet has none that is new
  dropped: string; // article of a suggestion that was turned down before the case was claimed
  read: number; // the last whisper that was read
  taken: { name: string; why: string } | null; // who has it now that was mine
  elsewhere: string; // what stood here before a later draft came from another machine
  redraft: number; // moves when the draft was changed by anything but the keyboard
}

const empty = (id: string): Beside => ({ id, writing: null, last: null, inherited: null, suggestion: null, dropped: "", read: readUpTo(id), taken: null, elsewhere: "", redraft: 0 });

export const beside = new Store<Beside>({ id: "", writing: null, last: null, inherited: null, suggestion: null, dropped: "", read: 0, taken: null, elsewhere: "", redraft: 0 });

/** A case was read; local is what was begun to write here before the server's draft was taken over. */
export function opened(id: string, packet: Packet | null, local: string): void {
  if (beside.state.id !== id) beside.set(empty(id));
  if (local !== "") beside.set({ elsewhere: local, redraft: beside.state.redraft + 1 });
  const row = desk.state.rows.get(id);
  const { me } = desk.state;
  if (me.works && row !== undefined && row.state !== "closed" && (packet?.reply === undefined || packet.reply.shown === true)) void find(id);
}

async function find(id: string): Promise<void> {
  try {
    const { reply } = await get<{ reply: Suggestion | null }>(`/cases/${id}/suggestion`);
    if (reply !== null && !reply.shown && beside.state.id === id) beside.set({ suggestion: reply });
  } catch {
    // without a suggestion, then
  }
}

/** What to suggest for a case: what the packet has, before what a search found later; nothing that was turned down. */
export function suggestionFor(o: OpenCase, found: Suggestion | null, dropped: string): Suggestion | null {
  const s = o.packet?.reply !== undefined && o.packet.reply.shown !== true ? o.packet.reply : (found ?? o.packet?.reply ?? null);
  if (s === null || s.article === dropped || o.log.some((e) => e.kind === "unused" && e.body.article === s.article)) return null;
  return s;
}

export function useSuggestion(o: OpenCase): Suggestion | null {
  const found = beside.use((s) => (s.id === o.id ? s.suggestion : null));
  const dropped = beside.use((s) => (s.id === o.id ? s.dropped : ""));
  return suggestionFor(o, found, dropped);
}

/** Turns a suggestion down: it is not shown again, and kept that it was. */
export async function drop(o: OpenCase, row: Row, s: Suggestion): Promise<void> {
  beside.set({ dropped: s.article });
  if (row.state !== "claimed" || row.agent !== desk.state.me.agent) return;
  await noted(o.id, "suggestion", { article: s.article });
}

export const whisper = (id: string, text: string): Promise<boolean> => noted(id, "whispers", { text });

async function noted(id: string, what: string, body: Record<string, string>): Promise<boolean> {
  try {
    const { entry } = await post<{ entry: LogEntry }>(`/cases/${id}/${what}`, body);
    change(id, (o) => (o.log.some((e) => e.n === entry.n) ? {} : { log: [...o.log, entry] }));
    return true;
  } catch (err) {
    say((err as Error).message, "trouble");
    return false;
  }
}

const readName = (id: string) => "desk.whispers." + id;

function readUpTo(id: string): number {
  try {
    return Number(localStorage.getItem(readName(id)) ?? 0) || 0;
  } catch {
    return 0;
  }
}

export function readWhispers(id: string, n: number): void {
  beside.set({ read: n });
  try {
    localStorage.setItem(readName(id), String(n));
  } catch {
    // for this page only, then
  }
}

/** What the stream tells of the one who has the open case. */
export function writing(w: Writing): void {
  if (w.case !== beside.state.id) return;
  beside.set(w.text === "" ? { writing: null } : { writing: w, last: w });
}

/** Somebody of the desk has said something: what was being written is said. */
export function saidIt(): void {
  beside.set({ last: null });
}

/** A lead takes over: what the other was writing stays at hand. */
export function inherit(): void {
  beside.set({ inherited: beside.state.last, writing: null, last: null });
}

export function useInherited(): void {
  const { id, inherited } = beside.state;
  if (inherited === null) return;
  redraft(id, inherited.text);
  beside.set({ inherited: null });
}

/** Puts words into the reply that is being written, before what stands there. */
export function redraft(id: string, text: string): void {
  const rest = draftOf(id).text;
  setDraft(id, { text: rest.trim() === "" || rest.includes(text) ? (rest.includes(text) ? rest : text) : text + "\n\n" + rest });
  beside.set({ redraft: beside.state.redraft + 1 });
}

/** Goes back to what was written here. */
export function here(id: string): void {
  setDraft(id, { text: beside.state.elsewhere });
  beside.set({ elsewhere: "", redraft: beside.state.redraft + 1 });
}

/** Somebody has a case that was mine: who, and why. */
export async function takenFromMe(row: Row): Promise<void> {
  let why = "";
  try {
    const { log } = await get<{ log: LogEntry[] }>(`/cases/${row.id}/log?after=0`);
    why = log.findLast((e) => e.kind === "taken_over" && e.agent === row.agent)?.body.why ?? "";
  } catch {
    // who it is stands in the row
  }
  const name = row.agent_name ?? "";
  if (beside.state.id === row.id) beside.set({ taken: { name, why } });
  say(row.reference + ": " + (why === "" ? t("taken.by_only", { name }) : t("taken.by", { name, why })), "trouble", undefined, 20_000);
}
