// What the desk's forms are made of.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { get, type Trouble } from "./api";
import { t } from "./i18n";
import { say } from "./say";

/** What was read, or words for why it was not. */
export function useRead<T>(path: string): [T | null, string, () => void, (v: T) => void] {
  const [value, set] = useState<T | null>(null);
  const [failed, setFailed] = useState("");
  const [n, again] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    get<T>(path, abort.signal).then((v) => { set(v); setFailed(""); }).catch((e: Error) => !abort.signal.aborted && setFailed(e.message));
    return () => abort.abort();
  }, [path, n]);
  return [value, failed, () => again((x) => x + 1), set];
}

export function Reading({ failed, again }: { failed: string; again: () => void }) {
  return failed === "" ? <p class="quiet">{t("loading")}</p> : <p role="alert">{failed} <button type="button" class="link" onClick={again}>{t("again")}</button></p>;
}

export async function tries<T>(what: Promise<T>, words = t("saved")): Promise<T | undefined> {
  try {
    const v = await what;
    if (words !== "") say(words);
    return v;
  } catch (err) {
    say((err as Trouble).message, "trouble");
    return undefined;
  }
}

export function Line({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }) {
  return (
    <label class="form-line">
      <span>{label}</span>
      {children}
      {hint && <span class="quiet">{hint}</span>}
    </label>
  );
}

/** A list with a value in it, or without. */
export function toggled(list: string[], v: string, on: boolean): string[] {
  return on ? [...list.filter((x) => x !== v), v] : list.filter((x) => x !== v);
}
