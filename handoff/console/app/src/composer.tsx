// Where the agent writes: a reply that the customer reads, or a note that only
// the desk does.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { freshName } from "./api";
import { beside, drop, useSuggestion, whisper } from "./beside";
import { Beside, quotes, type Source, Sources, whispersOf } from "./besides";
import { claim, reopen, say, sendNote, sendReply, typing } from "./desk";
import { draftOf, forgetDraft, setDraft } from "./drafts";
import { Attach, Attached, takesFiles, useUploads } from "./files";
import { t } from "./i18n";
import { Icon } from "./icons";
import { nameOf, Prose } from "./parts";
import { CannedPanel, fill, MentionPanel, PassagePanel, plainLines } from "./picks";
import { desk, type OpenCase } from "./state";
import type { Row } from "./types";
import { takeFiles } from "./uploads";

export type Mode = "reply" | "note" | "whisper";

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
  const other = row.state === "claimed" && !mine;
  // A lead whispers to whoever has it; they whisper back once they were whispered to.
  const whispers = row.state === "claimed" && me.works && (mine ? whispersOf(o).length > 0 : me.leads);
  const [mode, setMode] = useState<Mode>(other && me.leads ? "whisper" : "reply");
  const [hint, setHint] = useState("");
  const [text, setText] = useState(() => draftOf(o.id).text);
  const [note, setNote] = useState(() => draftOf(o.id).note);
  const [panel, setPanel] = useState<"" | "canned" | "passages" | "mention">("");
  const [query, setQuery] = useState("");
  const [sources, setSources] = useState<Source[]>([]);
  const taken = useRef({ text: "", article: "" }); // the suggestion that was used
  const area = useRef<HTMLTextAreaElement>(null);
  const { ready, going } = useUploads(o.id);
  const value = mode === "reply" ? text : mode === "note" ? note : hint;

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
  const redrafted = beside.use((s) => s.redraft);
  useEffect(() => {
    if (redrafted === 0) return;
    setMode("reply");
    setText(draftOf(o.id).text);
  }, [redrafted]);
  useEffect(() => {
    if (mine && mode === "whisper") setMode("reply"); // taken over: from now on one answers
  }, [mine]);
  useEffect(() => {
    if (mode === "whisper" && !whispers) setMode("reply");
  }, [whispers]);

  const write = (v: string) => {
    if (mode === "reply") {
      setText(v);
      setDraft(o.id, { text: v });
    } else if (mode === "note") {
      setNote(v);
      setDraft(o.id, { note: v });
    } else {
      setHint(v);
      return; // nobody is told that somebody whispers
    }
    if (v.trim() !== "") typing(o.id, mode === "note");
  };
  // The field takes the keys at once: what a quick hand types next must not be
  // read as shortcuts. The caret follows when the words are in it.
  const focus = () => {
    area.current?.focus();
    requestAnimationFrame(() => area.current?.setSelectionRange(area.current.value.length, area.current.value.length));
  };
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
  const suggestion = useSuggestion(o);
  const suggestedText = suggestion === null ? "" : plainLines(suggestion.text);
  const cite = (s: Source) => setSources((list) => [...list.filter((x) => x.plain !== s.plain), s]);
  const suggest = () => {
    if (suggestion === null) return;
    if (!text.includes(suggestedText)) insert(suggestedText);
    else focus();
    taken.current = { text: suggestedText, article: suggestion.article };
    cite({ article: suggestion.article, title: suggestion.title ?? "", url: suggestion.url ?? "", quote: suggestion.text, generation: 0, from: 0, to: 0, plain: suggestedText });
  };
  const goes = sources.filter((s) => quotes(s, text));
  const send = async () => {
    const v = value.trim();
    if (mode === "reply" && going > 0) return void say(t("files.wait"));
    if (v === "" && (mode !== "reply" || ready === 0)) return;
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
    if (mode === "whisper") {
      if (await whisper(o.id, v)) setHint("");
      return;
    }
    if (!mine && !(await claim(row))) return;
    sendReply(o.id, freshName(), v, taken.current.text, goes.map(({ plain: _, ...c }) => c), taken.current.article, takeFiles(o.id));
    taken.current = { text: "", article: "" };
    setSources([]);
    setText("");
    if (note === "") forgetDraft(o.id);
    else setDraft(o.id, { text: "" });
    focus();
  };

  useEffect(() => {
    composer.now = {
      write: (m) => {
        if (m === "whisper" && !whispers) return;
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
  const showSuggestion = mode === "reply" && suggestion !== null && !other && panel === "" && !text.includes(suggestedText) && text.trim() === "";
  return (
    <form
      class={"composer composer-" + mode + (mine ? "" : " composer-claims")}
      {...takesFiles(o.id, mode === "reply" && !other)}
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
    >
      {panel === "canned" && <CannedPanel row={row} query={query} setQuery={setQuery} pick={(c) => insert(fill(c.text, row))} close={() => { setPanel(""); focus(); }} />}
      {panel === "" && <Beside o={o} row={row} text={text} />}
      {panel === "mention" && (
        <MentionPanel
          query={query}
          close={() => { setPanel(""); focus(); }}
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
            cite({ article: p.article, title: p.title, url: p.url, quote: p.text, generation: p.generation, from: p.from, to: p.to, plain: words });
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
            <button type="button" class="button button-icon" aria-label={t("suggest.drop")} title={t("suggest.drop")} onClick={() => void drop(o, row, suggestion)}><Icon name="close" size={14} /></button>
          </p>
          <div class="suggest-text" tabIndex={0} role="group" aria-label={t("suggest.text")}><Prose text={suggestion.text} /></div>
        </section>
      )}
      <div class="composer-box">
        <div class="composer-tabs" role="radiogroup" aria-label={t("composer.kind")}>
          {(whispers ? (["reply", "note", "whisper"] as Mode[]) : (["reply", "note"] as Mode[])).map((m) => (
            <label key={m} class={"composer-tab" + (mode === m ? " composer-tab-on" : "")}>
              <input type="radio" name="mode" value={m} checked={mode === m} onChange={() => { setMode(m); focus(); }} />
              {m === "reply" ? t("reply") : m === "note" ? t("note") : t("whisper")} <kbd aria-hidden="true">{m === "reply" ? "r" : m === "note" ? "n" : "w"}</kbd>
            </label>
          ))}
          <span class="composer-who">
            {mode === "note" ? t("note.only") : mode === "whisper" ? (mine ? t("whisper.back") : t("whisper.to", { name: row.agent_name ?? "" })) : mine ? t("reply.to", { name: nameOf(row) }) : other ? t("reply.taken", { name: row.agent_name ?? "" }) : t("reply.claims")}
          </span>
        </div>
        <textarea
          ref={area}
          rows={2}
          dir="auto"
          value={value}
          lang={mode === "reply" && row.language ? row.language : undefined}
          aria-label={mode === "reply" ? t("reply.label", { name: nameOf(row) }) : mode === "note" ? t("note.field") : mine ? t("whisper.field_back") : t("whisper.field", { name: row.agent_name ?? "" })}
          placeholder={mode === "reply" ? t("reply.placeholder") : mode === "note" ? t("note.placeholder") : mine ? t("whisper.placeholder_back") : t("whisper.placeholder", { name: row.agent_name ?? "" })}
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
        {mode === "reply" && <Sources list={goes} drop={(s) => setSources((list) => list.filter((x) => x !== s))} />}
        {mode === "reply" && <Attached id={o.id} />}
        <div class="composer-foot">
          {mode === "reply" && (
            <>
              {!other && <Attach id={o.id} />}
              <button type="button" class="button button-quiet" title={t("canned")} aria-expanded={panel === "canned"} onClick={() => { setQuery(""); setPanel(panel === "canned" ? "" : "canned"); }}>
                <Icon name="text" size={16} />
                <span>{t("canned")}</span>
              </button>
              <button type="button" class="button button-quiet" title={t("passages")} aria-expanded={panel === "passages"} onClick={() => setPanel(panel === "passages" ? "" : "passages")}>
                <Icon name="book" size={16} />
                <span>{t("passages")}</span>
              </button>
            </>
          )}
          {mode === "note" && <span class="quiet">{t("note.mention")}</span>}
          <span class="spring" />
          <button type="submit" class="button button-main button-small" disabled={(value.trim() === "" && (mode !== "reply" || ready === 0)) || (mode === "reply" && (other || going > 0))}>
            {mode === "note" ? t("note.send") : mode === "whisper" ? t("whisper.send") : mine ? t("send") : t("claim_send")} <kbd>{SEND_KEY}</kbd>
          </button>
        </div>
      </div>
    </form>
  );
}
