// The service's HTTP, as a browser speaks it: one conversation, its token, its
// events. It keeps nothing on screen and decides nothing: see chat.js.

import { readEvents } from "./sse.js";

/** Milliseconds a stream may be silent; the server comments every 15 s or sooner. */
const STREAM_IDLE_MS = 40_000;
/** Milliseconds an ordinary request may take before it counts as lost. */
const REQUEST_MS = 15_000;

/**
 * A request that did not work. kind says what to do about it:
 *   offline  nothing came back: try again when there is a network
 *   busy     the service asks for patience: try again after retryAfterMs
 *   ended    the conversation cannot be opened any more: begin another
 *   refused  this very request is not taken, now or later; text says why
 */
export class ApiError extends Error {
  constructor(kind, { status = 0, code = "", text = "", retryAfterMs = 0 } = {}) {
    super(code || kind);
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.text = text;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * @typedef {{conversation: string, token: string}} Session conversation "": none yet, the
 *   token is of an earlier one and says who the visitor is
 * @typedef {{id: number, event: string, body: any}} ChatEvent id 0: passing, not numbered
 */

export class Api {
  #base;
  #session;
  #fetch;
  /** @type {Promise<void> | null} */
  #renewing = null;

  /**
   * @param {{base?: string, fetch?: typeof fetch, session: {get(): Session | null, set(s: Session | null): void}}} deps
   */
  constructor({ base = "", fetch: fetcher = (...a) => globalThis.fetch(...a), session }) {
    this.#base = base;
    this.#fetch = fetcher;
    this.#session = session;
  }

  get conversation() {
    return this.#session.get()?.conversation ?? "";
  }

  /** Leaves the conversation; the service keeps its record, and knows the visitor again. */
  leave() {
    const now = this.#session.get();
    if (now !== null) this.#session.set({ conversation: "", token: now.token });
  }

  /** Begins a conversation, with the visitor's token where there is one. */
  async begin(body) {
    const response = await this.#send("/v1/conversations", { method: "POST", body });
    const made = await json(response);
    this.#session.set({ conversation: made.conversation, token: made.token });
    return made;
  }

  /**
   * Says something and hears this turn's events until its last one.
   * @param {{id: string, text: string, choice?: {message: string, article: string} | null}} message
   *   id: the same for every repeat; choice: what was pressed, text is then its title
   * @param {(e: ChatEvent) => void} onEvent
   * @param {{onReceipt: () => void}} hooks onReceipt: the message is committed,
   *   which the service does before it answers at all
   */
  async say(message, onEvent, { onReceipt }) {
    await this.#stream("/messages", onEvent, {
      method: "POST",
      body: { client_msg_id: message.id, text: message.text, ...(message.choice ? { choice: message.choice } : {}) },
      onOpen: onReceipt,
    });
  }

  /**
   * Hears everything of the conversation after event number `after`, until the
   * server or the network ends the stream.
   */
  async follow(after, onEvent, { signal, onOpen = () => {} }) {
    const headers = after > 0 ? { "Last-Event-ID": String(after) } : {};
    await this.#stream("/events", onEvent, { method: "GET", headers, signal, onOpen });
  }

  async human(body) {
    return json(await this.#send(this.#path("/human"), { method: "POST", body, auth: true }));
  }

  async rating(body) {
    await this.#send(this.#path("/rating"), { method: "POST", body, auth: true });
  }

  async feedback(body) {
    await this.#send(this.#path("/feedback"), { method: "POST", body, auth: true });
  }

  /** Renews the token before it runs out. */
  async renew() {
    const before = this.#session.get();
    if (before !== null) await this.#renew(before);
  }

  #path(rest) {
    return "/v1/conversations/" + encodeURIComponent(this.conversation) + rest;
  }

  async #stream(rest, onEvent, { method, body, headers = {}, signal, onOpen }) {
    const stop = new AbortController();
    const end = () => stop.abort();
    signal?.addEventListener("abort", end);
    if (signal?.aborted) stop.abort();
    try {
      const response = await this.#send(this.#path(rest), {
        method,
        body,
        headers: { Accept: "text/event-stream", ...headers },
        auth: true,
        stop,
      });
      onOpen?.();
      await readEvents(response, (e) => deliver(e, onEvent), { idleMs: STREAM_IDLE_MS, onIdle: end });
    } catch (err) {
      throw err instanceof ApiError ? err : new ApiError("offline", { code: "stream_lost" });
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  async #send(path, { method, body, headers = {}, auth = false, stop = new AbortController(), again = false }) {
    const session = this.#session.get();
    if (auth && (session === null || session.conversation === "")) throw new ApiError("ended", { code: "no_session" });
    const all = { Accept: "application/json", ...headers };
    if (session !== null) all.Authorization = "Bearer " + session.token;
    if (body !== undefined) all["Content-Type"] = "application/json";
    const response = await this.#attempt(path, {
      method,
      headers: all,
      body: body === undefined ? undefined : JSON.stringify(body),
      stop,
    });
    if (response.ok) return response;
    const problem = await problemOf(response);
    const denied = problem.status === 401 || (problem.status === 403 && !auth && session !== null);
    if (!denied) throw problem;
    if (again || session === null) throw new ApiError("ended", problem);
    if (auth) await this.#renew(session);
    else this.#session.set(null); // an old token must not keep anybody from beginning anew
    return this.#send(path, { method, body, headers, auth, stop, again: true });
  }

  async #attempt(path, { method, headers, body, stop }) {
    const timer = setTimeout(() => stop.abort(), REQUEST_MS);
    try {
      return await this.#fetch(this.#base + path, {
        method,
        headers,
        body,
        signal: stop.signal,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
      });
    } catch {
      throw new ApiError("offline", { code: "no_answer" });
    } finally {
      clearTimeout(timer); // the answer's head is there; a stream's body has its own watch
    }
  }

  // #renew trades the token for a fresh one, once for all who ask at a time. A
  // session that somebody renewed meanwhile (another tab) needs nothing more.
  async #renew(stale) {
    const now = this.#session.get();
    if (now !== null && now.token !== stale.token) return;
    this.#renewing ??= this.#trade(stale).finally(() => {
      this.#renewing = null;
    });
    await this.#renewing;
  }

  async #trade(stale) {
    const response = await this.#attempt("/v1/token", {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json", Authorization: "Bearer " + stale.token },
      body: "{}",
      stop: new AbortController(),
    });
    if (response.ok) {
      const { token } = await json(response);
      if (token === stale.token) throw new ApiError("ended", { code: "token_not_renewed" });
      this.#session.set({ conversation: stale.conversation, token });
      return;
    }
    const problem = await problemOf(response);
    if (problem.status === 401) throw new ApiError("ended", problem);
    throw problem;
  }
}

function deliver(event, onEvent) {
  let body;
  try {
    body = JSON.parse(event.data);
  } catch {
    return; // no event of ours
  }
  const id = /^[0-9]{1,15}$/.test(event.id) ? Number(event.id) : 0;
  onEvent({ id, event: event.event, body });
}

async function json(response) {
  try {
    return await response.json();
  } catch {
    throw new ApiError("offline", { code: "answer_cut" });
  }
}

async function problemOf(response) {
  let said = {};
  try {
    said = await response.json();
  } catch {
    said = {}; // a proxy's page, say
  }
  const status = response.status;
  const facts = {
    status,
    code: typeof said.code === "string" ? said.code : "",
    text: typeof said.detail === "string" ? said.detail : "",
    retryAfterMs: retryAfter(response.headers.get("Retry-After")),
  };
  if (status === 429 || status >= 500) return new ApiError("busy", facts);
  if (status === 404 && facts.code !== "no_such_choice") return new ApiError("ended", facts);
  return new ApiError("refused", facts);
}

// retryAfter reads seconds; the other form, a date, would trust this clock.
function retryAfter(value) {
  const seconds = /^[0-9]{1,5}$/.test(value ?? "") ? Number(value) : 0;
  return Math.min(seconds, 300) * 1000;
}
