// One letter for each thing that is done often; none while something is written.

import { composer } from "./composer";
import { claim, claimNext, letIn, step } from "./desk";
import { go } from "./route";
import { desk } from "./state";
import type { Row } from "./types";

const writes = (e: KeyboardEvent): boolean => {
  const el = e.target as HTMLElement | null;
  return el !== null && (el.isContentEditable || /^(input|textarea|select)$/i.test(el.tagName)) && !(el instanceof HTMLInputElement && (el.type === "radio" || el.type === "checkbox"));
};

export function listen(): void {
  document.addEventListener("keydown", (e) => {
    const s = desk.state;
    if (s.phase !== "in" || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || s.dialog !== null || writes(e)) return;
    const row = s.open === null ? undefined : s.rows.get(s.open.id);
    if (s.place.page !== "list" && e.key !== "?" && e.key !== "Escape") return;
    if (press(e.key, row)) e.preventDefault();
  });
}

function press(key: string, row: Row | undefined): boolean {
  const { me, place } = desk.state;
  const open = row !== undefined && row.state !== "closed";
  const holds = open && row.state === "claimed" && (row.agent === me.agent || me.leads);
  switch (key) {
    case "?":
      desk.set({ dialog: { name: "keys" } });
      return true;
    case "j":
      step(1);
      return true;
    case "k":
      step(-1);
      return true;
    case "l":
      letIn();
      return true;
    case "/":
      document.getElementById("search")?.focus();
      return true;
    case "i":
      desk.set({ side: desk.state.side === "packet" ? "customer" : "packet" });
      return true;
    case "Escape":
      if (place.open === "" && place.page === "list") return false;
      go({ open: "" });
      return true;
  }
  if (!me.works) return false;
  switch (key) {
    case "g":
      void claimNext();
      return true;
    case "c":
      if (open) void claim(row);
      return open;
    case "r":
      composer.now?.write("reply");
      return open;
    case "n":
      composer.now?.write("note");
      return open;
    case "w":
      composer.now?.write("whisper");
      return open;
    case "s":
      composer.now?.suggest();
      return open;
    case "b":
      composer.now?.passages();
      return open;
    case "t":
      if (open) desk.set({ dialog: { name: "transfer", row } });
      return open;
    case "e":
      if (open) desk.set({ dialog: { name: "escalate", row } });
      return open;
    case "m":
      if (open) desk.set({ dialog: { name: "merge", row } });
      return open;
    case "z":
      if (holds) desk.set({ dialog: { name: "snooze", row } });
      return holds === true;
    case "x":
      if (holds) desk.set({ dialog: { name: "close", row } });
      return holds === true;
  }
  return false;
}
