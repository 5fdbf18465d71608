// The way to a note: #/case/<case>/note/<number>, or /note/last for the last one
// that names the reader.

import { desk } from "./state";
import { flash } from "./thread";
import type { LogEntry } from "./types";

/** Shows the note that the address names, or the one why a case stands among the mentions. */
export function jumpToNote(log: LogEntry[], named = false): void {
  const asked = /\/note\/(\d+|last)$/.exec(location.hash)?.[1];
  if (asked === undefined && (named || desk.state.place.view.kind !== "mentions")) return;
  const last = log.findLast((e) => e.kind === "note" && e.body.mentions?.includes(desk.state.me.agent))?.n;
  const n = asked === undefined || asked === "last" ? last : Number(asked);
  if (n === undefined) return;
  // After the thread has been drawn, and has gone to its end.
  requestAnimationFrame(() => requestAnimationFrame(() => flash(document.querySelector<HTMLElement>(`.item[data-note="${n}"]`))));
}
