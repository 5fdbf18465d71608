// Business hours as a form: a week of spans, holidays, a time zone, and what they
// mean now.

import { useEffect, useRef, useState } from "preact/hooks";

import { post } from "./api";
import { Line } from "./form";
import { type Key, language, locale, t } from "./i18n";
import { Icon } from "./icons";

type Span = [string, string]; // "09:00" to "17:30"; to "24:00" is the day's end

interface Holiday {
  date: string; // 2026-12-25, or 12-25 for every year
  name: string;
  open: Span[];
}

/** Hours as this form has them. */
export interface Hours {
  kind: "always" | "never" | "week";
  zone: string;
  days: Span[][]; // Monday first
  holidays: Holiday[];
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const spans = (raw: unknown): Span[] => (typeof raw === "string" ? (raw === "" ? [] : [raw]) : Array.isArray(raw) ? (raw as string[]) : []).map((s) => s.split("-").map(clockOf) as Span);

const clockOf = (s: string): string => {
  const c = s.trim();
  return c.length === 4 ? "0" + c : c;
};

/** Reads hours as a queue keeps them. */
export function readHours(raw: unknown, zone: string): Hours {
  const r = (raw ?? {}) as { zone?: string; always?: boolean; never?: boolean; week?: Record<string, unknown>; holidays?: { date: string; name?: string; open?: unknown }[] };
  const h: Hours = { kind: raw === undefined || raw === null || r.always ? "always" : r.never ? "never" : "week", zone: r.zone ?? (raw ? "UTC" : zone), days: DAYS.map(() => []), holidays: [] };
  for (const [key, value] of Object.entries(r.week ?? {})) {
    const [first, last = first] = key === "daily" ? ["mon", "sun"] : key.split("-");
    for (let d = DAYS.indexOf(first); d >= 0; d = (d + 1) % 7) {
      h.days[d] = spans(value);
      if (DAYS[d] === last) break;
    }
  }
  h.holidays = (r.holidays ?? []).map((x) => ({ date: x.date, name: x.name ?? "", open: spans(x.open) }));
  return h;
}

const written = (list: Span[]): string[] => [...list].sort(([a], [b]) => (a < b ? -1 : 1)).map(([a, b]) => `${a}-${b === "00:00" ? "24:00" : b}`);

/** Writes them as a queue keeps them: days that are alike stand together. */
export function writeHours(h: Hours): unknown {
  if (h.kind === "always") return undefined;
  if (h.kind === "never") return { never: true };
  const week: Record<string, string[]> = {};
  for (let d = 0; d < 7; ) {
    const list = written(h.days[d]);
    let to = d;
    while (to + 1 < 7 && String(written(h.days[to + 1])) === String(list)) to++;
    if (list.length > 0) week[d === to ? DAYS[d] : `${DAYS[d]}-${DAYS[to]}`] = list;
    d = to + 1;
  }
  const holidays = h.holidays.filter((x) => x.date !== "").map((x) => ({ date: x.date, ...(x.name !== "" && { name: x.name }), ...(x.open.length > 0 && { open: written(x.open) }) }));
  return { zone: h.zone, week, ...(holidays.length > 0 && { holidays }) };
}

const FRESH: Span = ["09:00", "17:00"];

/** The next span of a day: after the last one, where there is room. */
function following(list: Span[]): Span {
  const last = list.at(-1);
  if (last === undefined) return FRESH;
  const hour = Number(last[1].slice(0, 2)) + 1;
  return hour >= 23 ? FRESH : [`${String(hour).padStart(2, "0")}:00`, `${String(Math.min(hour + 4, 23)).padStart(2, "0")}:00`];
}

const minute = (s: string): number => Number(s.slice(0, 2)) * 60 + Number(s.slice(3, 5));

export function HoursField({ hours, set }: { hours: Hours; set: (h: Hours) => void }) {
  const zones = (Intl as { supportedValuesOf?: (k: string) => string[] }).supportedValuesOf?.("timeZone") ?? [];
  const day = (d: number, list: Span[]) => set({ ...hours, days: hours.days.map((x, i) => (i === d ? list : x)) });
  const holiday = (n: number, change: Partial<Holiday>) => set({ ...hours, holidays: hours.holidays.map((x, i) => (i === n ? { ...x, ...change } : x)) });
  return (
    <fieldset class="hours">
      <legend>{t("queue.hours")}</legend>
      <div class="checks" role="radiogroup" aria-label={t("queue.hours")}>
        {(["always", "week", "never"] as const).map((k) => (
          <label key={k} class="check"><input type="radio" name="hours-kind" checked={hours.kind === k} onChange={() => set({ ...hours, kind: k, days: k === "week" && hours.days.every((x) => x.length === 0) ? DAYS.map((_, i) => (i < 5 ? [FRESH] : [])) : hours.days })} /><span>{t(("hours.kind." + k) as Key)}</span></label>
        ))}
      </div>
      {hours.kind === "week" && (
        <>
          <Line label={t("hours.zone")}>
            <input class="field field-small hours-zone" list="hours-zones" value={hours.zone} onInput={(e) => set({ ...hours, zone: e.currentTarget.value.trim() })} />
            <datalist id="hours-zones">{zones.map((z) => <option key={z} value={z} />)}</datalist>
          </Line>
          <ul class="hours-week">
            {DAYS.map((key, d) => {
              const name = t(("day." + key) as Key);
              return (
                <li key={key} class="hours-day">
                  <span class="hours-name">{name}</span>
                  <span class="hours-bar" aria-hidden="true">
                    {hours.days[d].map(([a, b], i) => {
                      const from = minute(a) / 14.4;
                      const to = minute(b) === 0 || minute(b) <= minute(a) ? 100 : minute(b) / 14.4;
                      return <i key={i} style={{ insetInlineStart: from + "%", inlineSize: to - from + "%" }} />;
                    })}
                  </span>
                  <Spans list={hours.days[d]} set={(list) => day(d, list)} name={name} />
                  {d === 0 && <button type="button" class="link hours-copy" onClick={() => set({ ...hours, days: hours.days.map((x, i) => (i > 0 && i < 5 ? hours.days[0] : x)) })}>{t("hours.copy")}</button>}
                </li>
              );
            })}
          </ul>
          <div class="hours-holidays">
            <h3>{t("hours.holidays")}</h3>
            <ul class="plain-list">
              {hours.holidays.map((x, n) => {
                const yearly = !/^\d{4}-/.test(x.date) && x.date !== "";
                const label = x.name || x.date || t("hours.holiday");
                return (
                  <li key={n} class="hours-holiday">
                    <input class="field field-small" type="date" required aria-label={t("hours.date")} value={yearly ? `${new Date().getFullYear()}-${x.date}` : x.date} onInput={(e) => holiday(n, { date: yearly ? e.currentTarget.value.slice(5) : e.currentTarget.value })} />
                    <label class="check"><input type="checkbox" checked={yearly} disabled={x.date === ""} onChange={(e) => holiday(n, { date: e.currentTarget.checked ? x.date.slice(5) : `${new Date().getFullYear()}-${x.date}` })} /><span>{t("hours.yearly")}</span></label>
                    <input class="field field-small hours-called" aria-label={t("hours.name")} placeholder={t("hours.name")} maxLength={80} value={x.name} onInput={(e) => holiday(n, { name: e.currentTarget.value })} />
                    <Spans list={x.open} set={(open) => holiday(n, { open })} name={label} />
                    <button type="button" class="button button-icon" aria-label={t("remove") + ": " + label} onClick={() => set({ ...hours, holidays: hours.holidays.filter((_, i) => i !== n) })}><Icon name="close" size={14} /></button>
                  </li>
                );
              })}
            </ul>
            <button type="button" class="button button-small" onClick={() => set({ ...hours, holidays: [...hours.holidays, { date: "", name: "", open: [] }] })}>{t("hours.add_holiday")}</button>
          </div>
        </>
      )}
      <Preview hours={hours} />
    </fieldset>
  );
}

/** The spans of a day; none: closed. */
function Spans({ list, set, name }: { list: Span[]; set: (list: Span[]) => void; name: string }) {
  const time = (v: string) => (v === "24:00" ? "00:00" : v);
  return (
    <span class="hours-spans">
      {list.length === 0 && <span class="quiet">{t("hours.closed_day")}</span>}
      {list.map(([from, to], i) => {
        const change = (span: Span) => set(list.map((x, n) => (n === i ? span : x)));
        return (
          <span key={i} class="hours-span">
            <input class="field field-small" type="time" required aria-label={t("hours.from", { day: name, n: i + 1 })} value={from} onInput={(e) => change([e.currentTarget.value, to])} />
            <span aria-hidden="true">–</span>
            <input class="field field-small" type="time" required aria-label={t("hours.to", { day: name, n: i + 1 })} value={time(to)} onInput={(e) => change([from, e.currentTarget.value])} />
            <button type="button" class="button button-icon" aria-label={t("hours.remove", { day: name, n: i + 1 })} onClick={() => set(list.filter((_, n) => n !== i))}><Icon name="close" size={14} /></button>
          </span>
        );
      })}
      <button type="button" class="button button-icon" aria-label={t("hours.add", { day: name })} title={t("hours.add", { day: name })} onClick={() => set([...list, following(list)])}><Icon name="plus" size={16} /></button>
    </span>
  );
}

interface State {
  open: boolean;
  always?: boolean;
  never?: boolean;
  next?: string;
  then?: string;
  zone: string;
  clock?: { at: string; by_s: number; open?: boolean };
  now: string;
}

/** What the hours mean now, in their own zone: asked of the server, which is the
 * one that goes by them. */
function Preview({ hours }: { hours: Hours }) {
  const [state, setState] = useState<State | null>(null);
  const [wrong, setWrong] = useState("");
  const timer = useRef(0);
  const body = JSON.stringify(writeHours(hours) ?? null);
  useEffect(() => {
    let off = false;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      post<State>("/settings/hours/dry-run", { hours: JSON.parse(body) }).then(
        (s) => { if (!off) { setState(s); setWrong(""); } },
        (e: Error) => { if (!off) { setState(null); setWrong(e.message); } },
      );
    }, 250);
    return () => void (off = true);
  }, [body]);
  return (
    <div class="hours-now" aria-live="polite">
      {wrong !== "" && <p class="form-trouble">{wrong}</p>}
      {state !== null && wrong === "" && (
        <>
          <p><Icon name={state.open ? "check" : "moon"} size={16} /> {words(state)}</p>
          {state.clock !== undefined && <p class="quiet">{clockWords(state)}</p>}
        </>
      )}
    </div>
  );
}

function words(s: State): string {
  if (s.always) return t("hours.now_always");
  if (s.never) return t("hours.now_never");
  const at = (m: string | undefined): string => (m === undefined || m.startsWith("0001") ? "–" : near(m, m === s.then && s.next !== undefined ? s.next : s.now, s));
  return s.open ? t("hours.now_open", { until: at(s.next), next: at(s.then) }) : t("hours.now_closed", { next: at(s.next), until: at(s.then) });
}

/** "18:00" on the day that was spoken of, else with its weekday or date, in the
 * hours' zone. */
function near(m: string, after: string, s: State): string {
  const write = (v: string, o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale(), { timeZone: s.zone, ...o }).format(new Date(v));
  const days = (Date.parse(m) - Date.parse(s.now)) / 86_400_000;
  const clock = write(m, { hour: "2-digit", minute: "2-digit" });
  if (write(m, { dateStyle: "short" }) === write(after, { dateStyle: "short" })) return clock;
  return days < 6 ? write(m, { weekday: "long" }) + " " + clock : write(m, { day: "numeric", month: "long", year: days > 300 ? "numeric" : undefined }) + ", " + clock;
}

function clockWords(s: State): string {
  const { at, by_s, open } = s.clock!;
  const day = new Intl.DateTimeFormat(locale(), { timeZone: s.zone, day: "numeric", month: "long", year: "numeric" }).format(new Date(at));
  const moved = t(by_s > 0 ? "hours.clock_forward" : "hours.clock_back", { day, min: Math.abs(by_s) / 60 });
  return open ? moved + " " + t(by_s > 0 ? "hours.clock_shorter" : "hours.clock_longer") : moved;
}

/** Hours in a few words, for a table. */
export function hoursWords(raw: unknown): string {
  const h = readHours(raw, "");
  if (h.kind !== "week") return t(("hours.kind." + h.kind) as Key);
  const week = (writeHours(h) as { week: Record<string, string[]> }).week;
  const short = (key: string) => key.split("-").map((d) => new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(d))))).join("–");
  return Object.entries(week).map(([key, list]) => `${short(key)} ${list.map((x) => x.replace("-", "–")).join(", ")}`).join("; ");
}
