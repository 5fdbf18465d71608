// Moments and spans of time in the reader's language and zone.

import { language, locale, t } from "./i18n";

let skew = 0; // of the server's clock against ours, in ms

/** Sets our clock by the server's: who waits for how long is the same on every desk. */
export function setClock(serverNow: string): void {
  const d = Date.parse(serverNow) - Date.now();
  if (Number.isFinite(d)) skew = Math.abs(d) < 2_000 ? 0 : d;
}

export const now = (): number => Date.now() + skew;

const formats = new Map<string, Intl.DateTimeFormat>();
function format(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + kind;
  let f = formats.get(key);
  if (f === undefined) {
    f = new Intl.DateTimeFormat(locale(), options);
    formats.set(key, f);
  }
  return f;
}

export const clock = (at: string | number): string => format("clock", { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
export const full = (at: string | number): string => format("full", { dateStyle: "full", timeStyle: "short" }).format(new Date(at));
export const day = (at: string | number): string => format("day", { weekday: "long", day: "numeric", month: "long" }).format(new Date(at));
export const date = (at: string | number): string => format("date", { day: "numeric", month: "short", year: "numeric" }).format(new Date(at));
const shortDay = (at: number): string => format("short", { day: "numeric", month: "short" }).format(new Date(at));

export const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** "2 min": how long, in its largest unit. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return t("span.now");
  const min = Math.floor(s / 60);
  if (min < 60) return t("span.min", { n: min });
  const h = Math.floor(min / 60);
  if (h < 48) return t("span.h", { n: h });
  return t("span.d", { n: Math.floor(h / 24) });
}

/** A moment as short as it can be said: a time today, a date before. */
export function moment(at: string): string {
  const m = Date.parse(at);
  return sameDay(m, now()) ? clock(m) : shortDay(m) + ", " + clock(m);
}

/** A day in words: today, yesterday, or its date. */
export function dayWord(at: number): string {
  if (sameDay(at, now())) return t("day.today");
  if (sameDay(at, now() - 86_400_000)) return t("day.yesterday");
  return day(at);
}
