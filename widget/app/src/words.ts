// Every word the widget says of its own, in the language that the page that
// holds it came with. The service's words (answers, errors, what it says on
// handing over) come from the service.

import type en from "../words/en.json";

export type Words = typeof en;
type Plain = { [K in keyof Words]: Words[K] extends string ? K : never }[keyof Words];
type Plural = { [K in keyof Words]: Words[K] extends { other: string } ? K : never }[keyof Words];
type Listed = { [K in keyof Words]: Words[K] extends string[] ? K : never }[keyof Words];

let words: Words;
let tag = "en";
let rules: Intl.PluralRules | null = null; // made when a number is first said: dear on a phone, and an opened chat says none

/** Says in which language everything is said from now on. */
export function speak(lang: string, all: Words): void {
  words = all;
  tag = lang;
  rules = null;
}

export const language = (): string => tag;

/** A text; what stands in braces is filled in. */
export function say(key: Plain, fill: Record<string, string> = {}): string {
  return filled(words[key] as string, fill);
}

/** A text that depends on a number. */
export function count(key: Plural, n: number): string {
  const forms = words[key] as Record<string, string>;
  rules ??= new Intl.PluralRules(tag);
  return filled(forms[rules.select(n)] ?? forms.other, { n: new Intl.NumberFormat(tag).format(n) });
}

export const list = (key: Listed): string[] => words[key] as string[];

function filled(text: string, fill: Record<string, string>): string {
  return text.replace(/\{([a-z]+)\}/g, (all, name: string) => fill[name] ?? all);
}

/** A moment as people write it here: the time today, the day with it otherwise. */
export function moment(at: Date, now = new Date()): string {
  const today = at.toDateString() === now.toDateString();
  const day: Intl.DateTimeFormatOptions = today ? {} : { weekday: "short", day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(tag, { ...day, hour: "numeric", minute: "2-digit" }).format(at);
}

export function wholeMoment(at: Date): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: "full", timeStyle: "short" }).format(at);
}
