// Settings: limits of visitors, the site's time zone, who is blocked, and the
// audit log.

import { useState } from "preact/hooks";

import { del, get, put } from "./api";
import { Line, Reading, tries, useRead } from "./form";
import { t, word } from "./i18n";
import { Modal } from "./parts";
import { desk } from "./state";
import { full, moment } from "./time";
import type { Row, Rules, Settings } from "./types";
import { whoWords } from "./who";

/** What a limit is where none is set, as the desk has it. */
const DEFAULTS = { max_open: 3, max_day: 12, max_moves: 8 } as const;
type Limit = keyof typeof DEFAULTS;

export function RulesPage() {
  const [s, failed, again, set] = useRead<Settings>("/settings");
  const me = desk.use((x) => x.me);
  return (
    <>
      {s === null ? <section class="card"><Reading failed={failed} again={again} /></section> : <RulesForm key={JSON.stringify(s.rules)} settings={s} done={set} />}
      {me.leads && <Blocks />}
    </>
  );
}

function RulesForm({ settings, done }: { settings: Settings; done: (s: Settings) => void }) {
  const me = desk.use((x) => x.me);
  const [r, set] = useState<Rules>(settings.rules);
  const zones = (Intl as { supportedValuesOf?: (k: string) => string[] }).supportedValuesOf?.("timeZone") ?? [];
  const limit = (key: Limit) => (
    <div class="limit">
      <Line label={t(`rules.${key}`)} hint={t("rules.zero", { n: DEFAULTS[key] })}>
        <input class="field field-small field-number" type="number" min={1} step={1} disabled={r[key] < 0 || !me.leads} placeholder={String(DEFAULTS[key])} value={r[key] > 0 ? r[key] : ""} onInput={(e) => set({ ...r, [key]: Math.max(0, Math.round(Number(e.currentTarget.value))) })} />
      </Line>
      <label class="check"><input type="checkbox" disabled={!me.leads} checked={r[key] < 0} onChange={(e) => set({ ...r, [key]: e.currentTarget.checked ? -1 : 0 })} /><span>{t("rules.none")}<span class="unseen">: {t(`rules.${key}`)}</span></span></label>
    </div>
  );
  return (
    <section class="card">
      <h2>{t("rules.title")}</h2>
      <p class="quiet">{t("rules.words")}</p>
      <form class="form" onSubmit={async (e) => {
        e.preventDefault();
        const v = await tries(put<Settings>("/settings/rules", r));
        if (v !== undefined) done(v);
      }}>
        {limit("max_open")}
        {limit("max_day")}
        {limit("max_moves")}
        <Line label={t("rules.default_queue")}>
          <select class="field field-small" disabled={!me.leads} value={r.default_queue} onChange={(e) => set({ ...r, default_queue: e.currentTarget.value })}>{settings.queues.map((q) => <option key={q.queue} value={q.queue}>{q.name}</option>)}</select>
        </Line>
        <Line label={t("rules.zone")}>
          <input class="field field-small" list="rules-zones" disabled={!me.leads} placeholder="UTC" value={r.zone} onInput={(e) => set({ ...r, zone: e.currentTarget.value.trim() })} />
          <datalist id="rules-zones">{zones.map((z) => <option key={z} value={z} />)}</datalist>
        </Line>
        {me.leads ? <p><button type="submit" class="button button-main">{t("save")}</button></p> : <p class="quiet">{t("rules.leads")}</p>}
      </form>
    </section>
  );
}

interface Block {
  visitor: string;
  name: string;
  by: string;
  why: string;
  at: string;
  until?: string;
}

function Blocks() {
  const [list, failed, again, set] = useRead<{ blocks: Block[] }>("/blocks");
  const [adding, add] = useState(false);
  return (
    <section class="card card-wide">
      <div class="card-head">
        <h2>{t("blocks.title")}</h2>
        <button type="button" class="button button-small" onClick={() => add(true)}>{t("blocks.add")}</button>
      </div>
      <p class="quiet">{t("blocks.words")}</p>
      {list === null ? <Reading failed={failed} again={again} /> : list.blocks.length === 0 ? <p>{t("blocks.none")}</p> : (
        <ul class="plain-list">
          {list.blocks.map((b) => (
            <li key={b.visitor} class="line-item">
              <span class="line-main"><b dir="auto">{b.name || `${t("visitor.unnamed")} ${b.visitor.slice(0, 8)}`}</b> <span class="quiet">{b.until === undefined ? t("blocks.forever") : t("blocks.until", { at: moment(b.until) })}</span>
                <span class="line-text">{t("blocks.by", { name: whoWords(b.by), at: moment(b.at) })}{b.why !== "" && <> · <span dir="auto">{b.why}</span></>}</span>
              </span>
              <button type="button" class="button button-small" onClick={async () => { const v = await tries(del<{ blocks: Block[] }>("/blocks/" + b.visitor), t("blocks.ended")); if (v !== undefined) set(v); }}>{t("blocks.end")}</button>
            </li>
          ))}
        </ul>
      )}
      {adding && <BlockForm shut={() => add(false)} done={(v) => { set(v); add(false); }} />}
    </section>
  );
}

/** Blocks the visitor of a case: nobody knows the number of a visitor. */
function BlockForm({ shut, done }: { shut: () => void; done: (v: { blocks: Block[] }) => void }) {
  const [reference, setReference] = useState("");
  const [why, setWhy] = useState("");
  const [days, setDays] = useState("7");
  return (
    <Modal title={t("blocks.label")} onClose={shut}>
      <form onSubmit={async (e) => {
        e.preventDefault();
        const found = await tries(get<{ cases: Row[] }>("/cases?" + new URLSearchParams({ reference })), "");
        if (found === undefined) return;
        if (found.cases.length === 0) {
          await tries(Promise.reject(new Error(t("blocks.no_case"))));
          return;
        }
        const until = days === "" ? undefined : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
        const v = await tries(put<{ blocks: Block[] }>("/blocks/" + found.cases[0].visitor, { until, why }));
        if (v !== undefined) done(v);
      }}>
        <Line label={t("blocks.case")} hint={t("blocks.case_hint")}><input class="field field-small" data-first required pattern="[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}" placeholder="TR4W-XX3H" value={reference} onInput={(e) => setReference(e.currentTarget.value.trim())} /></Line>
        <Line label={t("blocks.long")}>
          <select class="field field-small" value={days} onChange={(e) => setDays(e.currentTarget.value)}>
            {["1", "7", "30"].map((n) => <option key={n} value={n}>{t("span.d", { n })}</option>)}
            <option value="">{t("blocks.forever")}</option>
          </select>
        </Line>
        <Line label={t("why.needed")} hint={t("blocks.why")}><input class="field field-small" required maxLength={500} value={why} onInput={(e) => setWhy(e.currentTarget.value)} /></Line>
        <footer class="modal-foot">
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("blocks.go")}</button>
        </footer>
      </form>
    </Modal>
  );
}

interface Entry {
  at: string;
  agent?: string;
  actor: string;
  action: string;
  case?: string;
  conversation?: string;
  person?: string;
  address?: string;
  detail?: Record<string, string>;
}

const ACTIONS = [
  "login", "login_failed", "logout", "session_revoked", "password_changed", "password_set", "password_reset", "invited", "invitation_revoked", "joined",
  "person_added", "person_changed", "person_disabled", "person_enabled", "case_seen", "conversation_seen", "searched", "exported", "settings_changed",
];

/** Who looked at what, who came and went, who changed people and settings. */
export function Audit() {
  const agents = desk.use((s) => s.agents);
  const [agent, setAgent] = useState("");
  const [action, setAction] = useState("");
  const [older, setOlder] = useState<Entry[]>([]);
  const [next, setNext] = useState<string | null>(null); // null: that of the first page
  const query = (after: string) => "/audit?" + new URLSearchParams({ ...(agent !== "" && { agent }), ...(action !== "" && { action }), ...(after !== "" && { after }) });
  const [page, failed, again] = useRead<{ entries: Entry[]; next: string }>(query(""));
  const more = next ?? page?.next ?? "";
  const start = (f: () => void) => {
    setOlder([]);
    setNext(null);
    f();
  };
  const all = [...(page?.entries ?? []), ...older];
  return (
    <section class="card card-wide">
      <h2>{t("audit.title")}</h2>
      <p class="quiet">{t("audit.words")}</p>
      <div class="form-grid audit-ask">
        <Line label={t("audit.who")}><select class="field field-small" value={agent} onChange={(e) => start(() => setAgent(e.currentTarget.value))}><option value="">{t("audit.anybody")}</option>{agents.map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}</select></Line>
        <Line label={t("audit.what")}><select class="field field-small" value={action} onChange={(e) => start(() => setAction(e.currentTarget.value))}><option value="">{t("audit.any_action")}</option>{ACTIONS.map((a) => <option key={a} value={a}>{word("action.", a)}</option>)}</select></Line>
      </div>
      {page === null ? <Reading failed={failed} again={again} /> : all.length === 0 ? <p>{t("audit.none")}</p> : (
        <div class="table-wrap" tabIndex={0} role="region" aria-label={t("audit.title")}>
          <table class="table">
            <thead><tr><th scope="col">{t("audit.at")}</th><th scope="col">{t("audit.who")}</th><th scope="col">{t("audit.what")}</th><th scope="col">{t("audit.where")}</th></tr></thead>
            <tbody>
              {all.map((e, i) => (
                <tr key={i}>
                  <td><time dateTime={e.at} title={full(e.at)}>{moment(e.at)}</time></td>
                  <th scope="row">{actorName(e)}</th>
                  <td>{word("action.", e.action)}<Details e={e} /></td>
                  <td class="quiet">{e.address ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more !== "" && <p><button type="button" class="button button-small" onClick={async () => { const p = await tries(get<{ entries: Entry[]; next: string }>(query(more)), ""); if (p !== undefined) { setOlder([...older, ...p.entries]); setNext(p.next); } }}>{t("audit.older")}</button></p>}
    </section>
  );
}

/** A person's name, or who it was where nobody was signed in. */
function actorName(e: Entry): string {
  return e.actor === "" ? t("audit.nobody") : whoWords(e.actor);
}

function Details({ e }: { e: Entry }) {
  const parts: string[] = [];
  const d = e.detail ?? {};
  if (e.person !== undefined && e.person !== e.agent) parts.push(desk.state.agents.find((a) => a.id === e.person)?.name ?? e.person.slice(0, 8));
  if (d.what !== undefined) parts.push(word("what.", d.what));
  for (const [key, value] of Object.entries(d)) {
    if (key === "what" || key === "method" || value === "") continue;
    parts.push(key === "queue" ? (desk.state.queues.find((q) => q.queue === value)?.name ?? value) : key === "role" ? word("role.", value) : value.length === 36 ? value.slice(0, 8) : value);
  }
  return (
    <span class="line-text">
      {e.case !== undefined && <a href={"#/case/" + e.case}>{t("audit.case")}</a>}
      {e.conversation !== undefined && <a href={"#/conversation/" + e.conversation}>{t("audit.conversation")}</a>}
      {e.case !== undefined && parts.length > 0 ? " · " : ""}
      {parts.join(" · ")}
    </span>
  );
}
