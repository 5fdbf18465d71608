// Searches under a name: in the rail with their counts, one's own and those that
// a lead shares.

import { useState } from "preact/hooks";

import { call, del, get, put } from "./api";
import { Line, tries } from "./form";
import { t } from "./i18n";
import { Icon } from "./icons";
import { zone } from "./lists";
import { Modal } from "./parts";
import { go } from "./route";
import { say } from "./say";
import { desk } from "./state";
import type { SavedView } from "./types";

const MOST = 100; // counted no further

export async function readViews(): Promise<void> {
  try {
    const { views } = await get<{ views: SavedView[] }>("/views?" + new URLSearchParams({ zone: zone() }));
    desk.set({ views });
  } catch {
    // the next change asks again
  }
}

let timer = 0;
/** Counts again soon, and not too often: each view is a search, and a hundred
 * desks hear of the same change. A page that nobody sees waits until it is seen. */
export function viewsAgain(): void {
  if (timer !== 0 || desk.state.views.length === 0) return;
  timer = window.setTimeout(() => {
    timer = 0;
    if (document.visibilityState === "visible") void readViews();
    else document.addEventListener("visibilitychange", viewsAgain, { once: true });
  }, 6_000 + Math.random() * 4_000);
}

/** A name for a search. */
export function NameView({ query, view, shut }: { query: string; view?: SavedView; shut: () => void }) {
  const me = desk.use((s) => s.me);
  const [name, setName] = useState(view?.name ?? "");
  const [ask, setAsk] = useState(view?.query ?? query);
  const [shared, setShared] = useState(view?.shared ?? false);
  return (
    <Modal title={view === undefined ? t("views.save") : t("views.edit")} onClose={shut}>
      <form onSubmit={async (e) => {
        e.preventDefault();
        const place = view?.place ?? desk.state.views.filter((v) => v.shared === shared).length + 1;
        const done = await tries(put<{ views: SavedView[]; id: string }>("/views/" + (view?.id ?? "new"), { name, query: ask, shared, place, zone: zone() }));
        if (done === undefined) return;
        desk.set({ views: done.views });
        shut();
        go({ view: { kind: "saved", queue: "", ask: done.id } });
      }}>
        <Line label={t("views.name")}><input class="field field-small" data-first required maxLength={60} value={name} onInput={(e) => setName(e.currentTarget.value)} /></Line>
        <Line label={t("views.query")} hint={t("search.words_hint")}><input class="field field-small" required maxLength={500} dir="auto" value={ask} onInput={(e) => setAsk(e.currentTarget.value)} /></Line>
        {me.leads && <label class="check"><input type="checkbox" checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} /><span>{t("views.share")}</span></label>}
        <footer class="modal-foot">
          {view !== undefined && <button type="button" class="button button-trouble" onClick={() => { shut(); void remove(view); }}>{t("remove")}</button>}
          <span class="spring" />
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("save")}</button>
        </footer>
      </form>
    </Modal>
  );
}

/** Takes one away; for some seconds it can be had back as it was. */
async function remove(v: SavedView): Promise<void> {
  if ((await tries(del("/views/" + v.id).then(() => true), "")) === undefined) return;
  desk.set({ views: desk.state.views.filter((x) => x.id !== v.id) });
  if (desk.state.place.view.kind === "saved" && desk.state.place.view.ask === v.id) go({ view: { kind: "search", queue: "", ask: v.query }, open: desk.state.place.open });
  say(t("views.removed", { name: v.name }), "said", () => {
    void tries(put<{ views: SavedView[] }>("/views/" + v.id, { name: v.name, query: v.query, shared: v.shared, place: v.place, zone: zone() }), t("views.back")).then((done) => done !== undefined && desk.set({ views: done.views }));
  });
}

/** Puts one before or behind its neighbours, here at once. */
async function move(v: SavedView, to: number): Promise<void> {
  const all = desk.state.views;
  const own = all.filter((x) => x.shared === v.shared);
  const rest = own.filter((x) => x.id !== v.id);
  const at = Math.max(0, Math.min(rest.length, to));
  if (own[at]?.id === v.id) return;
  const order = [...rest.slice(0, at), v, ...rest.slice(at)];
  desk.set({ views: v.shared ? [...all.filter((x) => !x.shared), ...order] : [...order, ...all.filter((x) => x.shared)] });
  await tries(call("PUT", "/views/order", { body: { ids: order.map((x) => x.id), shared: v.shared } }), "");
}

/** The saved views in the rail: dragged, or moved with Alt and the arrows. */
export function Views() {
  const views = desk.use((s) => s.views);
  const place = desk.use((s) => s.place);
  const me = desk.use((s) => s.me);
  const [edit, setEdit] = useState<SavedView | null>(null);
  const [dragged, setDragged] = useState("");
  const [over, setOver] = useState("");
  if (views.length === 0) return null;
  const may = (v: SavedView) => !v.shared || me.leads;
  const at = (v: SavedView) => views.filter((x) => x.shared === v.shared).findIndex((x) => x.id === v.id);
  return (
    <>
      <h2 class="rail-title">{t("views")}</h2>
      <ul class="rail-list">
        {views.map((v) => {
          const here = place.page === "list" && place.view.kind === "saved" && place.view.ask === v.id;
          const fits = dragged !== "" && views.find((x) => x.id === dragged)?.shared === v.shared;
          return (
            <li
              key={v.id}
              class={"rail-saved" + (over === v.id ? " rail-over" : "")}
              draggable={may(v)}
              onDragStart={(e) => { setDragged(v.id); e.dataTransfer!.effectAllowed = "move"; e.dataTransfer!.setData("text/plain", v.name); }}
              onDragEnd={() => { setDragged(""); setOver(""); }}
              onDragOver={(e) => { if (fits) { e.preventDefault(); setOver(v.id); } }}
              onDrop={(e) => {
                e.preventDefault();
                const moved = views.find((x) => x.id === dragged);
                if (moved !== undefined && fits) void move(moved, at(v));
              }}
            >
              <a
                href={"#/view/" + v.id}
                class="rail-link"
                aria-current={here ? "page" : undefined}
                aria-keyshortcuts={may(v) ? "Alt+ArrowUp Alt+ArrowDown" : undefined}
                title={v.broken ?? v.query}
                draggable={false}
                onKeyDown={(e) => {
                  if (!e.altKey || !may(v) || (e.key !== "ArrowUp" && e.key !== "ArrowDown")) return;
                  e.preventDefault();
                  void move(v, at(v) + (e.key === "ArrowUp" ? -1 : 1));
                }}
              >
                <Icon name={v.shared ? "people" : "star"} />
                <span class="rail-name">{v.name}{v.shared && <span class="unseen"> ({t("views.shared")})</span>}</span>
                {v.broken !== undefined ? <span class="tag" title={v.broken}>{t("views.broken")}</span> : v.count > 0 && <span class="count">{v.count >= MOST ? MOST - 1 + "+" : v.count}</span>}
              </a>
              {may(v) && <button type="button" class="button button-icon rail-edit" aria-label={t("views.change", { name: v.name })} title={t("views.change", { name: v.name })} onClick={() => setEdit(v)}><Icon name="more" size={16} /></button>}
            </li>
          );
        })}
      </ul>
      {edit !== null && <NameView query={edit.query} view={edit} shut={() => setEdit(null)} />}
    </>
  );
}
