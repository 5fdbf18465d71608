// Middle: the cases of a view.

import { Component, type ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { linkOf } from "./alone";
import { claimNext, letIn, loadList, loadMore, pointerIn, shown } from "./desk";
import { hasDraft } from "./drafts";
import { t, word } from "./i18n";
import { Icon } from "./icons";
import { memo } from "./memo";
import { Ago, nameOf, Wait } from "./parts";
import { goView, viewName } from "./rail";
import { go } from "./route";
import { Extracts, SearchBox, useFound } from "./search";
import { desk, type ViewKind } from "./state";
import type { Alone, Extract, Row } from "./types";

export function List() {
  const place = desk.use((s) => s.place);
  const fresh = desk.use((s) => s.fresh);
  const status = desk.use((s) => s.list);
  const queues = desk.use((s) => s.queues);
  const me = desk.use((s) => s.me);
  desk.use((s) => s.views);
  useFound();
  const kind = place.view.kind;
  const waits = place.view.queue === "" ? queues.some((q) => q.waiting > 0) : (queues.find((q) => q.queue === place.view.queue)?.waiting ?? 0) > 0;
  void queues;
  return (
    <section class="list" aria-label={t("list")} onPointerEnter={(e) => e.pointerType === "mouse" && pointerIn(true)} onPointerLeave={() => pointerIn(false)}>
      <header class="list-head">
        <button type="button" class="button button-icon only-narrow" onClick={() => desk.set({ rail: true })} aria-label={t("rail.open")}>
          <Icon name="menu" />
        </button>
        <h1>{viewName()}</h1>
        {place.view.queue !== "" && (
          <label>
            <span class="unseen">{t("list.show")}</span>
            <select class="select-quiet" value={kind} onChange={(e) => goView(e.currentTarget.value as ViewKind)}>
              {(["waiting", "open", "late", "closed"] as ViewKind[]).map((k) => (
                <option key={k} value={k}>
                  {word("view.", k)}
                </option>
              ))}
            </select>
          </label>
        )}
        {me.works && waits && (
          <button type="button" class="button button-small" onClick={() => void claimNext()} title={t("next.title")}>
            <Icon name="bolt" size={16} />
            {t("next")}
          </button>
        )}
      </header>
      <SearchBox />
      <div class="list-bar" aria-live="polite">
        {fresh.length > 0 && (
          <button type="button" class="fresh" onClick={letIn}>
            {t("list.fresh", { n: fresh.length })}
          </button>
        )}
      </div>
      {status === "failed" ? <Failed /> : status === "loading" ? <Skeleton /> : <Rows />}
    </section>
  );
}

function Rows() {
  const order = desk.use((s) => s.order);
  const search = desk.use((s) => s.search);
  const next = desk.use((s) => s.next);
  const rows = desk.use((s) => s.rows);
  const selected = desk.use((s) => s.selected);
  const left = desk.use((s) => s.left);
  const pending = desk.use((s) => s.pending);
  const queue = desk.use((s) => s.place.view.queue);
  const extracts = desk.use((s) => s.extracts);
  const end = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  void order;
  void rows;
  useEffect(() => {
    if (end.current === null || next === "") return;
    const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && void loadMore(), { root: list.current, rootMargin: "400px" });
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [next]);
  useEffect(() => {
    list.current?.querySelector(`[data-id="${CSS.escape(selected)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const all = shown().filter((r) => !pending.has(r.id));
  if (all.length === 0) return <Empty searched={search !== ""} />;
  const blocks: Row[][] = [];
  for (let n = 0; n < all.length; n += BLOCK) blocks.push(all.slice(n, n + BLOCK));
  return (
    <div class="rows" ref={list} data-count={all.length}>
      <div role="list">
        {blocks.map((rows, n) => (
          <Block key={n} rows={rows} look={rows.map((r) => (r.id === selected ? "s" : "") + (left.has(r.id) ? "l" : "") + (hasDraft(r.id) ? "d" : "")).join()} extracts={extracts} withQueue={queue === ""} />
        ))}
      </div>
      <div ref={end} class="rows-end" aria-hidden="true" />
    </div>
  );
}

/** Rows are drawn and laid out in blocks: what one change costs is the block it
 * is in, not the five hundred rows of a full desk. */
const BLOCK = 20;

interface BlockProps {
  rows: Row[];
  look: string; // which are selected, have left, have a draft: one word a row
  extracts: Map<string, Extract[]>;
  withQueue: boolean;
}

class Block extends Component<BlockProps> {
  override shouldComponentUpdate(next: BlockProps): boolean {
    const was = this.props;
    return next.look !== was.look || next.extracts !== was.extracts || next.withQueue !== was.withQueue || next.rows.length !== was.rows.length || next.rows.some((r, i) => r !== was.rows[i]);
  }
  override render({ rows, look, extracts, withQueue }: BlockProps) {
    const looks = look.split(",");
    return (
      <div role="none" class="rows-block" style={{ containIntrinsicBlockSize: `auto ${rows.length * 87}px` }}>
        {rows.map((r, i) => <RowItem key={r.id} row={r} selected={looks[i].includes("s")} left={looks[i].includes("l")} draft={looks[i].includes("d")} withQueue={withQueue} found={extracts.get(r.id)} />)}
      </div>
    );
  }
}

const RowItem = memo(function RowItem({ row: r, selected, left, withQueue, draft, found }: { row: Row; selected: boolean; left: boolean; withQueue: boolean; draft: boolean; found: Extract[] | undefined }) {
  const me = desk.state.me;
  const mine = r.agent === me.agent;
  const queue = desk.state.queues.find((q) => q.queue === r.queue)?.name ?? r.queue;
  const words = found !== undefined && found.length > 0 ? <Extracts list={found} /> : <span class="row-problem" dir="auto">{r.problem !== "" ? r.problem : r.note || word("reason.", r.reason)}</span>;
  if (r.alone !== undefined) return <AloneItem row={r} alone={r.alone} selected={selected}>{words}</AloneItem>;
  return (
    <div role="listitem" class={"row" + (left ? " row-left" : "") + (mine && r.waits_since !== undefined && r.state === "claimed" ? " row-unread" : "")} data-id={r.id} data-ref={r.reference}>
      <a href={"#/case/" + r.id} aria-current={selected ? "true" : undefined} onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.button !== 0) return;
        e.preventDefault();
        go({ open: r.id });
      }}>
        <span class="row-top">
          <span class="row-who" dir="auto">{nameOf(r)}</span>
          {r.priority !== "normal" && <span class={"tag tag-" + r.priority}>{r.priority === "low" ? null : <Icon name="flag" size={12} />}{word("priority.", r.priority)}</span>}
          <Wait row={r} />
        </span>
        {words}
        <span class="row-meta">
          {withQueue && <span class="row-bit">{queue}</span>}
          {r.product !== undefined && r.product !== "" && <span class="row-bit">{r.product}</span>}
          {(r.topic_final || r.topic) && <span class="row-bit">{r.topic_final || r.topic}</span>}
          {!r.triaged && r.state !== "closed" && <span class="row-bit">{t("row.untriaged")}</span>}
          {r.triaged && r.mood <= -0.45 && r.state !== "closed" && <span class="tag tag-mood">{t("row.upset")}</span>}
          {r.aside && <span class="tag">{t("row.aside")}</span>}
          {r.offered_to === me.agent && <span class="tag tag-yours">{t("row.offered")}</span>}
          {left && r.state === "claimed" && mine ? (
            <span class="tag tag-yours">{t("case.yours")}</span>
          ) : left && r.state === "claimed" && !mine ? (
            <span class="tag">{t("row.taken", { name: r.agent_name ?? "" })}</span>
          ) : r.state === "claimed" && !mine ? (
            <span class="row-agent">{r.agent_name}</span>
          ) : r.state === "closed" && r.ended ? (
            <span class="row-agent">{word("ended.", r.ended)}</span>
          ) : null}
          {draft && <span class="tag tag-draft">{t("row.draft")}</span>}
        </span>
      </a>
    </div>
  );
});

/** A conversation that the assistant had alone: its mark first, and no line of a case. */
function AloneItem({ row, alone, selected, children }: { row: Row; alone: Alone; selected: boolean; children: ComponentChildren }) {
  return (
    <div role="listitem" class="row row-alone" data-id={row.id}>
      <a href={linkOf(row.id)} aria-current={selected ? "true" : undefined} onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.button !== 0) return;
        e.preventDefault();
        go({ open: row.id });
      }}>
        <span class="row-top">
          <span class="row-who" dir="auto">{nameOf(row)}</span>
          <span class="wait wait-closed"><Ago at={alone.last_at} /></span>
        </span>
        {children}
        <span class="row-meta">
          <span class="tag tag-alone"><Icon name="bot" size={13} />{t("alone")}</span>
          <span class="row-bit">{t("alone.messages", { n: alone.messages })}</span>
          {alone.helpful !== undefined && <span class="row-bit">{t(alone.helpful ? "alone.helped" : "alone.helped_not")}</span>}
        </span>
      </a>
    </div>
  );
}

function Empty({ searched }: { searched: boolean }) {
  const kind = desk.use((s) => s.place.view.kind);
  const queues = desk.use((s) => s.queues);
  if (searched) return <div class="empty"><p>{t("empty.search")}</p></div>;
  if (kind === "search" || kind === "saved") return <div class="empty"><p class="empty-title">{word("empty.title.", kind)}</p><p>{t("empty.found")}</p></div>;
  const waiting = queues.reduce((n, q) => n + q.waiting, 0);
  return (
    <div class="empty">
      <p class="empty-title">{word("empty.", kind)}</p>
      {kind === "mine" && waiting > 0 ? (
        <button type="button" class="button button-main" onClick={() => void claimNext()}>
          {t("next")}
        </button>
      ) : (
        <p>{word("empty.more.", kind)}</p>
      )}
    </div>
  );
}

function Failed() {
  const bad = desk.use((s) => s.listBad);
  const why = desk.use((s) => s.listFailed);
  return (
    <div class="empty" role="alert">
      <p class="empty-title">{bad ? t("list.bad_search") : t("list.failed")}</p>
      <p>{why}</p>
      {!bad && <button type="button" class="button" onClick={() => void loadList()}>{t("again")}</button>}
    </div>
  );
}

function Skeleton() {
  return (
    <div class="rows" aria-busy="true">
      <span class="unseen">{t("loading")}</span>
      <ul aria-hidden="true">
        {[0, 1, 2, 3, 4, 5].map((n) => (
          <li key={n} class="row row-ghost">
            <span class="ghost ghost-a" />
            <span class="ghost ghost-b" />
            <span class="ghost ghost-c" />
          </li>
        ))}
      </ul>
    </div>
  );
}
