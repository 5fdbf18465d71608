// Words to take over into what is being written: canned replies, passages of the
// knowledge, colleagues' names.

import { useEffect, useRef, useState } from "preact/hooks";

import { post } from "./api";
import { t } from "./i18n";
import { Icon } from "./icons";
import { plain, Prose } from "./parts";
import { desk } from "./state";
import type { Canned, Passage, Row } from "./types";

/** Markdown as the plain text that customers get from a person. */
export function plainLines(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((p) => p.split("\n").map((l) => (/^\s*([-*+]|\d+[.)])\s/.test(l) ? l.trim().replace(/\*\*|__|`/g, "") : plain(l))).join("\n").trim())
    .filter((p) => p !== "")
    .join("\n\n");
}

export function fill(text: string, row: Row): string {
  const vars: Record<string, string> = { customer: row.name ?? "", agent: desk.state.me.name, reference: row.reference, shop: desk.state.shop };
  return text.replace(/\{(customer|agent|reference|shop)\}/g, (_, k: string) => vars[k]).replace(/ +([,.!?])/g, "$1");
}

export function CannedPanel({ row, query, setQuery, pick, close }: { row: Row; query: string; setQuery: (q: string) => void; pick: (c: Canned) => void; close: () => void }) {
  const all = desk.use((s) => s.canned);
  const words = query.toLowerCase();
  const list = all
    .filter((c) => (c.short + " " + c.title + " " + c.text).toLowerCase().includes(words))
    .sort((a, b) => rank(b) - rank(a));
  function rank(c: Canned): number {
    const q = c.queues ?? [];
    return (q.includes(row.queue) ? 4 : q.length === 0 ? 2 : 0) + (c.language && row.language?.startsWith(c.language) ? 1 : 0) + (words !== "" && c.short.toLowerCase().startsWith(words) ? 8 : 0);
  }
  return (
    <section class="pick" aria-label={t("canned")}>
      <header class="pick-head">
        <label class="unseen" for="canned-search">{t("canned.search")}</label>
        <input id="canned-search" class="field field-small" type="search" placeholder={t("canned.search")} value={query} onInput={(e) => setQuery(e.currentTarget.value)} onKeyDown={(e) => escapes(e, close)} />
        <button type="button" class="button button-icon" onClick={close} aria-label={t("close")}><Icon name="close" size={16} /></button>
      </header>
      <div class="pick-list" onKeyDown={arrows}>
        {list.map((c) => (
          <button key={c.id} type="button" class="pick-item" onClick={() => pick(c)} onKeyDown={(e) => escapes(e, close)}>
            <span class="pick-title">{c.title} <span class="quiet">/{c.short}</span></span>
            <span class="pick-text" dir="auto">{fill(c.text, row)}</span>
          </button>
        ))}
        {list.length === 0 && <p class="quiet pick-none">{all.length === 0 ? t("canned.none") : t("empty.search")} {all.length === 0 && <a href="#/settings/canned">{t("canned.make")}</a>}</p>}
      </div>
    </section>
  );
}

export function MentionPanel({ query, pick, close }: { query: string; pick: (name: string) => void; close: () => void }) {
  const agents = desk.use((s) => s.agents);
  const me = desk.use((s) => s.me);
  const list = agents.filter((a) => a.id !== me.agent && !a.disabled && a.name.toLowerCase().startsWith(query.trimEnd().toLowerCase()) && a.name.length >= query.length).slice(0, 8);
  if (list.length === 0) return query === "" ? null : <section class="pick" aria-label={t("people")}><p class="quiet pick-none" role="status">{t("mention.none")}</p></section>;
  return (
    <section class="pick" aria-label={t("people")}>
      <div class="pick-list" onKeyDown={arrows}>
        {list.map((a) => (
          <button key={a.id} type="button" class="pick-item" onClick={() => pick(a.name)} onKeyDown={(e) => escapes(e, close)}>
            <span class="pick-title">{a.name} <span class="quiet">{a.status === undefined ? t("status.away") : t(`status.${a.status}`)}</span></span>
          </button>
        ))}
      </div>
    </section>
  );
}

function escapes(e: KeyboardEvent, close: () => void): void {
  if (e.key !== "Escape") return;
  e.stopPropagation();
  close();
}

function arrows(e: KeyboardEvent): void {
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
  const list = [...(e.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(".pick-item")];
  const at = list.indexOf(document.activeElement as HTMLElement);
  const to = list[at + (e.key === "ArrowDown" ? 1 : -1)];
  if (to === undefined) return;
  e.preventDefault();
  to.focus();
}

export function PassagePanel({ row, pick, close }: { row: Row; pick: (p: Passage) => void; close: () => void }) {
  const [query, setQuery] = useState(row.problem);
  const [found, setFound] = useState<Passage[] | null>(null);
  const [failed, setFailed] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  useEffect(() => {
    if (query.trim() === "") {
      setFound([]);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const r = await post<{ passages: Passage[] }>("/passages", { text: query.slice(0, 500), language: row.language ?? "" }, { signal: abort.signal });
        setFound(r.passages);
        setFailed("");
      } catch (err) {
        if (!abort.signal.aborted) setFailed((err as Error).message);
      }
    }, 220);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  return (
    <section class="pick" aria-label={t("passages")}>
      <header class="pick-head">
        <label class="unseen" for="passage-search">{t("passages.search")}</label>
        <input ref={field} id="passage-search" class="field field-small" type="search" placeholder={t("passages.search")} value={query} onInput={(e) => setQuery(e.currentTarget.value)} onKeyDown={(e) => escapes(e, close)} />
        <button type="button" class="button button-icon" onClick={close} aria-label={t("close")}><Icon name="close" size={16} /></button>
      </header>
      <div class="pick-list" onKeyDown={arrows} aria-busy={found === null}>
        {failed !== "" && <p class="quiet pick-none" role="alert">{failed}</p>}
        {(found ?? []).map((p) => (
          <article key={p.article + p.from} class="passage">
            <p class="pick-title">
              {p.url !== "" ? <a href={p.url} target="_blank" rel="noopener noreferrer">{p.title || p.article}</a> : p.title || p.article}
              {p.heading !== undefined && p.heading.length > 0 && <span class="quiet"> · {p.heading.at(-1)}</span>}
              {p.internal && <span class="tag tag-internal">{t("passages.internal")}</span>}
            </p>
            <div class="passage-text" tabIndex={0} role="group" aria-label={p.title || p.article}><Prose text={p.text} /></div>
            {p.internal ? null : (
              <button type="button" class="button button-small pick-item" onClick={() => pick(p)} onKeyDown={(e) => escapes(e, close)}>{t("passages.take")}</button>
            )}
          </article>
        ))}
        {found !== null && found.length === 0 && failed === "" && <p class="quiet pick-none">{t("passages.none")}</p>}
        {found === null && failed === "" && <p class="quiet pick-none">{t("passages.looking")}</p>}
      </div>
    </section>
  );
}
