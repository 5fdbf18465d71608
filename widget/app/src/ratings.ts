// What the customer said: message id → did it help, or the score of the case that
// the message asks about. It outlives a reload, as the conversation does.

import { ApiError, type Api } from "./api";
import type { Keep } from "./keep";
import type { Timers } from "./patience";

export type Rated = boolean | number | undefined;

export interface RatingsDeps {
  api: Api;
  keep: Keep;
  timers: Timers;
  changed: () => void;
}

export class Ratings {
  #d: RatingsDeps;
  #rated: Map<string, Rated>;

  constructor(d: RatingsDeps) {
    this.#d = d;
    const stored = d.keep.get("rated");
    this.#rated = new Map(Array.isArray(stored) ? (stored.filter((p) => Array.isArray(p) && p.length === 2) as [string, Rated][]) : []);
  }

  get(messageID: string): Rated {
    return this.#rated.get(messageID);
  }

  /** Did a message help? */
  helped(messageID: string, helpful: boolean): Promise<void> {
    return this.#say(messageID, helpful, () => this.#d.api.feedback({ message: messageID, helpful }));
  }

  /** Says how a closed case was dealt with, from 1 to 5. */
  score(messageID: string, caseID: string, satisfaction: number): Promise<void> {
    return this.#say(messageID, satisfaction, () => this.#d.api.rating({ case: caseID, satisfaction }));
  }

  /** And how easy it was. */
  effort(messageID: string, caseID: string, ease: number): Promise<void> {
    return this.#say(messageID + "#ease", ease, () => this.#d.api.rating({ case: caseID, ease }));
  }

  async #say(messageID: string, said: Rated, send: () => Promise<void>): Promise<void> {
    const before = this.get(messageID);
    this.#set(messageID, said);
    try {
      await send();
    } catch {
      // What a page sent as it went arrives, and only its answer is lost: a page
      // that is gone has no next moment, and takes nothing back.
      await new Promise<void>((next) => this.#d.timers.after(0, next));
      this.#set(messageID, before); // never show as noted what is not
      throw new ApiError("offline");
    }
  }

  // undefined: nothing was said.
  #set(messageID: string, said: Rated): void {
    if (said === undefined) this.#rated.delete(messageID);
    else this.#rated.set(messageID, said);
    this.#d.keep.set("rated", [...this.#rated].slice(-200)); // storage is small, and nobody scrolls back so far
    this.#d.changed();
  }
}
