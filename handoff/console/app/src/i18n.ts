// The desk's words in the reader's language. English is whole by its type; a
// language that lacks a key does not compile.

import { de } from "./words.de";
import { en } from "./words.en";

export type Key = keyof typeof en;
export type Words = Record<Key, string>;

const all: Record<string, Words> = { en, de };
export const LANGUAGES: [string, string][] = [
  ["en", "English"],
  ["de", "Deutsch"],
];

function chosen(): string {
  try {
    const kept = localStorage.getItem("desk.language");
    if (kept !== null && kept in all) return kept;
  } catch {
    // no storage: the browser's language then
  }
  for (const l of navigator.languages) {
    const primary = l.toLowerCase().split("-")[0];
    if (primary in all) return primary;
  }
  return "en";
}

export let language = chosen();
document.documentElement.lang = language;

export function setLanguage(l: string): void {
  language = l in all ? l : "en";
  document.documentElement.lang = language;
  try {
    localStorage.setItem("desk.language", language);
  } catch {
    // for this page only, then
  }
}

/** The reader's own way to write dates: British English, Austrian German. */
export const locale = (): string => navigator.languages.find((l) => l.toLowerCase().split("-")[0] === language) ?? language;

/** Words for a key; {name} in them is replaced, {n|one|many} chooses by number. */
export function t(key: Key, vars: Record<string, string | number> = {}): string {
  const words = all[language][key] ?? en[key];
  return words
    .replace(/\{(\w+)\|([^|{}]*)\|((?:[^{}]|\{\w+\})*)\}/g, (_, name: string, one: string, many: string) => (Number(vars[name]) === 1 ? one : many))
    .replace(/\{(\w+)\}/g, (whole, name: string) => (vars[name] === undefined ? whole : String(vars[name])));
}

/** Words for a value of a fixed list, or the value itself where it is another's. */
export function word(prefix: string, value: string): string {
  const key = (prefix + value) as Key;
  return all[language][key] ?? value;
}

/** The name of a language in the reader's own. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
