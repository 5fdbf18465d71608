// Small things that several panes use.

import type { ComponentChildren } from "preact";
import { useEffect, useReducer, useRef } from "preact/hooks";

import { plain as plainTree, markdown } from "../../../../widget/app/src/markdown";
import { t } from "./i18n";
import { Icon } from "./icons";
import { full, now, span } from "./time";
import type { Row } from "./types";

// One timer for all that shows a span of time.
const clocks = new Set<() => void>();

// A few dozen at a time: five hundred rows at once would hold up a key press.
function tickAll(): void {
  if (document.visibilityState !== "visible") return;
  const all = [...clocks];
  const some = (from: number) => {
    for (const c of all.slice(from, from + 40)) if (clocks.has(c)) c();
    if (from + 40 < all.length) setTimeout(some, 16, from + 40);
  };
  some(0);
}
setInterval(tickAll, 10_000);
document.addEventListener("visibilitychange", tickAll);

/** Draws the component again as time goes by. */
export function useClock(): number {
  const [, tick] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const c = () => tick(undefined as never);
    clocks.add(c);
    return () => void clocks.delete(c);
  }, []);
  return now();
}

/** "4 min", with the full moment on hover and for screen readers. */
export function Ago({ at, words }: { at: string; words?: (span: string) => string }) {
  const text = span(useClock() - Date.parse(at));
  return (
    <time dateTime={at} title={full(at)}>
      {words === undefined ? text : words(text)}
    </time>
  );
}

export type Sla = "late" | "soon" | "waiting" | "answered" | "asleep" | "closed";

/** How the wait stands: late, late soon, waiting, or waiting for the customer. */
export function slaOf(r: Row, at: number): Sla {
  if (r.state === "closed") return "closed";
  if (r.snoozed_until !== undefined) return "asleep";
  if (r.waits_since === undefined && r.due_first === undefined) return "answered";
  if (r.due_first === undefined) return "waiting";
  const due = Date.parse(r.due_first);
  if (at > due) return "late";
  const since = Date.parse(r.waits_since ?? r.opened_at);
  return due - at < Math.max(60_000, (due - since) / 4) ? "soon" : "waiting";
}

/** The wait in words with a shape, never by colour alone. */
export function Wait({ row }: { row: Row }) {
  const at = useClock();
  const sla = slaOf(row, at);
  const since = row.waits_since ?? row.opened_at;
  let words = "";
  let title = t("wait.since", { at: full(since) });
  switch (sla) {
    case "late":
      words = t("wait.late", { span: span(at - Date.parse(row.due_first!)) });
      title += ". " + t("wait.due", { at: full(row.due_first!) });
      break;
    case "soon":
      words = t("wait.soon", { span: span(Date.parse(row.due_first!) - at) });
      title += ". " + t("wait.due", { at: full(row.due_first!) });
      break;
    case "waiting":
      words = span(at - Date.parse(since));
      if (row.due_first !== undefined) title += ". " + t("wait.due", { at: full(row.due_first) });
      break;
    case "answered":
      words = t("wait.answered");
      title = row.agent_at === undefined ? "" : t("wait.answered_at", { at: full(row.agent_at) });
      break;
    case "asleep":
      words = t("wait.asleep");
      title = t("wait.until", { at: full(row.snoozed_until!) });
      break;
    case "closed":
      words = row.closed_at === undefined ? "" : span(at - Date.parse(row.closed_at));
      title = row.closed_at === undefined ? "" : t("wait.closed", { at: full(row.closed_at) });
  }
  return (
    <span class={"wait wait-" + sla} title={title}>
      {sla === "late" && <Icon name="alert" size={14} />}
      {sla === "soon" && <Icon name="late" size={14} />}
      {sla === "asleep" && <Icon name="moon" size={14} />}
      {sla === "answered" && <Icon name="check" size={14} />}
      {sla === "waiting" && <span class="unseen">{t("wait.waits")} </span>}
      {words}
    </span>
  );
}

type Tree = string | { tag: string; attrs?: Record<string, string | number>; kids: Tree[] };

const TAGS = new Set(["blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul", "del", "sub", "sup", "kbd", "b", "i"]);

/** Only where a link leads that a person can follow. */
export function safeHref(href: string): string {
  try {
    const u = new URL(href, location.origin);
    return u.protocol === "https:" || u.protocol === "http:" || u.protocol === "mailto:" ? u.href : "";
  } catch {
    return "";
  }
}

function nodes(tree: Tree[]): ComponentChildren {
  return tree.map((n, i) => {
    if (typeof n === "string") return n;
    const kids = nodes(n.kids);
    if (n.tag === "a") {
      const href = safeHref(String(n.attrs?.href ?? ""));
      return href === "" ? <span key={i}>{kids}</span> : <Out key={i} href={href}>{kids}</Out>;
    }
    if (!TAGS.has(n.tag)) return <span key={i}>{kids}</span>;
    const Tag = n.tag as "p";
    return n.tag === "br" || n.tag === "hr" ? <Tag key={i} /> : <Tag key={i}>{kids}</Tag>;
  });
}

/** A link that leaves the desk. */
export function Out({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** Markdown of the assistant and of articles: elements made one by one. */
export function Prose({ text }: { text: string }) {
  return <div class="prose">{nodes(markdown(text) as Tree[])}</div>;
}

/** The words of Markdown, for a line or for a reply in plain text. */
export const plain = (text: string): string => plainTree(markdown(text)) as string;

/** What was written as plain text, its addresses as links. */
export function Plain({ text }: { text: string }) {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const m of text.matchAll(/https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g)) {
    parts.push(text.slice(from, m.index));
    const href = safeHref(m[0]);
    parts.push(href === "" ? m[0] : <Out href={href}>{m[0]}</Out>);
    from = m.index + m[0].length;
  }
  parts.push(text.slice(from));
  return <div class="plain" dir="auto">{parts}</div>;
}

/** A modal dialog: the browser keeps the focus in it and gives it back. */
export function Modal({ title, onClose, children, wide = false }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = ref.current!;
    if (!d.open) d.showModal();
    (d.querySelector<HTMLElement>("[data-first]") ?? d.querySelector<HTMLElement>("input, select, textarea, button"))?.focus();
    return () => d.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={"modal" + (wide ? " modal-wide" : "")}
      aria-labelledby="modal-title"
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onClick={(e) => {
        if (e.target === ref.current) onClose();
      }}
    >
      <div class="modal-in">
        <header class="modal-head">
          <h2 id="modal-title">{title}</h2>
          <button type="button" class="button button-icon" onClick={onClose} aria-label={t("close")}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** A face for a name: its first letters. */
export function Face({ name, kind = "" }: { name: string; kind?: string }) {
  const letters = [...name.trim()].length === 0 ? "?" : name.trim().split(/\s+/).slice(0, 2).map((w) => [...w][0]).join("");
  return (
    <span class={"face " + kind} aria-hidden="true">
      {kind === "face-bot" ? <Icon name="bot" size={16} /> : letters.toUpperCase()}
    </span>
  );
}

/** A visitor's name; somebody without one is told apart by what they can quote. */
export const nameOf = (r: { name?: string; reference?: string }): string =>
  r.name !== undefined && r.name !== "" ? r.name : (r.reference ?? "") === "" ? t("visitor.unnamed") : `${t("visitor.unnamed")} ${r.reference!.slice(0, 4)}`;
