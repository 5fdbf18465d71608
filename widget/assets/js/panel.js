// The chat's window: launcher, head, conversation, the way to a person, and
// where one writes. It shows what chat.js knows and holds nothing itself.

import { choicesAloud } from "./choices.js";
import { Composer } from "./composer.js";
import { el, render } from "./dom.js";
import { icon } from "./icons.js";
import { Lines } from "./lines.js";
import { markdown } from "./markdown.js";
import { Passage } from "./passage.js";
import { Person } from "./person.js";
import { words } from "./words.js";

const SOON_MS = 250; // most replies are there by then, and words would only flicker
const SLOW_MS = 8_000;
const NARROW = "(max-width: 599px)";

export class Panel {
  #chat;
  #keep;
  #keepAll;
  #page;
  #lines;
  #passage;
  #person;
  #composer;
  #parts;
  #unread = 0;
  #told; // what was read out already: of which conversation, up to which event
  #working = false;
  #slow = 0;
  node;

  /**
   * @param {object} deps
   * @param {import("./chat.js").Chat} deps.chat
   * @param {any} deps.keep what outlives a reload in this tab
   * @param {any} deps.keepAll what all tabs share
   * @param {string} deps.shop name of the shop
   * @param {string} deps.help path of the help pages
   * @param {string[]} deps.starters questions to begin with
   * @param {HTMLElement[]} deps.page what lies behind the chat on a phone
   */
  constructor({ chat, keep, keepAll, shop, help, starters, page }) {
    this.#chat = chat;
    this.#keep = keep;
    this.#keepAll = keepAll;
    this.#page = page;
    this.#told = { conversation: "", seq: 0, ...keepAll.get("told") };
    this.#passage = new Passage({ help, behind: () => [this.#parts.head, this.#parts.main] });
    this.#lines = new Lines({
      open: (c, opener) => this.#passage.show(c, opener),
      address: (c) => this.#passage.address(c),
      choose: (message, choice) => this.#choose(message, choice),
      askPerson: () => this.#askPerson(),
      rate: (id, helpful) => chat.rate(id, helpful),
      rated: (id) => chat.rated(id),
      score: (id, about, score) => chat.score(id, about, score),
      edit: (id) => this.#composer.takeBack(chat.takeBack(id)),
    });
    this.#person = new Person({ ask: () => this.#askPerson(), fresh: () => this.#fresh() });
    this.#composer = new Composer({ keep, send: (text) => this.ask(text) });
    this.#build(shop, starters);
    this.show();
    if (keep.get("open") === true) this.open({ focus: false });
  }

  get isOpen() {
    return !this.#parts.panel.hidden;
  }

  open({ focus = true } = {}) {
    this.#parts.panel.hidden = false;
    this.#parts.launcher.hidden = true;
    this.#keep.set("open", true);
    this.#unread = 0;
    this.#cover();
    this.#composer.fit();
    this.#toLast();
    if (focus) this.#composer.focus();
  }

  close() {
    this.#passage.close();
    this.#parts.panel.hidden = true;
    this.#parts.launcher.hidden = false;
    this.#keep.remove("open");
    this.#cover();
    this.show();
    this.#parts.launcher.focus();
  }

  /** Says something in the customer's name; opens the chat if need be. */
  ask(text) {
    if (!this.isOpen) this.open({ focus: !matchMedia(NARROW).matches });
    this.#passage.close();
    this.#chat.say(text);
    this.#toEnd();
  }

  // #choose presses a choice: it shows as the customer's own message.
  #choose(message, choice) {
    this.#passage.close();
    this.#chat.choose(message, choice);
    this.#toEnd();
  }

  /** Brings the screen up to what the chat knows now. */
  show() {
    const chat = this.#chat;
    const p = this.#parts;
    const near = this.#nearEnd();
    const canAsk = this.#person.show(chat);
    const fresh = this.#lines.show(chat.lines, chat.pending, { canAsk });
    p.welcome.hidden = chat.begun;
    p.fresh.hidden = !chat.begun;
    this.#showPartial(chat.partial);
    this.#showWorking(chat.working && chat.partial === "");
    this.#showLink(chat.link);
    this.#tell(chat.lines);
    if (fresh.length > 0 && near) this.#toLast();
    this.#showUnread();
  }

  #build(shop, starters) {
    const launcher = el("button", { type: "button", class: "launcher", "aria-haspopup": "dialog" }, icon("ask"), el("span", { class: "launcher-word" }, words.launcher), el("span", { class: "count", hidden: true }));
    launcher.addEventListener("click", () => this.open());
    const fresh = el("button", { type: "button", class: "button button-icon", "aria-label": words.fresh, title: words.fresh }, icon("fresh"));
    fresh.addEventListener("click", () => this.#fresh());
    const close = el("button", { type: "button", class: "button button-icon", "aria-label": words.close, title: words.close }, icon("close"));
    close.addEventListener("click", () => this.close());
    const heading = el("div", {}, el("h2", { id: "fd-title" }, words.title(shop)), el("p", {}, words.subtitle));
    const head = el("div", { class: "head" }, heading, fresh, close);
    const link = el("div", { class: "link", role: "status" });
    const partial = el("div", { class: "line bot partial", hidden: true }, el("p", { class: "speaker" }, words.assistant), el("div", { class: "prose", dir: "auto" }));
    const working = el("p", { class: "working", hidden: true });
    const welcome = this.#welcome(starters);
    const scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words.conversation }, welcome, this.#lines.node, partial, working);
    const main = el("div", { class: "main" }, link, scroll, this.#person.node, this.#composer.node);
    const tell = el("div", { class: "unseen", "aria-live": "polite" });
    const panel = el("section", { class: "panel", role: "dialog", "aria-labelledby": "fd-title", hidden: true }, head, main, this.#passage.node, tell);
    panel.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || e.isComposing) return;
      e.stopPropagation();
      if (this.#passage.open) this.#passage.close();
      else this.close();
    });
    this.#parts = { launcher, fresh, head, link, partial, working, welcome, scroll, main, tell, panel };
    this.node = el("div", { class: "chat" }, launcher, panel);
    matchMedia(NARROW).addEventListener("change", () => this.#cover());
    // A phone's keyboard takes its part of the screen: stay above it. Somebody
    // who zooms in sees less of the page, too, and wants it to stay as it is.
    globalThis.visualViewport?.addEventListener("resize", () => {
      if (visualViewport.scale === 1) panel.style.setProperty("--seen", visualViewport.height + "px");
    });
  }

  #welcome(starters) {
    const list = el("ul", { class: "choices", "aria-label": words.starters });
    for (const s of starters) {
      const b = el("button", { type: "button", class: "button choice", dir: "auto" }, s);
      b.addEventListener("click", () => this.ask(s));
      list.append(el("li", {}, b));
    }
    return el("div", { class: "welcome" }, el("h3", {}, words.welcome), el("p", {}, words.welcomeMore), list);
  }

  #askPerson() {
    this.#chat.askPerson();
    this.#toEnd();
  }

  #fresh() {
    this.#passage.close();
    this.#chat.leave();
    this.#composer.focus();
  }

  // On a phone the chat is the whole screen: what lies behind is out of reach.
  #cover() {
    const whole = this.isOpen && matchMedia(NARROW).matches;
    for (const e of this.#page) e.inert = whole;
    this.#parts.panel.setAttribute("aria-modal", String(whole));
    document.documentElement.classList.toggle("covered", whole);
  }

  #showPartial(text) {
    const box = this.#parts.partial;
    box.hidden = text === "";
    box.lastChild.replaceChildren(render(markdown(text)));
  }

  #showWorking(on) {
    if (on === this.#working) return;
    this.#working = on;
    clearTimeout(this.#slow);
    this.#sayWorking("");
    if (!on) return;
    this.#slow = setTimeout(() => {
      this.#sayWorking(words.working);
      this.#slow = setTimeout(() => this.#sayWorking(words.workingLong), SLOW_MS);
    }, SOON_MS);
  }

  #sayWorking(text) {
    const p = this.#parts.working;
    const near = this.#nearEnd();
    p.hidden = text === "";
    p.textContent = text;
    if (near && text !== "") this.#toEnd();
  }

  #showLink(link) {
    const box = this.#parts.link;
    if (box.dataset.is === link) return;
    box.dataset.is = link;
    const text = link === "offline" ? words.offline : link === "retrying" ? words.busy : "";
    if (text === "") {
      box.replaceChildren();
      return;
    }
    const now = el("button", { type: "button", class: "button button-quiet" }, words.tryNow);
    now.addEventListener("click", () => this.#chat.wake());
    box.replaceChildren(el("span", {}, text), now);
  }

  // #tell reads whole replies out, once: what comes in pieces would be read in
  // pieces, and what this browser was told before is no news after a reload.
  #tell(lines) {
    const now = this.#chat.conversation;
    if (now !== this.#told.conversation) this.#told = { conversation: now, seq: 0 };
    const news = lines.filter((l) => l.author !== "customer" && l.seq > this.#told.seq);
    if (news.length === 0) return;
    this.#told.seq = Math.max(...news.map((l) => l.seq));
    this.#keepAll.set("told", this.#told);
    if (!this.isOpen) this.#unread += news.length;
    this.#parts.tell.replaceChildren(...news.flatMap(aloud));
  }

  #showUnread() {
    const count = this.#parts.launcher.lastChild;
    count.hidden = this.#unread === 0;
    count.replaceChildren(String(this.#unread), el("span", { class: "unseen" }, " " + words.unread(this.#unread)));
  }

  #nearEnd() {
    const s = this.#parts.scroll;
    return s.scrollHeight - s.scrollTop - s.clientHeight < 120;
  }

  #toEnd() {
    const s = this.#parts.scroll;
    s.scrollTop = s.scrollHeight;
  }

  // Shows the last line, and the question before it. A long answer is read from
  // its beginning: its end is shown only as far as its first words stay in sight.
  #toLast() {
    const s = this.#parts.scroll;
    const last = this.#lines.node.lastElementChild;
    if (last === null) return;
    const before = last.previousElementSibling;
    const from = before?.classList.contains("own") ? before : last;
    const top = from.getBoundingClientRect().top - s.getBoundingClientRect().top + s.scrollTop - 12;
    s.scrollTop = Math.min(s.scrollHeight - s.clientHeight, Math.max(0, top));
  }
}

// aloud is a line as a screen reader is told it: its words, then what it offers.
function aloud(line) {
  const text = el("p", {}, render(line.author === "bot" ? markdown(line.text) : [line.text]));
  return [text, ...choicesAloud(line.choices).map((c) => el("p", {}, c))];
}
