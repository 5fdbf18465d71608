// Sending what the customer wrote and asked for: in its order, each thing once, and
// again and again until the service has it. What the turns of it bring comes back
// here first.

import { ApiError, type Api } from "./api";
import type { Keep } from "./keep";
import type { Entry } from "./log";
import type { Outbox, Pending } from "./outbox";
import type { Patience } from "./patience";
import type { Signing } from "./signing";
import { say } from "./words";

export interface SendingDeps {
  api: Api;
  keep: Keep; // what all tabs share
  outbox: Outbox;
  patience: Patience;
  signing: Signing;
  changed: () => void;
  claims: () => boolean; // there is somebody to make known in the conversation
  prepare: () => Promise<void>; // sees to it that there is a conversation, and the right one; another one may be on screen then
  follow: () => void;
  take: (e: Entry) => void;
  gone: () => void; // the service no longer opens the conversation
}

export class Sending {
  /** Asked for a person, and no answer to that yet. */
  asking: boolean;
  /** Why the service would not fetch a person; "" where it did not say so. */
  refusal = "";
  link: "" | "retrying" | "offline" = "";

  #d: SendingDeps;
  #epoch = 0; // moves when the conversation is left: what was under way for it ends
  #pumping = false;
  #fails = 0;
  /** client_msg_id → what its turn's stream has brought of the reply; null: whole already. */
  #partials = new Map<string, string | null>();
  /** client_msg_id → tells #post that the service has the message. */
  #receipts = new Map<string, () => void>();

  constructor(d: SendingDeps) {
    this.#d = d;
    this.asking = d.keep.get("person") === true;
  }

  /** Text of the reply under way, as far as it came. */
  get partial(): string {
    return [...this.#partials.values()].filter((t) => t).at(-1) ?? "";
  }

  /** Nothing is on its way. */
  get idle(): boolean {
    return this.#receipts.size === 0;
  }

  get #owed(): boolean {
    return this.asking || this.#d.outbox.next !== undefined || this.#d.claims();
  }

  /** Another conversation is on screen. */
  reset(): void {
    this.#epoch++;
    this.#partials.clear();
    for (const resolve of this.#receipts.values()) resolve(); // nobody waits for the old one
    this.#receipts.clear();
    this.link = "";
  }

  setAsking(on: boolean): void {
    this.asking = on;
    if (on) this.#d.keep.set("person", true);
    else this.#d.keep.remove("person");
  }

  /** The service has this one: its receipt says so, or the conversation, of which it is part now. */
  received(id: string): void {
    this.#d.outbox.received(id);
    this.#receipts.get(id)?.();
    this.#receipts.delete(id);
    this.#d.changed();
  }

  /** The reply is there; what came of it in pieces has had its time. */
  whole(): void {
    for (const id of this.#partials.keys()) this.#partials.set(id, null);
  }

  /**
   * Sends what is owed: who the customer is and the wish for a person before
   * anything else, then messages in the order they were written, going on to the
   * next as soon as the service has the one before.
   */
  async pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#owed) {
        const epoch = this.#epoch;
        try {
          await this.#d.prepare();
          if (epoch !== this.#epoch) continue;
          this.#d.follow();
          const next = this.#d.outbox.next;
          if (this.asking) await this.#postPerson();
          else if (next !== undefined) await this.#post(next, epoch);
          this.#fails = 0;
          this.link = "";
        } catch (err) {
          this.#d.outbox.rest();
          if (epoch === this.#epoch) await this.#trouble(err);
        }
        this.#d.changed();
      }
    } finally {
      this.#pumping = false;
    }
  }

  // #post resolves once the service has the message. The rest of the turn goes
  // on by itself; if its stream is cut, the conversation's own stream brings
  // what is missing.
  #post(p: Pending, epoch: number): Promise<void> {
    p.state = "sending";
    this.#d.changed();
    return new Promise((resolve, reject) => {
      this.#receipts.set(p.id, resolve);
      this.#partials.set(p.id, "");
      const heard = (e: Entry) => {
        if (epoch !== this.#epoch) return;
        if (e.event === "delta") this.#more(p.id, e.body.text);
        else {
          if (e.id > 0) this.#d.outbox.answered(p.id, e.id);
          this.#d.take(e);
        }
      };
      this.#d.api
        .say(p, heard, () => epoch === this.#epoch && this.received(p.id))
        .catch(reject)
        .finally(() => {
          this.#receipts.delete(p.id);
          this.#partials.delete(p.id);
          this.#d.changed();
        });
    });
  }

  #more(id: string, text: unknown): void {
    const before = this.#partials.get(id);
    if (typeof before !== "string" || typeof text !== "string") return;
    this.#partials.set(id, before + text);
    this.#d.changed();
  }

  async #postPerson(): Promise<void> {
    // A person who is asked for first thing in a new conversation sees what was
    // said before the customer signed in.
    const { signing } = this.#d;
    await this.#d.api.human(signing.before === "" ? {} : { text: signing.before });
    signing.before = "";
    this.setAsking(false); // the owner event that follows says the rest
  }

  async #trouble(err: unknown): Promise<void> {
    const problem = err instanceof ApiError ? err : new ApiError("offline");
    const { outbox, patience } = this.#d;
    if (problem.code === "no_such_choice") {
      outbox.asWords(); // it is not there to be pressed any more: its title says as much
    } else if (problem.kind === "ended") {
      this.#d.gone();
      if (++this.#fails > 1) await patience.pause(this.#fails, 0);
    } else if (problem.kind === "refused") {
      const why = problem.text || say("refused");
      if (this.asking) {
        this.setAsking(false);
        this.refusal = why;
      } else if (outbox.next !== undefined) outbox.refuse(outbox.next.id, why);
    } else {
      this.link = problem.kind === "busy" ? "retrying" : "offline";
      this.#d.changed();
      await patience.pause(++this.#fails, problem.retryAfterMs);
    }
  }
}
