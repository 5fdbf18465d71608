// A conversation with the service, kept alive: which one it is, whose, and what is
// in it. Words go out in sending.ts and come in through hearing.ts; here they meet.
// Nothing of this touches the page: see panel.ts.

import { Hearing, type Link } from "./hearing";
import type { Keep } from "./keep";
import { line, Log, type Choice, type Entry, type Line, type Owner, type SentFile } from "./log";
import { Marks } from "./marks";
import type { Outbox, Pending } from "./outbox";
import { Patience, type Timers } from "./patience";
import { Ratings } from "./ratings";
import { Sending } from "./sending";
import { Signing, type SigningDeps } from "./signing";
import type { Tabs } from "./tabs";
import { say } from "./words";

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
  /** What the customer said of answers and cases. */
  readonly ratings: Ratings;
  readonly sending: Sending;
  readonly marks: Marks;

  #d: Deps;
  #log = new Log();
  #patience: Patience;
  #hearing: Hearing;
  #signing: Signing;
  #beginning: Promise<void> | null = null;

  constructor(d: Deps) {
    this.#d = d;
    this.#patience = new Patience(d.timers);
    this.#signing = new Signing(d);
    this.ratings = new Ratings(d);
    this.marks = new Marks(d);
    this.sending = new Sending({
      ...d,
      patience: this.#patience,
      signing: this.#signing,
      claims: () => this.#claims,
      prepare: () => this.#prepare(),
      follow: () => this.#follow(),
      take: (e) => this.#take(e, false),
      gone: () => this.#endedElsewhere(),
    });
    this.#hearing = new Hearing({
      ...d,
      patience: this.#patience,
      log: () => this.#log,
      take: (e) => this.#take(e, true),
      marks: () => this.marks.events(),
      turned: (link) => this.#turned(link),
      ended: () => this.#closed(),
    });
  }

  /** Takes up what an earlier page left: its conversation and what it had not sent. */
  start(): void {
    this.#follow();
    this.catchUp();
  }

  /** Does what is owed to the service by now. */
  catchUp(): void {
    void this.sending.pump();
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

  /** The worse of sending and hearing. */
  get link(): Link {
    return this.sending.link || this.#hearing.link;
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
    const idle = this.sending.idle && this.#log.lines().at(-1)?.author !== "customer" && this.pending.every((p) => p.state === "refused" || (p.state === "waiting" && p.choice === null && p.files.length === 0));
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
    if (this.sending.asking || this.owner.owner === "queue" || this.owner.owner === "agent") return;
    this.sending.refusal = "";
    this.sending.setAsking(true);
    this.#go();
  }

  /** The customer is writing; only a person wants to know. */
  writes(): void {
    if (this.owner.owner === "agent" && this.conversation !== "") this.#d.api.typing().catch(() => {});
  }

  /** The end of the conversation is on screen. */
  saw(): void {
    this.marks.saw(this.#log.lines());
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

  /**
   * This visitor's conversations, newest first; none where the service tells of
   * none. Who is signed in it is told first, where it does not know yet.
   */
  async talks(): Promise<any[]> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        if (this.conversation === "" && this.#d.unknown()) await this.ready();
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
    this.#follow();
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
    this.#follow();
    this.wake();
  }

  #follow(): void {
    if (this.conversation !== "") this.#hearing.follow(this.conversation);
  }

  // #go: the customer has said or asked for something. What somebody says who has
  // signed in tells nothing of who was there before.
  #go(): void {
    if (!this.#d.unknown()) this.#d.keep.set("said", Date.now());
    this.wake();
    void this.sending.pump();
    this.#d.changed();
  }

  // Which one, and whose ------------------------------------------------------

  // #claims: the customer has signed in since, and a person has what they said. What
  // was said a while ago on a machine that others use, too, may be somebody else's.
  get #claims(): boolean {
    return this.held && this.#signing.wanted && this.#d.lately();
  }

  async #prepare(): Promise<void> {
    if (this.conversation === "") await this.#begin();
    else if (this.#d.unknown() && this.free) await this.#goOver();
    else if (this.#claims && !(await this.#signing.claim())) this.leave(true);
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

  // Hearing -------------------------------------------------------------------

  #take(e: Entry, fromFollow: boolean): void {
    if (e.id === 0) return this.marks.take(e); // both streams bring what passes; pieces are of the turn's own
    if (e.event === "message" && e.body.author === "customer") this.#cameBack(e.body.client_msg_id);
    if (e.event === "message") this.#d.keep.remove("blank");
    if (e.event === "message" && e.body.author !== "customer") {
      this.marks.type(false);
      this.sending.whole();
    }
    if (!this.#log.add(e, fromFollow)) return;
    if (e.event === "owner" && e.body.owner !== "bot") this.sending.setAsking(false);
    this.#d.heard?.(e);
    this.#d.changed();
  }

  // #cameBack: a message of this page is part of the conversation now. Its
  // receipt may have been lost; this is as good.
  #cameBack(clientID: string | undefined): void {
    this.sending.received(clientID ?? "");
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
    const { asking } = this.sending;
    this.#drop();
    this.#d.outbox.again(say("files_gone"));
    this.sending.setAsking(asking);
    for (const l of said) l.seq = 0;
    if (said.length > 0) this.earlier = [...this.earlier, ...said, line(0, { id: this.#d.newID(), author: "system", text: say("ended") }, false)];
    this.catchUp();
  }

  #drop(): void {
    this.#reset();
    this.#d.api.leave();
    this.sending.setAsking(false);
  }

  #reset(): void {
    this.sending.reset();
    this.#hearing.reset();
    this.#signing.reset();
    this.marks.reset();
    this.#log = new Log();
    this.#patience.wake();
  }

  // #turned: a way back to the service: what waits to be sent need wait no longer,
  // unless the service itself asked for patience.
  #turned(link: Link): void {
    if (link === "live" && this.sending.link === "offline") this.#patience.wake();
    this.#d.changed();
  }
}
