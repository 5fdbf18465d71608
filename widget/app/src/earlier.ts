// Conversations of this visitor: which there were, and a way back into each.

import type { Chat } from "./chat";
import { button, el } from "./dom";
import type { Keep } from "./keep";
import { moment, say, wholeMoment } from "./words";

export interface Talk {
  id: string;
  at: string; // RFC 3339, of its beginning
  text: string; // its first words
}

const MOST = 20;

/** What this browser remembers of its conversations, newest first. */
export class Talks {
  #keep: Keep;

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  get all(): Talk[] {
    const stored = this.#keep.get("talks");
    return Array.isArray(stored) ? stored.filter((t) => typeof t?.id === "string" && typeof t?.text === "string") : [];
  }

  /** Notes a conversation once it has words. */
  note(id: string, text: string, at: string): void {
    const all = this.all;
    if (id === "" || text === "" || all.some((t) => t.id === id)) return;
    this.#keep.set("talks", [{ id, at, text: text.slice(0, 120) }, ...all].slice(0, MOST));
  }

  forget(): void {
    this.#keep.remove("talks");
  }
}

/** The list; the service knows those of other devices too, where somebody is signed in. */
export async function earlierList(chat: Chat, talks: Talks, enter: (id: string) => void): Promise<HTMLElement> {
  const known = talks.all;
  const served = await chat.talks();
  const all = new Map(known.map((t) => [t.id, t]));
  for (const t of served) if (typeof t?.conversation === "string") all.set(t.conversation, { id: t.conversation, at: String(t.at ?? ""), text: String(t.text ?? "") });
  const shown = [...all.values()].filter((t) => t.id !== chat.conversation && t.text !== "").sort((a, b) => b.at.localeCompare(a.at));
  if (shown.length === 0) return el("p", { class: "quiet" }, say("earlier_none"));
  const list = el("ul", { class: "choices" });
  for (const t of shown) {
    const at = new Date(t.at);
    const when = Number.isNaN(at.getTime()) ? null : el("time", { class: "choice-quote", datetime: t.at, title: wholeMoment(at) }, moment(at));
    list.append(el("li", {}, button({ class: "button choice" }, () => enter(t.id), el("span", { class: "choice-text" }, el("span", { class: "choice-title", dir: "auto" }, t.text), when))));
  }
  return list;
}
