// Right: what was said, and what happened to the case, in the order of time.

import { memo } from "./memo";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { loadEarlier } from "./desk";
import { Files } from "./files";
import { language, t, word } from "./i18n";
import { Icon } from "./icons";
import { Face, nameOf, Out, Plain, plain, Prose, safeHref } from "./parts";
import { saw } from "./presence";
import { desk, type OpenCase, type Sending } from "./state";
import { clock, dayWord, full, moment, sameDay } from "./time";
import type { Line, LogEntry, Row } from "./types";
import { whoWords } from "./who";

interface Item {
  key: string;
  at: number;
  line?: Line;
  log?: LogEntry;
  sending?: Sending;
}

const QUIET = new Set(["replied", "offered", "passed", "opened", "mention", "looked", "whisper", "message"]);

function items(o: OpenCase): Item[] {
  const list: Item[] = [];
  for (const l of o.lines) if (l.kind === "message") list.push({ key: "m" + l.seq, at: Date.parse(l.at), line: l });
  const from = o.more ? (list[0]?.at ?? 0) : 0;
  for (const e of o.log) if (!QUIET.has(e.kind) && !(e.kind === "routed" && e.body?.from === e.body?.to) && Date.parse(e.at) >= from) list.push({ key: "l" + e.n, at: Date.parse(e.at), log: e });
  // Messages keep their own order: numbers, not clocks, say what came first.
  list.sort((a, b) => (a.line && b.line ? a.line.seq - b.line.seq : a.at - b.at));
  for (const s of o.sending) list.push({ key: "s" + s.id, at: Date.parse(s.at), sending: s });
  return list;
}

export function Thread({ o, row }: { o: OpenCase; row: Row }) {
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  const lastTop = useRef(0);
  const [unseen, setUnseen] = useState(0);
  const list = items(o);
  const count = useRef({ id: "", n: 0, first: "" });

  useLayoutEffect(() => {
    const el = box.current!;
    const first = list[0]?.key ?? "";
    if (count.current.id !== o.id || count.current.n === 0) {
      stick.current = true;
      setUnseen(0);
    } else if (list.length > count.current.n && first === count.current.first && !stick.current) {
      setUnseen((n) => n + list.length - count.current.n);
    }
    if (list.length > count.current.n && list.at(-1)?.sending !== undefined) {
      stick.current = true; // one's own words are always seen
      setUnseen(0);
    }
    if (stick.current) el.scrollTop = el.scrollHeight;
    count.current = { id: o.id, n: list.length, first };
  });
  // What grows or shrinks beside it (the composer, a phone's keyboard) keeps the end in sight.
  useEffect(() => {
    const el = box.current!;
    const sizes = new ResizeObserver(() => {
      if (stick.current) el.scrollTop = el.scrollHeight;
    });
    sizes.observe(el);
    if (inner.current !== null) sizes.observe(inner.current);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    const look = () => {
      if (stick.current) saw(o, row);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  });
  const read = o.lines.findLast((l) => l.kind === "message" && l.body.author === "agent" && l.seq <= o.customerRead)?.seq;
  const earlier = async () => {
    const el = box.current!;
    const was = el.scrollHeight;
    await loadEarlier();
    requestAnimationFrame(() => (el.scrollTop += el.scrollHeight - was));
  };
  let before: Item | undefined;
  return (
    <div class="thread-wrap">
      <div
        class="thread"
        ref={box}
        role="log"
        aria-label={t("thread")}
        tabIndex={0}
        onScroll={(e) => {
          const el = e.currentTarget;
          // Only who goes up leaves the end. That it is far away may also mean that the
          // room for it shrank (a suggestion came) since the scroll that this tells of.
          if (el.scrollHeight - el.scrollTop - el.clientHeight < 60) stick.current = true;
          else if (el.scrollTop < lastTop.current) stick.current = false;
          lastTop.current = el.scrollTop;
          if (stick.current && unseen > 0) setUnseen(0);
        }}
      >
        <div ref={inner} class="thread-in">
          {o.more && (
            <button type="button" class="button button-small thread-more" onClick={() => void earlier()}>
              {t("thread.earlier")}
            </button>
          )}
          {list.map((it) => {
            const newDay = before === undefined || !sameDay(before.at, it.at);
            const follows = !newDay && sameAuthor(before, it);
            before = it;
            return (
              <div key={it.key} class={"item" + (follows ? " item-follows" : "")} data-seq={it.line?.seq} data-message={it.line?.body.id} data-note={it.log?.kind === "note" ? it.log.n : undefined}>
                {newDay && <p class="day"><span>{dayWord(it.at)}</span></p>}
                {it.line !== undefined && <Said id={o.id} line={it.line} row={row} follows={follows} />}
                {it.line !== undefined && it.line.seq === read && <p class="going read">{t("read")}</p>}
                {it.log !== undefined && <Happened e={it.log} />}
                {it.sending !== undefined && <Going id={o.id} s={it.sending} />}
              </div>
            );
          })}
          <Typing o={o} row={row} />
        </div>
      </div>
      {unseen > 0 && (
        <button type="button" class="fresh thread-fresh" onClick={() => (box.current!.scrollTop = box.current!.scrollHeight)}>
          <Icon name="down" size={14} />
          {t("thread.fresh", { n: unseen })}
        </button>
      )}
    </div>
  );
}

function sameAuthor(a: Item | undefined, b: Item): boolean {
  if (a?.line === undefined || b.line === undefined) return a?.sending !== undefined && b.sending !== undefined;
  return a.line.body.author === b.line.body.author && a.line.body.name === b.line.body.name && b.at - a.at < 300_000;
}

const Said = memo(function Said({ id, line, row, follows }: { id: string; line: Line; row: Row; follows: boolean }) {
  const m = line.body;
  const customer = m.author === "customer";
  const who = customer ? nameOf(row) : m.author === "agent" ? (m.name ?? t("author.agent")) : word("author.", m.author);
  const foreign = m.lang !== undefined && m.lang !== "" && !m.lang.startsWith(language) ? m.lang : undefined;
  if (m.author === "system") {
    return (
      <p class="system" lang={foreign}>
        <span class="unseen">{t("author.system")}: </span>
        <span dir="auto">{m.text}</span> <time dateTime={m.at} title={full(m.at)}>{clock(m.at)}</time>
      </p>
    );
  }
  return (
    <article class={"said said-" + m.author} aria-label={`${who}, ${moment(m.at)}`}>
      {!follows && (
        <header class="said-head">
          <Face name={customer ? nameOf({ name: row.name }) : who} kind={"face-" + m.author} />
          <span class="said-who" dir="auto">{who}</span>
          <time dateTime={m.at} title={full(m.at)}>{clock(m.at)}</time>
        </header>
      )}
      <div class="bubble" lang={foreign} title={follows ? full(m.at) : undefined}>
        {m.author === "bot" ? <Prose text={m.text} /> : <Plain text={m.text} />}
        <Files id={id} list={m.files} />
        {(m.citations ?? []).length > 0 && (
          <p class="from">
            {t("from")}{" "}
            {[...new Map((m.citations ?? []).map((c) => [c.article, c])).values()].map((c, i) => (
              <span key={c.article}>
                {i > 0 && ", "}
                {safeHref(c.url) !== "" ? <Out href={c.url}>{c.title || c.article}</Out> : c.title || c.article}
              </span>
            ))}
          </p>
        )}
        {(m.choices ?? []).length > 0 && (
          <ul class="choices">
            {m.choices!.map((c) => (
              <li key={c.article}>{c.title}</li>
            ))}
          </ul>
        )}
      </div>
    </article>
  );
});

function Going({ id, s }: { id: string; s: Sending }) {
  return (
    <article class={"said said-agent said-going" + (s.failed === "" ? "" : " said-failed")}>
      <div class="bubble"><Plain text={s.text} /><Files id={id} list={s.files} /></div>
      {s.failed === "" ? (
        <p class="going" aria-live="polite">{t("sending")}</p>
      ) : (
        <p class="going going-failed" role="alert">
          <Icon name="alert" size={14} />
          {t("sending.failed")} {s.failed}{" "}
          <button type="button" class="link" onClick={s.again}>{t("again")}</button>
        </p>
      )}
    </article>
  );
}

const queueName = (q: string | undefined): string => desk.state.queues.find((x) => x.queue === q)?.name ?? q ?? "";

const Happened = memo(function Happened({ e }: { e: LogEntry }) {
  const b = e.body ?? {};
  if (e.kind === "note") {
    return (
      <article class="note" aria-label={t("note.label", { name: whoWords(e.actor), at: moment(e.at) })}>
        <header class="said-head">
          <Icon name="note" size={16} />
          <span class="said-who">{whoWords(e.actor)}</span>
          <span class="role">{t("role.note")}</span>
          <time dateTime={e.at} title={full(e.at)}>{clock(e.at)}</time>
        </header>
        <Plain text={b.text ?? ""} />
      </article>
    );
  }
  const vars = {
    who: whoWords(e.actor),
    to: b.name ? b.name : queueName(b.to),
    name: b.name ?? "",
    article: b.article ?? "",
    from: queueName(b.from),
    until: b.until ? moment(b.until) : "",
    priority: b.priority ? word("priority.", b.priority) : "",
    ended: b.ended ? word("ended.", b.ended) : "",
  };
  return (
    <p class="happened">
      <span>{log(e.kind, vars)}</span>
      {b.why ? <span class="why" dir="auto"> “{b.why}”</span> : null}
      {b.memo ? <span class="why" dir="auto"> {t("log.memo")} “{b.memo}”</span> : null} <time dateTime={e.at} title={full(e.at)}>{clock(e.at)}</time>
    </p>
  );
});

function log(kind: string, vars: Record<string, string>): string {
  const words = word("log.", kind);
  return words === kind ? `${vars.who}: ${kind}` : words.replace(/\{(\w+)\}/g, (_, k: string) => vars[k] ?? "");
}

function Typing({ o, row }: { o: OpenCase; row: Row }) {
  const me = desk.use((s) => s.me);
  const [, draw] = useState(0);
  useEffect(() => {
    if (o.customerTypes <= Date.now()) return;
    const timer = setTimeout(() => draw((n) => n + 1), o.customerTypes - Date.now() + 50);
    return () => clearTimeout(timer);
  }, [o.customerTypes]);
  const types: string[] = [];
  if (o.customerTypes > Date.now()) types.push(nameOf(row));
  for (const l of o.looking) if (l.typing && l.agent !== me.agent) types.push(l.name);
  return (
    <p class="typing" aria-live="polite">
      {types.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true"><i /><i /><i /></span>
          {t("typing", { who: types.join(", "), n: types.length })}
        </>
      )}
    </p>
  );
}

/** Shows a message and where it is, for a moment. */
export function jumpTo(seq: number | undefined, id: string | undefined): void {
  const el = (seq === undefined ? null : document.querySelector<HTMLElement>(`.item[data-seq="${seq}"]`)) ?? (id === undefined ? null : document.querySelector<HTMLElement>(`.item[data-message="${CSS.escape(id)}"]`));
  flash(el);
}

/** Shows an item of the conversation for a moment. */
export function flash(el: HTMLElement | null): void {
  if (el === null) return;
  el.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  el.classList.add("item-shown");
  setTimeout(() => el.classList.remove("item-shown"), 1_800);
}

export { plain };
