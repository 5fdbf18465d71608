// The service's HTTP, as a browser speaks it: one conversation, its token, its
// events. It keeps nothing on screen and decides nothing: see chat.ts.

import type { OpenHours } from "./given";
import type { Chosen, Entry, SentFile } from "./log";
import { readEvents, type StreamEvent } from "./sse";

/** Milliseconds a stream may be silent; the server comments every 15 s or sooner. */
const STREAM_IDLE_MS = 40_000;
/** Bytes of a file in one request, and how often one is tried anew. */
const PIECE = 512 << 10;
const UPLOAD_TRIES = 5;
/** Milliseconds a piece of a file may take on a slow network. */
const PIECE_MS = 60_000;
/** Milliseconds an ordinary request may take before it counts as lost. */
const REQUEST_MS = 15_000;

/**
 * What to do about a request that did not work:
 *   offline  nothing came back: try again when there is a network
 *   busy     the service asks for patience: try again after retryAfterMs
 *   ended    the conversation cannot be opened any more: begin another
 *   refused  this very request is not taken, now or later; text says why
 */
export type Trouble = "offline" | "busy" | "ended" | "refused";

interface Facts {
  status?: number;
  code?: string;
  text?: string;
  retryAfterMs?: number;
}

export class ApiError extends Error {
  readonly status: number = 0;
  readonly code: string = "";
  readonly text: string = "";
  readonly retryAfterMs: number = 0;

  readonly kind!: Trouble;

  constructor(kind: Trouble, facts: Facts = {}) {
    super(facts.code || kind);
    Object.assign(this, facts, { kind }); // the facts may be another one's, of another kind
  }
}

/** conversation "": none yet, the token is of an earlier one and says who the visitor is. */
export interface Session {
  conversation: string;
  token: string;
}

export interface SessionStore {
  get(): Session | null;
  set(s: Session | null): void;
}

interface Request {
  method: string;
  body?: unknown;
  raw?: Blob; // instead of body
  headers?: Record<string, string>;
  auth?: boolean; // of a conversation: not without one
  stop?: AbortController;
  keepalive?: boolean; // goes on where the page ends; small bodies only
  again?: boolean;
}

export interface Saying {
  id: string; // the same for every repeat
  text: string;
  choice?: Chosen | null; // what was pressed; text is then its title
  files?: SentFile[];
}

export class Api {
  #session: SessionStore;
  #renewing: Promise<void> | null = null;

  constructor(session: SessionStore) {
    this.#session = session;
  }

  get conversation(): string {
    return this.#session.get()?.conversation ?? "";
  }

  /** Has the service told who this visitor is? */
  get known(): boolean {
    return this.#session.get() !== null;
  }

  /** Leaves the conversation; the service keeps its record, and knows the visitor again. */
  leave(): void {
    this.enter("");
  }

  /** Goes back to an earlier conversation of the same visitor. */
  enter(conversation: string): void {
    const now = this.#session.get();
    if (now !== null) this.#session.set({ conversation, token: now.token });
  }

  /** Forgets who the visitor is, too. */
  forget(): void {
    this.#session.set(null);
  }

  /** Begins a conversation, with the visitor's token where there is one. */
  async begin(body: unknown): Promise<void> {
    const { conversation, token } = await json(await this.#send("/v1/conversations", { method: "POST", body }));
    this.#session.set({ conversation, token });
  }

  /** Says who the visitor is: the conversation goes on as theirs, with another token. */
  async identify(identity: string): Promise<void> {
    const { conversation, token } = await json(await this.#post("/identity", { identity }));
    if (conversation === this.conversation) this.#session.set({ conversation, token });
  }

  /**
   * Says something and hears this turn's events until its last one. onReceipt:
   * the message is committed, which the service does before it answers at all.
   */
  async say(m: Saying, onEvent: (e: Entry) => void, onReceipt: () => void): Promise<void> {
    const more = { ...(m.choice ? { choice: m.choice } : {}), ...(m.files?.length ? { files: m.files.map((f) => f.id) } : {}) };
    await this.#stream("/messages", onEvent, { method: "POST", body: { client_msg_id: m.id, text: m.text, ...more } }, onReceipt);
  }

  /**
   * Hears everything of the conversation after event number `after`, until the
   * server or the network ends the stream.
   */
  async follow(after: number, onEvent: (e: Entry) => void, signal: AbortSignal, onOpen: () => void): Promise<void> {
    const headers: Record<string, string> = after > 0 ? { "Last-Event-ID": String(after) } : {};
    await this.#stream("/events", onEvent, { method: "GET", headers }, onOpen, signal);
  }

  async human(body: unknown): Promise<void> {
    await json(await this.#post("/human", body));
  }

  /** What a waiting customer does: cancel, assistant, resume; "": leaves an address only. */
  async wait(body: { action?: string; contact?: string }): Promise<void> {
    await json(await this.#post("/wait", body));
  }

  async rating(body: unknown): Promise<void> {
    await this.#said("/rating", body);
  }

  async feedback(body: unknown): Promise<void> {
    await this.#said("/feedback", body);
  }

  async typing(): Promise<void> {
    await this.#post("/typing", {});
  }

  /** Everything up to this event was on screen. */
  async read(up: number): Promise<void> {
    await this.#post("/read", { up });
  }

  /** Sends the conversation to the visitor's address; what became of that. */
  async transcript(): Promise<{ state: string; address?: string }> {
    return json(await this.#post("/transcript", {}));
  }

  /** The visitor's conversations, newest first. */
  async mine(): Promise<any[]> {
    const all = await json(await this.#send("/v1/conversations", { method: "GET" }));
    return Array.isArray(all.conversations) ? all.conversations : [];
  }

  /** Whether people are there, and what time the service has. */
  async hours(site: string): Promise<{ hours?: OpenHours; now: number }> {
    const response = await this.#attempt("/v1/widget/" + site, { method: "GET" });
    if (!response.ok) throw await problemOf(response);
    const { hours } = await json(response);
    return { hours, now: Date.parse(response.headers.get("Date") ?? "") || Date.now() };
  }

  /** What was sent with a message; its address says nothing to anybody without the token. */
  async file(url: string): Promise<Blob> {
    return (await this.#send(url, { method: "GET", auth: true })).blob();
  }

  /**
   * Uploads a file, in pieces where it is large, telling how much is there. What
   * the network cuts goes on where the service says it stopped.
   */
  async upload(file: File, onProgress: (share: number) => void, stop: AbortController): Promise<SentFile> {
    const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const whole = file.size <= PIECE;
    for (let from = 0, fails = 0; ; ) {
      const end = Math.min(from + PIECE, file.size);
      const headers: Record<string, string> = { "Content-Type": file.type || "application/octet-stream", "X-File-Name": encodeURIComponent(file.name) };
      if (!whole) Object.assign(headers, { "X-File-Upload": id, "Content-Range": `bytes ${from}-${end - 1}/${file.size}` });
      try {
        const response = await this.#send(this.#path("/files"), { method: "POST", raw: file.slice(from, end), headers, auth: true, stop });
        const said = await json(response);
        if (response.status !== 202) return said as SentFile;
        from = said.received;
        fails = 0;
        onProgress(from / file.size);
      } catch (err) {
        const again = err instanceof ApiError && (err.kind === "offline" || err.kind === "busy") && !stop.signal.aborted;
        if (!again || ++fails > UPLOAD_TRIES) throw err;
        await new Promise((r) => setTimeout(r, Math.max(err.retryAfterMs, 500 * 2 ** fails)));
      }
    }
  }

  /** Renews the token before it runs out. */
  async renew(): Promise<void> {
    const before = this.#session.get();
    if (before !== null) await this.#renew(before);
  }

  #path(rest: string): string {
    return "/v1/conversations/" + encodeURIComponent(this.conversation) + rest;
  }

  #post(rest: string, body: unknown): Promise<Response> {
    return this.#send(this.#path(rest), { method: "POST", body, auth: true });
  }

  // #said posts the last thing that somebody does before they leave: it arrives
  // though the page is gone meanwhile.
  #said(rest: string, body: unknown): Promise<Response> {
    return this.#send(this.#path(rest), { method: "POST", body, auth: true, keepalive: true });
  }

  async #stream(rest: string, onEvent: (e: Entry) => void, r: Request, onOpen: () => void, signal?: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const end = () => stop.abort();
    signal?.addEventListener("abort", end);
    if (signal?.aborted) stop.abort();
    try {
      const headers = { Accept: "text/event-stream", ...r.headers };
      const response = await this.#send(this.#path(rest), { ...r, headers, auth: true, stop });
      onOpen();
      await readEvents(response, (e) => deliver(e, onEvent), { idleMs: STREAM_IDLE_MS, onIdle: end });
    } catch (err) {
      throw err instanceof ApiError ? err : new ApiError("offline");
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  async #send(path: string, r: Request): Promise<Response> {
    const { auth = false, again = false, keepalive = false } = r;
    const session = this.#session.get();
    if (auth && (session === null || session.conversation === "")) throw new ApiError("ended");
    const headers: Record<string, string> = { Accept: "application/json", ...r.headers };
    if (session !== null) headers.Authorization = "Bearer " + session.token;
    if (r.body !== undefined) headers["Content-Type"] = "application/json";
    const response = await this.#attempt(path, { method: r.method, headers, body: r.raw ?? (r.body === undefined ? undefined : JSON.stringify(r.body)), keepalive }, r.stop);
    if (response.ok) return response;
    const wrong = await problemOf(response);
    const denied = wrong.status === 401 || (wrong.status === 403 && !auth && session !== null && wrong.code !== "blocked");
    // Another tab has made the customer known meanwhile: only its token reaches the conversation now.
    const stale = auth && !again && wrong.status === 404 && this.#session.get()?.token !== session?.token;
    if (stale) return this.#send(path, { ...r, again: true });
    if (!denied || wrong.code.startsWith("identity")) throw wrong;
    if (again || session === null) throw new ApiError("ended", wrong);
    if (auth) await this.#renew(session);
    else this.#session.set(null); // an old token must not keep anybody from beginning anew
    return this.#send(path, { ...r, again: true });
  }

  async #attempt(path: string, init: RequestInit, stop = new AbortController()): Promise<Response> {
    const timer = setTimeout(() => stop.abort(), init.body instanceof Blob ? PIECE_MS : REQUEST_MS);
    try {
      return await fetch(path, { ...init, signal: stop.signal, cache: "no-store", credentials: "omit", redirect: "error" });
    } catch {
      throw new ApiError("offline");
    } finally {
      clearTimeout(timer); // the answer's head is there; a stream's body has its own watch
    }
  }

  // #renew trades the token for a fresh one, once for all who ask at a time. A
  // session that somebody renewed meanwhile (another tab) needs nothing more.
  async #renew(stale: Session): Promise<void> {
    const now = this.#session.get();
    if (now !== null && now.token !== stale.token) return;
    this.#renewing ??= this.#trade(stale).finally(() => {
      this.#renewing = null;
    });
    await this.#renewing;
  }

  async #trade(stale: Session): Promise<void> {
    const headers = { Accept: "application/json", "Content-Type": "application/json", Authorization: "Bearer " + stale.token };
    const response = await this.#attempt("/v1/token", { method: "POST", headers, body: "{}" });
    if (response.ok) {
      const { token } = await json(response);
      if (token === stale.token) throw new ApiError("ended");
      this.#session.set({ conversation: this.#session.get()?.conversation ?? stale.conversation, token });
      return;
    }
    const wrong = await problemOf(response);
    throw wrong.status === 401 ? new ApiError("ended", wrong) : wrong;
  }
}

function deliver(event: StreamEvent, onEvent: (e: Entry) => void): void {
  let body: unknown;
  try {
    body = JSON.parse(event.data);
  } catch {
    return; // no event of ours
  }
  onEvent({ id: /^[0-9]{1,15}$/.test(event.id) ? Number(event.id) : 0, event: event.event, body });
}

async function json(response: Response): Promise<any> {
  try {
    return await response.json();
  } catch {
    throw new ApiError("offline");
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  let said: unknown = null;
  try {
    said = await response.json();
  } catch {
    said = null; // a proxy's page, say
  }
  return problem(response.status, said, response.headers.get("Retry-After"));
}

function problem(status: number, said: any, retryAfter: string | null): ApiError {
  const facts = {
    status,
    code: typeof said?.code === "string" ? said.code : "",
    text: typeof said?.detail === "string" ? said.detail : "",
    retryAfterMs: waited(retryAfter),
  };
  const own = facts.code === "many_cases_today" || facts.code.startsWith("file"); // patience would not help
  if ((status === 429 && !own) || status >= 500) return new ApiError("busy", facts);
  if (status === 404 && facts.code !== "no_such_choice" && facts.code !== "no_such_file") return new ApiError("ended", facts);
  return new ApiError("refused", facts);
}

// waited reads seconds; the other form, a date, would trust this clock.
function waited(value: string | null): number {
  const seconds = /^[0-9]{1,5}$/.test(value ?? "") ? Number(value) : 0;
  return Math.min(seconds, 300) * 1000;
}
