// A conversation with the service, kept alive: what is written waits in an
// outbox until the service has it, what is said comes in once, and whatever
// breaks is tried again. Nothing here touches the page: see view.js.

import { ApiError } from "./api.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { Patience } from "./patience.js";
import { Ratings } from "./ratings.js";
import { words } from "./words.js";

export class Chat {
  /** Lines of conversations that ended under the customer's eyes. */
  earlier = [];
  /** Asked for a person, and no answer to that yet. */
  askingPerson = false;
  /** Why the service would not fetch a person; "" where it did not say so. */
  personRefused = "";

  #log = new Log();
  #outbox;
  #patience;
  #api;
  #keep;
  #begin;
  #changed;
  #newID;
  #epoch = 0; // moves when the conversation is left: what was under way for it ends
  #pumping = false;
  #fails = 0;
  #sending = ""; // "" | retrying | offline
  #hearing = ""; // "" | live | retrying | offline
  /** client_msg_id → what its turn's stream has brought of the reply; null: whole already. */
  #partials = new Map();
  /** client_msg_id → tells #post that the service has the message. */
  #receipts = new Map();
  #stop = null;
  #following = "";
  #ratings;

  /**
   * @param {object} deps
   * @param {import("./api.js").Api} deps.api
   * @param {{get(k: string): any, set(k: string, v: any): void, remove(k: string): void}} deps.keep what outlives a reload
   * @param {() => object} deps.begin body of the request that begins a conversation
   * @param {() => void} deps.changed called after every change
   * @param {() => string} deps.newID
   * @param {{after(ms: number, fn: () => void): any, cancel(t: any): void, random(): number}} deps.timers
   */
  constructor({ api, keep, begin, changed, newID, timers }) {
    this.#api = api;
    this.#keep = keep;
    this.#begin = begin;
    this.#changed = changed;
    this.#newID = newID;
    this.#outbox = new Outbox(keep);
    this.#patience = new Patience(timers);
    this.askingPerson = keep.get("person") === true;
    this.#ratings = new Ratings(keep);
  }

  /** Takes up what an earlier page left: its conversation and what it had not sent. */
  start() {
    if (this.#api.conversation !== "") this.#follow();
    if (this.#owed()) this.#pump();
  }

  get lines() {
    return [...this.earlier, ...this.#log.lines()];
  }

  /** @returns {import("./outbox.js").Pending[]} written, and not yet among the lines */
  get pending() {
    return this.#outbox.items;
  }

  get owner() {
    return this.#log.owner;
  }

  /** Text of the reply under way, as far as it came. */
  get partial() {
    return [...this.#partials.values()].filter((t) => t).at(-1) ?? "";
  }

  /** "" | live | retrying | offline: the worse of sending and hearing */
  get link() {
    return this.#sending || this.#hearing;
  }

  /** The id of the conversation, "" before the first message. */
  get conversation() {
    return this.#api.conversation;
  }

  /** Is there something to wait for that a sign of life should say? */
  get working() {
    return this.#log.working || this.pending.some((p) => p.state === "sending" || p.state === "sent");
  }

  get begun() {
    return this.#api.conversation !== "" || this.pending.length > 0 || this.lines.length > 0;
  }

  rated(messageID) {
    return this.#ratings.get(messageID);
  }

  say(text) {
    const trimmed = text.trim();
    if (trimmed === "") return;
    this.#outbox.add(this.#newID(), trimmed);
    this.wake();
    this.#pump();
    this.#changed();
  }

  /**
   * Presses a choice of a message. A press that is on its way, or has not been
   * answered yet, is not pressed again.
   * @param {string} message its id
   * @param {{article: string, title: string}} choice
   */
  choose(message, { article, title }) {
    const same = (c) => c?.message === message && c.article === article;
    if (this.pending.some((p) => p.state !== "refused" && same(p.choice)) || same(this.#log.lines().at(-1)?.choice)) return;
    this.#outbox.add(this.#newID(), title, { message, article });
    this.wake();
    this.#pump();
    this.#changed();
  }

  /** Takes back what the service would not take. @returns {string} its words */
  takeBack(id) {
    const p = this.pending.find((x) => x.id === id && x.state === "refused");
    if (p === undefined) return "";
    this.#outbox.drop(id);
    this.#changed();
    return p.text;
  }

  askPerson() {
    if (this.askingPerson || this.owner.owner === "queue" || this.owner.owner === "agent") return;
    this.personRefused = "";
    this.#setAsking(true);
    this.wake();
    this.#pump();
    this.#changed();
  }

  /** Says how a closed case was dealt with, from 1 to 5. */
  async score(messageID, caseID, satisfaction) {
    const before = this.#ratings.get(messageID);
    this.#ratings.set(messageID, satisfaction);
    this.#changed();
    try {
      await this.#api.rating({ case: caseID, satisfaction });
    } catch {
      this.#ratings.set(messageID, before); // never show as noted what is not
      this.#changed();
      throw new ApiError("offline", { code: "rating_lost" });
    }
  }

  async rate(messageID, helpful) {
    const before = this.#ratings.get(messageID);
    this.#ratings.set(messageID, helpful);
    this.#changed();
    try {
      await this.#api.feedback({ message: messageID, helpful });
    } catch {
      this.#ratings.set(messageID, before); // never show as noted what is not
      this.#changed();
      throw new ApiError("offline", { code: "feedback_lost" });
    }
  }

  /** Leaves this conversation and its words; the next message begins another. */
  leave() {
    this.#drop();
    this.earlier = [];
    this.#outbox.clear();
    this.#changed();
  }

  /** Another tab began, renewed or left the conversation that both share. */
  sync() {
    if (this.#api.conversation === this.#following) return;
    this.#reset();
    if (this.#api.conversation !== "") this.#follow();
    this.#changed();
  }

  /** Tries again at once: the network is back, the page is seen, somebody asked. */
  wake() {
    this.#patience.wake();
  }

  // Sending -------------------------------------------------------------------

  #owed() {
    return this.askingPerson || this.#outbox.next !== undefined;
  }

  // #pump sends what is owed: the wish for a person before anything else, then
  // messages in the order they were written, going on to the next as soon as
  // the service has the one before.
  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#owed()) {
        const epoch = this.#epoch;
        try {
          if (this.#api.conversation === "") await this.#beginOne();
          if (epoch !== this.#epoch) continue;
          this.#follow();
          if (this.askingPerson) await this.#postPerson();
          else if (this.#outbox.next !== undefined) await this.#post(this.#outbox.next, epoch);
          this.#fails = 0;
          this.#sending = "";
        } catch (err) {
          this.#outbox.rest();
          if (epoch === this.#epoch) await this.#trouble(err);
        }
        this.#changed();
      }
    } finally {
      this.#pumping = false;
    }
  }

  async #beginOne() {
    try {
      await this.#api.begin(this.#begin());
    } catch (err) {
      // Not to be had at all (no such site, say): trying again would not end.
      if (err instanceof ApiError && err.kind === "ended") throw new ApiError("refused", err);
      throw err;
    }
  }

  // #post resolves once the service has the message. The rest of the turn goes
  // on by itself; if its stream is cut, the conversation's own stream brings
  // what is missing.
  #post(p, epoch) {
    p.state = "sending";
    this.#changed();
    return new Promise((resolve, reject) => {
      this.#receipts.set(p.id, resolve);
      this.#partials.set(p.id, "");
      const heard = (e) => {
        if (epoch !== this.#epoch) return;
        if (e.event === "delta") this.#more(p.id, e.body.text);
        else this.#take(e, false);
      };
      this.#api
        .say(p, heard, { onReceipt: () => epoch === this.#epoch && this.#received(p.id) })
        .catch(reject)
        .finally(() => {
          this.#receipts.delete(p.id);
          this.#partials.delete(p.id);
          this.#changed();
        });
    });
  }

  #received(id) {
    this.#outbox.received(id);
    this.#receipts.get(id)?.();
    this.#receipts.delete(id);
    this.#changed();
  }

  #more(id, text) {
    const before = this.#partials.get(id);
    if (typeof before !== "string" || typeof text !== "string") return;
    this.#partials.set(id, before + text);
    this.#changed();
  }

  async #postPerson() {
    await this.#api.human({});
    this.#setAsking(false); // the owner event that follows says the rest
  }

  async #trouble(err) {
    const problem = err instanceof ApiError ? err : new ApiError("offline");
    if (problem.code === "no_such_choice") {
      this.#outbox.asWords(); // it is not there to be pressed any more: its title says as much
    } else if (problem.kind === "ended") {
      this.#endedElsewhere();
      if (++this.#fails > 1) await this.#patience.pause(this.#fails, 0);
    } else if (problem.kind === "refused") {
      this.#refused(problem.text || "The service would not take this.");
    } else {
      this.#sending = problem.kind === "busy" ? "retrying" : "offline";
      this.#changed();
      await this.#patience.pause(++this.#fails, problem.retryAfterMs);
    }
  }

  #refused(why) {
    if (this.askingPerson) {
      this.#setAsking(false);
      this.personRefused = why;
    } else if (this.#outbox.next !== undefined) {
      this.#outbox.refuse(this.#outbox.next.id, why);
    }
  }

  // Hearing -------------------------------------------------------------------

  #follow() {
    if (this.#stop !== null) return;
    this.#stop = new AbortController();
    this.#following = this.#api.conversation;
    this.#followOn(this.#stop.signal, this.#epoch);
  }

  async #followOn(signal, epoch) {
    let fails = 0;
    while (epoch === this.#epoch) {
      let wait = 0;
      try {
        await this.#api.follow(
          this.#log.followed,
          (e) => {
            fails = 0;
            if (epoch === this.#epoch) this.#take(e, true);
          },
          { signal, onOpen: () => this.#setHearing("live") },
        );
      } catch (err) {
        if (epoch !== this.#epoch) return;
        if (err instanceof ApiError && (err.kind === "ended" || err.kind === "refused")) {
          this.#endedElsewhere();
          this.#changed();
          return;
        }
        fails++;
        wait = err.retryAfterMs ?? 0;
        if (fails > 1 || this.#hearing !== "live") this.#setHearing(err.kind === "busy" ? "retrying" : "offline");
      }
      await this.#patience.pause(fails, wait);
    }
  }

  #take(e, fromFollow) {
    // Both streams bring what passes; only the turn's own had it from the
    // first word on.
    if (e.id === 0) return;
    if (e.event === "message" && e.body.author === "customer") this.#cameBack(e.body.client_msg_id);
    if (e.event === "message" && e.body.author !== "customer") this.#whole();
    if (!this.#log.add(e, fromFollow)) return;
    if (e.event === "owner" && e.body.owner !== "bot") this.#setAsking(false);
    this.#changed();
  }

  // #whole: the reply is there; what came of it in pieces has had its time.
  #whole() {
    for (const id of this.#partials.keys()) this.#partials.set(id, null);
  }

  // #cameBack: a message of this page is part of the conversation now. Its
  // receipt may have been lost; this is as good.
  #cameBack(clientID) {
    this.#received(clientID ?? "");
    this.#outbox.drop(clientID ?? "");
  }

  // Ends and waits ------------------------------------------------------------

  // #endedElsewhere: the service no longer opens this conversation (it expired,
  // or was erased). What was said stays on screen, what was not sent goes into
  // a new one.
  #endedElsewhere() {
    if (this.#api.conversation !== this.#following && this.#following !== "") {
      this.sync(); // another tab has begun the next one already
      return;
    }
    const said = this.#log.lines();
    const asking = this.askingPerson;
    this.#drop();
    this.#outbox.again();
    this.#setAsking(asking);
    for (const l of said) l.seq = 0;
    if (said.length > 0) this.earlier = [...this.earlier, ...said, ended(this.#newID())];
    if (this.#owed()) this.#pump();
  }

  #drop() {
    this.#reset();
    this.#api.leave();
    this.#ratings.clear();
    this.#setAsking(false);
  }

  #reset() {
    this.#epoch++;
    this.#stop?.abort();
    this.#stop = null;
    this.#following = "";
    this.#log = new Log();
    this.#partials.clear();
    for (const resolve of this.#receipts.values()) resolve(); // nobody waits for the old one
    this.#receipts.clear();
    this.#sending = "";
    this.#hearing = "";
    this.wake();
  }

  #setHearing(state) {
    if (this.#hearing === state) return;
    this.#hearing = state;
    // A way back to the service: what waits to be sent need wait no longer,
    // unless the service itself asked for patience.
    if (state === "live" && this.#sending === "offline") this.wake();
    this.#changed();
  }

  #setAsking(on) {
    this.askingPerson = on;
    if (on) this.#keep.set("person", true);
    else this.#keep.remove("person");
  }
}

function ended(id) {
  const nothing = { seq: 0, name: "", at: "", citations: [], choices: [], choice: null, degraded: false, offer: false, lang: "" };
  return { key: id, id: "", author: "system", text: words.ended, ...nothing };
}
