// The record of one conversation as this page knows it: events in their order,
// each once, whichever way brought it first; and what follows from them.

export interface Citation {
  article: string;
  title: string;
  url: string;
  quote: string;
  generation: number;
  from: number;
  to: number;
}

export interface Choice extends Citation {
  header?: string;
}

export interface Chosen {
  message: string;
  article: string;
}

export interface SentFile {
  id: string;
  name: string;
  type: string;
  size: number;
  width?: number;
  height?: number;
  url: string;
}

/** An event of the service; id 0: passing, not numbered. */
export interface Entry {
  id: number;
  event: string;
  // eslint-disable-next-line -- its shape is the service's and is checked where it is used
  body: any;
}

export interface Owner {
  owner: "bot" | "queue" | "agent" | "nobody";
  name?: string;
  reference?: string;
  position?: number;
  estimate?: string;
}

/** What is on screen for one message. */
export interface Line {
  key: string; // a customer's client_msg_id, so that it is the same from "sending" on
  seq: number; // of its event; 0: of an earlier conversation
  id: string; // message id; "" while it is only here
  author: "customer" | "bot" | "agent" | "system";
  name: string;
  text: string;
  at: string; // RFC 3339; "" while it is only here
  citations: Citation[];
  choices: Choice[];
  choice: Chosen | null; // what a customer pressed
  files: SentFile[];
  degraded: boolean; // a part of the search was away for this answer
  offer: boolean; // it leaves the customer without an answer: show the way to a person
  rate: string; // asks how this case was dealt with; "": does not ask
  lang: string; // of the text, where it is known
  pending?: "waiting" | "sending" | "sent" | "refused";
  why?: string; // of refused
}

export class Log {
  /** Up to which number everything is here. */
  followed = 0;
  #entries: Entry[] = []; // in order of their numbers
  #seen = new Set<number>();
  #lines: Line[] | null = null; // of the entries as they are

  /** Takes a numbered event in; false for one that was here already. */
  add(e: Entry, fromFollow: boolean): boolean {
    if (e.id <= 0) return false;
    if (fromFollow) this.followed = Math.max(this.followed, e.id);
    if (this.#seen.has(e.id)) return false;
    this.#seen.add(e.id);
    this.#lines = null;
    let at = this.#entries.length;
    while (at > 0 && this.#entries[at - 1].id > e.id) at--;
    this.#entries.splice(at, 0, e);
    return true;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What is on screen for the entries; made once for each change of them. */
  lines(): readonly Line[] {
    return (this.#lines ??= this.#make());
  }

  #make(): Line[] {
    const out: Line[] = [];
    let degraded = false;
    let answered = true; // has anybody said something since the customer did?
    for (const { id, event, body } of this.#entries) {
      if (event === "decision") {
        degraded = Array.isArray(body.degraded) && body.degraded.length > 0;
      } else if (event === "message") {
        const own = body.author === "customer";
        out.push(line(id, body, degraded && body.author === "bot"));
        if (own) degraded = false;
        answered = !own;
      } else if (event === "error" || (event === "done" && body.outcome === "none")) {
        if (event === "error" && !answered) {
          out.push(line(id, { id: "error-" + id, author: "system", text: body.text }, false));
          answered = true;
        }
        offerPerson(out);
      }
    }
    return out;
  }

  /** Is a reply still to come? */
  get working(): boolean {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { event, body } = this.#entries[i];
      if (event === "error") return false;
      if (event === "done" && body.outcome !== "merged") return false;
      if (event === "message" && body.author === "customer") return true;
    }
    return false;
  }

  /** Turns in a row, up to now, that left the customer without an answer. */
  get failures(): number {
    let n = 0;
    for (const { event, body } of this.#entries) {
      if (event === "owner") n = 0; // people had it, or have: what was before is theirs and done with
      else if (event === "error" || (event === "done" && body.outcome === "none")) n++;
      else if (event === "done" && body.outcome === "answer") n = 0;
    }
    return n;
  }

  /** Who owns the conversation: the last owner event's body, the bot at first. */
  get owner(): Owner {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      if (this.#entries[i].event === "owner") return this.#entries[i].body as Owner;
    }
    return { owner: "bot" };
  }
}

export function line(seq: number, m: Record<string, any>, degraded: boolean): Line {
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
    files: m.files ?? [],
    degraded,
    offer: m.offer_person === true,
    rate: m.rate ?? "",
    lang: m.lang ?? "",
  };
}

// offerPerson marks what was said last, unless the customer said it.
function offerPerson(lines: Line[]): void {
  const last = lines[lines.length - 1];
  if (last !== undefined && last.author !== "customer") last.offer = true;
}
