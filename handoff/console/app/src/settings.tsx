// Settings: of oneself, of queues, routing, people and canned replies.

import { useEffect, useRef, useState } from "preact/hooks";

import { Articles } from "./articles";
import { del, get, patch, post, put } from "./api";
import { setAlert, settings as alerts } from "./alerts";
import { peopleAgain, say, signOut } from "./desk";
import { Line, Reading, toggled, tries, useRead } from "./form";
import { LANGUAGES, language, languageName, setLanguage, t, word } from "./i18n";
import { HoursField, hoursWords, readHours, writeHours } from "./hours";
import { Icon } from "./icons";
import { zone } from "./lists";
import { Modal } from "./parts";
import { desk } from "./state";
import { full, moment } from "./time";
import { Routes } from "./routes";
import { Audit, RulesPage } from "./rules";
import type { Canned, Colleague, Invitation, Person, Queue, Session, Settings } from "./types";

export function SettingsPage() {
  const tab = desk.use((s) => s.place.tab);
  const me = desk.use((s) => s.me);
  desk.use((s) => s.language);
  const bar = useRef<HTMLElement>(null);
  useEffect(() => bar.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [tab]);
  const tabs: [string, string, boolean][] = [
    ["you", t("settings.you"), true],
    ["canned", t("canned"), true],
    ["queues", t("queues"), true],
    ["routes", t("settings.routes"), true],
    ["people", t("people"), me.leads],
    ["articles", t("settings.articles"), true],
    ["rules", t("settings.rules"), true],
    ["audit", t("settings.audit"), me.role === "admin"],
  ];
  return (
    <main id="main" class="settings page" aria-label={t("settings")}>
      <header class="page-head">
        <button type="button" class="button button-icon only-narrow" onClick={() => desk.set({ rail: true })} aria-label={t("rail.open")}><Icon name="menu" /></button>
        <h1>{t("settings")}</h1>
      </header>
      <nav class="tabs" ref={bar} aria-label={t("settings")}>
        {tabs.filter(([, , may]) => may).map(([id, name]) => <a key={id} href={"#/settings/" + id} aria-current={tab === id ? "page" : undefined}>{name}</a>)}
      </nav>
      <div class="settings-in">
        {tab === "you" && <You />}
        {tab === "canned" && <CannedSettings />}
        {tab === "queues" && <Queues />}
        {tab === "routes" && <Routes />}
        {tab === "people" && <People />}
        {tab === "articles" && <Articles />}
        {tab === "rules" && <RulesPage />}
        {tab === "audit" && <Audit />}
      </div>
    </main>
  );
}

function You() {
  const me = desk.use((s) => s.me);
  const [sessions, failed, again] = useRead<{ sessions: Session[] }>("/sessions");
  const [, draw] = useState(0);
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  return (
    <>
      <section class="card">
        <h2>{me.name}</h2>
        <p class="quiet">{word("role.", me.role)}</p>
        <Line label={t("you.language")}>
          <select class="field field-small" value={language} onChange={(e) => { setLanguage(e.currentTarget.value); desk.set({ language }); }}>
            {LANGUAGES.map(([l, name]) => <option key={l} value={l}>{name}</option>)}
          </select>
        </Line>
        <label class="check">
          <input type="checkbox" checked={alerts.sound} onChange={(e) => { setAlert("sound", e.currentTarget.checked); draw((n) => n + 1); }} />
          <span>{t("you.sound")}</span>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={alerts.notices}
            onChange={async (e) => {
              const on = e.currentTarget.checked;
              const may = on && typeof Notification !== "undefined" ? await Notification.requestPermission() : "denied";
              setAlert("notices", on && may === "granted");
              if (on && may !== "granted") say(t("you.notices_denied"), "trouble");
              draw((n) => n + 1);
            }}
          />
          <span>{t("you.notices")}</span>
        </label>
        <p><button type="button" class="button" onClick={() => void signOut()}>{t("logout")}</button></p>
      </section>
      <section class="card">
        <h2>{t("you.password")}</h2>
        <form onSubmit={async (e) => {
          e.preventDefault();
          if ((await tries(post("/password", { old, new: fresh }).then(() => true))) === true) {
            setOld("");
            setFresh("");
            again();
          }
        }}>
          <input type="text" name="username" autocomplete="username" value={me.name} readOnly hidden />
          <Line label={t("you.password_old")}><input class="field field-small" type="password" autocomplete="current-password" required value={old} onInput={(e) => setOld(e.currentTarget.value)} /></Line>
          <Line label={t("you.password_new")}><input class="field field-small" type="password" autocomplete="new-password" required value={fresh} onInput={(e) => setFresh(e.currentTarget.value)} /></Line>
          <button type="submit" class="button">{t("you.password_set")}</button>
        </form>
      </section>
      <section class="card">
        <h2>{t("you.sessions")}</h2>
        {sessions === null ? <Reading failed={failed} again={again} /> : (
          <ul class="plain-list">
            {sessions.sessions.filter((s) => s.ended_at === undefined).map((s) => (
              <li key={s.id} class="line-item">
                <span>{browserOf(s.user_agent)} <span class="quiet">{s.address} · {s.current ? t("you.this") : moment(s.seen_at)}</span></span>
                {!s.current && <button type="button" class="button button-small" onClick={async () => { await tries(del("/sessions/" + s.id), t("you.ended")); again(); }}>{t("you.end")}</button>}
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function browserOf(agent: string): string {
  const browser = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrome\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : agent.slice(0, 40);
  const on = /iPhone|iPad/.test(agent) ? "iOS" : /Android/.test(agent) ? "Android" : /Mac OS/.test(agent) ? "macOS" : /Windows/.test(agent) ? "Windows" : /Linux/.test(agent) ? "Linux" : "";
  return on === "" ? browser : `${browser}, ${on}`;
}

function CannedSettings() {
  const list = desk.use((s) => s.canned);
  const me = desk.use((s) => s.me);
  const [edit, setEdit] = useState<Canned | null>(null);
  const read = async () => desk.set({ canned: (await get<{ canned: Canned[] }>("/canned")).canned });
  const fresh: Canned = { id: "new", short: "", title: "", text: "", language: "", queues: [], by: "", at: "" };
  return (
    <section class="card card-wide">
      <div class="card-head">
        <h2>{t("canned")}</h2>
        {me.works && <button type="button" class="button button-small" onClick={() => setEdit(fresh)}>{t("canned.add")}</button>}
      </div>
      <p class="quiet">{t("canned.words")}</p>
      {list.length === 0 && <p>{t("canned.none")}</p>}
      <ul class="plain-list">
        {list.map((c) => (
          <li key={c.id} class="line-item">
            <span class="line-main"><b>{c.title}</b> <span class="quiet">/{c.short}{c.language ? " · " + languageName(c.language) : ""}</span><span class="line-text" dir="auto">{c.text}</span></span>
            {me.works && <button type="button" class="button button-small" onClick={() => setEdit(c)}>{t("edit")}</button>}
          </li>
        ))}
      </ul>
      {edit !== null && <CannedForm canned={edit} shut={() => setEdit(null)} done={async () => { setEdit(null); await tries(read(), ""); }} />}
    </section>
  );
}

function CannedForm({ canned, shut, done }: { canned: Canned; shut: () => void; done: () => void }) {
  const [c, set] = useState(canned);
  const queues = desk.use((s) => s.queues);
  return (
    <Modal title={canned.id === "new" ? t("canned.add") : t("canned.edit")} onClose={shut}>
      <form onSubmit={async (e) => {
        e.preventDefault();
        const body = { short: c.short, title: c.title, text: c.text, language: c.language ?? "", queues: c.queues ?? [] };
        if ((await tries(put("/canned/" + c.id, body))) !== undefined) done();
      }}>
        <Line label={t("canned.title")}><input class="field field-small" required maxLength={120} value={c.title} onInput={(e) => set({ ...c, title: e.currentTarget.value })} /></Line>
        <Line label={t("canned.short")} hint={t("canned.short_hint")}><input class="field field-small" required maxLength={40} value={c.short} onInput={(e) => set({ ...c, short: e.currentTarget.value.replace(/[^\p{L}\p{N}-]/gu, "") })} /></Line>
        <Line label={t("canned.text")} hint={t("canned.variables")}><textarea class="field field-small" required rows={6} maxLength={8000} dir="auto" value={c.text} onInput={(e) => set({ ...c, text: e.currentTarget.value })} /></Line>
        <Line label={t("canned.language")}>
          <select class="field field-small" value={c.language ?? ""} onChange={(e) => set({ ...c, language: e.currentTarget.value })}>
            <option value="">{t("any")}</option>
            {["en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh"].map((l) => <option key={l} value={l}>{languageName(l)}</option>)}
          </select>
        </Line>
        <fieldset class="checks"><legend>{t("canned.queues")}</legend>
          {queues.map((q) => (
            <label key={q.queue} class="check"><input type="checkbox" checked={(c.queues ?? []).includes(q.queue)} onChange={(e) => set({ ...c, queues: toggled(c.queues ?? [], q.queue, e.currentTarget.checked) })} /><span>{q.name}</span></label>
          ))}
        </fieldset>
        <footer class="modal-foot">
          {canned.id !== "new" && <button type="button" class="button button-trouble" onClick={async () => { await tries(del("/canned/" + c.id), t("removed")); done(); }}>{t("remove")}</button>}
          <span class="spring" />
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("save")}</button>
        </footer>
      </form>
    </Modal>
  );
}

const minutes = (s: number): string => (s === 0 ? t("default") : s % 3600 === 0 ? t("span.h", { n: s / 3600 }) : t("span.min", { n: Math.round(s / 60) }));

function Queues() {
  const [s, failed, again, set] = useRead<Settings>("/settings");
  const me = desk.use((x) => x.me);
  const [edit, setEdit] = useState<Queue | null>(null);
  if (s === null) return <Reading failed={failed} again={again} />;
  const fresh: Queue = { queue: "", name: "", first_reply_s: 600, resolve_s: 0, reopen_s: 0, offer_s: 0, away_s: 0, weight: 1, distribution: "claim" };
  return (
    <section class="card card-wide">
      <div class="card-head">
        <h2>{t("queues")}</h2>
        {me.leads && <button type="button" class="button button-small" onClick={() => setEdit(fresh)}>{t("queue.add")}</button>}
      </div>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={t("queues")}>
        <table class="table">
          <thead><tr><th scope="col">{t("wall.queue")}</th><th scope="col">{t("queue.how")}</th><th scope="col">{t("queue.first")}</th><th scope="col">{t("queue.resolve")}</th><th scope="col">{t("queue.overflow")}</th><th scope="col">{t("queue.hours")}</th><th scope="col"><span class="unseen">{t("edit")}</span></th></tr></thead>
          <tbody>
            {s.queues.map((q) => (
              <tr key={q.queue}>
                <th scope="row">{q.name} {q.closed && <span class="tag">{t("queue.closed")}</span>} {s.rules.default_queue === q.queue && <span class="tag">{t("queue.default")}</span>}</th>
                <td>{word("distribution.", q.distribution)}</td>
                <td>{minutes(q.first_reply_s)}</td>
                <td>{q.resolve_s === 0 ? t("none") : minutes(q.resolve_s)}</td>
                <td>{(q.overflow ?? []).map((o) => s.queues.find((x) => x.queue === o)?.name ?? o).join(", ") || "–"}</td>
                <td>{hoursWords(q.hours)}</td>
                <td class="num">{me.leads && <button type="button" class="button button-small" aria-label={t("edit") + ": " + q.name} onClick={() => setEdit(q)}>{t("edit")}</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {edit !== null && <QueueForm queue={edit} all={s.queues} shut={() => setEdit(null)} done={(v) => { set(v); setEdit(null); }} />}
    </section>
  );
}

function QueueForm({ queue, all, shut, done }: { queue: Queue; all: Queue[]; shut: () => void; done: (s: Settings) => void }) {
  const fresh = queue.queue === "";
  const [q, set] = useState(queue);
  const [hours, setHours] = useState(readHours(queue.hours, zone() || "UTC"));
  const [into, setInto] = useState(all.find((x) => x.queue !== queue.queue)?.queue ?? "");
  const number = (label: string, v: number, f: (n: number) => Partial<Queue>, unit: number, hint?: string) => (
    <Line label={label} hint={hint}>
      <input class="field field-small field-number" type="number" min={0} step={1} value={v / unit} onInput={(e) => set({ ...q, ...f(Math.round(Number(e.currentTarget.value) * unit)) })} />
    </Line>
  );
  return (
    <Modal title={fresh ? t("queue.add") : q.name} onClose={shut} wide>
      <form onSubmit={async (e) => {
        e.preventDefault();
        const body = { ...q, hours: writeHours(hours) };
        const v = await tries(put<Settings>("/settings/queues/" + encodeURIComponent(q.queue), body));
        if (v !== undefined) done(v);
      }}>
        <div class="form-grid">
          <Line label={t("queue.name")}><input class="field field-small" required value={q.name} onInput={(e) => set({ ...q, name: e.currentTarget.value, queue: fresh ? e.currentTarget.value.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") : q.queue })} /></Line>
          <Line label={t("queue.short")}><input class="field field-small" required readOnly={!fresh} pattern="[a-z0-9][a-z0-9._-]*" value={q.queue} onInput={(e) => set({ ...q, queue: e.currentTarget.value })} /></Line>
          <Line label={t("queue.desk")}><select class="field field-small" value={q.desk ?? ""} onChange={(e) => set({ ...q, desk: e.currentTarget.value })}>{["", "service", "support", "both"].map((d) => <option key={d} value={d}>{d === "" ? t("any") : word("desk.", d)}</option>)}</select></Line>
          <Line label={t("queue.product")}><input class="field field-small" value={q.product ?? ""} onInput={(e) => set({ ...q, product: e.currentTarget.value })} /></Line>
          {number(t("queue.tier"), q.tier ?? 0, (n) => ({ tier: n }), 1)}
          <Line label={t("queue.how")}><select class="field field-small" value={q.distribution} onChange={(e) => set({ ...q, distribution: e.currentTarget.value as "claim" })}>{["claim", "push"].map((d) => <option key={d} value={d}>{word("distribution.", d)}</option>)}</select></Line>
          {number(t("queue.first_min"), q.first_reply_s, (n) => ({ first_reply_s: n }), 60)}
          {number(t("queue.resolve_h"), q.resolve_s, (n) => ({ resolve_s: n }), 3600, t("queue.zero_none"))}
          {number(t("queue.reopen_h"), q.reopen_s, (n) => ({ reopen_s: n }), 3600, t("queue.reopen_hint"))}
          {number(t("queue.weight"), q.weight, (n) => ({ weight: n }), 1)}
          <Line label={t("queue.skills")} hint={t("commas")}><input class="field field-small" value={(q.skills ?? []).join(", ")} onChange={(e) => set({ ...q, skills: commas(e.currentTarget.value) })} /></Line>
          <Line label={t("queue.languages")} hint={t("commas")}><input class="field field-small" value={(q.languages ?? []).join(", ")} onChange={(e) => set({ ...q, languages: commas(e.currentTarget.value) })} /></Line>
        </div>
        <fieldset class="checks"><legend>{t("queue.overflow")}</legend>
          {all.filter((x) => x.queue !== q.queue).map((x) => <label key={x.queue} class="check"><input type="checkbox" checked={(q.overflow ?? []).includes(x.queue)} onChange={(e) => set({ ...q, overflow: toggled(q.overflow ?? [], x.queue, e.currentTarget.checked) })} /><span>{x.name}</span></label>)}
        </fieldset>
        <HoursField hours={hours} set={setHours} />
        <label class="check"><input type="checkbox" checked={q.closed ?? false} onChange={(e) => set({ ...q, closed: e.currentTarget.checked })} /><span>{t("queue.close")}</span></label>
        <footer class="modal-foot">
          {!fresh && (
            <span class="row-of">
              <button type="button" class="button button-trouble" onClick={async () => { const v = await tries(del<Settings>(`/settings/queues/${encodeURIComponent(q.queue)}?into=${encodeURIComponent(into)}`), t("removed")); if (v !== undefined) done(v); }}>{t("remove")}</button>
              <label><span class="quiet">{t("queue.into")} </span><select class="select-quiet" value={into} onChange={(e) => setInto(e.currentTarget.value)}>{all.filter((x) => x.queue !== q.queue).map((x) => <option key={x.queue} value={x.queue}>{x.name}</option>)}</select></label>
            </span>
          )}
          <span class="spring" />
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("save")}</button>
        </footer>
      </form>
    </Modal>
  );
}

export const commas = (s: string): string[] => s.split(",").map((x) => x.trim()).filter((x) => x !== "");

const ROLES = ["admin", "lead", "agent", "read_only"];

function People() {
  const [list, failed, again] = useRead<{ people: Person[] }>("/people");
  const agents = desk.use((s) => s.agents);
  const me = desk.use((s) => s.me);
  const [edit, setEdit] = useState<Person | null>(null);
  const [invite, setInvite] = useState(false);
  const [link, setLink] = useState<Invitation | null>(null);
  useEffect(() => void peopleAgain(), [list]); // what they hold
  if (list === null) return <Reading failed={failed} again={again} />;
  const admin = me.role === "admin";
  return (
    <section class="card card-wide">
      <div class="card-head">
        <h2>{t("people")}</h2>
        {admin && <button type="button" class="button button-small" onClick={() => setInvite(true)}>{t("people.invite")}</button>}
      </div>
      {link !== null && (
        <div class="link-once" role="status">
          <p>{t("people.link", { email: link.email, at: full(link.expires_at) })}</p>
          <p class="row-of"><code>{location.origin + link.path}</code><button type="button" class="button button-small" onClick={() => void navigator.clipboard.writeText(location.origin + link.path).then(() => say(t("copied")))}>{t("copy")}</button></p>
        </div>
      )}
      <div class="table-wrap" tabIndex={0} role="region" aria-label={t("people")}>
        <table class="table">
          <thead><tr><th scope="col">{t("people.name")}</th><th scope="col">{t("people.role")}</th><th scope="col">{t("queues")}</th><th scope="col" class="num">{t("people.capacity")}</th><th scope="col">{t("people.seen")}</th><th scope="col"><span class="unseen">{t("edit")}</span></th></tr></thead>
          <tbody>
            {list.people.map((p) => {
              const a = agents.find((x) => x.id === p.id);
              return (
                <tr key={p.id} class={p.disabled ? "off" : ""}>
                  <th scope="row">{p.name} {p.disabled && <span class="tag">{t("people.disabled")}</span>}<span class="line-text">{p.email}</span></th>
                  <td>{word("role.", p.role)}</td>
                  <td>{p.queues === null ? t("people.all_queues") : p.queues.map((q) => desk.state.queues.find((x) => x.queue === q)?.name ?? q).join(", ") || "–"}</td>
                  <td class="num">{a === undefined ? "–" : `${a.load}/${a.capacity}`}</td>
                  <td>{p.seen_at ? moment(p.seen_at) : p.password ? "–" : t("people.no_password")}</td>
                  <td class="num">{admin && <button type="button" class="button button-small" aria-label={t("edit") + ": " + p.name} onClick={() => setEdit(p)}>{t("edit")}</button>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {edit !== null && <PersonForm person={edit} agent={agents.find((x) => x.id === edit.id)} shut={() => setEdit(null)} done={() => { setEdit(null); again(); }} told={(i) => { setLink(i); setEdit(null); }} />}
      {invite && <InviteForm shut={() => setInvite(false)} done={(i) => { setInvite(false); setLink(i); }} />}
    </section>
  );
}

function Scope({ queues, set }: { queues: string[] | null; set: (q: string[] | null) => void }) {
  const all = desk.use((s) => s.queues);
  return (
    <fieldset class="checks"><legend>{t("queues")}</legend>
      <label class="check"><input type="checkbox" checked={queues === null} onChange={(e) => set(e.currentTarget.checked ? null : [])} /><span>{t("people.all_queues")}</span></label>
      {queues !== null && all.map((q) => <label key={q.queue} class="check"><input type="checkbox" checked={queues.includes(q.queue)} onChange={(e) => set(toggled(queues, q.queue, e.currentTarget.checked))} /><span>{q.name}</span></label>)}
    </fieldset>
  );
}

function PersonForm({ person, agent, shut, done, told }: { person: Person; agent?: Colleague; shut: () => void; done: () => void; told: (i: Invitation) => void }) {
  const [p, set] = useState(person);
  const [capacity, setCapacity] = useState(agent?.capacity ?? 5);
  const [languages, setLanguages] = useState((agent?.languages ?? []).join(", "));
  const [skills, setSkills] = useState((agent?.skills ?? []).join(", "));
  return (
    <Modal title={person.name} onClose={shut}>
      <form onSubmit={async (e) => {
        e.preventDefault();
        const work = { capacity, languages: commas(languages), skills: commas(skills) };
        if ((await tries(patch("/people/" + p.id, { name: p.name, role: p.role, queues: p.queues, disabled: p.disabled, ...work }))) !== undefined) done();
      }}>
        <Line label={t("people.name")} hint={t("join.name_hint")}><input class="field field-small" required value={p.name} onInput={(e) => set({ ...p, name: e.currentTarget.value })} /></Line>
        <Line label={t("people.role")}><select class="field field-small" value={p.role} onChange={(e) => set({ ...p, role: e.currentTarget.value })}>{ROLES.map((r) => <option key={r} value={r}>{word("role.", r)}</option>)}</select></Line>
        <Scope queues={p.queues} set={(queues) => set({ ...p, queues })} />
        <Line label={t("people.capacity")} hint={t("people.capacity_hint")}><input class="field field-small field-number" type="number" min={0} max={1000} value={capacity} onInput={(e) => setCapacity(Number(e.currentTarget.value))} /></Line>
        <Line label={t("queue.languages")} hint={t("commas")}><input class="field field-small" value={languages} onInput={(e) => setLanguages(e.currentTarget.value)} /></Line>
        <Line label={t("queue.skills")} hint={t("commas")}><input class="field field-small" value={skills} onInput={(e) => setSkills(e.currentTarget.value)} /></Line>
        <label class="check"><input type="checkbox" checked={p.disabled} onChange={(e) => set({ ...p, disabled: e.currentTarget.checked })} /><span>{t("people.disable")}</span></label>
        <footer class="modal-foot">
          <button type="button" class="button" onClick={async () => { const i = await tries(post<Invitation>(`/people/${p.id}/reset`), ""); if (i !== undefined) told(i); }}>{t("people.reset")}</button>
          <span class="spring" />
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("save")}</button>
        </footer>
      </form>
    </Modal>
  );
}

function InviteForm({ shut, done }: { shut: () => void; done: (i: Invitation) => void }) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState("agent");
  const [queues, setQueues] = useState<string[] | null>(null);
  return (
    <Modal title={t("people.invite")} onClose={shut}>
      <form onSubmit={async (e) => {
        e.preventDefault();
        const i = await tries(post<Invitation>("/invitations", { email, name, role, queues }), "");
        if (i !== undefined) done(i);
      }}>
        <Line label={t("login.email")}><input data-first class="field field-small" type="email" required value={email} onInput={(e) => setEmail(e.currentTarget.value)} /></Line>
        <Line label={t("people.name")} hint={t("join.name_hint")}><input class="field field-small" required value={name} onInput={(e) => setName(e.currentTarget.value)} /></Line>
        <Line label={t("people.role")}><select class="field field-small" value={role} onChange={(e) => setRole(e.currentTarget.value)}>{ROLES.map((r) => <option key={r} value={r}>{word("role.", r)}</option>)}</select></Line>
        <Scope queues={queues} set={setQueues} />
        <footer class="modal-foot">
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("people.invite")}</button>
        </footer>
      </form>
    </Modal>
  );
}
