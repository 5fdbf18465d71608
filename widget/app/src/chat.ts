// A conversation with the service, kept alive: what is written waits in an
// outbox until the service has it, what is said comes in once, and whatever
// breaks is tried again. Nothing here touches the page: see panel.ts.

import { ApiError, type Api } from "./api";
import type { Keep } from "./keep";
import { line, Log, type Choice, type Entry, type Line, type Owner, type SentFile } from "./log";
import { Outbox, type Pending } from "./outbox";
import { Patience, type Timers } from "./patience";
import { Ratings, type Rated } from "./ratings";
import type { Tabs } from "./tabs";

/** Milliseconds until a tab that should pass events on counts as gone. */
const TAB_MS = 2_500;
/** Characters of what was said before somebody signed in that a person is told. */
const MOST_BEFORE = 2_000;
/** Milliseconds for which "is typing" holds; agents' desks say it again every few seconds. */
const TYPING_MS = 6_000;

export interface Deps {
  api: Api;
  keep: Keep; // what all tabs share
  outbox: Outbox;
  tabs: (heard: (m: any) => void) => Tabs;
  begin: () => object; // body of the request that begins a conversation
  begun: (err: ApiError | null) => Promise<boolean>; // how that went; true: the next body may go better
  unknown: () => boolean; // somebody is signed in, and the service does not know it yet
  changed: () => void; // called after every change
  heard?: (e: Entry) => void; // called for every event that is new
  newID: () => string;
  timers: Timers;
  text: { ended: () => string; refused: () => string };
}

export class Chat {
  /** Lines of conversations that ended under the customer's eyes. */
  earlier: Line[] = [];
  /** Asked for a person, and no answer to that yet. */
  askingPerson: boolean;
  /** Why the service would not fetch a person; "" where it did not say so. */
  personRefused = "";
  /** A person is typing. */
  typing = false;
  /** Number of the last event that the person who serves has read; 0: none. */
  readUpTo = 0;

  #d: Deps;
  #log = new Log();
  #patience: Patience;
  #tabs: Tabs;
  #ratings: Ratings;
  #epoch = 0; // moves when the conversation is left: what was under way for it ends
  #pumping = false;
  #beginning: Promise<void> | null = null;
  #fails = 0;
  #sending: "" | "retrying" | "offline" = "";
  #hearing: "" | "live" | "retrying" | "offline" = "";
  /** client_msg_id → what its turn's stream has brought of the reply; null: whole already. */
  #partials = new Map<string, string | null>();
  /** client_msg_id → tells #post that the service has the message. */
  #receipts = new Map<string, () => void>();
  #stop: AbortController | null = null;
  #following = "";
  #leading = false;
  #answered: (() => void) | null = null; // another tab passes events on
  #typingEnds: unknown = null;
  #before = ""; // what the customer said before they signed in, until the service has it
  #seen = 0; // up to where the service knows that the customer has read

  constructor(d: Deps) {
    this.#d = d;
    this.#patience = new Patience(d.timers);
    this.#ratings = new Ratings(d.keep);
    this.askingPerson = d.keep.get("person") === true;
    this.#tabs = d.tabs((m) => this.#fromTab(m));
  }

  /** Takes up what an earlier page left: its conversation and what it had not sent. */
  start(): void {
    if (this.conversation !== "") this.#follow();
    if (this.#owed()) void this.#pump();
  }

  get lines(): Line[] {
    return [...this.earlier, ...this.#log.lines()];
  }

  /** Written, and not yet among the lines. */
  get pending(): Pending[] {
    return this.#d.outbox.items;
  }

  get owner(): Owner {
    return this.#log.owner;
  }

  /** Text of the reply under way, as far as it came. */
  get partial(): string {
    return [...this.#partials.values()].filter((t) => t).at(-1) ?? "";
  }

  /** The worse of sending and hearing. */
  get link(): "" | "live" | "retrying" | "offline" {
    return this.#sending || this.#hearing;
  }

  /** The id of the conversation, "" before the first message. */
  get conversation(): string {
    return this.#d.api.conversation;
  }

  /** Is there something to wait for that a sign of life should say? */
  get working(): boolean {
    return this.#log.working || this.pending.some((p) => (p.state === "sending" || p.state === "sent") && !this.#replied(p));
  }

  // #replied: has its turn come to an end that is here already?
  #replied(p: Pending): boolean {
    return p.from !== undefined && this.#log.entries.some((e) => e.id >= p.from! && (e.event === "done" || e.event === "error"));
  }

  /** Turns in a row that left the customer without an answer, with what they said did not help. */
  get failures(): number {
    const last = this.#log.lines().filter((l) => l.author === "bot").slice(-2);
    return Math.max(this.#log.failures, last.filter((l) => this.rated(l.id) === false).length);
  }

  /** Nobody but the assistant has it, what was said last is answered, and nothing is on its way. */
  get free(): boolean {
    const { owner, position } = this.owner;
    const idle = this.#receipts.size === 0 && this.#log.lines().at(-1)?.author !== "customer" && this.pending.every((p) => p.state === "refused" || (p.state === "waiting" && p.choice === null && p.files.length === 0));
    return this.#log.followed > 0 && (owner === "bot" || owner === "nobody") && position === undefined && idle;
  }

  /** Is there one to show? One that was made for a file or a name, and in which nothing was said, is none. */
  get begun(): boolean {
    return (this.conversation !== "" && this.conversation !== this.#d.keep.get("blank")) || this.pending.length > 0 || this.lines.length > 0;
  }

  rated(messageID: string): Rated {
    return this.#ratings.get(messageID);
  }

  say(text: string, files: SentFile[] = []): void {
    const trimmed = text.trim();
    if (trimmed === "" && files.length === 0) return;
    this.#d.keep.set("said", Date.now());
    this.#d.outbox.add(this.#d.newID(), trimmed, null, files);
    this.#go();
  }

  /**
   * Presses a choice of a message. A press that is on its way, or has not been
   * answered yet, is not pressed again.
   */
  choose(message: string, { article, title }: Choice): void {
    const same = (c: { message: string; article: string } | null | undefined) => c?.message === message && c.article === article;
    if (this.pending.some((p) => p.state !== "refused" && same(p.choice)) || same(this.#log.lines().at(-1)?.choice)) return;
    this.#d.outbox.add(this.#d.newID(), title, { message, article });
    this.#go();
  }

  /** Takes back what the service would not take; its words. */
  takeBack(id: string): string {
    const p = this.pending.find((x) => x.id === id && x.state === "refused");
    if (p === undefined) return "";
    this.#d.outbox.drop(id);
    this.#d.changed();
    return p.text;
  }

  askPerson(): void {
    if (this.askingPerson || this.owner.owner === "queue" || this.owner.owner === "agent") return;
    this.personRefused = "";
    this.#setAsking(true);
    this.#go();
  }

  /** What a waiting customer does meanwhile; the service's own words say that it was done. */
  async wait(body: { action?: string; contact?: string }): Promise<void> {
    await this.#d.api.wait(body);
  }

  /** Says how a closed case was dealt with, from 1 to 5. */
  score(messageID: string, caseID: string, satisfaction: number): Promise<void> {
    return this.#rate(messageID, satisfaction, () => this.#d.api.rating({ case: caseID, satisfaction }));
  }

  /** And how easy it was. */
  effort(messageID: string, caseID: string, ease: number): Promise<void> {
    return this.#rate(messageID + "#ease", ease, () => this.#d.api.rating({ case: caseID, ease }));
  }

  rate(messageID: string, helpful: boolean): Promise<void> {
    return this.#rate(messageID, helpful, () => this.#d.api.feedback({ message: messageID, helpful }));
  }

  async #rate(messageID: string, said: Rated, send: () => Promise<void>): Promise<void> {
    const before = this.#ratings.get(messageID);
    this.#ratings.set(messageID, said);
    this.#d.changed();
    try {
      await send();
    } catch {
      // What a page sent as it went arrives, and only its answer is lost: a page
      // that is gone has no next moment, and takes nothing back.
      await new Promise<void>((next) => this.#d.timers.after(0, next));
      this.#ratings.set(messageID, before); // never show as noted what is not
      this.#d.changed();
      throw new ApiError("offline", { code: "rating_lost" });
    }
  }

  /** The customer is writing; only a person wants to know. */
  writes(): void {
    if (this.owner.owner === "agent" && this.conversation !== "") this.#d.api.typing().catch(() => {});
  }

  /**
   * The end of the conversation is on screen. A person who has written wants to
   * know that; the assistant does not.
   */
  saw(): void {
    const last = this.#log.lines().filter((l) => l.author === "agent").at(-1)?.seq ?? 0;
    if (last <= this.#seen) return;
    const before = this.#seen;
    this.#seen = last;
    this.#d.api.read(last).catch(() => {
      if (this.#seen === last) this.#seen = before; // said again with the next look
    });
  }

  /** A conversation to speak to the service in, made where there is none. */
  async ready(): Promise<void> {
    if (this.conversation === "") {
      await this.#beginOne();
      this.#d.keep.set("blank", this.conversation);
    }
    this.#follow();
    this.#d.changed();
  }

  /**
   * Leaves this conversation and its words; the next message begins another. What
   * was not sent yet goes with it, unless it is to be kept for that one.
   */
  leave(unsent = false): void {
    this.#drop();
    this.earlier = [];
    if (unsent) this.#d.outbox.again();
    else this.#d.outbox.clear();
    this.#d.changed();
  }

  /** Tells the service who is signed in, where it does not know yet, so that it tells of their conversations. */
  async introduce(): Promise<void> {
    if (this.conversation !== "" || !this.#d.unknown()) return;
    await this.ready();
  }

  /** This visitor's conversations, newest first; none where the service tells of none. */
  async talks(): Promise<any[]> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        await this.introduce();
        return this.#d.api.known ? await this.#d.api.mine() : [];
      } catch {
        // A visitor that the service has forgotten is made known again.
      }
    }
    return [];
  }

  /** Goes back to an earlier conversation. */
  enter(conversation: string): void {
    this.#reset();
    this.earlier = [];
    this.#d.api.enter(conversation);
    this.#follow();
    this.#d.changed();
  }

  /** Another tab began, renewed or left the conversation that all share. */
  sync(): void {
    if (this.conversation === this.#following) return;
    this.#reset();
    if (this.conversation !== "") this.#follow();
    this.#d.changed();
  }

  /** Tries again at once: the network is back, the page is seen, somebody asked. */
  wake(): void {
    this.#patience.wake();
    if (this.#following !== "" && !this.#leading) this.#ask();
  }

  /** Nothing is heard while the page lies in a browser's back and forward cache. */
  sleep(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#leading = false;
  }

  /** The page is back; what was missed comes with the stream. */
  resume(): void {
    if (this.conversation !== "") this.#follow();
    this.wake();
  }

  #go(): void {
    this.wake();
    void this.#pump();
    this.#d.changed();
  }

  // Sending -------------------------------------------------------------------

  #owed(): boolean {
    return this.askingPerson || this.#d.outbox.next !== undefined;
  }

  // #pump sends what is owed: the wish for a person before anything else, then
  // messages in the order they were written, going on to the next as soon as
  // the service has the one before.
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#owed()) {
        const epoch = this.#epoch;
        try {
          if (this.conversation === "") await this.#beginOne();
          else if (this.#d.unknown() && this.free) await this.#goOver();
          if (epoch !== this.#epoch) continue;
          this.#follow();
          const next = this.#d.outbox.next;
          if (this.askingPerson) await this.#postPerson();
          else if (next !== undefined) await this.#post(next, epoch);
          this.#fails = 0;
          this.#sending = "";
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

  // #goOver: the customer has signed in since this conversation began, and what
  // is said in it would be a stranger's for good. What they say from here on is
  // said in one of their own, where the service takes their identity; the words
  // of before stay on screen.
  async #goOver(): Promise<void> {
    const said = this.#log.lines();
    while (this.#d.unknown()) {
      try {
        await this.#d.api.begin(this.#d.begin());
        this.#reset(); // at once: what is on screen is not of the new one
        await this.#d.begun(null);
        this.#before = said.filter((l) => l.author === "customer").map((l) => l.text).join("\n\n").slice(-MOST_BEFORE);
        for (const l of said) l.seq = 0;
        this.earlier = [...this.earlier, ...said];
        return;
      } catch (err) {
        if (!(err instanceof ApiError) || err.kind === "offline" || err.kind === "busy") throw err;
        if (!(await this.#d.begun(err))) return; // not taken: better to go on as a stranger than not at all
      }
    }
  }

  #beginOne(): Promise<void> {
    this.#beginning ??= this.#tryBegin()
      .finally(() => {
        this.#beginning = null;
      });
    return this.#beginning;
  }

  async #tryBegin(): Promise<void> {
    try {
      await this.#d.api.begin(this.#d.begin());
      await this.#d.begun(null);
    } catch (err) {
      if (!(err instanceof ApiError)) throw err;
      if (await this.#d.begun(err)) return this.#tryBegin();
      // Not to be had at all (no such site, say): trying again would not end.
      throw err.kind === "ended" ? new ApiError("refused", err) : err;
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
          this.#take(e, false);
        }
      };
      this.#d.api
        .say(p, heard, () => epoch === this.#epoch && this.#received(p.id))
        .catch(reject)
        .finally(() => {
          this.#receipts.delete(p.id);
          this.#partials.delete(p.id);
          this.#d.changed();
        });
    });
  }

  #received(id: string): void {
    this.#d.outbox.received(id);
    this.#receipts.get(id)?.();
    this.#receipts.delete(id);
    this.#d.changed();
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
    await this.#d.api.human(this.#before === "" ? {} : { text: this.#before });
    this.#before = "";
    this.#setAsking(false); // the owner event that follows says the rest
  }

  async #trouble(err: unknown): Promise<void> {
    const problem = err instanceof ApiError ? err : new ApiError("offline");
    if (problem.code === "no_such_choice") {
      this.#d.outbox.asWords(); // it is not there to be pressed any more: its title says as much
    } else if (problem.kind === "ended") {
      this.#endedElsewhere();
      if (++this.#fails > 1) await this.#patience.pause(this.#fails, 0);
    } else if (problem.kind === "refused") {
      this.#refused(problem.text || this.#d.text.refused());
    } else {
      this.#sending = problem.kind === "busy" ? "retrying" : "offline";
      this.#d.changed();
      await this.#patience.pause(++this.#fails, problem.retryAfterMs);
    }
  }

  #refused(why: string): void {
    if (this.askingPerson) {
      this.#setAsking(false);
      this.personRefused = why;
    } else if (this.#d.outbox.next !== undefined) {
      this.#d.outbox.refuse(this.#d.outbox.next.id, why);
    }
  }

  // Hearing -------------------------------------------------------------------

  #follow(): void {
    if (this.#stop !== null) return;
    const stop = new AbortController();
    const epoch = this.#epoch;
    this.#stop = stop;
    this.#following = this.conversation;
    if (this.#tabs.shared) this.#ask();
    void this.#tabs.lead("stream:" + this.#following, stop.signal, () => this.#followOn(stop.signal, epoch));
  }

  // #ask asks the tab that hears for what is missing here. Where none answers in
  // time (it sleeps, say) this tab hears for itself.
  #ask(): void {
    const [stop, epoch] = [this.#stop, this.#epoch];
    this.#tabs.post({ want: this.#following, after: this.#log.followed });
    if (this.#answered !== null || stop === null) return;
    const timer = this.#d.timers.after(TAB_MS, () => {
      this.#answered = null;
      if (stop === this.#stop && !this.#leading) void this.#followOn(stop.signal, epoch);
    });
    this.#answered = () => {
      this.#answered = null;
      this.#d.timers.cancel(timer);
    };
  }

  #fromTab(m: any): void {
    if (typeof m?.want === "string" && m.want === this.#following && this.#leading) {
      const marks: Entry[] = [["agent", this.readUpTo], ["customer", this.#seen]].map(([by, up]) => ({ id: 0, event: "read", body: { by, up } }));
      const entries = [...this.#log.entries.filter((e) => e.id > m.after), ...marks];
      this.#tabs.post({ of: m.want, after: m.after, entries, followed: this.#log.followed, hearing: this.#hearing });
    }
    if (typeof m?.of !== "string" || m.of !== this.#following || this.#leading) return;
    this.#answered?.();
    if (m.hearing) this.#setHearing(m.hearing);
    if (typeof m.after === "number" && m.after > this.#log.followed) {
      this.#ask(); // something between was missed
      return;
    }
    for (const e of m.entries ?? []) this.#take(e, true);
    this.#log.followed = Math.max(this.#log.followed, m.followed ?? 0);
  }

  async #followOn(signal: AbortSignal, epoch: number): Promise<void> {
    if (this.#leading || signal.aborted) return;
    this.#leading = true;
    this.#answered?.();
    let fails = 0;
    while (epoch === this.#epoch && !signal.aborted) {
      let wait = 0;
      const heard = (e: Entry) => {
        fails = 0;
        if (epoch !== this.#epoch) return;
        const after = this.#log.followed;
        this.#take(e, true);
        this.#tabs.post({ of: this.#following, after, entries: [e], followed: this.#log.followed });
      };
      try {
        await this.#d.api.follow(this.#log.followed, heard, signal, () => this.#setHearing("live"));
      } catch (err) {
        if (epoch !== this.#epoch || signal.aborted) return;
        if (err instanceof ApiError && (err.kind === "ended" || err.kind === "refused")) {
          this.#endedElsewhere();
          this.#d.changed();
          return;
        }
        fails++;
        const busy = err instanceof ApiError && err.kind === "busy";
        wait = err instanceof ApiError ? err.retryAfterMs : 0;
        if (fails > 1 || this.#hearing !== "live") this.#setHearing(busy ? "retrying" : "offline");
      }
      if (signal.aborted) return;
      await this.#patience.pause(fails, wait);
    }
  }

  #take(e: Entry, fromFollow: boolean): void {
    if (e.id === 0) {
      this.#passing(e);
      return;
    }
    if (e.event === "message" && e.body.author === "customer") this.#cameBack(e.body.client_msg_id);
    if (e.event === "message") this.#d.keep.remove("blank");
    if (e.event === "message" && e.body.author !== "customer") this.#whole();
    if (!this.#log.add(e, fromFollow)) return;
    if (e.event === "owner" && e.body.owner !== "bot") this.#setAsking(false);
    this.#d.heard?.(e);
    this.#d.changed();
  }

  // #passing: both streams bring what passes; of pieces only the turn's own had
  // them from the first one on.
  #passing(e: Entry): void {
    if (e.event === "typing" && e.body.author === "agent") this.#setTyping(true);
    if (e.event !== "read" || !Number.isSafeInteger(e.body.up)) return;
    if (e.body.by === "customer") this.#seen = Math.max(this.#seen, e.body.up);
    else if (e.body.up > this.readUpTo) {
      this.readUpTo = e.body.up;
      this.#d.changed();
    }
  }

  #setTyping(on: boolean): void {
    this.#d.timers.cancel(this.#typingEnds);
    if (on) this.#typingEnds = this.#d.timers.after(TYPING_MS, () => this.#setTyping(false));
    if (this.typing === on) return;
    this.typing = on;
    this.#d.changed();
  }

  // #whole: the reply is there; what came of it in pieces has had its time.
  #whole(): void {
    this.#setTyping(false);
    for (const id of this.#partials.keys()) this.#partials.set(id, null);
  }

  // #cameBack: a message of this page is part of the conversation now. Its
  // receipt may have been lost; this is as good.
  #cameBack(clientID: string | undefined): void {
    this.#received(clientID ?? "");
    this.#d.outbox.drop(clientID ?? "");
  }

  // Ends and waits ------------------------------------------------------------

  // #endedElsewhere: the service no longer opens this conversation (it expired,
  // or was erased). What was said stays on screen, what was not sent goes into
  // a new one.
  #endedElsewhere(): void {
    if (this.conversation !== this.#following && this.#following !== "") {
      this.sync(); // another tab has begun the next one already
      return;
    }
    const said = this.#log.lines();
    const asking = this.askingPerson;
    this.#drop();
    this.#d.outbox.again();
    this.#setAsking(asking);
    for (const l of said) l.seq = 0;
    if (said.length > 0) this.earlier = [...this.earlier, ...said, line(0, { id: this.#d.newID(), author: "system", text: this.#d.text.ended() }, false)];
    if (this.#owed()) void this.#pump();
  }

  #drop(): void {
    this.#reset();
    this.#d.api.leave();
    this.#setAsking(false);
  }

  #reset(): void {
    this.#epoch++;
    this.#stop?.abort();
    this.#stop = null;
    this.#following = "";
    this.#leading = false;
    this.#answered?.();
    this.#log = new Log();
    this.#partials.clear();
    for (const resolve of this.#receipts.values()) resolve(); // nobody waits for the old one
    this.#receipts.clear();
    this.#sending = "";
    this.#hearing = "";
    this.typing = false;
    this.readUpTo = 0;
    this.#seen = 0;
    this.#before = "";
    this.#patience.wake();
  }

  #setHearing(state: "live" | "retrying" | "offline"): void {
    if (this.#hearing === state) return;
    this.#hearing = state;
    if (this.#leading) this.#tabs.post({ of: this.#following, hearing: state });
    // A way back to the service: what waits to be sent need wait no longer,
    // unless the service itself asked for patience.
    if (state === "live" && this.#sending === "offline") this.#patience.wake();
    this.#d.changed();
  }

  #setAsking(on: boolean): void {
    this.askingPerson = on;
    if (on) this.#d.keep.set("person", true);
    else this.#d.keep.remove("person");
  }
}
