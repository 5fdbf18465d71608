// The passage behind a citation, opened in place: the article over the
// conversation, at the quoted words, which are marked. An article of the topic
// menu opens the same way, from its beginning.

import { adopt, button, el, render } from "./dom";
import { icon } from "./icons";
import { safeLink } from "./links";
import type { Citation } from "./log";
import { markdown } from "./markdown";
import { say } from "./words";

const SLOW_MS = 300; // under this a word about waiting would only flicker

/** What to open: a citation, or an article without a quote. */
export interface Opened extends Partial<Citation> {
  article: string;
  title: string;
}

export class Passage {
  #help: string;
  #behind: () => HTMLElement[];
  #opener: HTMLElement | null = null;
  #request: XMLHttpRequest | null = null;
  #title = el("h2", { class: "passage-title", tabindex: "-1", id: "fd-passage-title", dir: "auto" });
  #link = el("a", { class: "passage-link", target: "_blank", rel: "noopener" }, say("open_page"));
  #body = el("div", { class: "passage-body prose", tabindex: "0", role: "region", "aria-labelledby": "fd-passage-title" });
  /** The element to put over the conversation. */
  node: HTMLElement;

  /** help: path of the help pages; behind: what is out of reach while it is open. */
  constructor(help: string, behind: () => HTMLElement[]) {
    this.#help = help;
    this.#behind = behind;
    const back = button({ class: "button button-icon", "aria-label": say("back"), title: say("back") }, () => this.close(), icon("back", "icon-way"));
    this.node = el("div", { class: "passage", hidden: true }, el("div", { class: "passage-head" }, back, this.#title), this.#body, el("p", { class: "passage-foot" }, icon("page"), this.#link));
  }

  get open(): boolean {
    return !this.node.hidden;
  }

  /** Shows a passage; closing gives the focus back to opener. */
  show(c: Opened, opener: HTMLElement): void {
    this.#opener = opener;
    this.#title.textContent = c.title;
    const page = safeLink(c.url || "", location.href) ?? { href: this.address(c) };
    this.#link.setAttribute("href", page.href);
    this.node.hidden = false;
    for (const e of this.#behind()) e.inert = true;
    this.#title.focus();
    this.#load(c);
  }

  close(focus = true): void {
    if (!this.open) return;
    this.#request?.abort();
    this.node.hidden = true;
    for (const e of this.#behind()) e.inert = false;
    if (focus) this.#opener?.focus();
  }

  /** The help page that shows the quoted words marked. */
  address(c: Opened, fragment = false): string {
    const path = c.article.split("/").map(encodeURIComponent).join("/");
    const q = new URLSearchParams();
    if (fragment) q.set("fragment", "1");
    if (c.quote) {
      q.set("g", String(c.generation));
      q.set("from", String(c.from));
      q.set("to", String(c.to));
      q.set("sum", sum(c.quote));
    }
    return this.#help + "/" + path + (q.size > 0 ? "?" + q : "");
  }

  #load(c: Opened): void {
    this.#request?.abort();
    this.#body.replaceChildren();
    const slow = setTimeout(() => this.#body.replaceChildren(el("p", { class: "quiet" }, say("opening"))), SLOW_MS);
    // A request for a document rather than for text: the browser parses it, and
    // no string of HTML passes through this page's hands.
    const request = new XMLHttpRequest();
    this.#request = request;
    request.open("GET", this.address(c, true));
    request.responseType = "document";
    request.timeout = 10_000;
    request.onloadend = () => {
      clearTimeout(slow);
      if (request !== this.#request || !this.open) return;
      const article = request.status === 200 ? request.response?.querySelector("article") : null;
      if (article) this.#fill(article, c);
      else this.#body.replaceChildren(el("p", {}, say("not_opened") + (c.quote ? " " + say("quoted_then") : "")), ...quoted(c));
    };
    request.send();
  }

  #fill(article: HTMLElement, c: Opened): void {
    const part = el("div", {}, adopt(article));
    for (const name of ["lang", "dir"]) if (article.getAttribute(name)) part.setAttribute(name, article.getAttribute(name) ?? "");
    const kids: HTMLElement[] = [part];
    if (article.dataset.quote === "changed" && c.quote) {
      kids.unshift(el("div", { class: "note" }, el("p", {}, article.dataset.note ?? ""), el("p", {}, say("quoted_then")), ...quoted(c)));
    }
    this.#body.replaceChildren(...kids);
    reachable(this.#body);
    const mark = this.#body.querySelector("[data-quoted]");
    const top = mark === null ? 0 : mark.getBoundingClientRect().top - this.#body.getBoundingClientRect().top - this.#body.clientHeight / 5;
    this.#body.scrollTop = Math.max(0, top);
  }
}

/** Lets a keyboard into every box of root that scrolls sideways. */
export function reachable(root: HTMLElement): void {
  for (const box of root.querySelectorAll<HTMLElement>(".table, pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

function quoted(c: Opened): HTMLElement[] {
  return c.quote ? [el("blockquote", { dir: "auto" }, render(markdown(c.quote)))] : [];
}

// sum is FNV-1a over the quote's UTF-8, in 32 bits: enough for the server to
// find the same words again in a page that was edited around them.
function sum(text: string): string {
  let h = 0x811c9dc5;
  for (const b of new TextEncoder().encode(text)) h = Math.imul(h ^ b, 0x01000193);
  return (h >>> 0).toString(16).padStart(8, "0");
}
