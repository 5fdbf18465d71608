// The way to a person: a button that is always in sight, and, once pressed,
// where that stands.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "./words.js";

export class Person {
  #button;
  #card;
  #shown = "";
  #fresh;
  node;

  /** @param {{ask: () => void, fresh: () => void}} deps */
  constructor({ ask, fresh }) {
    this.#fresh = fresh;
    this.#button = el("button", { type: "button", class: "button talk" }, icon("person"), el("span", {}, words.talk));
    this.#button.addEventListener("click", ask);
    this.#card = el("div", { class: "case", role: "status" });
    this.node = el("div", { class: "person" }, this.#card, this.#button);
  }

  /**
   * @param {import("./chat.js").Chat} chat
   * @returns {boolean} may the customer ask for a person now?
   */
  show(chat) {
    const { owner, askingPerson, personRefused } = chat;
    const canAsk = owner.owner === "bot" && !askingPerson;
    const now = JSON.stringify([owner, askingPerson, personRefused]);
    if (now === this.#shown) return canAsk;
    this.#shown = now;
    const away = owner.owner !== "bot";
    if (away && this.#button.contains(document.activeElement)) queueMicrotask(() => this.#card.focus());
    this.#button.hidden = away;
    // Not "disabled": that would drop the focus of whoever has just pressed it.
    this.#button.setAttribute("aria-disabled", String(askingPerson));
    this.#button.lastChild.textContent = askingPerson ? words.asking : words.talk;
    this.#card.tabIndex = -1;
    this.#card.dataset.is = owner.owner;
    this.#card.replaceChildren(...this.#cardOf(owner, personRefused));
    return canAsk;
  }

  #cardOf(owner, refused) {
    switch (owner.owner) {
      case "queue":
        return [
          el("p", { class: "case-title" }, icon("line"), words.inLine),
          facts(owner),
          el("p", { class: "quiet" }, words.stay),
        ];
      case "agent":
        return [el("p", { class: "case-title" }, icon("person"), words.has(owner.name ?? "")), facts(owner)];
      case "nobody": {
        const again = el("button", { type: "button", class: "button" }, words.fresh);
        again.addEventListener("click", this.#fresh);
        return [el("p", { class: "case-title" }, words.closed), again];
      }
      default:
        return refused === "" ? [] : [el("p", {}, refused)];
    }
  }
}

function facts({ reference, position, estimate }) {
  const list = el("ul", { class: "facts" });
  if (reference) list.append(el("li", {}, words.reference + " ", el("strong", { class: "reference" }, reference)));
  if (Number.isSafeInteger(position) && position > 0) list.append(el("li", {}, words.place(position)));
  if (estimate) list.append(el("li", { dir: "auto" }, estimate));
  return list;
}
