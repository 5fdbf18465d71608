// How was it? Five scores under the message that asks, worst first. One press is
// the whole answer; another one replaces it. How easy it was is asked once that is
// said, and can be left.

import { button, el, put } from "./dom";
import type { Rated } from "./ratings";
import { list, say } from "./words";

interface Question {
  label: string;
  scores: string[];
  pressed: () => Rated;
  press: (n: number) => Promise<void>;
}

/** Satisfaction and, behind it, effort. */
export function scoreRows(satisfaction: Omit<Question, "label" | "scores">, ease: Omit<Question, "label" | "scores">): { node: HTMLElement; update: () => void } {
  const first = scoreRow({ label: say("rating"), scores: list("scores"), ...satisfaction });
  const second = scoreRow({ label: say("effort"), scores: list("efforts"), ...ease });
  const more = el("div", { class: "effort", hidden: true }, el("p", {}, say("effort")), second.node);
  return {
    node: el("div", {}, first.node, more),
    update: () => {
      first.update();
      second.update();
      more.hidden = typeof satisfaction.pressed() !== "number";
    },
  };
}

function scoreRow({ label, scores, pressed, press }: Question): { node: HTMLElement; update: () => void } {
  const note = el("p", { class: "noted", role: "status" });
  const buttons = scores.map((words, i) =>
    button({ class: "button button-quiet", "aria-pressed": "false" }, () => {
      put(note, "");
      press(i + 1).catch(() => put(note, say("not_noted")));
    }, i + 1 + " – " + words),
  );
  return {
    node: el("div", { class: "scores", role: "group", "aria-label": label }, ...buttons, note),
    update: () => {
      const now = pressed();
      buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(now === i + 1)));
      if (typeof now === "number") put(note, say("scored"));
    },
  };
}
