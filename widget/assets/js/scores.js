// How was it? Five scores under the message that asks, worst first. One press is
// the whole answer; another one replaces it.

import { el } from "./dom.js";
import { words } from "./words.js";

/**
 * @param {() => boolean | number | undefined} pressed the score that was pressed
 * @param {(n: number) => Promise<void>} press
 */
export function scoreRow(pressed, press) {
  const note = el("p", { class: "noted", role: "status" });
  const buttons = words.scores.map((label, i) => {
    const b = el("button", { type: "button", class: "button button-quiet", "aria-pressed": "false" }, i + 1 + " – " + label);
    b.addEventListener("click", () => {
      note.textContent = "";
      press(i + 1).catch(() => {
        note.textContent = words.notNoted;
      });
    });
    return b;
  });
  return {
    node: el("div", { class: "scores", role: "group", "aria-label": words.rating }, ...buttons, note),
    update: () => {
      const now = pressed();
      buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(now === i + 1)));
      if (typeof now === "number" && note.textContent !== words.scored) note.textContent = words.scored;
    },
  };
}
