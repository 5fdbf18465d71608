// Requests to the desk's API. An error says what happened in words that can be
// shown: the server's own, or ours where it was not reached.

export const BASE = "/desk/api/v1";

export class Trouble extends Error {
  status: number;
  code: string;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
  /** Nothing was reached, or it is away: trying again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

let onSignedOut: () => void = () => {};
let away: () => string = () => "";

/** Says what to do when the session is over, and the words for a lost network. */
export function prepare(signedOut: () => void, words: () => string): void {
  onSignedOut = signedOut;
  away = words;
}

interface Options {
  body?: unknown;
  signal?: AbortSignal;
  keepalive?: boolean;
  quiet?: boolean; // a session that is over is no news
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  let response: Response;
  const timeout = AbortSignal.timeout(20_000);
  try {
    response = await fetch(BASE + path, {
      method,
      credentials: "same-origin",
      headers: options.body === undefined ? {} : { "Content-Type": "application/json" },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
      keepalive: options.keepalive,
    });
  } catch (err) {
    if (options.signal?.aborted) throw err;
    throw new Trouble(0, "away", away());
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text().catch(() => "");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (response.ok && body !== undefined) return body as T;
  const problem = (body ?? {}) as { code?: string; detail?: string };
  const trouble = new Trouble(response.status, problem.code ?? "unknown", problem.detail ?? away());
  if (response.status === 401 && !options.quiet) onSignedOut();
  throw trouble;
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, { signal });
export const post = <T>(path: string, body: unknown = {}, options: Options = {}) => call<T>("POST", path, { ...options, body });
export const put = <T>(path: string, body: unknown, options: Options = {}) => call<T>("PUT", path, { ...options, body });
export const patch = <T>(path: string, body: unknown) => call<T>("PATCH", path, { body });
export const del = <T>(path: string) => call<T>("DELETE", path);

/** A random name for something sent, also where the page is not on https. */
export function freshName(): string {
  const b = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
}
