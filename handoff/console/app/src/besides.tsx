// What stands beside a conversation, between it and where one writes.

import { beside, here, inherit, readWhispers, useInherited } from "./beside";
import { t } from "./i18n";
import { Icon } from "./icons";
import { Plain, safeHref } from "./parts";
import { desk, type OpenCase } from "./state";
import { clock, full } from "./time";
import type { Citation, LogEntry, Row } from "./types";

export { inherit };

/** Whispers of this case that the reader may see; the server left out the others. */
export const whispersOf = (o: OpenCase): LogEntry[] => o.log.filter((e) => e.kind === "whisper");

export function Beside({ o, row, text }: { o: OpenCase; row: Row; text: string }) {
  return (
    <>
      <Taken o={o} row={row} />
      <Watch o={o} row={row} />
      <Whispers o={o} />
      <Elsewhere o={o} />
      <AlsoWriting o={o} row={row} text={text} />
    </>
  );
}

function Taken({ o, row }: { o: OpenCase; row: Row }) {
  const me = desk.use((s) => s.me);
  const taken = beside.use((s) => (s.id === o.id ? s.taken : null));
  if (taken === null || row.agent === me.agent) return null;
  return (
    <section class="beside beside-taken" aria-label={t("taken.label")}>
      <p dir="auto"><Icon name="hand" size={16} /> {taken.why === "" ? t("taken.by_only", { name: taken.name }) : t("taken.by", { name: taken.name, why: taken.why })}</p>
    </section>
  );
}

function Watch({ o, row }: { o: OpenCase; row: Row }) {
  const me = desk.use((s) => s.me);
  const writing = beside.use((s) => (s.id === o.id ? s.writing : null));
  const inherited = beside.use((s) => (s.id === o.id ? s.inherited : null));
  if (inherited !== null && row.agent === me.agent) {
    return (
      <section class="beside" aria-label={t("watch.label", { name: inherited.name ?? "" })}>
        <div class="beside-text" tabIndex={0} role="group" aria-label={t("watch.label", { name: inherited.name ?? "" })}><Plain text={inherited.text} /></div>
        <p class="beside-foot">
          <button type="button" class="button button-small" onClick={useInherited}>{t("watch.use", { name: inherited.name ?? "" })}</button>
          <button type="button" class="button button-icon" aria-label={t("close")} onClick={() => beside.set({ inherited: null })}><Icon name="close" size={14} /></button>
        </p>
      </section>
    );
  }
  if (writing === null || writing.agent === me.agent || row.agent !== writing.agent) return null;
  return (
    <section class="beside beside-watch" aria-label={t("watch.label", { name: writing.name ?? "" })}>
      <p class="beside-head"><Icon name="eye" size={16} /><strong>{t("watch.head", { name: writing.name ?? "" })}</strong></p>
      <div class="beside-text" tabIndex={0} role="group" aria-label={t("watch.label", { name: writing.name ?? "" })}><Plain text={writing.text} /></div>
    </section>
  );
}

function Whispers({ o }: { o: OpenCase }) {
  const me = desk.use((s) => s.me);
  const read = beside.use((s) => (s.id === o.id ? s.read : 0));
  const all = whispersOf(o);
  if (all.length === 0) return null;
  const mine = (e: LogEntry) => e.agent === me.agent;
  const fresh = all.filter((e) => e.n > read && !mine(e));
  const old = all.filter((e) => !fresh.includes(e));
  const line = (e: LogEntry) => (
    <div key={e.n} class="whisper">
      <p class="beside-head">
        <Icon name="whisper" size={16} />
        <strong>{e.body.name ? t("whisper.said", { who: e.actor, name: e.body.name }) : t("whisper.from", { who: e.actor })}</strong>
        <span class="quiet">{t("whisper.you")}</span>
        <time dateTime={e.at} title={full(e.at)}>{clock(e.at)}</time>
      </p>
      <Plain text={e.body.text ?? ""} />
    </div>
  );
  return (
    <section class={"beside beside-whispers" + (fresh.length > 0 ? " beside-fresh" : "")} aria-label={t("whisper.label")}>
      {old.length > 0 && (
        <details class="more">
          <summary>{t("whisper.earlier", { n: old.length })}</summary>
          {old.map(line)}
        </details>
      )}
      <div aria-live="polite">{fresh.map(line)}</div>
      {fresh.length > 0 && (
        <p class="beside-foot">
          <button type="button" class="button button-small" onClick={() => readWhispers(o.id, all.at(-1)!.n)}>{t("whisper.got")}</button>
        </p>
      )}
    </section>
  );
}

function Elsewhere({ o }: { o: OpenCase }) {
  const text = beside.use((s) => (s.id === o.id ? s.elsewhere : ""));
  if (text === "") return null;
  return (
    <section class="beside" aria-label={t("draft.elsewhere")}>
      <p role="status">{t("draft.elsewhere")}</p>
      <p class="beside-foot">
        <button type="button" class="button button-small" onClick={() => here(o.id)}>{t("draft.here")}</button>
        <button type="button" class="button button-small" onClick={() => beside.set({ elsewhere: "" })}>{t("draft.keep")}</button>
      </p>
    </section>
  );
}

/** Two who write to a customer whom nobody has yet. */
function AlsoWriting({ o, row, text }: { o: OpenCase; row: Row; text: string }) {
  const me = desk.use((s) => s.me);
  const who = o.looking.filter((l) => l.typing && l.agent !== me.agent).map((l) => l.name);
  if (row.state !== "waiting" || who.length === 0 || text.trim() === "") return null;
  return <p class="beside beside-also" role="status"><Icon name="alert" size={14} /> {t("watch.also", { who: who.join(", "), n: who.length })}</p>;
}

/** What goes along to the customer as source of what is quoted. */
export interface Source extends Citation {
  plain: string; // the quote as it stands in the reply
}

/** Whether anything of a quote is still in the words. */
export function quotes(s: Source, words: string): boolean {
  return s.plain.split("\n").some((line) => line.trim().length > 0 && words.includes(line.trim().slice(0, 40)));
}

export function Sources({ list, drop }: { list: Source[]; drop: (s: Source) => void }) {
  if (list.length === 0) return null;
  return (
    <p class="sources" role="group" aria-label={t("source.label")}>
      <Icon name="book" size={14} />
      <span class="quiet">{t("source.head")}</span>
      {list.map((s) => (
        <span key={s.article + s.plain} class="source-chip" title={s.plain}>
          {safeHref(s.url) !== "" ? <a href={safeHref(s.url)} target="_blank" rel="noopener noreferrer">{s.title || s.article}</a> : s.title || s.article}
          <button type="button" class="button-bare" aria-label={t("source.drop", { title: s.title || s.article })} onClick={() => drop(s)}><Icon name="close" size={12} /></button>
        </span>
      ))}
    </p>
  );
}
