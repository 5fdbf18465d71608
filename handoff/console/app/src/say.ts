// What is told for some seconds at the foot of the page.

import { desk } from "./state";

let toastId = 0;

export function say(text: string, kind: "said" | "trouble" = "said", undo?: () => void, ms = 6_000): number {
  const id = ++toastId;
  desk.set({ toasts: [...desk.state.toasts.slice(-2), { id, text, kind, undo }] });
  setTimeout(() => unsay(id), kind === "trouble" ? Math.max(ms, 9_000) : ms);
  return id;
}

/** Says it with a way to where it is. */
export function tell(text: string, href: string, word: string): void {
  const id = ++toastId;
  desk.set({ toasts: [...desk.state.toasts.slice(-2), { id, text, kind: "said", href, word }] });
  setTimeout(() => unsay(id), 15_000);
}

export function unsay(id: number): void {
  desk.set({ toasts: desk.state.toasts.filter((x) => x.id !== id) });
}
