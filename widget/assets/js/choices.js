// The choices under a message: each a button with its number, the article's
// title, and the line of it that answers best, so that often no press is
// needed. The number is what one can write instead of pressing.

import { el } from "./dom.js";
import { markdown, plain } from "./markdown.js";
import { words } from "./words.js";

/**
 * @param {any[]} choices of one message
 * @param {(choice: any) => void} choose
 * @returns {HTMLElement}
 */
export function choiceList(choices, choose) {
  const list = el("ol", { class: "choices", "aria-label": words.choices });
  choices.forEach((c, n) => {
    const number = el("span", { class: "choice-number", "aria-hidden": "true" }, String(n + 1));
    const text = el("span", { class: "choice-text" }, el("span", { class: "choice-title", dir: "auto" }, c.title));
    const line = choiceLine(c);
    if (line !== "") text.append(el("span", { class: "unseen" }, ": "), el("span", { class: "choice-quote", dir: "auto" }, line));
    const b = el("button", { type: "button", class: "button choice" }, number, text);
    b.addEventListener("click", () => choose(c));
    list.append(el("li", {}, b));
  });
  return list;
}

/** The choices as they are read out: "1. Title: line" each. @returns {string[]} */
export function choicesAloud(choices) {
  return choices.map((c, n) => {
    const line = choiceLine(c);
    return `${n + 1}. ${c.title}${line === "" ? "" : ": " + line}`;
  });
}

/** A choice's line without markup; a table's row with what its columns are called. */
export function choiceLine(c) {
  const quote = typeof c.quote === "string" ? c.quote : "";
  if (!quote.startsWith("|")) return plain(markdown(quote)).trim();
  const heads = typeof c.header === "string" ? cells(c.header) : [];
  return cells(quote)
    .map((cell, n) => (cell !== "" && heads[n] ? heads[n] + ": " + cell : cell))
    .filter((cell) => cell !== "")
    .join(" · ");
}

function cells(row) {
  return row
    .replace(/^\||\|\s*$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => plain(markdown(cell)).trim());
}
