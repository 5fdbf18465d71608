// Where the customer writes. Enter sends, Shift+Enter begins a line; a draft
// outlives the tab. 0 in the empty box asks for a person.

import { button, el, put } from "./dom";
import type { Attachments } from "./files";
import { icon } from "./icons";
import type { Keep } from "./keep";
import { count, say } from "./words";

/** Longest message the service takes, in characters (bot.MaxText). */
const LONGEST = 8_000;
/** How often a person is told that the customer writes, in milliseconds. */
const TELL_MS = 3_000;

export interface ComposerDeps {
  keeps: Keep[]; // where the draft is kept; the first that has one counts
  send(text: string): void;
  person(): void;
  writes(): void;
  files: Attachments | null;
  placeholder: string;
}

export class Composer {
  #d: ComposerDeps;
  #field: HTMLTextAreaElement;
  #hint = el("p", { class: "hint", id: "fd-hint", role: "status" });
  #told = 0;
  node: HTMLFormElement;

  constructor(d: ComposerDeps) {
    this.#d = d;
    this.#field = el("textarea", {
      class: "field", id: "fd-write", rows: "1", placeholder: d.placeholder, enterkeyhint: "send", dir: "auto", autocomplete: "off", "aria-describedby": "fd-hint",
    });
    const label = el("label", { class: "unseen", for: "fd-write" }, say("write"));
    const send = el("button", { type: "submit", class: "button button-main button-icon", "aria-label": say("send"), title: say("send") }, icon("send", "icon-way"));
    this.node = el("form", { class: "composer" }, d.files?.node, d.files?.told, label, ...this.#picker(), this.#field, send, this.#hint);
    const drafts = d.keeps.map((k) => k.get("draft")).filter((t) => typeof t === "string");
    this.#field.value = drafts[0] ?? "";
    this.#measure();
    this.#listen();
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  /** Puts words back that were not taken, before what is being written. */
  takeBack(text: string): void {
    this.#field.value = [text, this.#field.value].filter((t) => t !== "").join("\n");
    this.#edited();
    this.focus();
  }

  /** Forgets what is being written. */
  clear(): void {
    this.#field.value = "";
    this.#edited();
  }

  /** Fits the field to its words; also needed once it becomes visible. */
  fit(): void {
    this.#field.style.height = "auto";
    this.#field.style.height = Math.min(this.#field.scrollHeight + 2, 160) + "px";
  }

  #listen(): void {
    const f = this.#field;
    f.addEventListener("input", () => {
      this.#edited();
      const now = performance.now();
      if (f.value !== "" && (this.#told === 0 || now - this.#told > TELL_MS)) {
        this.#told = now;
        this.#d.writes();
      }
    });
    // Phones' keyboards name no keys, but say what they are about to put in.
    f.addEventListener("beforeinput", (e) => {
      if (e.data !== "0" || e.isComposing || f.value !== "") return;
      e.preventDefault();
      this.#d.person();
    });
    f.addEventListener("keydown", (e) => {
      // While an input method is composing, Enter takes its suggestion.
      if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
      e.preventDefault();
      this.#submit();
    });
    f.addEventListener("paste", (e) => {
      const files = e.clipboardData?.files;
      if (this.#d.files === null || !files || files.length === 0) return;
      e.preventDefault();
      this.#d.files.add(files);
    });
    this.node.addEventListener("submit", (e) => {
      e.preventDefault();
      this.#submit();
    });
  }

  #picker(): HTMLElement[] {
    const files = this.#d.files;
    if (files === null) return [];
    const input = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", accept: "image/*,application/pdf,text/plain,text/csv" });
    input.addEventListener("change", () => {
      files.add(input.files ?? []);
      input.value = "";
      this.focus();
    });
    return [input, button({ class: "button button-icon clip", "aria-label": say("attach"), title: say("attach") }, () => input.click(), icon("clip"))];
  }

  #submit(): void {
    const text = this.#field.value;
    const files = this.#d.files;
    if (files?.busy) files.tellBusy();
    if ((text.trim() === "" && !files?.some) || tooMany(text) > 0 || files?.busy) {
      this.focus();
      return;
    }
    this.clear();
    this.#d.send(text);
  }

  // #measure says how much is too much, before anything is sent.
  #measure(): void {
    const over = tooMany(this.#field.value);
    put(this.#hint, over > 0 ? count("too_long", over) : "");
    this.#field.setAttribute("aria-invalid", String(over > 0));
  }

  #edited(): void {
    this.#measure();
    for (const k of this.#d.keeps) {
      if (this.#field.value === "") k.remove("draft");
      else k.set("draft", this.#field.value);
    }
    this.fit();
  }
}

function tooMany(text: string): number {
  // Code points, as the service counts; length alone settles nearly all cases.
  return text.length <= LONGEST ? 0 : Math.max(0, [...text.trim()].length - LONGEST);
}
