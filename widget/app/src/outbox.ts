// What was written and has not yet come back as part of the conversation, in
// its order. It outlives the tab it was written in; the id a message has here is
// its client_msg_id, so that however often it is sent, it is said once.

import type { Keep } from "./keep";
import type { Chosen, SentFile } from "./log";

export interface Pending {
  id: string;
  text: string;
  choice: Chosen | null;
  files: SentFile[];
  /** sent: the service has it, and the conversation's stream will bring it back */
  state: "waiting" | "sending" | "sent" | "refused";
  why: string;
  /** Number of the first event that its turn's own stream brought: it was said before that. */
  from?: number;
}

export class Outbox {
  #keep: Keep;
  /** Where this tab keeps what it has to send. */
  key: string;
  items: Pending[];

  constructor(keep: Keep, key: string) {
    this.#keep = keep;
    this.key = key;
    this.items = readStored(keep.get(key));
  }

  /** The one to send next, or undefined. */
  get next(): Pending | undefined {
    return this.items.find((p) => p.state === "waiting" || p.state === "sending");
  }

  /** choice: where it is a press; text is then its title. */
  add(id: string, text: string, choice: Chosen | null = null, files: SentFile[] = []): void {
    this.items.push({ id, text, choice, files, state: "waiting", why: "" });
    this.#save();
  }

  /** Keeps it under another name from now on: another tab has this one. */
  move(key: string): void {
    this.key = key;
    this.items = [];
  }

  /** Takes over what a tab that is gone had not sent. */
  adopt(key: string): boolean {
    const left = readStored(this.#keep.get(key)).filter((p) => this.items.every((q) => q.id !== p.id));
    this.#keep.remove(key);
    if (left.length === 0) return false;
    this.items = [...left, ...this.items];
    this.#save();
    return true;
  }

  drop(id: string): void {
    if (this.items.every((p) => p.id !== id)) return;
    this.items = this.items.filter((p) => p.id !== id);
    this.#save();
  }

  clear(): void {
    this.items = [];
    this.#save();
  }

  /** Nothing is under way any more: what was, waits again. */
  rest(): void {
    for (const p of this.items) if (p.state === "sending") p.state = "waiting";
  }

  /** The reply to this one is there, before the conversation's stream has brought back its words. */
  answered(id: string, seq: number): void {
    const p = this.items.find((x) => x.id === id);
    if (p !== undefined && p.from === undefined) p.from = seq;
  }

  /** The service has this one. */
  received(id: string): void {
    const p = this.items.find((x) => x.id === id);
    if (p === undefined || p.state === "sent") return;
    p.state = "sent";
    this.#save();
  }

  /**
   * The conversation is gone: what has not come back goes into the next one. Its
   * files stayed behind; why says so under them.
   */
  again(why: string): void {
    this.items = this.items.flatMap((p) => {
      p.choice = null; // what it pressed stayed behind, too
      if (p.state === "refused") return [p];
      const words: Pending = { ...p, state: "waiting", files: [], from: undefined };
      const files: Pending = { ...p, id: p.id + "+", text: "", state: "refused", why };
      return [...(p.text === "" ? [] : [words]), ...(p.files.length === 0 ? [] : [files])];
    });
    this.#save();
  }

  /** What the next one presses cannot be pressed: only its words are sent. */
  asWords(): void {
    const p = this.next;
    if (p === undefined) return;
    p.choice = null;
    p.state = "waiting";
    this.#save();
  }

  /** The service will not take this one, now or later. */
  refuse(id: string, why: string): void {
    const p = this.items.find((x) => x.id === id);
    if (p === undefined) return;
    p.state = "refused";
    p.why = why;
    this.#save();
  }

  #save(): void {
    if (this.items.length === 0) this.#keep.remove(this.key);
    else this.#keep.set(this.key, this.items.map((p) => ({ ...p, state: p.state === "sending" ? "waiting" : p.state })));
  }
}

function readStored(stored: unknown): Pending[] {
  if (!Array.isArray(stored)) return [];
  return stored
    .filter((p) => typeof p?.id === "string" && typeof p?.text === "string" && (p.text !== "" || Array.isArray(p.files)))
    .map((p) => ({
      id: p.id, text: p.text, choice: choiceOf(p.choice), files: Array.isArray(p.files) ? p.files : [],
      state: p.state === "refused" || p.state === "sent" ? p.state : "waiting", why: String(p.why ?? ""),
    }));
}

function choiceOf(stored: any): Chosen | null {
  if (typeof stored?.message !== "string" || typeof stored?.article !== "string") return null;
  return { message: stored.message, article: stored.article };
}
