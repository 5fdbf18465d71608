// Where the customer writes. Enter sends, Shift+Enter begins a line; a draft
// outlives a reload.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "./words.js";

/** Longest message the service takes, in characters (bot.MaxText). */
const LONGEST = 8_000;

export class Composer {
  #keep;
  #send;
  #field;
  #hint;
  node;

  /** @param {{keep: any, send: (text: string) => void}} deps */
  constructor({ keep, send }) {
    this.#keep = keep;
    this.#send = send;
    this.#field = el("textarea", { class: "field", id: "fd-write", rows: "1", placeholder: words.write, enterkeyhint: "send", dir: "auto", autocomplete: "off", "aria-describedby": "fd-hint" });
    this.#hint = el("p", { class: "hint", id: "fd-hint", role: "status" });
    const label = el("label", { class: "unseen", for: "fd-write" }, words.write);
    const button = el("button", { type: "submit", class: "button button-main button-icon", "aria-label": words.send }, icon("send", "icon-way"));
    this.node = el("form", { class: "composer" }, label, this.#field, button, this.#hint);
    this.#field.value = String(keep.get("draft") ?? "");
    this.#field.addEventListener("input", () => this.#edited());
    this.#field.addEventListener("keydown", (e) => {
      // While an input method is composing, Enter takes its suggestion.
      if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
      e.preventDefault();
      this.#submit();
    });
    this.node.addEventListener("submit", (e) => {
      e.preventDefault();
      this.#submit();
    });
  }

  focus() {
    this.#field.focus();
  }

  /** Puts words back that were not taken, before what is being written. */
  takeBack(text) {
    this.#field.value = [text, this.#field.value].filter((t) => t !== "").join("\n");
    this.#edited();
    this.focus();
  }

  /** Fits the field to its words; also needed once it becomes visible. */
  fit() {
    this.#field.style.height = "auto";
    this.#field.style.height = Math.min(this.#field.scrollHeight + 2, 160) + "px";
  }

  #submit() {
    const text = this.#field.value;
    if (text.trim() === "" || tooMany(text) > 0) {
      this.focus();
      return;
    }
    this.#field.value = "";
    this.#edited();
    this.#send(text);
  }

  #edited() {
    const over = tooMany(this.#field.value);
    this.#hint.textContent = over > 0 ? words.tooLong(over) : "";
    this.#field.setAttribute("aria-invalid", String(over > 0));
    if (this.#field.value === "") this.#keep.remove("draft");
    else this.#keep.set("draft", this.#field.value);
    this.fit();
  }
}

function tooMany(text) {
  // Code points, as the service counts; length alone settles nearly all cases.
  return text.length <= LONGEST ? 0 : Math.max(0, [...text.trim()].length - LONGEST);
}
