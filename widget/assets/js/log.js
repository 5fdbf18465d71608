// The record of one conversation as this page knows it: events in their order,
// each once, whichever stream brought it first; and what follows from them.

/**
 * @typedef {{seq: number, event: string, body: any}} Entry
 * @typedef {object} Line what is on screen for one message
 * @property {string} key    a customer's client_msg_id, so that it is the same from "sending" on
 * @property {number} seq    of its event; 0: of an earlier conversation
 * @property {string} id     message id; "" while it is only here
 * @property {string} author customer | bot | agent | system
 * @property {string} name
 * @property {string} text
 * @property {string} at     RFC 3339; "" while it is only here
 * @property {any[]} citations
 * @property {any[]} choices
 * @property {{message: string, article: string} | null} choice what a customer pressed
 * @property {boolean} degraded a part of the search was away for this answer
 * @property {boolean} offer it leaves the customer without an answer: show the way to a person
 * @property {string} rate   asks how this case was dealt with; "": does not ask
 * @property {string} lang   of the text, where it is known
 */

export class Log {
  /** Highest number that the conversation's own stream has brought. */
  followed = 0;
  /** @type {Entry[]} in order of their numbers */
  #entries = [];
  #seen = new Set();

  /**
   * Takes a numbered event in.
   * @returns {boolean} false for one that was here already
   */
  add({ id, event, body }, fromFollow) {
    if (id <= 0) return false;
    if (fromFollow) this.followed = Math.max(this.followed, id);
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    let at = this.#entries.length;
    while (at > 0 && this.#entries[at - 1].seq > id) at--;
    this.#entries.splice(at, 0, { seq: id, event, body });
    return true;
  }

  get empty() {
    return this.#entries.length === 0;
  }

  /** @returns {Line[]} */
  lines() {
    const out = [];
    let degraded = false;
    let answered = true; // has anybody said something since the customer did?
    for (const { seq, event, body } of this.#entries) {
      if (event === "decision") {
        degraded = Array.isArray(body.degraded) && body.degraded.length > 0;
      } else if (event === "message") {
        const own = body.author === "customer";
        out.push(line(seq, body, degraded && body.author === "bot"));
        if (own) degraded = false;
        answered = !own;
      } else if (event === "error" || (event === "done" && body.outcome === "none")) {
        if (event === "error" && !answered) {
          out.push(line(seq, { id: "error-" + seq, author: "system", text: body.text }, false));
          answered = true;
        }
        offerPerson(out);
      }
    }
    return out;
  }

  /** Is a reply still to come? */
  get working() {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { event, body } = this.#entries[i];
      if (event === "error") return false;
      if (event === "done" && body.outcome !== "merged") return false;
      if (event === "message" && body.author === "customer") return true;
    }
    return false;
  }

  /** Who owns the conversation: the last owner event's body, the bot at first. */
  get owner() {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      if (this.#entries[i].event === "owner") return this.#entries[i].body;
    }
    return { owner: "bot" };
  }
}

function line(seq, m, degraded) {
  return {
    seq,
    key: m.client_msg_id || m.id,
    id: m.id,
    author: m.author,
    name: m.name ?? "",
    text: m.text ?? "",
    at: m.at ?? "",
    citations: m.citations ?? [],
    choices: m.choices ?? [],
    choice: m.choice ?? null,
    degraded,
    offer: m.offer_person === true,
    rate: m.rate ?? "",
    lang: m.lang ?? "",
  };
}

// offerPerson marks what was said last, unless the customer said it.
function offerPerson(lines) {
  const last = lines[lines.length - 1];
  if (last !== undefined && last.author !== "customer") last.offer = true;
}
