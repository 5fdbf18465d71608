// The way to a person: a button that is always in sight, and, once pressed,
// where that stands and what one can do meanwhile.

import type { Chat } from "./chat";
import { button, el, put } from "./dom";
import type { OpenHours, Settings } from "./given";
import { icon } from "./icons";
import type { Owner } from "./log";
import { count, moment, say } from "./words";

/**
 * What is shown to who waits comes where the way to a person was: the second
 * press of a double one would end the wait at once.
 */
const DOUBLE_MS = 500;

export interface PersonDoings {
  ask(): void;
  fresh(): void;
  wait(body: { action?: string; contact?: string }): Promise<void>;
}

export class Person {
  #do: PersonDoings;
  #settings: Settings;
  #word = el("span");
  #button: HTMLButtonElement;
  #card = el("div", { class: "case", role: "status", tabindex: "-1" });
  #shown = "";
  #leaving = false; // an address is being written
  #since = 0; // when the wait began, on the page's own clock; 0: nobody waits
  node: HTMLElement;

  constructor(doings: PersonDoings, settings: Settings) {
    this.#do = doings;
    this.#settings = settings;
    const key = el("kbd", { class: "zero", title: say("talk_key"), "aria-hidden": "true" }, "0");
    this.#button = button({ class: "button talk", "aria-keyshortcuts": "0" }, () => doings.ask(), icon("person"), this.#word, key);
    this.node = el("div", { class: "person" }, this.#card, this.#button);
  }

  /** Shows where it stands; may the customer ask for a person now? */
  show(chat: Chat): boolean {
    const { owner, sending: { asking, refusal } } = chat;
    const waits = owner.owner === "queue" || (owner.owner === "bot" && owner.position !== undefined);
    if (!waits) this.#since = 0;
    else if (this.#since === 0) this.#since = performance.now();
    const canAsk = owner.owner === "bot" && !waits && !asking;
    const urged = canAsk && chat.failures >= 2;
    const now = JSON.stringify([owner, asking, refusal, this.#leaving, urged, this.#settings.hours]);
    if (now === this.#shown) return canAsk;
    this.#shown = now;
    const away = owner.owner !== "bot" || waits;
    const held = document.activeElement;
    if (away && held !== null && this.node.contains(held)) queueMicrotask(() => (this.#card.querySelector("input") ?? this.#card).focus());
    this.#button.hidden = away;
    // Not "disabled": that would drop the focus of whoever has just pressed it.
    this.#button.setAttribute("aria-disabled", String(asking));
    this.#button.classList.toggle("button-main", urged);
    put(this.#word, say(asking ? "asking" : "talk"));
    this.#card.dataset.is = waits ? "queue" : owner.owner;
    this.#card.replaceChildren(...this.#cardOf(chat, waits, urged));
    return canAsk;
  }

  #cardOf(chat: Chat, waits: boolean, urged: boolean): Node[] {
    const { owner, sending: { refusal } } = chat;
    if (waits) return this.#waiting(chat);
    switch (owner.owner) {
      case "agent": {
        const title = owner.name ? say("has", { name: owner.name }) : say("has_somebody");
        return [el("p", { class: "case-title" }, icon("person"), el("span", { dir: "auto" }, title)), facts(owner), el("p", { class: "quiet" }, say("has_read"))];
      }
      case "nobody":
        return [el("p", { class: "case-title" }, say("closed")), button({ class: "button" }, () => this.#do.fresh(), say("fresh"))];
      default:
        if (refusal !== "") return [el("p", {}, refusal)];
        return urged ? [el("p", {}, say("offer") + " " + hoursWords(this.#settings.hours))] : [];
    }
  }

  #waiting(chat: Chat): Node[] {
    const { owner } = chat;
    const aside = owner.owner === "bot";
    const note = el("span", { class: "noted", role: "status" });
    const act = (action: string, word: string) =>
      button({ class: "button button-quiet" }, () => {
        if (performance.now() - this.#since < DOUBLE_MS) return;
        put(note, "");
        this.#do.wait({ action }).catch(() => put(note, say("not_done")));
      }, word);
    const title = el("p", { class: "case-title" }, icon("line"), say(aside ? "in_line_aside" : "in_line"));
    const { hours } = this.#settings;
    const closed = hours?.open === false ? [el("p", { class: "quiet" }, hoursWords(hours))] : [];
    if (this.#leaving) return [title, facts(owner), this.#address(chat)];
    const leave = button({ class: "button button-quiet" }, () => {
      this.#leaving = true;
      this.show(chat);
      this.#card.querySelector("input")?.focus();
    }, say("leave_address"));
    const ways = el("div", { class: "ways" }, leave, aside ? act("resume", say("resume")) : act("assistant", say("aside")), act("cancel", say("cancel")), note);
    return [title, facts(owner), ...closed, el("p", { class: "quiet" }, say("stay")), ways];
  }

  #address(chat: Chat): HTMLElement {
    const wrong = el("p", { class: "hint", role: "status", id: "fd-address-hint" });
    const field = el("input", { class: "field", id: "fd-address", type: "email", autocomplete: "email", maxlength: "200", dir: "ltr", "aria-describedby": "fd-address-why fd-address-hint" });
    const done = () => {
      this.#leaving = false;
      this.show(chat);
    };
    const form = el("form", { class: "address", novalidate: true },
      el("label", { for: "fd-address" }, say("address")), field, wrong, el("p", { class: "quiet", id: "fd-address-why" }, say("address_why")),
      el("div", { class: "ways" }, el("button", { type: "submit", class: "button button-main" }, say("keep")), button({ class: "button" }, done, say("not_now"))));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      const contact = field.value.trim();
      if (!/^\S+@\S+\.\S+$/.test(contact)) {
        put(wrong, say("address_bad"));
        field.setAttribute("aria-invalid", "true");
        field.focus();
        return;
      }
      this.#do.wait({ contact }).then(done, () => put(wrong, say("not_done")));
    });
    return form;
  }
}

/** Whether people are there, in a sentence; "" where nobody knows, as of a shop that has set no hours. */
export function hoursWords(hours: OpenHours | undefined): string {
  if (hours === undefined || (hours.open && !hours.closes)) return "";
  if (hours.open) return say("hours_open");
  const when = new Date(hours.opens ?? NaN);
  return Number.isNaN(when.getTime()) ? say("hours_closed_unknown") : say("hours_closed", { when: moment(when) });
}

function facts({ reference, position, estimate }: Owner): HTMLElement {
  const list = el("ul", { class: "facts" });
  if (reference) list.append(el("li", {}, say("reference") + " ", el("strong", { class: "reference", dir: "ltr", translate: "no" }, reference)));
  if (Number.isSafeInteger(position) && position! > 0) list.append(el("li", {}, count("place", position!)));
  if (estimate) list.append(el("li", { dir: "auto" }, estimate));
  return list;
}
