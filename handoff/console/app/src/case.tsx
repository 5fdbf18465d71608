// The open case: its head with what can be done, the conversation, the composer
// and, beside it, packet and customer.

import { useEffect } from "preact/hooks";

import { AloneCase } from "./alone-case";
import { arrive, claim, reopen, setPriority, snooze } from "./desk";
import { t, word } from "./i18n";
import { Icon } from "./icons";
import { Composer } from "./composer";
import { nameOf, useClock, Wait } from "./parts";
import { PacketCard, Side } from "./packet";
import { go } from "./route";
import { desk, type OpenCase } from "./state";
import { Thread } from "./thread";
import { moment } from "./time";
import type { Row } from "./types";

export function Case() {
  const o = desk.use((s) => s.open);
  const row = desk.use((s) => (s.open === null ? undefined : s.rows.get(s.open.id)));
  if (o === null) return <Nothing />;
  if (o.status === "failed" && row === undefined) return <Failed why={o.failed} />;
  if (o.status === "failed") return <Failed why={o.failed} />;
  if (row === undefined) return <section class="case" aria-busy="true"><p class="case-loading">{t("loading")}</p></section>;
  if (row.alone !== undefined) return <AloneCase o={o} row={row} alone={row.alone} />;
  return (
    <section class="case" aria-label={t("case.label", { reference: row.reference })}>
      <Head o={o} row={row} />
      <div class="case-body">
        <div class="case-main">
          <PacketCard o={o} row={row} />
          {o.status === "loading" ? <div class="thread-wrap" aria-busy="true"><p class="case-loading">{t("loading")}</p></div> : <Thread o={o} row={row} />}
          <Composer key={o.id} o={o} row={row} />
        </div>
        <Side o={o} row={row} />
      </div>
    </section>
  );
}

function Nothing() {
  const works = desk.use((s) => s.me.works);
  return (
    <section class="case case-none">
      <div class="empty">
        <p class="empty-title">{t("case.none")}</p>
        <p>{t("case.none.more")}</p>
        <dl class="hints">
          <div><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>{t("key.move")}</dd></div>
          {works && <div><dt><kbd>g</kbd></dt><dd>{t("key.next")}</dd></div>}
          {works && <div><dt><kbd>c</kbd></dt><dd>{t("key.claim")}</dd></div>}
          <div><dt><kbd>?</kbd></dt><dd>{t("key.help")}</dd></div>
        </dl>
      </div>
    </section>
  );
}

function Failed({ why }: { why: string }) {
  return (
    <section class="case case-none">
      <div class="empty" role="alert">
        <p class="empty-title">{t("case.failed")}</p>
        <p>{why}</p>
        <p class="row-of">
          <button type="button" class="button" onClick={() => arrive()}>{t("again")}</button>
          <button type="button" class="button" onClick={() => go({ open: "" })}>{t("case.back")}</button>
        </p>
      </div>
    </section>
  );
}

function Head({ o, row }: { o: OpenCase; row: Row }) {
  const me = desk.use((s) => s.me);
  const queues = desk.use((s) => s.queues);
  useClock();
  const mine = row.state === "claimed" && row.agent === me.agent;
  const open = row.state !== "closed";
  const holds = mine || (me.leads && row.state === "claimed");
  const others = o.looking.filter((l) => l.agent !== me.agent);
  const ask = (name: "transfer" | "escalate" | "snooze" | "close" | "merge" | "release" | "takeover") => () => desk.set({ dialog: { name, row } });
  return (
    <header class="case-head">
      <button type="button" class="button button-icon only-phone" onClick={() => go({ open: "" })} aria-label={t("case.back")}>
        <Icon name="back" />
      </button>
      <div class="case-title">
        <h1>
          <span dir="auto">{nameOf({ name: row.name })}</span> <span class="case-ref">{row.reference}</span>
        </h1>
        <p class="case-sub">
          <span>{queues.find((q) => q.queue === row.queue)?.name ?? row.queue}</span>
          <span>{row.state === "claimed" ? (mine ? t("case.yours") : t("case.has", { name: row.agent_name ?? "" })) : word("state.", row.state)}</span>
          {row.snoozed_until !== undefined ? <span><Icon name="moon" size={13} /> {t("wait.until", { at: moment(row.snoozed_until) })}</span> : <Wait row={row} />}
          {others.length > 0 && <span class="looking"><Icon name="eye" size={14} /> {t("case.looking", { names: others.map((l) => l.name).join(", "), n: others.length })}</span>}
        </p>
      </div>
      {me.works && (
        <div class="case-acts" role="toolbar" aria-label={t("case.acts")}>
          {open && !mine && (row.state === "waiting" || me.leads) && <button type="button" class="button button-main button-small" onClick={() => void claim(row)}>{row.state === "claimed" ? t("take_over") : t("claim")} <kbd>c</kbd></button>}
          {!open && <button type="button" class="button button-small" onClick={() => void reopen(row)}>{t("reopen")}</button>}
          {open && <button type="button" class="button button-small" onClick={ask("transfer")} title={t("transfer") + " (t)"}><Icon name="hand" size={16} /><span class="wide-only">{t("transfer")}</span><span class="unseen narrow-name">{t("transfer")}</span></button>}
          {holds && <button type="button" class="button button-small" onClick={row.snoozed_until !== undefined ? () => void snooze(row, null) : ask("snooze")} title={t("snooze") + " (z)"}><Icon name="moon" size={16} /><span class="wide-only">{row.snoozed_until !== undefined ? t("wake") : t("snooze")}</span><span class="unseen narrow-name">{t("snooze")}</span></button>}
          {open && holds && <button type="button" class={"button button-small" + (mine ? " button-main" : "")} onClick={ask("close")} title={t("close.case") + " (x)"}><Icon name="done" size={16} /><span class="wide-only">{t("close.case")}</span><span class="unseen narrow-name">{t("close.case")}</span></button>}
          {open && <More row={row} holds={holds} ask={ask} />}
        </div>
      )}
    </header>
  );
}

function More({ row, holds, ask }: { row: Row; holds: boolean; ask: (name: "escalate" | "merge" | "release") => () => void }) {
  // A disclosure that closes when something else is pressed.
  useEffect(() => {
    const away = (e: Event) => {
      for (const d of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) if (!d.contains(e.target as Node)) d.open = false;
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, []);
  const shut = (e: Event) => {
    const d = (e.currentTarget as HTMLElement).closest("details");
    if (d !== null) d.open = false;
  };
  const item = (label: string, key: string, f: () => void) => (
    <button type="button" class="menu-item" onClick={(e) => { shut(e); f(); }}>{label}{key !== "" && <kbd>{key}</kbd>}</button>
  );
  return (
    <details
      class="menu"
      onKeyDown={(e) => {
        if (e.key !== "Escape" || !e.currentTarget.open) return;
        e.stopPropagation();
        e.currentTarget.open = false;
        e.currentTarget.querySelector("summary")?.focus();
      }}
    >
      <summary class="button button-small" aria-label={t("more")}><Icon name="more" size={16} /></summary>
      <div class="menu-list">
        {item(t("escalate"), "e", ask("escalate"))}
        {holds && item(t("release"), "", ask("release"))}
        {item(t("merge"), "m", ask("merge"))}
        <p class="menu-title" id="prio">{t("priority")}</p>
        <div role="group" aria-labelledby="prio">
          {(["urgent", "high", "normal", "low"] as const).map((p) => (
            <button key={p} type="button" class="menu-item" aria-pressed={row.priority === p} onClick={(e) => { shut(e); void setPriority(row, p); }}>
              {word("priority.", p)}
              {row.priority === p && <Icon name="check" size={14} />}
            </button>
          ))}
        </div>
      </div>
    </details>
  );
}
