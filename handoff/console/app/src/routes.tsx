// The routing table: the first line that fits says where a case goes.

import { useState } from "preact/hooks";

import { post, put } from "./api";
import { t, word } from "./i18n";
import { Icon } from "./icons";
import { Line, Reading, tries, useRead } from "./form";
import { commas } from "./settings";
import { Modal } from "./parts";
import { desk } from "./state";
import { moment } from "./time";
import type { DryRun, Route, Settings } from "./types";

export function Routes() {
  const [s, failed, again, set] = useRead<Settings>("/settings");
  const me = desk.use((x) => x.me);
  const [edit, setEdit] = useState<number | null>(null);
  const [changed, setChanged] = useState<Route[] | null>(null);
  const [dry, setDry] = useState<DryRun[] | null>(null);
  if (s === null) return <Reading failed={failed} again={again} />;
  const routes = changed ?? s.routes;
  const queue = (q: string) => s.queues.find((x) => x.queue === q)?.name ?? q;
  const move = (i: number, by: number) => {
    const next = [...routes];
    const [r] = next.splice(i, 1);
    next.splice(i + by, 0, r);
    setChanged(next);
    setDry(null);
  };
  const moved = dry?.filter((d) => d.was !== d.would).length ?? 0;
  return (
    <>
      <section class="card card-wide">
        <div class="card-head">
          <h2>{t("settings.routes")}</h2>
          {me.leads && <button type="button" class="button button-small" onClick={() => setEdit(-1)}>{t("route.add")}</button>}
        </div>
        <p class="quiet">{t("route.words", { queue: queue(s.rules.default_queue) })}</p>
        <div class="table-wrap" tabIndex={0} role="region" aria-label={t("settings.routes")}>
          <table class="table">
            <thead><tr><th scope="col" class="num">{t("route.line")}</th><th scope="col">{t("route.when")}</th><th scope="col">{t("wall.queue")}</th><th scope="col">{t("priority")}</th><th scope="col"><span class="unseen">{t("edit")}</span></th></tr></thead>
            <tbody>
              {routes.map((r, i) => (
                <tr key={i}>
                  <td class="num">{i + 1}</td>
                  <td>{when(r)}</td>
                  <th scope="row">{queue(r.queue)}</th>
                  <td>{word("priority.", r.priority)}</td>
                  <td class="num row-of">
                    {me.leads && (
                      <>
                        <button type="button" class="button button-icon button-small" disabled={i === 0} aria-label={t("route.up", { n: i + 1 })} onClick={() => move(i, -1)}><Icon name="up" size={14} /></button>
                        <button type="button" class="button button-small" aria-label={t("edit") + " " + (i + 1)} onClick={() => setEdit(i)}>{t("edit")}</button>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p class="row-of">
          <button type="button" class="button" onClick={async () => { const d = await tries(post<{ cases: DryRun[] }>("/settings/dry-run", { routes, limit: 200 }), ""); if (d !== undefined) setDry(d.cases); }}>{t("route.dry")}</button>
          {changed !== null && (
            <>
              <button type="button" class="button button-main" onClick={async () => { const v = await tries(put<Settings>("/settings/routes", { routes })); if (v !== undefined) { set(v); setChanged(null); } }}>{t("save")}</button>
              <button type="button" class="button" onClick={() => { setChanged(null); setDry(null); }}>{t("discard")}</button>
            </>
          )}
        </p>
      </section>
      {dry !== null && (
        <section class="card card-wide" aria-live="polite">
          <h2>{dry.length === 0 ? t("route.dry_none") : t("route.dry_title", { moved, n: dry.length })}</h2>
          {dry.length > 0 && (
            <div class="table-wrap" tabIndex={0} role="region" aria-label={t("route.dry")}>
              <table class="table">
                <thead><tr><th scope="col">{t("route.case")}</th><th scope="col">{t("route.at")}</th><th scope="col">{t("route.was")}</th><th scope="col">{t("route.would")}</th><th scope="col" class="num">{t("route.line")}</th></tr></thead>
                <tbody>
                  {[...dry].sort((a, b) => Number(b.was !== b.would) - Number(a.was !== a.would)).slice(0, 100).map((d) => (
                    <tr key={d.case} class={d.was === d.would ? "off" : ""}>
                      <th scope="row"><a href={"#/case/" + d.case}>{d.reference}</a></th>
                      <td>{moment(d.opened_at)}</td>
                      <td>{queue(d.was)}</td>
                      <td>{queue(d.would)}{d.priority !== "normal" && <span class={"tag tag-" + d.priority}>{word("priority.", d.priority)}</span>}</td>
                      <td class="num">{d.route === 0 ? "–" : d.route}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
      )}
      {edit !== null && (
        <RouteForm
          route={edit < 0 ? { queue: s.rules.default_queue, priority: "normal" } : routes[edit]}
          fresh={edit < 0}
          settings={s}
          shut={() => setEdit(null)}
          done={(r) => {
            const next = [...routes];
            if (edit < 0) next.push(r!);
            else if (r === null) next.splice(edit, 1);
            else next[edit] = r;
            setChanged(next);
            setDry(null);
            setEdit(null);
          }}
        />
      )}
    </>
  );
}

function when(r: Route): string {
  const parts: string[] = [];
  const list = (key: Parameters<typeof t>[0], v: string[] | undefined, prefix: string) => {
    if (v !== undefined && v.length > 0) parts.push(t(key) + ": " + v.map((x) => (prefix === "" ? x : word(prefix, x))).join(" / "));
  };
  list("packet.desk", r.desk, "desk.");
  list("packet.topic", r.topic, "");
  list("packet.product", r.product, "");
  list("route.language", r.language, "");
  list("route.group", r.group, "");
  list("route.reason", r.reason, "reason.");
  if (r.mood_below !== undefined) parts.push(t("route.mood", { n: r.mood_below }));
  if (r.urgency_above !== undefined) parts.push(t("route.urgency", { n: r.urgency_above }));
  if (r.hours) parts.push(t("route.hours") + ": " + word("hours.", r.hours));
  if (r.triaged !== undefined) parts.push(r.triaged ? t("route.triaged") : t("row.untriaged"));
  return parts.length === 0 ? t("route.always") : parts.join(" · ");
}

const REASONS = ["asked", "angry", "repeated_failure", "no_answer", "sensitive", "identity", "policy", "both", "failure"];

function RouteForm({ route, fresh, settings, shut, done }: { route: Route; fresh: boolean; settings: Settings; shut: () => void; done: (r: Route | null) => void }) {
  const [r, set] = useState(route);
  const words = (key: "topic" | "product" | "language" | "group", label: string) => (
    <Line label={label} hint={t("commas")}><input class="field field-small" value={(r[key] ?? []).join(", ")} onChange={(e) => set({ ...r, [key]: commas(e.currentTarget.value) })} /></Line>
  );
  const picks = (key: "desk" | "reason", label: string, all: string[], prefix: string) => (
    <fieldset class="checks"><legend>{label}</legend>
      {all.map((x) => <label key={x} class="check"><input type="checkbox" checked={(r[key] ?? []).includes(x)} onChange={(e) => set({ ...r, [key]: e.currentTarget.checked ? [...(r[key] ?? []), x] : (r[key] ?? []).filter((y) => y !== x) })} /><span>{word(prefix, x)}</span></label>)}
    </fieldset>
  );
  const bound = (key: "mood_below" | "urgency_above", label: string, min: number) => (
    <Line label={label}><input class="field field-small field-number" type="number" min={min} max={1} step={0.05} value={r[key] ?? ""} onInput={(e) => set({ ...r, [key]: e.currentTarget.value === "" ? undefined : Number(e.currentTarget.value) })} /></Line>
  );
  return (
    <Modal title={fresh ? t("route.add") : t("route.edit")} onClose={shut} wide>
      <form onSubmit={(e) => { e.preventDefault(); done(r); }}>
        <p class="quiet">{t("route.empty")}</p>
        {picks("desk", t("packet.desk"), ["service", "support", "both", "none"], "desk.")}
        {picks("reason", t("route.reason"), REASONS, "reason.")}
        <div class="form-grid">
          {words("topic", t("packet.topic"))}
          {words("product", t("packet.product"))}
          {words("language", t("route.language"))}
          {words("group", t("route.group"))}
          {bound("mood_below", t("route.mood_below"), -1)}
          {bound("urgency_above", t("route.urgency_above"), 0)}
          <Line label={t("route.hours")} hint={t("route.hours_hint")}><input class="field field-small" list="route-hours" value={r.hours ?? ""} onInput={(e) => set({ ...r, hours: e.currentTarget.value })} /><datalist id="route-hours"><option value="open" /><option value="closed" /><option value="22:00-06:00" /></datalist></Line>
          <Line label={t("route.to")}><select class="field field-small" value={r.queue} onChange={(e) => set({ ...r, queue: e.currentTarget.value })}>{settings.queues.map((q) => <option key={q.queue} value={q.queue}>{q.name}</option>)}</select></Line>
          <Line label={t("priority")}><select class="field field-small" value={r.priority} onChange={(e) => set({ ...r, priority: e.currentTarget.value })}>{["low", "normal", "high", "urgent"].map((p) => <option key={p} value={p}>{word("priority.", p)}</option>)}</select></Line>
        </div>
        <footer class="modal-foot">
          {!fresh && <button type="button" class="button button-trouble" onClick={() => done(null)}>{t("remove")}</button>}
          <span class="spring" />
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("take")}</button>
        </footer>
      </form>
    </Modal>
  );
}
