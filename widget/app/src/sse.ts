// Event streams read with fetch, because a token never stands in a URL and
// EventSource can send no header.

/**
 * id is the event's own, "" where it carries none: passing events are not
 * numbered, and must not pass for a repeat of the one before them.
 */
export interface StreamEvent {
  id: string;
  event: string;
  data: string;
}

/** Takes an event stream apart, in whatever pieces it arrives. */
export class EventParser {
  #rest = "";
  #id = "";
  #event = "";
  #data: string[] = [];

  /** Takes decoded text, which may end in the middle of a line; gives the events that it completed. */
  feed(piece: string): StreamEvent[] {
    const text = this.#rest + piece;
    const events: StreamEvent[] = [];
    let from = 0;
    for (;;) {
      const end = lineEnd(text, from);
      if (end === null) break;
      const done = this.#line(text.slice(from, end.at));
      if (done) events.push(done);
      from = end.next;
    }
    this.#rest = text.slice(from);
    return events;
  }

  #line(line: string): StreamEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null; // a comment: the server's heartbeat
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch(): StreamEvent | null {
    const event = { id: this.#id, event: this.#event || "message", data: this.#data.join("\n") };
    const empty = this.#data.length === 0;
    this.#id = "";
    this.#event = "";
    this.#data = [];
    return empty ? null : event;
  }
}

// lineEnd finds the next end of a line: LF, CRLF or a lone CR. A CR at the very
// end of what there is has to wait, since its LF may be in the next piece.
function lineEnd(text: string, from: number): { at: number; next: number } | null {
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === "\n") return { at: i, next: i + 1 };
    if (c === "\r") {
      if (i + 1 === text.length) return null;
      return { at: i, next: text[i + 1] === "\n" ? i + 2 : i + 1 };
    }
  }
  return null;
}

/**
 * Reads a response's body to its end, calling onEvent for each event. A body
 * that stands still for idleMs is given up: a network that vanished in silence
 * tells nobody, and the server sends a comment more often than that.
 * onIdle must end the request.
 */
export async function readEvents(response: Response, onEvent: (e: StreamEvent) => void, watch: { idleMs: number; onIdle: () => void }): Promise<void> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder(); // takes a mark of byte order away, too
  const parser = new EventParser();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rearm = () => {
    clearTimeout(timer);
    timer = setTimeout(watch.onIdle, watch.idleMs);
  };
  try {
    rearm();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rearm();
      for (const e of parser.feed(decoder.decode(value, { stream: true }))) onEvent(e);
    }
  } finally {
    clearTimeout(timer);
  }
}
