// Left: views, queues, who one is.

import { t, word } from "./i18n";
import { Icon } from "./icons";
import { beat, leave } from "./desk";
import { desk, needsReply, type ViewKind } from "./state";
import { go } from "./route";
import { Face } from "./parts";
import { Views } from "./views";

const ICONS: Record<ViewKind, string> = { mine: "mine", waiting: "inbox", open: "open", late: "late", mentions: "at", snoozed: "moon", closed: "done", search: "search", saved: "star" };

export function Rail() {
  const place = desk.use((s) => s.place);
  const queues = desk.use((s) => s.queues);
  const me = desk.use((s) => s.me);
  const rows = desk.use((s) => s.rows);
  const shop = desk.use((s) => s.shop);
  const open = desk.use((s) => s.rail);
  const waiting = queues.reduce((n, q) => n + q.waiting, 0);
  const late = queues.reduce((n, q) => n + q.late, 0);
  let mine = 0;
  for (const r of rows.values()) if (needsReply(r, me)) mine++;
  const counts: Partial<Record<ViewKind, number>> = { mine, waiting, late };
  const view = (kind: ViewKind) => {
    const here = place.page === "list" && place.view.kind === kind && place.view.queue === "";
    const n = counts[kind] ?? 0;
    return (
      <li key={kind}>
        <a href={`#/${kind}/all`} class="rail-link" aria-current={here ? "page" : undefined}>
          <Icon name={ICONS[kind]} />
          <span class="rail-name">{word("view.", kind)}</span>
          {n > 0 && (
            <span class={"count" + (kind === "late" ? " count-late" : kind === "mine" ? " count-mine" : "")}>
              {n}
              <span class="unseen"> {kind === "mine" ? t("count.reply") : ""}</span>
            </span>
          )}
        </a>
      </li>
    );
  };
  return (
    <nav class={"rail" + (open ? " rail-open" : "")} aria-label={t("rail")}>
      <div class="rail-head">
        <span class="rail-shop">{shop}</span>
        <button type="button" class="button button-icon rail-close" onClick={() => desk.set({ rail: false })} aria-label={t("close")}>
          <Icon name="close" />
        </button>
      </div>
      <div class="rail-scroll">
        <ul class="rail-list">{(["mine", "waiting", "open", "late", "mentions", "snoozed", "closed"] as ViewKind[]).map(view)}</ul>
        <Views />
        <h2 class="rail-title">{t("queues")}</h2>
        <ul class="rail-list">
          {queues.map((q) => {
            const here = place.page === "list" && place.view.queue === q.queue;
            return (
              <li key={q.queue}>
                <a href={`#/waiting/${encodeURIComponent(q.queue)}`} class="rail-link rail-queue" aria-current={here ? "page" : undefined}>
                  <span class="rail-name">{q.name}</span>
                  {q.closed && <span class="tag">{t("queue.closed")}</span>}
                  {q.waiting > 0 && (
                    <span class={"count" + (q.late > 0 ? " count-late" : "")} title={t("queue.counts", { waiting: q.waiting, late: q.late })}>
                      {q.waiting}
                    </span>
                  )}
                </a>
              </li>
            );
          })}
        </ul>
      </div>
      <div class="rail-foot">
        <a href="#/wall" class="rail-link" aria-current={place.page === "wall" ? "page" : undefined}>
          <Icon name="wall" />
          <span class="rail-name">{t("wall")}</span>
        </a>
        <a href="#/settings/you" class="rail-link" aria-current={place.page === "settings" ? "page" : undefined}>
          <Icon name="gear" />
          <span class="rail-name">{t("settings")}</span>
        </a>
        <button type="button" class="rail-link" onClick={() => desk.set({ dialog: { name: "keys" } })}>
          <Icon name="keys" />
          <span class="rail-name">{t("keys")}</span>
          <kbd>?</kbd>
        </button>
        <Status />
      </div>
    </nav>
  );
}

function Status() {
  const me = desk.use((s) => s.me);
  const status = desk.use((s) => s.status);
  return (
    <div class="me">
      <Face name={me.name} />
      <label class="me-words">
        <span class="me-name">{me.name}</span>
        <span class="unseen">{t("status")}</span>
        <select
          class="me-status"
          value={status === "" ? "away" : status}
          onChange={(e) => {
            const v = e.currentTarget.value;
            void (v === "away" ? leave() : beat(v));
          }}
        >
          {["online", "finishing", "break", "away"].map((s) => (
            <option key={s} value={s}>
              {word("status.", s)}
            </option>
          ))}
        </select>
      </label>
      <span class={"dot dot-" + (status === "" ? "away" : status)} aria-hidden="true" />
    </div>
  );
}

/** The list's own name, above it. */
export function viewName(): string {
  const { view } = desk.state.place;
  if (view.kind === "saved") return desk.state.views.find((v) => v.id === view.ask)?.name ?? t("views.gone");
  if (view.queue !== "") {
    const q = desk.state.queues.find((x) => x.queue === view.queue);
    return q?.name ?? view.queue;
  }
  return word("view.", view.kind);
}

export function goView(kind: ViewKind): void {
  go({ view: { kind, queue: desk.state.place.view.queue, ask: "" }, open: "" });
}
