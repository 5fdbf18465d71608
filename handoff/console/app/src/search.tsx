// Looking for cases: one box, whose words narrow the list at once and search
// everything on Enter; filters as text and as chips; where the words were found.

import { useEffect, useRef, useState } from "preact/hooks";

import { findReference, loadEarlier, shown } from "./desk";
import { type Key, languageName, t, word } from "./i18n";
import { Icon } from "./icons";
import { Line } from "./form";
import { Modal } from "./parts";
import { go } from "./route";
import { askedFor, desk } from "./state";
import { jumpTo } from "./thread";
import { moment } from "./time";
import type { Extract } from "./types";
import { NameView } from "./views";

/** The filters, as the server reads them. */
const KEYS = ["queue", "agent", "desk", "topic", "product", "language", "reason", "before", "after", "is", "has", "ended", "ref"] as const;
type FilterKey = (typeof KEYS)[number];

const STATES = ["open", "waiting", "claimed", "late", "snoozed", "closed", "case", "assistant"];
const HAS = ["file", "note", "rating"];
const ENDED = ["solved", "workaround", "not_solved", "no_answer", "duplicate", "spam", "other", "cancelled", "merged"];

/** A piece of a search as it was typed. */
interface Part {
  key: FilterKey | "";
  value: string;
  from: number;
  to: number;
}

/** Cuts a search as the server does: words, "several words", key:value, key:"a value". */
export function parts(q: string): Part[] {
  const out: Part[] = [];
  const one = /(?:([a-z]+):(?=\S))?(?:"([^"]*)"?|(\S+))/giy;
  for (let at = 0; at < q.length; ) {
    const space = /\s*/y;
    space.lastIndex = at;
    space.test(q);
    one.lastIndex = space.lastIndex;
    const m = one.exec(q);
    if (m === null) break;
    const key = (m[1] ?? "").toLowerCase() as FilterKey;
    const known = (KEYS as readonly string[]).includes(key);
    out.push({ key: known ? key : "", value: known || m[1] === undefined ? (m[2] ?? m[3]) : m[0], from: m.index, to: one.lastIndex });
    at = one.lastIndex;
  }
  return out;
}

const quoted = (v: string): string => (/\s/.test(v) ? `"${v.replaceAll('"', "")}"` : v);

/** A search without one of its parts. */
const without = (q: string, p: Part): string => (q.slice(0, p.from) + q.slice(p.to)).replace(/\s+/g, " ").trim();

/** What a filter's value is called in the reader's language. */
export function valueWords(key: string, value: string): string {
  switch (key) {
    case "queue":
      return desk.state.queues.find((x) => x.queue === value.toLowerCase())?.name ?? value;
    case "agent":
      return value.toLowerCase() === "me" ? t("search.me") : value;
    case "language":
      return languageName(value);
    case "is":
      return word("search.is.", value.toLowerCase());
    case "has":
      return word("search.has.", value.toLowerCase());
    case "desk":
    case "reason":
    case "ended":
      return word(key + ".", value.toLowerCase());
    default:
      return value;
  }
}

export const searchFor = (q: string, replace = false): void => go({ view: { kind: "search", queue: "", ask: q }, open: "" }, replace);

/** The box above the list. */
export function SearchBox() {
  const view = desk.use((s) => s.place.view);
  const asked = desk.use((s) => askedFor(s.place.view));
  const searching = view.kind === "search" || view.kind === "saved";
  const [text, setText] = useState(searching ? asked : "");
  const [dialog, setDialog] = useState<"" | "filter" | "save">("");
  const timer = useRef(0);
  useEffect(() => setText(searching ? asked : ""), [asked, searching]);
  const everywhere = () => {
    const q = text.trim();
    if (q === "") return;
    clearTimeout(timer.current);
    desk.set({ search: "" });
    if (/^[0-9a-z]{4}-?[0-9a-z]{4}$/i.test(q)) void findReference(q).then((found) => { if (!found) searchFor(q); }).catch(() => searchFor(q));
    else searchFor(q);
  };
  const clear = () => {
    setText("");
    desk.set({ search: "" });
    if (searching) go({ view: { kind: "open", queue: "", ask: "" }, open: desk.state.place.open });
  };
  const list = parts(text);
  return (
    <search class="searching">
      <div class="search">
        <Icon name="search" size={16} />
        <input
          id="search"
          type="text"
          inputMode="search"
          enterkeyhint="search"
          placeholder={t("search")}
          aria-label={t("search.label")}
          aria-describedby="search-hint"
          value={text}
          autocomplete="off"
          spellcheck={false}
          maxLength={500}
          dir="auto"
          onInput={(e) => {
            const v = e.currentTarget.value;
            setText(v);
            clearTimeout(timer.current);
            // Words narrow the list while one types; filters are the server's.
            const words = parts(v).every((p) => p.key === "") ? v.trim() : "";
            if (!searching) timer.current = window.setTimeout(() => desk.set({ search: words }), 80);
          }}
          onKeyDown={(e) => {
            if (e.isComposing) return;
            if (e.key === "Escape") {
              if (!searching) clear();
              e.currentTarget.blur();
            }
            if (e.key === "ArrowDown" && shown().length > 0) {
              e.preventDefault();
              document.querySelector<HTMLElement>(".rows a")?.focus();
            }
            if (e.key === "Enter") everywhere();
          }}
        />
        {text === "" ? <kbd aria-hidden="true">/</kbd> : (
          <button type="button" class="button button-icon search-clear" aria-label={t("search.clear")} onClick={clear}><Icon name="close" size={14} /></button>
        )}
        <button type="button" class="button button-icon search-filter" aria-label={t("search.filter")} title={t("search.filter")} onClick={() => setDialog("filter")}><Icon name="filter" size={16} /></button>
      </div>
      <p id="search-hint" class={text.trim() !== "" && text.trim() !== asked ? "search-hint" : "unseen"}>
        <button type="button" class="link" tabIndex={text.trim() !== "" && text.trim() !== asked ? 0 : -1} onClick={everywhere}>{t("search.everywhere")}</button> <kbd>↵</kbd>
      </p>
      {searching && (
        <div class="chips">
          {list.filter((p) => p.key !== "").map((p) => (
            <button key={p.from} type="button" class="chip" title={t("search.without")} onClick={() => searchFor(without(text, p))}>
              <span class="quiet">{word("search.key.", p.key)}</span> {valueWords(p.key, p.value)}
              <Icon name="close" size={12} />
              <span class="unseen"> ({t("search.without")})</span>
            </button>
          ))}
          {view.kind === "search" && asked !== "" && (
            <button type="button" class="chip chip-save" onClick={() => setDialog("save")}><Icon name="star" size={14} />{t("search.save")}</button>
          )}
        </div>
      )}
      {dialog === "filter" && <Filters text={text} shut={() => setDialog("")} done={(q) => { setDialog(""); if (q !== "") searchFor(q); }} />}
      {dialog === "save" && <NameView query={asked} shut={() => setDialog("")} />}
    </search>
  );
}

/** The filters to choose from, for who does not want to write them. */
function Filters({ text, shut, done }: { text: string; shut: () => void; done: (q: string) => void }) {
  const first = parts(text);
  const queues = desk.use((s) => s.queues);
  const agents = desk.use((s) => s.agents);
  const rows = desk.state.rows;
  const [words, setWords] = useState(first.filter((p) => p.key === "").map((p) => text.slice(p.from, p.to)).join(" "));
  const [chosen, choose] = useState<Partial<Record<FilterKey, string>>>(Object.fromEntries(first.filter((p) => p.key !== "").map((p) => [p.key, p.value])));
  const known = (f: (r: { topic?: string; topic_final?: string; product?: string; language?: string }) => string | undefined) => [...new Set([...rows.values()].map(f).filter((x): x is string => x !== undefined && x !== ""))].sort();
  const set = (key: FilterKey, v: string) => choose({ ...chosen, [key]: v });
  const select = (key: FilterKey, values: [string, string][]) => (
    <Line label={t(("search.key." + key) as Key)}>
      <select class="field field-small" value={chosen[key] ?? ""} onChange={(e) => set(key, e.currentTarget.value)}>
        <option value="">{t("any")}</option>
        {chosen[key] !== undefined && chosen[key] !== "" && !values.some(([v]) => v === chosen[key]) && <option value={chosen[key]}>{chosen[key]}</option>}
        {values.map(([v, name]) => <option key={v} value={v}>{name}</option>)}
      </select>
    </Line>
  );
  const free = (key: FilterKey, values: string[]) => (
    <Line label={t(("search.key." + key) as Key)}>
      <input class="field field-small" list={"search-" + key} value={chosen[key] ?? ""} onInput={(e) => set(key, e.currentTarget.value)} />
      <datalist id={"search-" + key}>{values.map((v) => <option key={v} value={v} />)}</datalist>
    </Line>
  );
  const day = (key: FilterKey) => <Line label={t(("search.key." + key) as Key)}><input class="field field-small" type="date" value={chosen[key] ?? ""} onInput={(e) => set(key, e.currentTarget.value)} /></Line>;
  return (
    <Modal title={t("search.filter")} onClose={shut} wide>
      <form onSubmit={(e) => {
        e.preventDefault();
        done([words.trim(), ...KEYS.filter((k) => (chosen[k] ?? "").trim() !== "").map((k) => `${k}:${quoted(chosen[k]!.trim())}`)].filter((x) => x !== "").join(" "));
      }}>
        <Line label={t("search.words")} hint={t("search.words_hint")}><input class="field field-small" data-first dir="auto" value={words} onInput={(e) => setWords(e.currentTarget.value)} /></Line>
        <div class="form-grid">
          {select("is", STATES.map((x) => [x, word("search.is.", x)]))}
          {select("queue", queues.map((q) => [q.queue, q.name]))}
          {select("agent", [["me", t("search.me")], ...agents.filter((a) => a.disabled !== true).map((a): [string, string] => [a.name, a.name])])}
          {free("topic", known((r) => r.topic_final || r.topic))}
          {free("product", known((r) => r.product))}
          {select("language", known((r) => r.language?.split("-")[0]).map((l) => [l, languageName(l)]))}
          {select("ended", ENDED.map((x) => [x, word("ended.", x)]))}
          {select("has", HAS.map((x) => [x, word("search.has.", x)]))}
          {day("after")}
          {day("before")}
        </div>
        <footer class="modal-foot">
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("search.go")}</button>
        </footer>
      </form>
    </Modal>
  );
}

/** Where the words were found in a case: text, what was found marked. */
export function Extracts({ list }: { list: Extract[] }) {
  return (
    <>
      {list.map((x, i) => (
        <span key={i} class="row-found" dir="auto">
          <span class="row-by">{x.by === "agent" || x.by === "note" ? (x.name ?? t("author.agent")) + (x.by === "note" ? ", " + t("search.by.note") : "") : word("search.by.", x.by)}{x.at !== undefined && x.seq !== undefined ? ", " + moment(x.at) : ""}:</span>{" "}
          {x.pieces.map((p, n) => (p.hit === true ? <mark key={n}>{p.text}</mark> : p.text))}
        </span>
      ))}
    </>
  );
}

/** A case that was found opens at the message in which its words stand. */
export function useFound(): void {
  const id = desk.use((s) => s.open?.id ?? "");
  const ready = desk.use((s) => s.open?.status === "ready");
  useEffect(() => {
    const seq = desk.state.extracts.get(id)?.find((x) => x.seq !== undefined)?.seq;
    if (!ready || seq === undefined) return;
    let off = false;
    void (async () => {
      // It may stand before what was loaded: a few pages up are looked through.
      for (let n = 0; n < 8 && !off && desk.state.open?.more === true && (desk.state.open.lines[0]?.seq ?? 0) > seq; n++) await loadEarlier();
      await new Promise((done) => setTimeout(done, 60)); // the conversation has gone to its end by then
      if (!off) jumpTo(seq, undefined);
    })();
    return () => void (off = true);
  }, [id, ready]);
}
