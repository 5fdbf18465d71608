// What the customer said: message id → did it help, or the score of the case that
// the message asks about. It outlives a reload, as the conversation does.

import type { Keep } from "./keep";

export type Rated = boolean | number | undefined;

export class Ratings {
  #keep: Keep;
  #rated: Map<string, Rated>;

  constructor(keep: Keep) {
    this.#keep = keep;
    const stored = keep.get("rated");
    this.#rated = new Map(Array.isArray(stored) ? (stored.filter((p) => Array.isArray(p) && p.length === 2) as [string, Rated][]) : []);
  }

  get(messageID: string): Rated {
    return this.#rated.get(messageID);
  }

  /** undefined: nothing was said. */
  set(messageID: string, said: Rated): void {
    if (said === undefined) this.#rated.delete(messageID);
    else this.#rated.set(messageID, said);
    this.#keep.set("rated", [...this.#rated].slice(-200)); // storage is small, and nobody scrolls back so far
  }
}
