// What was begun to write, by case: here at once, on the server a moment later,
// so that it is there on another machine and after a crash of this one.

import { put } from "./api";

export interface Draft {
  text: string;
  note: string;
  at: number;
}

const drafts = new Map<string, Draft>();
const timers = new Map<string, number>();

const name = (id: string) => "desk.draft." + id;

export function draftOf(id: string): Draft {
  const known = drafts.get(id);
  if (known !== undefined) return known;
  let kept: Draft = { text: "", note: "", at: 0 };
  try {
    const raw = localStorage.getItem(name(id));
    if (raw !== null) kept = { ...kept, ...JSON.parse(raw) };
  } catch {
    // none is kept, or not readable
  }
  drafts.set(id, kept);
  return kept;
}

/** Whether something was begun to write for a case. */
export const hasDraft = (id: string): boolean => {
  const d = drafts.get(id);
  return d !== undefined && (d.text.trim() !== "" || d.note.trim() !== "");
};

/**
 * Takes over what the server kept, where it is later than what is here.
 * @returns the words that stood here and are others now; "" where none are lost
 */
export function keepDraft(id: string, text: string, note: string, at: number): string {
  const was = draftOf(id);
  if (was.at >= at) return "";
  store(id, { text, note, at });
  return was.text.trim() === "" || was.text === text ? "" : was.text;
}

/** While a lead looks on, what is written is kept as it is written. */
let watched = "";
export function watchDraft(id: string, on: boolean): void {
  watched = on ? id : watched === id ? "" : watched;
}

export function setDraft(id: string, change: Partial<Draft>): void {
  store(id, { ...draftOf(id), ...change, at: Date.now() });
  if (watched === id && timers.has(id)) return; // on its way within the third of a second
  clearTimeout(timers.get(id));
  timers.set(id, window.setTimeout(() => send(id), watched === id ? 350 : 900));
}

function store(id: string, d: Draft): void {
  drafts.set(id, d);
  try {
    if (d.text === "" && d.note === "") localStorage.removeItem(name(id));
    else localStorage.setItem(name(id), JSON.stringify(d));
  } catch {
    // full or forbidden: the server has it in a second
  }
}

function send(id: string): void {
  timers.delete(id);
  const d = draftOf(id);
  put(`/cases/${id}/draft`, { text: d.text, note: d.note }, { keepalive: true }).catch(() => {});
}

export function forgetDraft(id: string): void {
  clearTimeout(timers.get(id));
  store(id, { text: "", note: "", at: Date.now() });
  send(id);
}

/** The page goes away: what is not sent yet is sent now. */
export function flushDrafts(): void {
  for (const id of [...timers.keys()]) {
    clearTimeout(timers.get(id));
    send(id);
  }
}
