// A conversation with the service, kept alive: what is written waits in an
// outbox until the service has it, what is said comes in once, and whatever
// breaks is tried again. Nothing here touches the page: see panel.ts.

import { ApiError } from "./api";
import { Hearing, type Link } from "./hearing";
import type { Keep } from "./keep";
import { line, Log, type Choice, type Entry, type Line, type Owner, type SentFile } from "./log";
import { Outbox, type Pending } from "./outbox";
import { Patience, type Timers } from "./patience";
import { Ratings } from "./ratings";
import { Signing, type SigningDeps } from "./signing";
import type { Tabs } from "./tabs";
import { say } from "./words";

/** Milliseconds for which "is typing" holds; agents' desks say it again every few seconds. */
const TYPING_MS = 6_000;

export interface Deps extends SigningDeps {
  keep: Keep; // what all tabs share
  outbox: Outbox;
  tabs: (heard: (m: any) => void) => Tabs;
  lately: () => boolean; // what was said last is not long ago
  changed: () => void; // called after every change
  heard?: (e: Entry) => void; // called for every event that is new
  newID: () => string;
  timers: Timers;
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

  /** What the customer said of answers and cases. */
  readonly ratings: Ratings;

  #d: Deps;
  #log = new Log();
  #patience: Patience;
  #hearing: Hearing;
  #signing: Signing;
  #epoch = 0; // moves when the conversation is left: what was under way for it ends
  #pumping = false;
  #beginning: Promise<void> | null = null;
  #fails = 0;
  #sending: "" | "retrying" | "offline" = "";
  /** client_msg_id → what its turn's stream has brought of the reply; null: whole already. */
  #partials = new Map<string, string | null>();
  /** client_msg_id → tells #post that the service has the message. */
  #receipts = new Map<string, () => void>();
  #typingEnds: unknown = null;
  #seen = 0; // up to where the service knows that the customer has read

  constructor(d: Deps) {
    this.#d = d;
    this.#patience = new Patience(d.timers);
    this.#signing = new Signing(d);
    this.ratings = new Ratings(d);
    this.askingPerson = d.keep.get("person") === true;
    this.#hearing = new Hearing({
      ...d,
      patience: this.#patience,
      log: () => this.#log,
      take: (e) => this.#take(e, true),
      marks: () => [["agent", this.readUpTo], ["customer", this.#seen]].map(([by, up]) => ({ id: 0, event: "read", body: { by, up } })),
      turned: (link) => this.#turned(link),
      ended: () => this.#closed(),
    });
  }

  /** Takes up what an earlier page left: its conversation and what it had not sent. */
  start(): void {
    if (this.conversation !== "") this.#follow();
    this.catchUp();
  }

  /** Does what is owed to the service by now. */
  catchUp(): void {
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
  get link(): Link {
    return this.#sending || this.#hearing.link;
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
    return Math.max(this.#log.failures, last.filter((l) => this.ratings.get(l.id) === false).length);
  }

  /** Nobody but the assistant has it, what was said last is answered, and nothing is on its way. */
  get free(): boolean {
    const { owner, position } = this.owner;
    const idle = this.#receipts.size === 0 && this.#log.lines().at(-1)?.author !== "customer" && this.pending.every((p) => p.state === "refused" || (p.state === "waiting" && p.choice === null && p.files.length === 0));
    return this.#log.followed > 0 && (owner === "bot" || owner === "nobody") && position === undefined && idle;
  }

  /** A person has it, or is awaited in it. */
  get held(): boolean {
    const { owner, position } = this.owner;
    return this.#log.followed > 0 && (owner === "queue" || owner === "agent" || position !== undefined);
  }

  /** Is there one to show? One that was made for a file or a name, and in which nothing was said, is none. */
  get begun(): boolean {
    return (this.conversation !== "" && this.conversation !== this.#d.keep.get("blank")) || this.pending.length > 0 || this.lines.length > 0;
  }

  say(text: string, files: SentFile[] = []): void {
    const trimmed = text.trim();
    if (trimmed === "" && files.length === 0) return;
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
      await this.#begin();
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
    if (unsent) this.#d.outbox.again(say("files_gone"));
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
    if (this.conversation === this.#hearing.following) return;
    this.#reset();
    if (this.conversation !== "") this.#follow();
    this.#d.changed();
  }

  /** Tries again at once: the network is back, the page is seen, somebody asked. */
  wake(): void {
    this.#patience.wake();
    this.#hearing.wake();
  }

  /** Nothing is heard while the page lies in a browser's back and forward cache. */
  sleep(): void {
    this.#hearing.sleep();
  }

  /** The page is back; what was missed comes with the stream. */
  resume(): void {
    if (this.conversation !== "") this.#follow();
    this.wake();
  }

  #follow(): void {
    this.#hearing.follow(this.conversation);
  }

  // #go: the customer has said or asked for something. What somebody says who has
  // signed in tells nothing of who was there before.
  #go(): void {
    if (!this.#d.unknown()) this.#d.keep.set("said", Date.now());
    this.wake();
    void this.#pump();
    this.#d.changed();
  }

  // Sending -------------------------------------------------------------------

  #owed(): boolean {
    return this.askingPerson || this.#d.outbox.next !== undefined || this.#claims;
  }

  // #claims: the customer has signed in since, and a person has what they said. What
  // was said a while ago on a machine that others use, too, may be somebody else's.
  get #claims(): boolean {
    return this.held && this.#signing.wanted && this.#d.lately();
  }

  // #pump sends what is owed: who the customer is and the wish for a person before
  // anything else, then messages in the order they were written, going on to the next as soon as
  // the service has the one before.
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#owed()) {
        const epoch = this.#epoch;
        try {
          if (this.conversation === "") await this.#begin();
          else if (this.#d.unknown() && this.free) await this.#goOver();
          else if (this.#claims && !(await this.#signing.claim())) this.leave(true);
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

  #goOver(): Promise<void> {
    const said = this.#log.lines();
    return this.#signing.goOver(said, () => {
      this.#reset();
      for (const l of said) l.seq = 0;
      this.earlier = [...this.earlier, ...said];
    });
  }

  // #begin begins a conversation, once for all who need one at a time.
  #begin(): Promise<void> {
    this.#beginning ??= this.#signing.begin().finally(() => {
      this.#beginning = null;
    });
    return this.#beginning;
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
    const { before } = this.#signing;
    await this.#d.api.human(before === "" ? {} : { text: before });
    this.#signing.before = "";
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
      this.#refused(problem.text || say("refused"));
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

  // #closed: where the customer is being made known, another token is on its way.
  #closed(): boolean {
    if (this.#signing.claiming) return false;
    this.#endedElsewhere();
    this.#d.changed();
    return true;
  }

  // #endedElsewhere: the service no longer opens this conversation (it expired,
  // or was erased). What was said stays on screen, what was not sent goes into
  // a new one.
  #endedElsewhere(): void {
    const { following } = this.#hearing;
    if (this.conversation !== following && following !== "") {
      this.sync(); // another tab has begun the next one already
      return;
    }
    const said = this.#log.lines();
    const asking = this.askingPerson;
    this.#drop();
    this.#d.outbox.again(say("files_gone"));
    this.#setAsking(asking);
    for (const l of said) l.seq = 0;
    if (said.length > 0) this.earlier = [...this.earlier, ...said, line(0, { id: this.#d.newID(), author: "system", text: say("ended") }, false)];
    this.catchUp();
  }

  #drop(): void {
    this.#reset();
    this.#d.api.leave();
    this.#setAsking(false);
  }

  #reset(): void {
    this.#epoch++;
    this.#hearing.reset();
    this.#signing.reset();
    this.#log = new Log();
    this.#partials.clear();
    for (const resolve of this.#receipts.values()) resolve(); // nobody waits for the old one
    this.#receipts.clear();
    this.#sending = "";
    this.typing = false;
    this.readUpTo = 0;
    this.#seen = 0;
    this.#patience.wake();
  }

  // #turned: a way back to the service: what waits to be sent need wait no longer,
  // unless the service itself asked for patience.
  #turned(link: Link): void {
    if (link === "live" && this.#sending === "offline") this.#patience.wake();
    this.#d.changed();
  }

  #setAsking(on: boolean): void {
    this.askingPerson = on;
    if (on) this.#d.keep.set("person", true);
    else this.#d.keep.remove("person");
  }
}
