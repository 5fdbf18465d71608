// The first screen: a greeting, the site's topics, and behind each its popular
// articles. Two levels, no model, and a press on an article opens it in place.

import { button, el, put } from "./dom";
import type { Article, Given, Topic } from "./given";
import { icon } from "./icons";
import { hoursWords } from "./person";
import { say } from "./words";

/** Topics on the first screen; more are not read. */
const MOST = 6;

export interface MenuDoings {
  open(a: Article, opener: HTMLElement): void;
}

export class Menu {
  #given: Given;
  #do: MenuDoings;
  #level = el("div");
  #lead = el("p");
  node: HTMLElement;

  constructor(given: Given, doings: MenuDoings) {
    this.#given = given;
    this.#do = doings;
    const { words } = given.settings;
    const about = given.about ? el("p", { class: "about", dir: "auto" }, say("about", { title: given.about.title })) : null;
    this.node = el("div", { class: "welcome" },
      el("h2", {}, words.greeting || say("greeting")), about, this.#lead, this.#level);
    this.show();
    this.#topics(false);
  }

  /** Says whether people are there now. */
  show(): void {
    const named = this.#offered.some((t) => t.topic !== "");
    put(this.#lead, [say(named ? "welcome" : "welcome_plain"), hoursWords(this.#given.settings.hours)].join(" ").trim());
  }

  /** Shows a topic's articles; one that is not in the menu changes nothing. */
  enter(topic: string): void {
    const t = this.#offered.find((t) => t.topic === topic);
    if (t !== undefined) this.#topic(t);
  }

  get #offered(): Topic[] {
    return (this.#given.settings.topics ?? []).slice(0, MOST);
  }

  #topics(focus: boolean, from = ""): void {
    const topics = this.#offered;
    if (topics[0]?.topic === "") {
      this.#level.replaceChildren(el("h3", { dir: "auto" }, topics[0].label), this.#articles(topics[0]));
      return;
    }
    const list = el("ul", { class: "choices", "aria-label": say("topics") });
    let back: HTMLElement | null = null;
    for (const t of topics) {
      const b = button({ class: "button choice" }, () => this.#topic(t), el("span", { class: "choice-text", dir: "auto" }, t.label), icon("next", "icon-way"));
      if (t.topic === from) back = b;
      list.append(el("li", {}, b));
    }
    this.#level.replaceChildren(...(topics.length > 0 ? [list] : []));
    if (focus) back?.focus();
  }

  #topic(t: Topic): void {
    const back = button({ class: "button button-quiet" }, () => this.#topics(true, t.topic), icon("back", "icon-way"), say("back_topics"));
    const title = el("h3", { tabindex: "-1", dir: "auto" }, say("popular", { topic: t.label }));
    const all = t.url ? el("p", { class: "all" }, el("a", { href: t.url, target: "_blank", rel: "noopener", dir: "auto" }, say("all", { topic: t.label }))) : null;
    this.#level.replaceChildren(back, title, this.#articles(t), ...(all ? [all] : []));
    title.focus();
  }

  #articles(t: Topic): HTMLElement {
    const list = el("ul", { class: "choices" });
    for (const a of t.articles) {
      const b = button({ class: "button choice", lang: a.lang }, () => this.#do.open(a, b), icon("page"), el("span", { class: "choice-text", dir: "auto" }, a.title));
      list.append(el("li", {}, b));
    }
    return list;
  }
}
