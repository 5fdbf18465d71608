// The conversation on screen, one list item a message. An item stays the same
// element from "sending" to "rated", so that nothing moves and no focus is lost.

import { choiceList } from "./choices.js";
import { el, render } from "./dom.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { reachable } from "./passage.js";
import { scoreRow } from "./scores.js";
import { words } from "./words.js";

/**
 * @typedef {object} Doings what a customer can do with a line
 * @property {(citation: any, opener: HTMLElement) => void} open
 * @property {(citation: any) => string} address
 * @property {(message: string, choice: any) => void} choose
 * @property {() => void} askPerson
 * @property {(id: string, helpful: boolean) => Promise<void>} rate
 * @property {(id: string) => boolean | number | undefined} rated
 * @property {(id: string, about: string, score: number) => Promise<void>} score
 * @property {(id: string) => void} edit
 */

export class Lines {
  #doings;
  /** @type {Map<string, {node: HTMLElement, update: (line: any, facts: any) => void, shape: string}>} */
  #items = new Map();
  node = el("ol", { class: "lines", "aria-label": words.conversation });

  /** @param {Doings} doings */
  constructor(doings) {
    this.#doings = doings;
  }

  /**
   * Shows these lines, in this order, and no others.
   * @param {import("./log.js").Line[]} lines
   * @param {import("./outbox.js").Pending[]} pending
   * @param {{canAsk: boolean}} facts
   * @returns {HTMLElement[]} items that are new
   */
  show(lines, pending, facts) {
    const wanted = [...lines, ...pending.map(asLine)];
    const keys = new Set(wanted.map((l) => l.key));
    for (const [key, item] of this.#items) {
      if (keys.has(key)) continue;
      item.node.remove();
      this.#items.delete(key);
    }
    const fresh = [];
    let before = null;
    let speaker = "";
    for (const line of wanted) {
      const shape = line.author === "customer" ? "own" : "said";
      let item = this.#items.get(line.key);
      if (item === undefined || item.shape !== shape) {
        item?.node.remove();
        item = { ...(shape === "own" ? this.#own() : this.#said(line)), shape };
        this.#items.set(line.key, item);
        fresh.push(item.node);
      }
      const place = before === null ? this.node.firstChild : before.nextSibling;
      if (place !== item.node) this.node.insertBefore(item.node, place);
      item.node.classList.toggle("follows", speaker === line.author + line.name);
      item.update(line, facts);
      speaker = line.author + line.name;
      before = item.node;
    }
    for (const node of fresh) reachable(node);
    return fresh;
  }

  // A customer's own words: plain text, whatever they look like.
  #own() {
    const text = el("p", { class: "bubble", dir: "auto" });
    const state = el("p", { class: "state", hidden: true });
    const node = el("li", { class: "line own" }, el("span", { class: "unseen" }, words.you + ": "), text, state);
    let shown = "";
    return {
      node,
      update: (line) => {
        if (text.textContent !== line.text) text.textContent = line.text;
        const now = line.pending === undefined ? "" : line.pending + line.why;
        if (now === shown) return;
        shown = now;
        const here = now !== "" && line.pending !== "sent";
        node.classList.toggle("unsent", here);
        state.hidden = !here;
        state.replaceChildren(...this.#stateOf(line));
      },
    };
  }

  #stateOf(line) {
    if (line.pending === "sent") return [];
    if (line.pending === "sending") return [words.sending];
    if (line.pending === "waiting") return [words.waitingToSend];
    if (line.pending !== "refused") return [];
    const edit = el("button", { type: "button", class: "button button-quiet" }, words.edit);
    edit.addEventListener("click", () => this.#doings.edit(line.key));
    return [words.notTaken + " " + line.why + " ", edit];
  }

  // What anybody else says. Its words never change once they are whole.
  #said(line) {
    const text = el("div", { class: "prose", dir: "auto" });
    if (line.lang !== "" && /^[A-Za-z-]{2,35}$/.test(line.lang)) text.setAttribute("lang", line.lang);
    if (line.author === "bot") text.append(render(markdown(line.text)));
    else text.append(...paragraphs(line.text));
    const node = el("li", { class: "line " + line.author }, speakerOf(line), text);
    if (line.choices.length > 0) node.append(choiceList(line.choices, (c) => this.#doings.choose(line.id, c)));
    if (line.citations.length > 0) node.append(this.#sources(line.citations));
    if (line.degraded) node.append(el("p", { class: "state" }, words.degraded));
    const foot = line.author === "bot" && line.citations.length > 0 ? this.#feedback(line.id) : null;
    if (foot !== null) node.append(foot.node);
    const scores = line.rate === "" ? null : scoreRow(() => this.#doings.rated(line.id), (n) => this.#doings.score(line.id, line.rate, n));
    if (scores !== null) node.append(scores.node);
    const offer = this.#personButton();
    node.append(offer);
    return {
      node,
      update: (now, facts) => {
        foot?.update();
        scores?.update();
        const unhelped = now.id !== "" && this.#doings.rated(now.id) === false;
        offer.hidden = !facts.canAsk || !(now.offer || unhelped);
      },
    };
  }

  #sources(citations) {
    const p = el("p", { class: "source" }, icon("page"), el("span", {}, words.from + " "));
    // Several pieces of one article are one source: it opens at the first of them.
    const firsts = citations.filter((c, n) => citations.findIndex((o) => o.article === c.article) === n);
    firsts.forEach((c, n) => {
      const a = el("a", { href: this.#doings.address(c), dir: "auto" }, c.title);
      a.addEventListener("click", (e) => {
        if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return; // a new tab, as asked
        e.preventDefault();
        this.#doings.open(c, a);
      });
      p.lastChild.append(n === 0 ? "" : ", ", a);
    });
    return p;
  }

  #feedback(id) {
    const note = el("span", { class: "noted", role: "status" });
    const button = (helpful) => {
      const mark = icon(helpful ? "yes" : "no");
      const b = el("button", { type: "button", class: "button button-quiet", "aria-pressed": "false" }, mark, helpful ? words.helped : words.notQuite);
      b.addEventListener("click", () => {
        this.#doings
          .rate(id, helpful)
          .catch(() => {
            note.textContent = words.notNoted;
          })
          .finally(() => {
            note.scrollIntoView({ block: "nearest" });
            b.closest("li")?.lastElementChild.scrollIntoView({ block: "nearest" });
          });
      });
      return b;
    };
    const yes = button(true);
    const no = button(false);
    return {
      node: el("div", { class: "feedback" }, yes, no, note),
      update: () => {
        const rated = this.#doings.rated(id);
        yes.setAttribute("aria-pressed", String(rated === true));
        no.setAttribute("aria-pressed", String(rated === false));
        if (rated === true) set(note, words.thanks);
        if (rated === false) set(note, words.sorry);
      },
    };
  }

  #personButton() {
    const b = el("button", { type: "button", class: "button offer", hidden: true }, icon("person"), words.talk);
    b.addEventListener("click", () => this.#doings.askPerson());
    return b;
  }
}

function asLine(p) {
  return { key: p.id, id: "", author: "customer", name: "", text: p.text, pending: p.state, why: p.why };
}

function speakerOf(line) {
  const who =
    line.author === "bot" ? words.assistant : line.author === "agent" ? (line.name || words.person) : words.service;
  const p = el("p", { class: "speaker" }, who);
  if (line.author === "agent" && line.name !== "") p.append(el("span", { class: "role" }, " · " + words.person));
  const at = new Date(line.at);
  if (line.at !== "" && !Number.isNaN(at.getTime())) {
    const short = at.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" });
    p.append(el("time", { datetime: line.at, title: at.toLocaleString() }, " " + short));
  }
  return p;
}

function paragraphs(text) {
  return text.split(/\n{2,}/).map((t) => el("p", { class: "plain" }, t));
}

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
