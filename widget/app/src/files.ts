// Files and pictures on their way and in the conversation. The service says
// what it takes; what it refuses it says in words.

import { ApiError, type Api } from "./api";
import { button, el, put } from "./dom";
import { icon } from "./icons";
import type { Keep } from "./keep";
import type { SentFile } from "./log";
import { language, say } from "./words";

/** Bytes a file may have; the service has the last word. */
const LARGEST = 10 << 20;
/** Files one message can carry. */
const MOST = 5;

/** What is being written goes with these; they wait for the message, over a reload, too. */
export class Attachments {
  #api: Api;
  #ready: () => Promise<void>;
  #keep: Keep;
  #kept: SentFile[] = [];
  #of = ""; // the conversation that they went to
  node = el("ul", { class: "attached", hidden: true });
  readonly told = el("p", { class: "hint", role: "status" });

  constructor(api: Api, ready: () => Promise<void>, keep: Keep) {
    this.#api = api;
    this.#ready = ready;
    this.#keep = keep;
    const stored = keep.get("files") as { of?: string; files?: SentFile[] } | null;
    if (stored?.of !== api.conversation || api.conversation === "" || !Array.isArray(stored.files)) return;
    for (const f of stored.files) {
      const row = this.#row(f.name, f.size);
      row.ready(f);
    }
    this.#seen();
  }

  /** Takes the files that are ready, and begins anew. */
  take(): SentFile[] {
    const kept = this.#kept;
    this.#kept = [];
    put(this.told, "");
    for (const li of [...this.node.children]) if ((li as HTMLElement).dataset.is !== "going") li.remove();
    this.#seen();
    return kept;
  }

  /** Takes all away, also what is on its way. */
  drop(): void {
    for (const b of this.node.querySelectorAll("button")) b.click();
    put(this.told, "");
  }

  get some(): boolean {
    return this.#kept.length > 0;
  }

  /** Is one still on its way? */
  get busy(): boolean {
    return this.node.querySelector('[data-is="going"]') !== null;
  }

  /** A file belongs to its conversation: with another one on screen those that wait go. */
  follow(): void {
    if (this.#kept.length === 0 || this.#of === this.#api.conversation) return;
    this.take();
    put(this.told, say("files_gone"));
  }

  /** Says why a message that was to be sent still waits. */
  tellBusy(): void {
    const li = this.node.querySelector<HTMLElement>('[data-is="going"]');
    const share = li?.querySelector("progress")?.value ?? 0;
    put(this.told, say("uploading", { name: li?.querySelector(".attached-name")?.textContent ?? "", percent: new Intl.NumberFormat(language(), { style: "percent" }).format(share) }));
  }

  add(files: Iterable<File>): void {
    put(this.told, "");
    const all = [...files];
    const room = MOST - this.node.childElementCount;
    if (all.length > room) put(this.told, say("file_many", { n: String(MOST) }));
    for (const f of all.slice(0, Math.max(0, room))) {
      if (f.size > LARGEST) put(this.told, say("file_big", { name: f.name, size: bytes(LARGEST) }));
      else void this.#send(f);
    }
  }

  // #row is a file's line while it waits; ready says that the service has it.
  #row(name: string, size: number): { li: HTMLElement; bar: HTMLProgressElement; stop: AbortController; ready: (f: SentFile) => void } {
    const stop = new AbortController();
    const bar = el("progress", { max: "1", value: "0", "aria-label": say("uploading", { name, percent: "" }) });
    let done: SentFile | null = null;
    const away = button({ class: "button button-icon", "aria-label": say("remove_file", { name }), title: say("remove_file", { name }) }, () => {
      stop.abort();
      this.#kept = this.#kept.filter((k) => k !== done);
      li.remove();
      this.#seen();
    }, icon("close"));
    const li = el("li", { "data-is": "going" }, icon("page"), el("span", { class: "attached-name", dir: "auto" }, name), el("span", { class: "quiet" }, bytes(size)), bar, away);
    this.node.append(li);
    const ready = (f: SentFile) => {
      bar.remove();
      li.dataset.is = "ready";
      done = f;
      this.#of = this.#api.conversation;
      this.#kept.push(f);
    };
    return { li, bar, stop, ready };
  }

  async #send(f: File): Promise<void> {
    const { li, bar, stop, ready } = this.#row(f.name, f.size);
    this.#seen();
    try {
      await this.#ready();
      ready(await this.#api.upload(f, (share) => {
        bar.value = share;
      }, stop));
      put(this.told, say("uploaded", { name: f.name }));
    } catch (err) {
      if (stop.signal.aborted) return;
      li.remove();
      put(this.told, err instanceof ApiError && err.kind === "refused" && err.text ? `${f.name}: ${err.text}` : say("file_failed", { name: f.name }));
    }
    this.#seen();
  }

  #seen(): void {
    this.node.hidden = this.node.childElementCount === 0;
    if (this.#kept.length > 0) this.#keep.set("files", { of: this.#of, files: this.#kept });
    else this.#keep.remove("files");
  }
}

/** A file of the conversation: a picture at its own size, anything else as a row. */
export function fileRow(f: SentFile, load: (f: SentFile) => Promise<string>): HTMLElement {
  const name = el("span", { class: "attached-name", dir: "auto" }, f.name);
  const link = el("a", { class: "file", href: "#", "aria-label": say("file_open", { name: isPicture(f) ? f.name : f.name + " " + bytes(f.size) }) });
  let address = "";
  link.addEventListener("click", (e) => {
    e.preventDefault();
    const show = (url: string) => {
      const a = el("a", { href: url, target: "_blank", rel: "noopener", download: isPicture(f) ? undefined : f.name });
      a.click();
    };
    if (address !== "") show(address);
    else load(f).then((url) => show((address = url)), () => {});
  });
  if (isPicture(f)) {
    // Its size is known before it is there, so that nothing jumps.
    const img = el("img", { alt: f.name, width: f.width, height: f.height, decoding: "async" });
    load(f).then((url) => (img.src = address = url), () => img.replaceWith(name));
    link.append(img);
  } else {
    link.append(icon("page"), name, " ", el("span", { class: "quiet" }, bytes(f.size)));
  }
  return link;
}

const isPicture = (f: SentFile): boolean => /^image\/(png|jpeg|gif|webp)$/.test(f.type);

export function bytes(n: number): string {
  const big = n >= 1 << 20;
  return new Intl.NumberFormat(language(), { style: "unit", unit: big ? "megabyte" : "kilobyte", maximumFractionDigits: big ? 1 : 0 }).format(n / (big ? 1 << 20 : 1 << 10));
}
