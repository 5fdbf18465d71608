// What was written and has not yet come back as part of the conversation, in
// its order. It outlives a reload; the id a message has here is its
// client_msg_id, so that however often it is sent, it is said once.

/**
 * @typedef {{message: string, article: string}} Choice what was pressed
 * @typedef {{id: string, text: string, choice: Choice | null, state: "waiting" | "sending" | "sent" | "refused", why: string}} Pending
 *   sent: the service has it, and the conversation's stream will bring it back
 */

export class Outbox {
  #keep;
  /** @type {Pending[]} */
  items;

  constructor(keep) {
    this.#keep = keep;
    this.items = readStored(keep.get("outbox"));
  }

  /** The one to send next, or undefined. */
  get next() {
    return this.items.find((p) => p.state === "waiting" || p.state === "sending");
  }

  /** @param {Choice | null} choice where it is a press; text is then its title */
  add(id, text, choice = null) {
    this.items.push({ id, text, choice, state: "waiting", why: "" });
    this.#save();
  }

  drop(id) {
    this.items = this.items.filter((p) => p.id !== id);
    this.#save();
  }

  clear() {
    this.items = [];
    this.#save();
  }

  /** Nothing is under way any more: what was, waits again. */
  rest() {
    for (const p of this.items) if (p.state === "sending") p.state = "waiting";
  }

  /** The service has this one. */
  received(id) {
    const p = this.items.find((x) => x.id === id);
    if (p === undefined) return;
    p.state = "sent";
    this.#save();
  }

  /** The conversation is gone: what has not come back goes into the next one. */
  again() {
    for (const p of this.items) {
      if (p.state !== "refused") p.state = "waiting";
      p.choice = null; // what it pressed stayed behind
    }
    this.#save();
  }

  /** What the next one presses cannot be pressed: only its words are sent. */
  asWords() {
    const p = this.next;
    if (p === undefined) return;
    p.choice = null;
    p.state = "waiting";
    this.#save();
  }

  /** The service will not take this one, now or later. */
  refuse(id, why) {
    const p = this.items.find((x) => x.id === id);
    if (p === undefined) return;
    p.state = "refused";
    p.why = why;
    this.#save();
  }

  #save() {
    this.#keep.set(
      "outbox",
      this.items.map(({ id, text, choice, state, why }) => ({ id, text, choice, state: state === "sending" ? "waiting" : state, why })),
    );
  }
}

function readStored(stored) {
  if (!Array.isArray(stored)) return [];
  return stored
    .filter((p) => typeof p?.id === "string" && typeof p?.text === "string" && p.text !== "")
    .map((p) => ({ id: p.id, text: p.text, choice: choiceOf(p.choice), state: stateOf(p.state), why: String(p.why ?? "") }));
}

function choiceOf(stored) {
  if (typeof stored?.message !== "string" || typeof stored?.article !== "string") return null;
  return { message: stored.message, article: stored.article };
}

function stateOf(stored) {
  return stored === "refused" || stored === "sent" ? stored : "waiting";
}
