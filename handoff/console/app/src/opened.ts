// The open case: read when it is opened, and kept as it goes on.

import { isAlone, pathOf, rowOfAlone } from "./alone";
import { get } from "./api";
import { opened as besideOpened } from "./beside";
import { keepDraft } from "./drafts";
import { jumpToNote } from "./notes";
import { link } from "./live";
import { keepRows } from "./lists";
import { beat } from "./presence";
import { go } from "./route";
import { say } from "./say";
import { desk, openState, type OpenCase } from "./state";
import type { Alone, LogEntry, Message, Opened, Row } from "./types";

export const row = (id: string): Row | undefined => desk.state.rows.get(id);

let opening: AbortController | null = null;
let openTimer = 0;

/** Opens a case; a walk through the list with j and k loads only where it rests. */
export function show(id: string): void {
  clearTimeout(openTimer);
  if (id === "") {
    opening?.abort();
    link.live?.watch("", 0);
    desk.set({ open: null, selected: desk.state.selected });
    return;
  }
  if (desk.state.open?.id === id && desk.state.open.status !== "failed") {
    jumpToNote(desk.state.open.log, true);
    return;
  }
  opening?.abort();
  desk.set({ open: openState(id), selected: id });
  const quick = performance.now() - lastShow > 180;
  lastShow = performance.now();
  openTimer = window.setTimeout(() => void load(id), quick ? 0 : 140);
}
let lastShow = 0;

export async function load(id: string): Promise<void> {
  const mine = new AbortController();
  opening = mine;
  try {
    if (isAlone(id)) return await loadAlone(id, mine.signal);
    const o = await get<Opened>("/cases/" + id, mine.signal);
    keepRows([o.case]);
    const local = o.draft ? keepDraft(id, o.draft.text, o.draft.note, Date.parse(o.draft.at)) : "";
    const sending = desk.state.open?.id === id ? desk.state.open.sending : [];
    desk.set({ open: { ...openState(id, o), sending } });
    link.live?.watch(id, lastSeq(o.messages.lines));
    besideOpened(id, o.packet ?? null, local);
    jumpToNote(o.log);
    void beat();
  } catch (err) {
    if (mine.signal.aborted) return;
    desk.set({ open: { ...openState(id), status: "failed", failed: (err as Error).message } });
  }
}

/** A conversation without a case: read once, as nobody has it. One that somebody
 * has by now is read as the case it became. */
async function loadAlone(id: string, signal: AbortSignal): Promise<void> {
  const { conversation, messages } = await get<{ conversation: Alone; messages: Opened["messages"] }>(pathOf(id), signal);
  if (conversation.case !== undefined) return go({ open: conversation.case }, true);
  const row = rowOfAlone(conversation);
  keepRows([row]);
  desk.set({ open: openState(id, { case: row, messages, log: [], looking: [] }) });
  link.live?.watch("", 0);
  void beat();
}

const lastSeq = (lines: { seq: number }[]): number => lines.at(-1)?.seq ?? 0;

export function change(id: string, f: (o: OpenCase) => Partial<OpenCase>): void {
  const o = desk.state.open;
  if (o !== null && o.id === id) desk.set({ open: { ...o, ...f(o) } });
}

export async function loadEarlier(): Promise<void> {
  const o = desk.state.open;
  if (o === null || !o.more) return;
  const first = o.lines[0]?.seq ?? 0;
  try {
    const page = await get<Opened["messages"]>(`${pathOf(o.id)}/messages?before=${first}`);
    change(o.id, (now) => ({ lines: [...page.lines, ...now.lines], more: page.more }));
  } catch (err) {
    say((err as Error).message, "trouble");
  }
}

export async function loadLog(id: string): Promise<void> {
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
export function packetAgain(id: string): void {
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

export function said(data: { case: string; line: { seq: number; kind: "message" | "owner"; at: string; body: Message } }): void {
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
