// The passage behind a citation, opened in place: the article over the
// conversation, at the quoted words, which are marked.

import { adopt, el, render } from "./dom.js";
import { icon } from "./icons.js";
import { safeLink } from "./links.js";
import { markdown } from "./markdown.js";
import { words } from "./words.js";

const SLOW_MS = 300; // under this a word about waiting would only flicker

export class Passage {
  #help;
  #behind;
  #opener = null;
  #request = null;
  #title;
  #link;
  #body;
  /** The element to put over the conversation. */
  node;

  /**
   * @param {{help: string, behind: () => HTMLElement[]}} deps
   *   help: path of the help pages; behind: what is out of reach while it is open
   */
  constructor({ help, behind }) {
    this.#help = help;
    this.#behind = behind;
    this.#title = el("h3", { class: "passage-title", tabindex: "-1", id: "fd-passage-title", dir: "auto" });
    this.#link = el("a", { class: "passage-link" }, words.openPage);
    this.#body = el("div", { class: "passage-body prose", tabindex: "0", role: "region", "aria-labelledby": "fd-passage-title" });
    const back = el("button", { type: "button", class: "button button-icon", "aria-label": words.back }, icon("back", "icon-way"));
    back.addEventListener("click", () => this.close());
    this.node = el("div", { class: "passage", hidden: true }, el("div", { class: "passage-head" }, back, this.#title), this.#body, el("p", { class: "passage-foot" }, icon("page"), this.#link));
  }

  get open() {
    return !this.node.hidden;
  }

  /** Shows a citation's passage; closing gives the focus back to opener. */
  show(citation, opener) {
    this.#opener = opener;
    this.#title.textContent = citation.title;
    const page = safeLink(citation.url || "", location.href) ?? { href: this.address(citation), outside: false };
    this.#link.setAttribute("href", page.href);
    this.node.hidden = false;
    for (const e of this.#behind()) e.inert = true;
    this.#title.focus();
    this.#load(citation);
  }

  close() {
    if (!this.open) return;
    this.#request?.abort();
    this.node.hidden = true;
    for (const e of this.#behind()) e.inert = false;
    this.#opener?.focus();
  }

  /** The help page that shows the quoted words marked. */
  address(citation, fragment = false) {
    const path = citation.article.split("/").map(encodeURIComponent).join("/");
    const q = new URLSearchParams();
    if (fragment) q.set("fragment", "1");
    q.set("g", String(citation.generation));
    q.set("from", String(citation.from));
    q.set("to", String(citation.to));
    q.set("sum", sum(citation.quote));
    return this.#help + "/" + path + "?" + q;
  }

  #load(citation) {
    this.#request?.abort();
    this.#body.replaceChildren();
    const slow = setTimeout(() => this.#body.replaceChildren(el("p", { class: "quiet" }, words.opening)), SLOW_MS);
    // A request for a document rather than for text: the browser parses it, and
    // no string of HTML passes through this page's hands.
    const request = new XMLHttpRequest();
    this.#request = request;
    request.open("GET", this.address(citation, true));
    request.responseType = "document";
    request.timeout = 10_000;
    request.onloadend = () => {
      clearTimeout(slow);
      if (request !== this.#request || !this.open) return;
      const article = request.status === 200 ? request.response?.querySelector("article") : null;
      if (article) this.#fill(article, citation);
      else this.#fallBack(citation);
    };
    request.send();
  }

  #fill(article, citation) {
    const part = el("div", {}, adopt(article));
    for (const name of ["lang", "dir"]) if (article.getAttribute(name)) part.setAttribute(name, article.getAttribute(name));
    const kids = [part];
    if (article.dataset.quote === "changed") {
      const note = el("p", {}, article.dataset.note ?? "");
      kids.unshift(el("div", { class: "note" }, note, el("p", {}, words.quotedThen), quoted(citation)));
    }
    this.#body.replaceChildren(...kids);
    reachable(this.#body);
    const mark = this.#body.querySelector("[data-quoted]");
    const top = mark === null ? 0 : mark.getBoundingClientRect().top - this.#body.getBoundingClientRect().top - this.#body.clientHeight / 5;
    this.#body.scrollTop = Math.max(0, top);
  }

  #fallBack(citation) {
    this.#body.replaceChildren(el("p", {}, words.notOpened), quoted(citation));
  }
}

/** Lets a keyboard into every box of `root` that scrolls sideways. */
export function reachable(root) {
  for (const box of root.querySelectorAll(".table, pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

function quoted(citation) {
  return el("blockquote", { dir: "auto" }, render(markdown(citation.quote)));
}

// sum is FNV-1a over the quote's UTF-8, in 32 bits: enough for the server to
// find the same words again in a page that was edited around them.
function sum(text) {
  let h = 0x811c9dc5;
  for (const b of new TextEncoder().encode(text)) h = Math.imul(h ^ b, 0x01000193);
  return (h >>> 0).toString(16).padStart(8, "0");
}
