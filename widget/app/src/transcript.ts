// A conversation as a text file, made here: nobody else has to keep it.

import { choicesAloud } from "./choices";
import { speaker } from "./lines";
import type { Line } from "./log";
import { say, wholeMoment } from "./words";

export function transcript(lines: Line[], shop: string): string {
  const head = say("saved_head", { shop, date: wholeMoment(new Date()) });
  const parts = lines.map((l) => {
    const at = new Date(l.at);
    const when = l.at === "" || Number.isNaN(at.getTime()) ? "" : " · " + wholeMoment(at);
    const from = [...new Set(l.citations.map((c) => c.title))];
    return [speaker(l) + when, l.text, ...l.files.map((f) => f.name), ...choicesAloud(l.choices), ...(from.length > 0 ? [say("from") + " " + from.join(", ")] : [])].filter((t) => t !== "").join("\n");
  });
  return [head, ...parts].join("\n\n") + "\n";
}

/** Hands a text to the browser as a file. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/plain;charset=utf-8" }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the download has its own copy by then
}
