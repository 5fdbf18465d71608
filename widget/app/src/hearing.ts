// Hearing what is said in a conversation: over its own stream, or from the tab that
// has one. Whatever breaks is tried again, from where it broke.

import { ApiError, type Api } from "./api";
import type { Entry, Log } from "./log";
import type { Patience, Timers } from "./patience";
import type { Tabs } from "./tabs";

/** Milliseconds until a tab that should pass events on counts as gone. */
const TAB_MS = 2_500;

export type Link = "" | "live" | "retrying" | "offline";

export interface HearingDeps {
  api: Api;
  tabs: (heard: (m: any) => void) => Tabs;
  timers: Timers;
  patience: Patience;
  log: () => Log; // of the conversation that is heard
  take: (e: Entry) => void;
  marks: () => Entry[]; // how far either side has read
  turned: (link: Link) => void; // hearing goes otherwise than before
  ended: () => boolean; // the service no longer opens it; false: it may yet
}

export class Hearing {
  #d: HearingDeps;
  #tabs: Tabs;
  #stop: AbortController | null = null;
  #leading = false;
  #answered: (() => void) | null = null; // another tab passes events on
  /** The conversation that is heard, "" for none. */
  following = "";
  link: Link = "";

  constructor(d: HearingDeps) {
    this.#d = d;
    this.#tabs = d.tabs((m) => this.#fromTab(m));
  }

  follow(conversation: string): void {
    if (this.#stop !== null) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.following = conversation;
    if (this.#tabs.shared) this.#ask();
    void this.#tabs.lead("stream:" + conversation, stop.signal, () => this.#followOn(stop.signal));
  }

  /** Asks again at once for what another tab hears. */
  wake(): void {
    if (this.following !== "" && !this.#leading) this.#ask();
  }

  /** Hears nothing until it follows again. */
  sleep(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#leading = false;
  }

  /** Leaves the conversation. */
  reset(): void {
    this.sleep();
    this.following = "";
    this.#answered?.();
    this.link = "";
  }

  // #ask asks the tab that hears for what is missing here. Where none answers in
  // time (it sleeps, say) this tab hears for itself.
  #ask(): void {
    const stop = this.#stop;
    this.#tabs.post({ want: this.following, after: this.#d.log().followed });
    if (this.#answered !== null || stop === null) return;
    const timer = this.#d.timers.after(TAB_MS, () => {
      this.#answered = null;
      if (stop === this.#stop && !this.#leading) void this.#followOn(stop.signal);
    });
    this.#answered = () => {
      this.#answered = null;
      this.#d.timers.cancel(timer);
    };
  }

  #fromTab(m: any): void {
    const log = this.#d.log();
    if (typeof m?.want === "string" && m.want === this.following && this.#leading) {
      const entries = [...log.entries.filter((e) => e.id > m.after), ...this.#d.marks()];
      this.#tabs.post({ of: m.want, after: m.after, entries, followed: log.followed, hearing: this.link });
    }
    if (typeof m?.of !== "string" || m.of !== this.following || this.#leading) return;
    this.#answered?.();
    if (m.hearing) this.#set(m.hearing);
    if (typeof m.after === "number" && m.after > log.followed) {
      this.#ask(); // something between was missed
      return;
    }
    for (const e of m.entries ?? []) this.#d.take(e);
    log.followed = Math.max(log.followed, m.followed ?? 0);
  }

  async #followOn(signal: AbortSignal): Promise<void> {
    if (this.#leading || signal.aborted) return;
    this.#leading = true;
    this.#answered?.();
    let fails = 0;
    while (!signal.aborted) {
      let wait = 0;
      const heard = (e: Entry) => {
        fails = 0;
        if (signal.aborted) return;
        const log = this.#d.log();
        const after = log.followed;
        this.#d.take(e);
        this.#tabs.post({ of: this.following, after, entries: [e], followed: log.followed });
      };
      try {
        await this.#d.api.follow(this.#d.log().followed, heard, signal, () => this.#set("live"));
      } catch (err) {
        if (signal.aborted) return;
        const problem = err instanceof ApiError ? err : new ApiError("offline");
        if ((problem.kind === "ended" || problem.kind === "refused") && this.#d.ended()) return;
        fails++;
        wait = problem.retryAfterMs;
        if (fails > 1 || this.link !== "live") this.#set(problem.kind === "busy" ? "retrying" : "offline");
      }
      if (signal.aborted) return;
      await this.#d.patience.pause(fails, wait);
    }
  }

  #set(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    if (this.#leading) this.#tabs.post({ of: this.following, hearing: link });
    this.#d.turned(link);
  }
}
