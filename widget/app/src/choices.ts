// The choices under a message: each a button with its number, the article's
// title, and the line of it that answers best, so that often no press is
// needed. The number is what one can write instead of pressing.

import { button, el } from "./dom";
import type { Choice } from "./log";
import { markdown, plain } from "./markdown";
import { say } from "./words";

export function choiceList(choices: Choice[], choose: (c: Choice) => void): HTMLElement {
  const list = el("ol", { class: "choices", "aria-label": say("choices") });
  choices.forEach((c, n) => {
    const number = el("span", { class: "choice-number", "aria-hidden": "true" }, String(n + 1));
    const text = el("span", { class: "choice-text" }, el("span", { class: "choice-title", dir: "auto" }, c.title));
    const line = choiceLine(c);
    if (line !== "") text.append(el("span", { class: "unseen" }, ": "), el("span", { class: "choice-quote", dir: "auto" }, line));
    list.append(el("li", {}, button({ class: "button choice" }, () => choose(c), number, text)));
  });
  return list;
}

/** The choices as they are read out: "1. Title: line" each. */
export function choicesAloud(choices: Choice[]): string[] {
  return choices.map((c, n) => {
    const line = choiceLine(c);
    return `${n + 1}. ${c.title}${line === "" ? "" : ": " + line}`;
  });
}

/** A choice's line without markup; a table's row with what its columns are called. */
export function choiceLine(c: Choice): string {
  const quote = typeof c.quote === "string" ? c.quote : "";
  if (!quote.startsWith("|")) return plain(markdown(quote)).trim();
  const heads = typeof c.header === "string" ? cells(c.header) : [];
  return cells(quote)
    .map((cell, n) => (cell !== "" && heads[n] ? heads[n] + ": " + cell : cell))
    .filter((cell) => cell !== "")
    .join(" · ");
}

function cells(row: string): string[] {
  return row
    .replace(/^\||\|\s*$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => plain(markdown(cell)).trim());
}
