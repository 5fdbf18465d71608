// Where the agent writes: a reply that the customer reads, or a note that only
// the desk does.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { freshName, post } from "./api";
import { claim, reopen, say, sendNote, sendReply, typing } from "./desk";
import { draftOf, forgetDraft, setDraft } from "./drafts";
import { t } from "./i18n";
import { Icon } from "./icons";
import { nameOf, plain, Prose } from "./parts";
import { desk, type OpenCase } from "./state";
import type { Canned, Citation, Passage, Row } from "./types";

export type Mode = "reply" | "note";

/** What shortcuts do in the composer that is on the page. */
export interface ComposerHandle {
  write: (mode: Mode) => void;
  suggest: () => void;
  canned: () => void;
  passages: () => void;
}
export const composer: { now: ComposerHandle | null } = { now: null };

const MAC = /mac|iphone|ipad/i.test(navigator.platform);
export const SEND_KEY = MAC ? "⌘↵" : "Ctrl ↵";

export function Composer({ o, row }: { o: OpenCase; row: Row }) {
  const me = desk.use((s) => s.me);
  const mine = row.state === "claimed" && row.agent === me.agent;
  const [mode, setMode] = useState<Mode>("reply");
  const [text, setText] = useState(() => draftOf(o.id).text);
  const [note, setNote] = useState(() => draftOf(o.id).note);
  const [panel, setPanel] = useState<"" | "canned" | "passages" | "mention">("");
  const [query, setQuery] = useState("");
  const taken = useRef({ suggested: "", citations: [] as Citation[] });
  const area = useRef<HTMLTextAreaElement>(null);
  const value = mode === "reply" ? text : note;

  useLayoutEffect(() => {
    const el = area.current;
    if (el === null) return;
    el.style.height = "auto";
    el.style.height = Math.min(el.scrollHeight + 2, Math.max(120, window.innerHeight * 0.34)) + "px";
  }, [value, mode]);
  // A draft that came from the server after the page was drawn.
  useEffect(() => {
    const d = draftOf(o.id);
    if (text === "" && d.text !== "") setText(d.text);
    if (note === "" && d.note !== "") setNote(d.note);
  }, [o.status]);

  const write = (v: string) => {
    if (mode === "reply") {
      setText(v);
      setDraft(o.id, { text: v });
    } else {
      setNote(v);
      setDraft(o.id, { note: v });
    }
    if (v.trim() !== "") typing(o.id, mode === "note");
  };
  const focus = () => requestAnimationFrame(() => {
    const el = area.current;
    if (el === null) return;
    el.focus();
    el.setSelectionRange(el.value.length, el.value.length);
  });
  /** Puts words in where the caret is, on lines of their own. */
  const insert = (words: string) => {
    const el = area.current;
    const at = el !== null && mode === "reply" ? el.selectionStart : text.length;
    const head = text.slice(0, at).replace(/\/[\p{L}\p{N}-]*$/u, "");
    const rest = text.slice(at);
    const next = head + (head === "" || /\n$/.test(head) ? "" : "\n\n") + words + (rest === "" || rest.startsWith("\n") ? "" : "\n\n") + rest;
    setMode("reply");
    setText(next);
    setDraft(o.id, { text: next });
    setPanel("");
    focus();
  };
  const suggestion = o.packet?.reply;
  const suggestedText = suggestion === undefined ? "" : plainLines(suggestion.text);
  const suggest = () => {
    if (suggestion === undefined) return;
    if (!text.includes(suggestedText)) insert(suggestedText);
    else focus();
    taken.current = { suggested: suggestedText, citations: [] };
  };
  const send = async () => {
    const v = value.trim();
    if (v === "") return;
    if ([...v].length > 8000) {
      say(t("composer.long"), "trouble");
      return;
    }
    if (mode === "note") {
      const mentions = desk.state.agents.filter((a) => v.includes("@" + a.name)).map((a) => a.id);
      if (await sendNote(o.id, v, mentions)) {
        setNote("");
        setDraft(o.id, { note: "" });
      }
      return;
    }
    if (!mine && !(await claim(row))) return;
    const { suggested, citations } = taken.current;
    sendReply(o.id, freshName(), v, suggested, citations.filter((c) => v.includes(firstWords(c.quote))));
    taken.current = { suggested: "", citations: [] };
    setText("");
    if (note === "") forgetDraft(o.id);
    else setDraft(o.id, { text: "" });
    focus();
  };

  useEffect(() => {
    composer.now = {
      write: (m) => {
        setMode(m);
        focus();
      },
      suggest,
      canned: () => setPanel("canned"),
      passages: () => setPanel("passages"),
    };
    return () => {
      composer.now = null;
    };
  });

  if (!me.works) return <p class="composer-off">{t("composer.read_only")}</p>;
  if (row.state === "closed") {
    return (
      <div class="composer-off">
        <span>{t("composer.closed")}</span>
        <button type="button" class="button" onClick={() => void reopen(row)}>{t("reopen")}</button>
      </div>
    );
  }
  const other = row.state === "claimed" && !mine;
  const showSuggestion = mode === "reply" && suggestion !== undefined && panel === "" && !text.includes(suggestedText) && text.trim() === "";
  return (
    <form
      class={"composer composer-" + mode}
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
    >
      {panel === "canned" && <CannedPanel row={row} query={query} setQuery={setQuery} pick={(c) => insert(fill(c.text, row))} close={() => { setPanel(""); focus(); }} />}
      {panel === "mention" && (
        <MentionPanel
          query={query}
          pick={(name) => {
            const at = area.current?.selectionStart ?? note.length;
            const head = note.slice(0, at).replace(/@[\p{L}\p{N} ]*$/u, "@" + name + " ");
            write(head + note.slice(at));
            setPanel("");
            focus();
          }}
        />
      )}
      {panel === "passages" && (
        <PassagePanel
          row={row}
          close={() => { setPanel(""); focus(); }}
          pick={(p) => {
            const words = plainLines(p.text);
            insert(words);
            taken.current.citations.push({ article: p.article, title: p.title, url: p.url, quote: words, generation: p.generation, from: p.from, to: p.to });
          }}
        />
      )}
      {showSuggestion && (
        <section class="suggest" aria-label={t("suggest.label")}>
          <p class="suggest-head">
            <Icon name="spark" size={16} />
            <strong>{t("suggest")}</strong>
            <span>{t("from")} {suggestion.title || suggestion.article}</span>
            {suggestion.shown && <span class="tag">{t("suggest.shown")}</span>}
            <button type="button" class="button button-small" onClick={suggest}>
              {t("suggest.take")} <kbd>s</kbd>
            </button>
          </p>
          <div class="suggest-text" tabIndex={0} role="group" aria-label={t("suggest.text")}><Prose text={suggestion.text} /></div>
        </section>
      )}
      <div class="composer-box">
        <div class="composer-tabs" role="radiogroup" aria-label={t("composer.kind")}>
          {(["reply", "note"] as Mode[]).map((m) => (
            <label key={m} class={"composer-tab" + (mode === m ? " composer-tab-on" : "")}>
              <input type="radio" name="mode" value={m} checked={mode === m} onChange={() => { setMode(m); focus(); }} />
              {m === "reply" ? t("reply") : t("note")} <kbd aria-hidden="true">{m === "reply" ? "r" : "n"}</kbd>
            </label>
          ))}
          <span class="composer-who">
            {mode === "note" ? t("note.only") : mine ? t("reply.to", { name: nameOf(row) }) : other ? t("reply.taken", { name: row.agent_name ?? "" }) : t("reply.claims")}
          </span>
        </div>
        <textarea
          ref={area}
          rows={2}
          dir="auto"
          value={value}
          lang={mode === "reply" && row.language ? row.language : undefined}
          aria-label={mode === "reply" ? t("reply.label", { name: nameOf(row) }) : t("note.field")}
          placeholder={mode === "reply" ? t("reply.placeholder") : t("note.placeholder")}
          onInput={(e) => {
            const v = e.currentTarget.value;
            write(v);
            const typed = mode === "reply" ? /(?:^|\s)\/([\p{L}\p{N}-]*)$/u.exec(v.slice(0, e.currentTarget.selectionStart)) : null;
            const named = mode === "note" ? /(?:^|\s)@([\p{L}\p{N} ]{0,40})$/u.exec(v.slice(0, e.currentTarget.selectionStart)) : null;
            if (typed !== null || named !== null) {
              setQuery((typed ?? named)![1]);
              setPanel(typed !== null ? "canned" : "mention");
            } else if (panel === "canned" || panel === "mention") setPanel("");
          }}
          onKeyDown={(e) => {
            if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
              e.preventDefault();
              void send();
            } else if (e.key === "Escape") {
              e.stopPropagation();
              if (panel !== "") setPanel("");
              else e.currentTarget.blur();
            } else if ((panel === "canned" || panel === "mention") && (e.key === "ArrowDown" || e.key === "ArrowUp" || e.key === "Enter" || e.key === "Tab")) {
              const list = document.querySelectorAll<HTMLElement>(".pick-item");
              if (list.length === 0) return;
              if (panel === "mention" && e.key === "Enter" && query.endsWith(" ")) return; // a name that is whole
              e.preventDefault();
              if (e.key === "Enter" || e.key === "Tab") list[0].click();
              else list[e.key === "ArrowDown" ? 0 : list.length - 1].focus();
            }
          }}
        />
        <div class="composer-foot">
          {mode === "reply" && (
            <>
              <button type="button" class="button button-quiet" aria-expanded={panel === "canned"} onClick={() => { setQuery(""); setPanel(panel === "canned" ? "" : "canned"); }}>
                <Icon name="text" size={16} />
                <span>{t("canned")}</span>
              </button>
              <button type="button" class="button button-quiet" aria-expanded={panel === "passages"} onClick={() => setPanel(panel === "passages" ? "" : "passages")}>
                <Icon name="book" size={16} />
                <span>{t("passages")}</span>
              </button>
            </>
          )}
          {mode === "note" && <span class="quiet">{t("note.mention")}</span>}
          <span class="spring" />
          <button type="submit" class="button button-main button-small" disabled={value.trim() === "" || (mode === "reply" && other)}>
            {mode === "note" ? t("note.send") : mine ? t("send") : t("claim_send")} <kbd>{SEND_KEY}</kbd>
          </button>
        </div>
      </div>
    </form>
  );
}

const firstWords = (s: string): string => s.slice(0, 40);

/** Markdown as the plain text that customers get from a person. */
export function plainLines(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((p) => p.split("\n").map((l) => (/^\s*([-*+]|\d+[.)])\s/.test(l) ? l.trim().replace(/\*\*|__|`/g, "") : plain(l))).join("\n").trim())
    .filter((p) => p !== "")
    .join("\n\n");
}

function fill(text: string, row: Row): string {
  const vars: Record<string, string> = { customer: row.name ?? "", agent: desk.state.me.name, reference: row.reference, shop: desk.state.shop };
  return text.replace(/\{(customer|agent|reference|shop)\}/g, (_, k: string) => vars[k]).replace(/ +([,.!?])/g, "$1");
}

function CannedPanel({ row, query, setQuery, pick, close }: { row: Row; query: string; setQuery: (q: string) => void; pick: (c: Canned) => void; close: () => void }) {
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

function MentionPanel({ query, pick }: { query: string; pick: (name: string) => void }) {
  const agents = desk.use((s) => s.agents);
  const me = desk.use((s) => s.me);
  const list = agents.filter((a) => a.id !== me.agent && !a.disabled && a.name.toLowerCase().startsWith(query.trimEnd().toLowerCase()) && a.name.length >= query.length).slice(0, 8);
  if (list.length === 0) return null;
  return (
    <section class="pick" aria-label={t("people")}>
      <div class="pick-list" onKeyDown={arrows}>
        {list.map((a) => (
          <button key={a.id} type="button" class="pick-item" onClick={() => pick(a.name)}>
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

function PassagePanel({ row, pick, close }: { row: Row; pick: (p: Passage) => void; close: () => void }) {
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
