// What either side of a conversation sees of the other while nothing is said: how
// far it has read, and that somebody is writing.

import type { Api } from "./api";
import type { Entry, Line } from "./log";
import type { Timers } from "./patience";

/** Milliseconds for which "is typing" holds; agents' desks say it again every few seconds. */
const TYPING_MS = 6_000;

export interface MarksDeps {
  api: Api;
  timers: Timers;
  changed: () => void;
}

export class Marks {
  /** A person is typing. */
  typing = false;
  /** Number of the last event that the person who serves has read; 0: none. */
  readUpTo = 0;

  #d: MarksDeps;
  #typingEnds: unknown = null;
  #seen = 0; // up to where the service knows that the customer has read

  constructor(d: MarksDeps) {
    this.#d = d;
  }

  /** Another conversation is on screen. */
  reset(): void {
    this.typing = false;
    this.readUpTo = 0;
    this.#seen = 0;
  }

  /** Takes an event that passes. */
  take(e: Entry): void {
    if (e.event === "typing" && e.body.author === "agent") this.type(true);
    if (e.event !== "read" || !Number.isSafeInteger(e.body.up)) return;
    if (e.body.by === "customer") this.#seen = Math.max(this.#seen, e.body.up);
    else if (e.body.up > this.readUpTo) {
      this.readUpTo = e.body.up;
      this.#d.changed();
    }
  }

  /** The same as events, for another tab. */
  events(): Entry[] {
    return [["agent", this.readUpTo], ["customer", this.#seen]].map(([by, up]) => ({ id: 0, event: "read", body: { by, up } }));
  }

  /** A person is typing, or has said what they typed. */
  type(on: boolean): void {
    this.#d.timers.cancel(this.#typingEnds);
    if (on) this.#typingEnds = this.#d.timers.after(TYPING_MS, () => this.type(false));
    if (this.typing === on) return;
    this.typing = on;
    this.#d.changed();
  }

  /**
   * The end of the conversation is on screen. A person who has written wants to
   * know that; the assistant does not.
   */
  saw(lines: readonly Line[]): void {
    const last = lines.filter((l) => l.author === "agent").at(-1)?.seq ?? 0;
    if (last <= this.#seen) return;
    const before = this.#seen;
    this.#seen = last;
    this.#d.api.read(last).catch(() => {
      if (this.#seen === last) this.#seen = before; // said again with the next look
    });
  }
}
