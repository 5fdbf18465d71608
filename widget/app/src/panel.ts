// The chat's window: head, conversation, the way to a person, and where one
// writes. It shows what chat.ts knows and holds nothing itself.

import type { Api } from "./api";
import type { Chat } from "./chat";
import { choicesAloud } from "./choices";
import { Composer } from "./composer";
import { button, el, put, render } from "./dom";
import { earlierList, type Talks } from "./earlier";
import { Attachments } from "./files";
import type { Given } from "./given";
import { Hours } from "./hours";
import { icon } from "./icons";
import type { Keep } from "./keep";
import { Lines } from "./lines";
import type { Line, SentFile } from "./log";
import { markdown } from "./markdown";
import { Menu } from "./menu";
import { Passage } from "./passage";
import { Person } from "./person";
import { save, transcript } from "./transcript";
import { say } from "./words";

const SOON_MS = 250; // most replies are there by then, and words would only flicker
const SLOW_MS = 8_000;

export interface PanelDeps {
  api: Api;
  chat: Chat;
  given: Given;
  keep: Keep; // what all tabs share
  tab: Keep; // what a reload of this tab keeps
  talks: Talks;
  close(): void;
  unread(n: number): void;
}

export class Panel {
  #d: PanelDeps;
  #lines: Lines;
  #passage: Passage;
  #person: Person;
  #composer: Composer;
  #hours: Hours;
  #files: Attachments | null = null;
  #topics: Menu;
  #welcome: HTMLElement;
  #earlier = el("div", { class: "earlier", hidden: true });
  #link = el("div", { class: "link", role: "status" });
  #partial = el("div", { class: "prose", dir: "auto" });
  #partialBox = el("div", { class: "line bot partial", hidden: true }, el("p", { class: "speaker" }, say("assistant")), this.#partial);
  #workingLine = el("p", { class: "working", hidden: true });
  #typing = el("p", { class: "typing", hidden: true });
  #scroll: HTMLElement;
  #tellBox = el("div", { class: "unseen", "aria-live": "polite" });
  #menu: HTMLElement;
  #menuButton: HTMLButtonElement;
  #open = false;
  #unread = 0;
  #told: { conversation: string; seq: number }; // what was read out already
  #working = false;
  #slow: ReturnType<typeof setTimeout> | undefined;
  #pictures = new Map<string, Promise<string>>();
  node: HTMLElement;

  constructor(d: PanelDeps) {
    this.#d = d;
    const { given, chat } = d;
    this.#told = { conversation: "", seq: 0, ...(d.keep.get("told") as object) };
    if (given.files) this.#files = new Attachments(d.api, () => chat.ready(), d.tab);
    this.#passage = new Passage(given.help, () => [this.#scroll]);
    this.#lines = new Lines({
      open: (c, opener) => this.#passage.show(c, opener),
      address: (c) => this.#passage.address(c),
      choose: (message, choice) => this.#then(() => chat.choose(message, choice)),
      askPerson: () => this.askPerson(),
      rate: (id, helpful) => this.#rate(id, helpful),
      rated: (id) => chat.ratings.get(id),
      score: (id, about, score) => chat.ratings.score(id, about, score),
      effort: (id, about, ease) => chat.ratings.effort(id, about, ease),
      eased: (id) => chat.ratings.get(id + "#ease"),
      edit: (id) => this.#composer.takeBack(chat.takeBack(id)),
      load: (f) => this.#picture(f),
    });
    this.#person = new Person({ ask: () => this.askPerson(), fresh: () => this.#fresh(), wait: (b) => d.api.wait(b) }, given.settings);
    this.#hours = new Hours(d.api, given.settings, () => {
      this.#topics.show();
      this.show();
    });
    this.#composer = new Composer({
      keeps: [d.tab, d.keep],
      send: (text) => this.#then(() => chat.say(text, this.#files?.take() ?? [])),
      person: () => this.askPerson(),
      writes: () => chat.writes(),
      files: this.#files,
      placeholder: given.settings.words.placeholder || say("write"),
    });
    this.#topics = new Menu(given, { open: (a, opener) => this.#passage.show({ article: a.id, title: a.title, url: a.url }, opener) });
    this.#welcome = this.#topics.node;
    [this.#menuButton, this.#menu] = this.#makeMenu();
    this.#scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("conversation") },
      this.#welcome, this.#earlier, this.#lines.node, this.#partialBox, this.#workingLine, this.#typing);
    const body = el("div", { class: "body" }, this.#scroll, this.#passage.node);
    this.node = el("main", { class: "panel", "aria-labelledby": "fd-title" }, this.#head(), this.#menu, this.#link, body, this.#person.node, this.#composer.node, this.#tellBox);
    this.#listen();
    this.show();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** topic: of the menu's, to begin with; "" for none. */
  open(focus: boolean, topic = ""): void {
    this.#open = true;
    this.#count(0);
    this.#composer.fit();
    this.#toLast();
    // Where one writes; not where that brings up a keyboard over what there is to see.
    if (focus) (matchMedia("(pointer: coarse)").matches ? this.#scroll : this.#composer).focus();
    if (topic !== "" && !this.#d.chat.begun) this.#topics.enter(topic);
    this.show();
  }

  closed(): void {
    this.#open = false;
    this.#passage.close(false);
    this.#toggleMenu(false);
  }

  /** What was being written was another person's. */
  forget(): void {
    this.#composer.clear();
    this.#files?.drop();
    this.#passage.close(false);
  }

  /** Says something in the customer's name. */
  ask(text: string): void {
    this.#then(() => this.#d.chat.say(text));
  }

  askPerson(): void {
    this.#then(() => this.#d.chat.askPerson());
  }

  /** Brings the screen up to what the chat knows now. */
  show(): void {
    const { chat, talks } = this.#d;
    const near = this.#nearEnd();
    const high = this.#scroll.scrollHeight;
    this.#files?.follow();
    const canAsk = this.#person.show(chat);
    const lines = chat.lines;
    const fresh = this.#lines.show(lines, chat.pending, { canAsk, readUpTo: chat.marks.readUpTo });
    this.#welcome.hidden = chat.begun;
    if (chat.begun) this.#earlier.hidden = true;
    for (const b of this.#menu.querySelectorAll<HTMLElement>("[data-begun]")) b.hidden = !chat.begun;
    const first = lines.find((l) => l.author === "customer" && l.seq > 0);
    if (first !== undefined) talks.note(chat.conversation, first.text, first.at);
    this.#showPartial(chat.sending.partial);
    this.#showWorking(chat.working && chat.sending.partial === "");
    this.#showTyping(chat);
    this.#showLink(chat.link);
    this.#tell(lines);
    this.#reckon(lines);
    if (fresh.length > 0 && near) this.#toLast();
    else if (near && chat.sending.partial === "" && this.#scroll.scrollHeight > high) this.#toEnd(); // a question under a score, say
    this.#look();
  }

  // #look says that the end of the conversation is being looked at, where it is.
  #look(): void {
    if (!this.#open || document.visibilityState !== "visible") return;
    this.#hours.look();
    if (!this.#passage.open && this.#nearEnd()) this.#d.chat.saw();
  }

  // Parts ---------------------------------------------------------------------

  #head(): HTMLElement {
    const { settings, whole } = this.#d.given;
    const logo = settings.logo ? el("img", { class: "logo", src: settings.logo, alt: "", width: "32", height: "32" }) : null;
    const title = settings.words.title || say("title", { shop: settings.name });
    const heading = el("div", {}, el("h1", { id: "fd-title", dir: "auto" }, title), el("p", {}, say("subtitle")));
    const close = whole ? null : button({ class: "button button-icon", "aria-label": say("close"), title: say("close") }, () => this.#d.close(), icon("close"));
    return el("div", { class: "head" }, logo, heading, this.#menuButton, close);
  }

  #makeMenu(): [HTMLButtonElement, HTMLElement] {
    const { given } = this.#d;
    const { settings } = given;
    const entry = (name: string, word: string, begun: boolean, press: () => void) =>
      button({ class: "button", "data-begun": begun }, () => {
        this.#toggleMenu(false);
        press();
      }, icon(name), word);
    const privacy = settings.privacy ? el("a", { class: "button", href: settings.privacy, target: "_blank", rel: "noopener" }, icon("page"), say("privacy")) : null;
    const menu = el("div", { class: "menu", id: "fd-menu", hidden: true },
      entry("fresh", say("fresh"), true, () => this.#fresh()),
      entry("list", say("earlier"), false, () => void this.#showEarlier()),
      given.mail ? entry("mail", say("mail"), true, () => void this.#mail()) : null,
      entry("save", say("save"), true, () => save("chat.txt", transcript(this.#d.chat.lines, settings.name))),
      privacy);
    const b = button({ class: "button button-icon", "aria-label": say("menu"), title: say("menu"), "aria-expanded": "false", "aria-controls": "fd-menu" }, () => this.#toggleMenu(menu.hidden), icon("more"));
    return [b, menu];
  }

  #toggleMenu(open: boolean): void {
    this.#menu.hidden = !open;
    this.#menuButton.setAttribute("aria-expanded", String(open));
    if (open) this.#menu.querySelector<HTMLElement>(".button:not([hidden])")?.focus();
  }

  #listen(): void {
    this.node.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || e.isComposing) return;
      e.stopPropagation();
      if (!this.#menu.hidden) {
        this.#toggleMenu(false);
        this.#menuButton.focus();
      } else if (this.#passage.open) this.#passage.close();
      else if (!this.#d.given.whole) this.#d.close();
    });
    this.node.addEventListener("focusin", (e) => {
      if (!this.#menu.contains(e.target as Node) && e.target !== this.#menuButton) this.#toggleMenu(false);
    });
    if (this.#files === null) return;
    const files = this.#files;
    const carries = (e: DragEvent) => e.dataTransfer?.types.includes("Files") === true;
    this.node.addEventListener("dragover", (e) => {
      if (!carries(e)) return;
      e.preventDefault();
      this.node.classList.add("dropping");
    });
    this.node.addEventListener("dragleave", () => this.node.classList.remove("dropping"));
    this.node.addEventListener("drop", (e) => {
      this.node.classList.remove("dropping");
      if (!carries(e)) return;
      e.preventDefault();
      files.add(e.dataTransfer?.files ?? []);
    });
  }

  // Doings --------------------------------------------------------------------

  #then(act: () => void): void {
    this.#passage.close(false);
    this.#earlier.hidden = true;
    act();
    this.#toEnd();
  }

  // "Not quite" is said, too, where it is about the last answer: the service
  // then offers the next best, and after that a person.
  async #rate(id: string, helpful: boolean): Promise<void> {
    const { chat } = this.#d;
    const before = chat.ratings.get(id);
    await chat.ratings.helped(id, helpful);
    const last = chat.lines.filter((l) => l.author === "bot").at(-1);
    if (!helpful && before !== false && last?.id === id && chat.owner.owner === "bot" && !chat.working) this.ask(say("not_quite_said"));
  }

  #fresh(): void {
    this.#passage.close(false);
    this.#d.chat.leave();
    this.#composer.focus();
  }

  async #showEarlier(): Promise<void> {
    const { talks, chat } = this.#d;
    const title = el("h2", { tabindex: "-1" }, say("earlier"));
    const list = await earlierList(chat, talks, (id) => {
      this.#earlier.hidden = true;
      chat.enter(id);
      this.#scroll.focus();
    });
    const back = button({ class: "button button-quiet" }, () => {
      this.#earlier.hidden = true;
      this.#lines.node.hidden = false;
      this.show();
      this.#menuButton.focus();
    }, icon("back", "icon-way"), say("back"));
    this.#earlier.replaceChildren(back, title, list);
    this.#earlier.hidden = false;
    this.#welcome.hidden = true;
    title.focus();
    this.#scroll.scrollTop = 0;
  }

  // #mail sends the conversation to the customer's own address, once that is
  // known to be theirs, and says what became of it.
  async #mail(): Promise<void> {
    let text = say("mail_failed");
    try {
      const { state, address = "" } = await this.#d.api.transcript();
      if (state === "sent") text = say("mail_sent", { address });
      else if (state === "asked") text = say("mail_asked", { address });
      else if (state === "no_address") text = say("mail_no_address");
    } catch {
      // said already
    }
    this.#note(text);
  }

  #picture(f: SentFile): Promise<string> {
    let url = this.#pictures.get(f.id);
    if (url === undefined) {
      url = this.#d.api.file(f.url).then((b) => URL.createObjectURL(b));
      url.catch(() => this.#pictures.delete(f.id)); // the next press tries again
      this.#pictures.set(f.id, url);
    }
    return url;
  }

  // Showing -------------------------------------------------------------------

  #showPartial(text: string): void {
    this.#partialBox.hidden = text === "";
    this.#partial.replaceChildren(render(markdown(text)));
  }

  #showWorking(on: boolean): void {
    if (on === this.#working) return;
    this.#working = on;
    clearTimeout(this.#slow);
    this.#sayWorking("");
    if (!on) return;
    this.#slow = setTimeout(() => {
      this.#sayWorking(say("working"));
      this.#slow = setTimeout(() => this.#sayWorking(say("working_long")), SLOW_MS);
    }, SOON_MS);
  }

  #sayWorking(text: string): void {
    const near = this.#nearEnd();
    this.#workingLine.hidden = text === "";
    put(this.#workingLine, text);
    if (near && text !== "") this.#toEnd();
  }

  #showTyping(chat: Chat): void {
    const near = this.#nearEnd();
    this.#typing.hidden = !chat.marks.typing;
    put(this.#typing, chat.marks.typing ? say("types", { name: chat.owner.name || say("person") }) : "");
    if (near && chat.marks.typing) this.#toEnd();
  }

  // #note says something about the conversation where its state is said, until
  // that changes or it is put away.
  #note(text: string): void {
    const away = button({ class: "button button-quiet" }, () => {
      this.#link.replaceChildren();
      this.#composer.focus();
    }, say("understood"));
    this.#link.replaceChildren(el("span", {}, text), away);
  }

  #showLink(link: string): void {
    if (this.#link.dataset.is === link) return;
    this.#link.dataset.is = link;
    const text = link === "offline" ? say("offline") : link === "retrying" ? say("busy") : "";
    if (text === "") this.#link.replaceChildren();
    else this.#link.replaceChildren(el("span", {}, text), button({ class: "button button-quiet" }, () => this.#d.chat.wake(), say("try_now")));
  }

  // #tell reads whole replies out, once: what comes in pieces would be read in
  // pieces, and what this browser was told before is no news after a reload.
  #tell(lines: Line[]): void {
    const now = this.#d.chat.conversation;
    if (now !== this.#told.conversation) this.#told = { conversation: now, seq: 0 };
    const news = lines.filter((l) => l.author !== "customer" && l.seq > this.#told.seq);
    if (news.length === 0) return;
    this.#told.seq = Math.max(...news.map((l) => l.seq));
    this.#d.keep.set("told", this.#told);
    this.#tellBox.replaceChildren(...news.flatMap(aloud));
  }

  // #reckon counts what was said while nobody looked: on this page, on one before it,
  // and not in another tab either.
  #reckon(lines: Line[]): void {
    const { chat, keep } = this.#d;
    const said = lines.filter((l) => l.author !== "customer" && l.seq > 0);
    const last = said.at(-1)?.seq ?? 0;
    const seen = keep.get("seen") as { conversation?: string; seq?: number } | null;
    const from = seen?.conversation === chat.conversation ? Number(seen.seq) : 0;
    const looked = this.#open && document.visibilityState === "visible";
    if (looked && last > from) keep.set("seen", { conversation: chat.conversation, seq: last });
    this.#count(looked ? 0 : said.filter((l) => l.seq > from).length);
  }

  #count(n: number): void {
    if (n === this.#unread) return;
    this.#unread = n;
    this.#d.unread(n);
  }

  #nearEnd(): boolean {
    const s = this.#scroll;
    return s === undefined || s.scrollHeight - s.scrollTop - s.clientHeight < 120;
  }

  #toEnd(): void {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  // Shows the last line, and the question before it. A long answer is read from
  // its beginning: its end is shown only as far as its first words stay in sight.
  #toLast(): void {
    const s = this.#scroll;
    const last = this.#lines.last;
    if (last === null) return;
    const before = last.previousElementSibling;
    const from = before?.classList.contains("own") ? before : last;
    const top = from.getBoundingClientRect().top - s.getBoundingClientRect().top + s.scrollTop - 12;
    s.scrollTop = Math.min(s.scrollHeight - s.clientHeight, Math.max(0, top));
  }
}

// aloud is a line as a screen reader is told it: its words, then what it offers.
function aloud(l: Line): HTMLElement[] {
  const text = el("p", {}, render(l.author === "bot" ? markdown(l.text) : [l.text]));
  return [text, ...choicesAloud(l.choices).map((c) => el("p", {}, c))];
}
