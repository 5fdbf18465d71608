// The desk's one event stream, kept alive: it comes back by itself after a cut,
// a restart or a sleep, and goes on from the last cursor it saw.

import { EventParser } from "../../../../widget/app/src/sse";
import { BASE, freshName } from "./api";

/** A silence longer than two beats of the server is a stream that is gone. */
const IDLE_MS = 25_000;
const SLEPT_MS = 15_000;

export interface Told {
  event: string;
  data: any;
}

export type Link = "connecting" | "live" | "off";

/** The stream of this page; none before the start and after the end. */
export const link: { live: Live | null } = { live: null };

export class Live {
  #cursor: string;
  #tab = freshName(); // a new stream of this page takes the old one's place
  #open = "";
  #after = 0;
  #abort: AbortController | null = null;
  #tries = 0;
  #timer = 0;
  #idle = 0;
  #heard = 0;
  #ended = false;
  #tell: (t: Told) => void;
  #link: (l: Link) => void;

  constructor(cursor: string, tell: (t: Told) => void, link: (l: Link) => void) {
    this.#cursor = cursor;
    this.#tell = tell;
    this.#link = link;
    document.addEventListener("visibilitychange", this.#woke);
    window.addEventListener("online", this.#now);
    window.addEventListener("pageshow", this.#woke);
    this.#connect();
  }

  /** Follows a case's conversation from after an event; "" follows none. */
  watch(id: string, after: number): void {
    if (id === this.#open) {
      this.#after = Math.max(this.#after, after);
      return;
    }
    this.#open = id;
    this.#after = after;
    this.#tries = 0;
    this.#connect();
  }

  /** Goes on from another cursor: everything was loaded anew. */
  restart(cursor: string): void {
    this.#cursor = cursor;
    this.#connect();
  }

  heard(seq: number): void {
    this.#after = Math.max(this.#after, seq);
  }

  now(): void {
    this.#now();
  }

  close(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#idle);
    this.#abort?.abort();
    document.removeEventListener("visibilitychange", this.#woke);
    window.removeEventListener("online", this.#now);
    window.removeEventListener("pageshow", this.#woke);
  }

  #woke = () => {
    if (document.visibilityState === "visible" && Date.now() - this.#heard > SLEPT_MS) this.#now();
  };

  #now = () => {
    this.#tries = 0;
    this.#connect();
  };

  #connect(): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    void this.#read(abort).catch(() => {
      if (this.#ended || this.#abort !== abort) return; // another one has begun
      const wait = Math.min(15_000, 400 * 2 ** this.#tries) * (0.5 + Math.random());
      this.#tries++;
      if (this.#tries > 1) this.#link("off");
      this.#timer = window.setTimeout(() => this.#connect(), wait);
    });
  }

  async #read(abort: AbortController): Promise<void> {
    const q = new URLSearchParams({ cursor: this.#cursor, tab: this.#tab });
    if (this.#open !== "") {
      q.set("case", this.#open);
      q.set("after", String(this.#after));
    }
    this.#rearm(abort);
    const response = await fetch(`${BASE}/stream?${q}`, { signal: abort.signal, credentials: "same-origin", headers: { Accept: "text/event-stream" } });
    if (response.status === 401) {
      this.#tell({ event: "over", data: {} });
      return;
    }
    if (response.status === 404 && this.#open !== "") {
      this.#open = ""; // not theirs any more
      throw new Error("gone");
    }
    if (response.status === 400) {
      this.#tell({ event: "reset", data: {} });
      throw new Error("cursor");
    }
    if (!response.ok || response.body === null) throw new Error("status " + response.status);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("ended");
      this.#heard = Date.now();
      this.#rearm(abort);
      for (const e of parser.feed(decoder.decode(value, { stream: true }))) {
        if (this.#abort !== abort) return;
        if (e.event === "hello") {
          this.#tries = 0;
          this.#link("live");
        }
        if (e.id !== "") this.#cursor = e.id;
        let data: any = {};
        try {
          data = JSON.parse(e.data);
        } catch {
          continue; // not ours
        }
        if (e.event === "said" && typeof data.line?.seq === "number") this.heard(data.line.seq);
        this.#tell({ event: e.event, data });
      }
    }
  }

  #rearm(abort: AbortController): void {
    clearTimeout(this.#idle);
    this.#idle = window.setTimeout(() => abort.abort(), IDLE_MS);
  }
}
