// What the agent reads before they answer: the whole story in ten seconds.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { get } from "./api";
import { languageName, t, word } from "./i18n";
import { Icon } from "./icons";
import { nameOf, Out, Prose, safeHref } from "./parts";
import { useSuggestion } from "./beside";
import { composer } from "./composer";
import { desk, type OpenCase } from "./state";
import { sizeWords } from "./files";
import { jumpTo } from "./thread";
import { date, full, moment } from "./time";
import type { Guess, Ref, Row, Visitor } from "./types";

export function Side({ o, row }: { o: OpenCase; row: Row }) {
  const tab = desk.use((s) => s.side);
  return (
    <aside class="side" aria-label={t("side")}>
      <div class="side-tabs" role="tablist" aria-label={t("side")}>
        {(["packet", "customer"] as const).map((s) => (
          <button
            key={s}
            type="button"
            role="tab"
            id={"tab-" + s}
            aria-selected={tab === s}
            aria-controls="side-panel"
            tabIndex={tab === s ? 0 : -1}
            class="side-tab"
            onClick={() => desk.set({ side: s })}
            onKeyDown={(e) => {
              if (e.key !== "ArrowRight" && e.key !== "ArrowLeft") return;
              desk.set({ side: s === "packet" ? "customer" : "packet" });
              document.getElementById("tab-" + (s === "packet" ? "customer" : "packet"))?.focus();
            }}
          >
            {t(s === "packet" ? "side.packet" : "side.customer")}
          </button>
        ))}
      </div>
      <div class="side-panel" id="side-panel" role="tabpanel" aria-labelledby={"tab-" + tab} tabIndex={0}>
        {tab === "packet" ? <PacketView o={o} row={row} /> : <Customer key={row.id} row={row} />}
      </div>
    </aside>
  );
}

/** The packet on a narrow screen: two lines, the rest folded. */
export function PacketCard({ o, row }: { o: OpenCase; row: Row }) {
  const p = o.packet;
  const facts = (p?.facts ?? []).filter((f) => !f.superseded).slice(0, 3);
  return (
    <details class="packet-card">
      <summary>
        <span class="packet-card-problem" dir="auto">{p?.problem?.text ?? row.problem ?? ""}</span>
        <span class="packet-card-facts">
          {facts.map((f) => (
            <span key={f.label + f.value}><span class="quiet">{word("fact.", f.label)}</span> {f.value}</span>
          ))}
          <span class="packet-card-more">{t("packet.more")}</span>
        </span>
      </summary>
      <div class="packet-card-in"><PacketView o={o} row={row} /></div>
    </details>
  );
}

/** A line with a way to the message that it comes from. */
function Source({ from, children }: { from: Ref[]; children: ComponentChildren }) {
  const ref = from.find((r) => r.kind === "message" || r.kind === "event");
  if (ref === undefined) return <>{children}</>;
  return (
    <button type="button" class="source" title={t("packet.jump")} onClick={() => jumpTo(ref.seq, ref.id)}>
      {children}
      <span class="unseen"> ({t("packet.jump")})</span>
    </button>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function PacketView({ o, row }: { o: OpenCase; row: Row }) {
  const p = o.packet;
  const reply = useSuggestion(o);
  if (p === null) {
    return (
      <div class="packet">
        <p class="problem" dir="auto">{row.problem || row.note || t("packet.none")}</p>
        {row.contact && <Part title={t("packet.contact")}><p dir="auto">{row.contact}</p></Part>}
      </div>
    );
  }
  const facts = p.facts ?? [];
  return (
    <div class="packet">
      <section class="part part-problem">
        <h2 class="unseen">{t("packet.problem")}</h2>
        <p class="problem" dir="auto">
          {p.problem === undefined ? row.note || t("packet.none") : <Source from={p.problem.from}>{p.problem.text}{p.problem.cut ? " …" : ""}</Source>}
        </p>
        <p class="part-tags">
          <span class="tag">{word("reason.", row.reason)}</span>
          {p.product !== undefined && <span class="tag">{p.product.value}</span>}
          {p.mood !== undefined && p.mood.word === "bad" && <span class="tag tag-mood">{t("row.upset")}{p.mood.trend === "falling" ? " · " + t("packet.falling") : ""}</span>}
          {p.language !== undefined && <span class="tag">{languageName(p.language.value)}</span>}
        </p>
      </section>
      {facts.length > 0 && (
        <Part title={t("packet.facts")}>
          <dl class="facts">
            {facts.map((f, i) => (
              <div key={i} class={f.superseded ? "fact fact-old" : "fact"}>
                <dt>{word("fact.", f.label)}</dt>
                <dd dir="auto">
                  <Source from={f.from}>{f.superseded ? <del>{f.value}</del> : f.value}</Source>
                  {f.superseded && <span class="quiet"> {t("packet.superseded")}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
      {p.next !== undefined && (
        <Part title={t("packet.next")}>
          <p>{p.next.words ?? word("step.", p.next.do)}{p.next.about ? ": " + p.next.about : ""}</p>
        </Part>
      )}
      {reply !== null && (
        <Part title={t("suggest")}>
          <div class="packet-reply" tabIndex={0} role="group" aria-label={t("suggest.text")}><Prose text={reply.text} /></div>
          <p class="packet-reply-foot">
            <span class="quiet">{t("from")} {reply.title || reply.article}{reply.shown ? " · " + t("suggest.shown") : reply !== p.reply ? " · " + t("suggest.found") : ""}</span>
            {row.state !== "closed" && (
              <button type="button" class="button button-small" onClick={() => composer.now?.suggest()}>
                {t("suggest.take")} <kbd>s</kbd>
              </button>
            )}
          </p>
        </Part>
      )}
      {(p.tried ?? []).length > 0 && (
        <Part title={t("packet.tried")}>
          <ul class="lines">
            {p.tried!.map((x, i) => <li key={i} dir="auto"><Source from={x.from}>{x.text}</Source></li>)}
          </ul>
        </Part>
      )}
      {(p.answers ?? []).length > 0 && (
        <Part title={t("packet.answers")}>
          <ul class="lines">
            {p.answers!.map((a, i) => (
              <li key={i}>
                <Source from={a.from}>{a.title || a.article}</Source>{" "}
                <span class={"received received-" + a.received}>
                  {a.received === "helped" && <Icon name="check" size={13} />}
                  {a.received === "did_not_help" && <Icon name="close" size={13} />}
                  {word("received.", a.received)}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {(p.promised ?? []).length > 0 && (
        <Part title={t("packet.promised")}>
          <ul class="lines">
            <li dir="auto"><Source from={p.promised!.at(-1)!.from}><span class="clamp">{p.promised!.at(-1)!.text}</span></Source></li>
          </ul>
          {p.promised!.length > 1 && (
            <details class="more">
              <summary>{t("packet.promised_before", { n: p.promised!.length - 1 })}</summary>
              <ul class="lines">
                {p.promised!.slice(0, -1).map((x, i) => <li key={i} dir="auto"><Source from={x.from}>{x.text}</Source></li>)}
              </ul>
            </details>
          )}
        </Part>
      )}
      {(p.files ?? []).length > 0 && (
        <Part title={t("files.label")}>
          <ul class="lines">{p.files!.map((f) => <li key={f.file} dir="auto"><Source from={f.from}>{f.name}</Source> <span class="quiet">{sizeWords(f.size)}</span></li>)}</ul>
        </Part>
      )}
      {p.contact !== undefined && <Part title={t("packet.contact")}><p dir="auto"><Source from={p.contact.from}>{p.contact.value}</Source></p></Part>}
      <details class="more">
        <summary>{t("packet.everything")}</summary>
        <dl class="facts">
          <GuessLine name={t("packet.desk")} g={p.desk} words="desk." />
          <GuessLine name={t("packet.topic")} g={p.topic} words="" />
          <GuessLine name={t("packet.product")} g={p.product} words="" />
          {p.identity !== undefined && (
            <div class="fact">
              <dt>{t("packet.identity")}</dt>
              <dd>{[p.identity.name, p.identity.email].filter(Boolean).join(", ") || nameOf(row)} <span class="quiet">{word("verified.", p.identity.verified)}</span></dd>
            </div>
          )}
          {p.mood !== undefined && <div class="fact"><dt>{t("packet.mood")}</dt><dd>{word("mood.", p.mood.word)}, {word("trend.", p.mood.trend)}</dd></div>}
          {p.urgency !== undefined && <div class="fact"><dt>{t("packet.urgency")}</dt><dd>{Math.round(p.urgency.value * 100)} %</dd></div>}
          {p.time !== undefined && <div class="fact"><dt>{t("packet.time")}</dt><dd>{moment(p.time.began)} · {word("part.", p.time.part)}</dd></div>}
          {p.page !== undefined && (
            <div class="fact">
              <dt>{t("packet.page")}</dt>
              <dd>{p.page.url && safeHref(p.page.url) !== "" ? <Out href={p.page.url}>{p.page.title || p.page.url}</Out> : (p.page.title ?? p.page.url)}</dd>
            </div>
          )}
          {(p.consent ?? []).map((c) => <div key={c.to} class="fact"><dt>{t("packet.consent")}</dt><dd>{c.to}: {c.given ? t("yes") : t("no")}</dd></div>)}
          {(p.earlier ?? []).map((e) => (
            <div key={e.reference} class="fact"><dt>{t("packet.earlier")}</dt><dd>{e.reference} · {[e.topic, e.ended ? word("ended.", e.ended) : word("state.", e.state), date(e.at)].filter(Boolean).join(" · ")}</dd></div>
          ))}
        </dl>
      </details>
    </div>
  );
}

function GuessLine({ name, g, words }: { name: string; g?: Guess; words: string }) {
  if (g === undefined) return null;
  const say = (v: string) => (words === "" ? v : word(words, v));
  const others = (g.others ?? []).slice(0, 2).map((x) => `${say(x.value)} ${Math.round(x.p * 100)} %`);
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        {say(g.value)}
        {g.p !== undefined && <span class="quiet"> {Math.round(g.p * 100)} %</span>}
        {others.length > 0 && <span class="quiet"> ({others.join(", ")})</span>}
      </dd>
    </div>
  );
}

function Customer({ row }: { row: Row }) {
  const [v, setV] = useState<Visitor | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    get<Visitor>(`/cases/${row.id}/visitor`, abort.signal).then(setV).catch((err: Error) => !abort.signal.aborted && setFailed(err.message));
    return () => abort.abort();
  }, [row.id, row.visitor]); // another one from the moment the customer signs in
  if (failed !== "") return <p class="quiet" role="alert">{failed}</p>;
  if (v === null) return <p class="quiet">{t("loading")}</p>;
  const attributes = Object.entries(v.attributes ?? {}).slice(0, 20);
  return (
    <div class="packet">
      <section class="part part-problem">
        <p class="customer-name" dir="auto">{nameOf(v)}</p>
        {v.email && <p dir="auto">{v.email}</p>}
        <p class={v.verified_at ? "verified" : "quiet"}>
          {v.verified_at ? <><Icon name="seal" size={16} /> {t("visitor.verified")}</> : t("visitor.unverified")}
        </p>
      </section>
      <Part title={t("visitor.how")}>
        <ul class="lines">
          {v.verified_at && <li>{t("visitor.how_signed", { at: moment(v.verified_at) })}</li>}
          {(v.confirmed ?? []).map((address) => <li key={address} dir="auto">{t("visitor.how_confirmed", { address })}</li>)}
          {!v.verified_at && (v.confirmed ?? []).length === 0 && <li>{row.contact || v.name ? t("visitor.how_said") : t("visitor.how_none")}</li>}
        </ul>
      </Part>
      <dl class="facts">
        <div class="fact"><dt>{t("visitor.since")}</dt><dd>{date(v.since)}</dd></div>
        {row.contact && <div class="fact"><dt>{t("packet.contact")}</dt><dd dir="auto">{row.contact}</dd></div>}
        {v.page?.url && <div class="fact"><dt>{t("packet.page")}</dt><dd>{safeHref(v.page.url) !== "" ? <Out href={v.page.url}>{v.page.title || v.page.url}</Out> : v.page.url}</dd></div>}
        {attributes.map(([k, x]) => <div key={k} class="fact"><dt dir="auto">{k}</dt><dd dir="auto">{typeof x === "object" ? JSON.stringify(x) : String(x)}</dd></div>)}
      </dl>
      {v.ratings.length > 0 && (
        <Part title={t("visitor.ratings")}>
          <ul class="lines">
            {v.ratings.map((r) => (
              <li key={r.reference}>
                <span class="quiet"><time dateTime={r.at} title={full(r.at)}>{date(r.at)}</time> · {[r.reference, r.agent_name].filter(Boolean).join(" · ")}</span>{" "}
                {[r.satisfaction ? t("visitor.happy", { n: r.satisfaction }) : "", r.ease ? t("visitor.easy", { n: r.ease }) : ""].filter(Boolean).join(", ")}
                {r.comment && <span dir="auto"> “{r.comment}”</span>}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t("visitor.earlier")}>
        {v.earlier.length === 0 ? <p class="quiet">{t("visitor.first")}</p> : (
          <ol class="timeline">
            {v.earlier.map((e) => (
              <li key={e.conversation}>
                <p class="timeline-when"><time dateTime={e.at} title={full(e.at)}>{date(e.at)}</time> · {t("visitor.messages", { n: e.messages })}{e.helpful === undefined || e.helpful === null ? "" : " · " + (e.helpful ? t("received.helped") : t("received.did_not_help"))}</p>
                {e.first && <p class="timeline-first" dir="auto">{e.first}</p>}
                {e.page?.url && <p class="quiet" dir="auto">{safeHref(e.page.url) !== "" ? <Out href={e.page.url}>{e.page.title || e.page.url}</Out> : e.page.title || e.page.url}</p>}
                {(e.cases ?? []).map((c) => (
                  <p key={c.reference}>
                    {c.id ? <a href={"#/case/" + c.id}>{c.reference}</a> : c.reference} <span class="quiet">{[desk.state.queues.find((q) => q.queue === c.queue)?.name ?? c.queue, c.topic, c.ended ? word("ended.", c.ended) : word("state.", c.state)].filter(Boolean).join(" · ")}</span>
                  </p>
                ))}
              </li>
            ))}
          </ol>
        )}
      </Part>
    </div>
  );
}
