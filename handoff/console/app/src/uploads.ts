// Files on their way to the server, in pieces, by case: they go on while another
// case is looked at.

import { BASE, freshName, Trouble } from "./api";
import { t, word } from "./i18n";
import { say } from "./say";
import { Store } from "./store";
import type { SentFile } from "./types";

/** What the server takes at once, and of one file, and with one message. */
const PIECE = 512 * 1024;
const MOST_BYTES = 10 * 1024 * 1024;
export const MOST_FILES = 5;

export interface Upload {
  key: string;
  name: string;
  size: number;
  sent: number; // bytes that are there
  failed: string; // what went wrong; "": nothing
  refused: boolean; // for good: sending it again cannot help
  file: SentFile | null; // once it is kept
  again: () => void;
  stop: AbortController;
}

export const uploads = new Store<{ of: Record<string, Upload[]> }>({ of: {} });

const NONE: Upload[] = [];
export const uploadsOf = (id: string): Upload[] => uploads.state.of[id] ?? NONE;

function change(id: string, key: string, to: Partial<Upload> | null): void {
  const list = uploadsOf(id).flatMap((u) => (u.key !== key ? [u] : to === null ? [] : [{ ...u, ...to }]));
  uploads.set({ of: { ...uploads.state.of, [id]: list } });
}

/** Begins to send files; what cannot be sent is said at once. */
export function add(id: string, files: Iterable<File>): void {
  for (const f of files) {
    if (uploadsOf(id).length >= MOST_FILES) {
      say(t("files.many", { n: MOST_FILES }), "trouble");
      return;
    }
    if (f.size > MOST_BYTES) {
      say(t("files.large", { name: f.name }), "trouble");
      continue;
    }
    if (f.size === 0) {
      say(t("files.empty", { name: f.name }), "trouble");
      continue;
    }
    const key = freshName();
    const stop = new AbortController();
    const again = () => {
      change(id, key, { failed: "" });
      void send(id, key, f, stop.signal);
    };
    const up: Upload = { key, name: f.name || t("files.pasted"), size: f.size, sent: 0, failed: "", refused: false, file: null, again, stop };
    uploads.set({ of: { ...uploads.state.of, [id]: [...uploadsOf(id), up] } });
    void send(id, key, f, stop.signal);
  }
}

/** Takes one back before it is sent. */
export function drop(id: string, key: string): void {
  uploadsOf(id).find((u) => u.key === key)?.stop.abort();
  change(id, key, null);
}

/** The files that go with a message now; nothing is left of them here. */
export function takeFiles(id: string): SentFile[] {
  const files = uploadsOf(id).flatMap((u) => (u.file === null ? [] : [u.file]));
  uploads.set({ of: { ...uploads.state.of, [id]: [] } });
  return [...new Map(files.map((f) => [f.id, f])).values()]; // the same bytes twice are one file
}

/** Puts files back that were not sent after all. */
export function putBack(id: string, files: SentFile[]): void {
  const list = files.map((f) => ({ key: f.id, name: f.name, size: f.size, sent: f.size, failed: "", refused: false, file: f, again: () => {}, stop: new AbortController() }));
  uploads.set({ of: { ...uploads.state.of, [id]: [...uploadsOf(id), ...list].slice(0, MOST_FILES) } });
}

/** Why a file is refused, in the reader's language where there are words for it. */
function why(err: Trouble): string {
  const words = word("files.no.", err.code);
  return words === err.code ? err.message : words;
}

async function send(id: string, key: string, f: File, signal: AbortSignal): Promise<void> {
  let at = 0;
  for (let tries = 0; ; ) {
    try {
      const got = await piece(id, key, f, at, signal);
      if ("id" in got) {
        change(id, key, { sent: f.size, file: got });
        return;
      }
      at = got.received;
      tries = 0;
      change(id, key, { sent: at });
    } catch (err) {
      if (signal.aborted) return;
      if (err instanceof Trouble && !err.passing) return change(id, key, { failed: why(err), refused: true });
      if (++tries > 4) return change(id, key, { failed: err instanceof Trouble ? err.message : t("away") });
      await new Promise((r) => setTimeout(r, 500 * 2 ** tries)); // the network is back soon, or it is not
    }
  }
}

async function piece(id: string, key: string, f: File, at: number, signal: AbortSignal): Promise<SentFile | { received: number }> {
  const end = Math.min(at + PIECE, f.size);
  const response = await fetch(`${BASE}/cases/${id}/files`, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      "Content-Type": f.type || "application/octet-stream",
      "X-File-Name": encodeURIComponent(f.name),
      "X-File-Upload": key,
      "Content-Range": `bytes ${at}-${end - 1}/${f.size}`,
    },
    body: f.slice(at, end),
    signal: AbortSignal.any([signal, AbortSignal.timeout(45_000)]),
  });
  const body = (await response.json()) as { code?: string; detail?: string };
  if (response.ok) return body as SentFile | { received: number };
  throw new Trouble(response.status, body.code ?? "unknown", body.detail ?? t("away"));
}
