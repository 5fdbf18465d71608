// That one is there, and what one is doing.

import { isAlone } from "./alone";
import { del, post } from "./api";
import { say } from "./say";
import { desk, needsReply, type OpenCase } from "./state";
import type { Row } from "./types";

let typingUntil = 0;

export async function beat(status = ""): Promise<void> {
  const open = desk.state.place.page === "list" ? (desk.state.open?.id ?? "") : "";
  const seen = isAlone(open) ? "" : open; // nobody's case
  try {
    const p = await post<{ status: string; now: string }>("/presence", { status, case: seen, typing: Date.now() < typingUntil });
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

const saidRead = { id: "", up: 0 };
/** What the customer said last is on screen: said once for each line, and the customer sees it. */
export function saw(o: OpenCase, row: Row): void {
  if (row.agent !== desk.state.me.agent || row.state !== "claimed" || document.visibilityState !== "visible") return;
  const up = o.lines.findLast((l) => l.kind === "message" && l.body.author === "customer")?.seq ?? 0;
  if (up <= o.agentRead || (saidRead.id === o.id && up <= saidRead.up)) return;
  Object.assign(saidRead, { id: o.id, up });
  post(`/cases/${o.id}/read`, { up }).catch(() => {
    saidRead.up = 0; // the next look says it again
  });
}

/** How many wait for a word of mine: the number in the title. */
export function mineWaiting(): number {
  let n = 0;
  for (const r of desk.state.rows.values()) if (needsReply(r, desk.state.me)) n++;
  return n;
}
