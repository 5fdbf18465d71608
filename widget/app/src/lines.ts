// The conversation on screen, one list item a message. An item stays the same
// element from "sending" to "rated", so that nothing moves and no focus is lost.

import { choiceList } from "./choices";
import { button, el, put, render } from "./dom";
import { fileRow } from "./files";
import { icon } from "./icons";
import type { Choice, Citation, Line, SentFile } from "./log";
import { markdown } from "./markdown";
import type { Pending } from "./outbox";
import { reachable } from "./passage";
import type { Rated } from "./ratings";
import { scoreRows } from "./scores";
import { language, moment, say, wholeMoment } from "./words";

/** What a customer can do with a line. */
export interface Doings {
  open(c: Citation, opener: HTMLElement): void;
  address(c: Citation): string;
  choose(message: string, c: Choice): void;
  askPerson(): void;
  rate(id: string, helpful: boolean): Promise<void>;
  rated(id: string): Rated;
  score(id: string, about: string, score: number): Promise<void>;
  effort(id: string, about: string, ease: number): Promise<void>;
  eased(id: string): Rated;
  edit(id: string): void;
  load(f: SentFile): Promise<string>;
}

interface Facts {
  canAsk: boolean; // for a person; said under the last line that is a reason to
  readUpTo: number; // of what the customer said, a person has read it up to this event
}

interface Item {
  node: HTMLElement;
  shape: "own" | "said";
  update(l: Line, f: Facts, read: boolean, offer: boolean): void; // read: nothing later of the customer's was
}

/** How many lines are on screen at most before earlier ones wait behind a button, and how many that brings: each press is one task. */
const SHOWN = 120;
const MORE = 30;

export class Lines {
  #doings: Doings;
  #items = new Map<string, Item>();
  #shown = SHOWN;
  #again: () => void = () => {};
  #more = button({ class: "button button-quiet more", hidden: true }, () => {
    this.#shown += MORE;
    this.#again();
  }, say("shown_more"));
  #list = el("ol", { class: "lines", "aria-label": say("conversation") });
  node = el("div", {}, this.#more, this.#list);

  constructor(doings: Doings) {
    this.#doings = doings;
  }

  get last(): HTMLElement | null {
    return this.#list.lastElementChild as HTMLElement | null;
  }

  /** Shows these lines, in this order, and no others; gives the items that are new. */
  show(lines: Line[], pending: Pending[], facts: Facts): HTMLElement[] {
    this.#again = () => this.show(lines, pending, facts);
    const all = merged(lines, pending);
    const wanted = all.slice(-this.#shown);
    this.#more.hidden = wanted.length === all.length;
    const keys = new Set(wanted.map((l) => l.key));
    for (const [key, item] of this.#items) {
      if (keys.has(key)) continue;
      item.node.remove();
      this.#items.delete(key);
    }
    const fresh: HTMLElement[] = [];
    let before: HTMLElement | null = null;
    let speaker = "";
    const offer = wanted.findLast((l) => l.offer || (l.id !== "" && this.#doings.rated(l.id) === false))?.key;
    const read = wanted.findLast((l) => l.author === "customer" && l.seq > 0 && l.seq <= facts.readUpTo)?.key;
    for (const [n, l] of wanted.entries()) {
      const item = this.#item(l, fresh);
      const place: ChildNode | null = before === null ? this.#list.firstChild : before.nextSibling;
      if (place !== item.node) this.#list.insertBefore(item.node, place);
      item.node.classList.toggle("follows", speaker === l.author + l.name);
      item.node.classList.toggle("far", n < wanted.length - SHOWN);
      item.update(l, facts, l.key === read, facts.canAsk && l.key === offer);
      speaker = l.author + l.name;
      before = item.node;
    }
    for (const node of fresh) reachable(node);
    return fresh;
  }

  #item(l: Line, fresh: HTMLElement[]): Item {
    const shape = l.author === "customer" ? "own" : "said";
    let item = this.#items.get(l.key);
    if (item !== undefined && item.shape === shape) return item;
    item?.node.remove();
    item = { ...(shape === "own" ? this.#own() : this.#said(l)), shape };
    this.#items.set(l.key, item);
    fresh.push(item.node);
    return item;
  }

  // A customer's own words: plain text, whatever they look like.
  #own(): Omit<Item, "shape"> {
    const text = el("p", { class: "bubble", dir: "auto" });
    const files = el("div", { class: "files" });
    const state = el("p", { class: "state", hidden: true });
    const node = el("li", { class: "line own" }, el("span", { class: "unseen" }, say("you") + ": "), text, files, state);
    let shown = "";
    return {
      node,
      update: (l, _, read) => {
        put(text, l.text);
        text.hidden = l.text === "";
        if (files.childElementCount !== l.files.length) files.replaceChildren(...l.files.map((f) => fileRow(f, this.#doings.load)));
        const now = l.pending === undefined ? (read ? "read" : "") : l.pending + l.why;
        if (now === shown) return;
        shown = now;
        node.classList.toggle("unsent", l.pending !== undefined && l.pending !== "sent");
        const said = now === "read" ? [say("read")] : this.#stateOf(l);
        state.hidden = said.length === 0;
        state.replaceChildren(...said);
      },
    };
  }

  #stateOf(l: Line): (string | Node)[] {
    if (l.pending === "sending") return [say("sending")];
    if (l.pending === "waiting") return [say("waiting_to_send")];
    if (l.pending !== "refused") return [];
    return [say("not_taken") + " " + l.why + " ", button({ class: "button button-quiet" }, () => this.#doings.edit(l.key), say(l.text === "" ? "understood" : "edit"))];
  }

  // What anybody else says. Its words never change once they are whole.
  #said(l: Line): Omit<Item, "shape"> {
    const text = el("div", { class: "prose", dir: "auto" });
    const known = /^[A-Za-z-]{2,35}$/.test(l.lang);
    if (known) text.setAttribute("lang", l.lang);
    if (l.author === "bot") text.append(render(markdown(l.text)));
    else text.append(...paragraphs(l.text));
    const node = el("li", { class: "line " + l.author }, speakerOf(l));
    if (known && l.citations.length > 0 && primary(l.lang) !== primary(language())) node.append(el("p", { class: "state" }, say("other_language", { language: languageName(l.lang) })));
    node.append(text);
    if (l.files.length > 0) node.append(el("div", { class: "files" }, ...l.files.map((f) => fileRow(f, this.#doings.load))));
    if (l.choices.length > 0) node.append(choiceList(l.choices, (c) => this.#doings.choose(l.id, c)));
    if (l.citations.length > 0) node.append(this.#sources(l.citations));
    if (l.degraded) node.append(el("p", { class: "state" }, say("degraded")));
    const foot = l.author === "bot" && l.citations.length > 0 ? this.#feedback(l.id) : null;
    if (foot !== null) node.append(foot.node);
    const scores = l.rate === "" ? null : scoreRows(
      { pressed: () => this.#doings.rated(l.id), press: (n) => this.#doings.score(l.id, l.rate, n) },
      { pressed: () => this.#doings.eased(l.id), press: (n) => this.#doings.effort(l.id, l.rate, n) },
    );
    if (scores !== null) node.append(scores.node);
    const offer = button({ class: "button offer", hidden: true }, () => this.#doings.askPerson(), icon("person"), say("talk"));
    node.append(offer);
    return {
      node,
      update: (_l, _f, _read, offered) => {
        foot?.update();
        scores?.update();
        offer.hidden = !offered;
      },
    };
  }

  #sources(citations: Citation[]): HTMLElement {
    const names = el("span", {}, say("from") + " ");
    // Several pieces of one article are one source: it opens at the first of them.
    const firsts = citations.filter((c, n) => citations.findIndex((o) => o.article === c.article) === n);
    firsts.forEach((c, n) => {
      const a = el("a", { href: this.#doings.address(c), target: "_blank", rel: "noopener", dir: "auto" }, c.title);
      a.addEventListener("click", (e) => {
        if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return; // a new tab, as asked
        e.preventDefault();
        this.#doings.open(c, a);
      });
      names.append(n === 0 ? "" : ", ", a);
    });
    return el("p", { class: "source" }, icon("page"), names);
  }

  #feedback(id: string): { node: HTMLElement; update: () => void } {
    const note = el("span", { class: "noted", role: "status" });
    const one = (helpful: boolean) => {
      const b = button({ class: "button button-quiet", "aria-pressed": "false" }, () => {
        this.#doings.rate(id, helpful).catch(() => put(note, say("not_noted")));
      }, icon(helpful ? "yes" : "no"), say(helpful ? "helped" : "not_quite"));
      return b;
    };
    const [yes, no] = [one(true), one(false)];
    return {
      node: el("div", { class: "feedback" }, yes, no, note),
      update: () => {
        const rated = this.#doings.rated(id);
        yes.setAttribute("aria-pressed", String(rated === true));
        no.setAttribute("aria-pressed", String(rated === false));
        if (rated !== undefined) put(note, say(rated === true ? "thanks" : "sorry"));
      },
    };
  }
}

// merged puts what is written and not yet among the lines after them, but for
// what was answered already: that was said before its answer.
function merged(lines: Line[], pending: Pending[]): Line[] {
  const all = [...lines];
  for (const p of pending) {
    const at = p.from === undefined ? -1 : all.findIndex((l) => l.seq >= p.from!);
    all.splice(at < 0 ? all.length : at, 0, asLine(p));
  }
  return all;
}

function asLine(p: Pending): Line {
  return {
    key: p.id, seq: 0, id: "", author: "customer", name: "", text: p.text, at: "", citations: [], choices: [], choice: null,
    files: p.files, degraded: false, offer: false, rate: "", lang: "", pending: p.state, why: p.why,
  };
}

/** Who says a line, in words. */
export function speaker(l: Line): string {
  if (l.author === "customer") return say("you");
  if (l.author === "bot") return say("assistant");
  return l.author === "agent" ? l.name || say("person") : say("service");
}

function speakerOf(l: Line): HTMLElement {
  const p = el("p", { class: "speaker" }, el("span", { dir: "auto" }, speaker(l)));
  if (l.author === "agent" && l.name !== "") p.append(el("span", { class: "role" }, " · " + say("person")));
  const at = new Date(l.at);
  if (l.at !== "" && !Number.isNaN(at.getTime())) p.append(el("time", { datetime: l.at, title: wholeMoment(at) }, " " + moment(at)));
  return p;
}

function paragraphs(text: string): HTMLElement[] {
  return text.split(/\n{2,}/).map((t) => el("p", { class: "plain" }, t));
}

const primary = (tag: string): string => tag.toLowerCase().split("-")[0];

function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([language()], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
