// For leads, and for a screen on the wall: readable from three metres.

import { countAgain } from "./desk";
import { t, word } from "./i18n";
import { Icon } from "./icons";
import { Face, useClock } from "./parts";
import { useEffect } from "preact/hooks";
import { desk } from "./state";
import { span } from "./time";

export function Wall() {
  const queues = desk.use((s) => s.queues);
  const agents = desk.use((s) => s.agents);
  const at = useClock();
  useEffect(() => {
    countAgain();
    const timer = setInterval(countAgain, 10_000);
    return () => clearInterval(timer);
  }, []);
  const here = agents.filter((a) => a.status !== undefined);
  const total = { waiting: 0, late: 0, claimed: 0 };
  for (const q of queues) {
    total.waiting += q.waiting;
    total.late += q.late;
    total.claimed += q.claimed;
  }
  return (
    <main id="main" class="wall page" aria-label={t("wall")}>
      <header class="page-head">
        <button type="button" class="button button-icon only-narrow" onClick={() => desk.set({ rail: true })} aria-label={t("rail.open")}><Icon name="menu" /></button>
        <h1>{t("wall")}</h1>
        <button type="button" class="button button-small" onClick={() => void document.documentElement.requestFullscreen?.().catch(() => {})}>{t("wall.full")}</button>
      </header>
      <div class="wall-sums">
        <p class="sum"><b>{total.waiting}</b> {t("wall.waiting")}</p>
        <p class={"sum" + (total.late > 0 ? " sum-late" : "")}><b>{total.late}</b> {t("wall.late")}</p>
        <p class="sum"><b>{total.claimed}</b> {t("wall.claimed")}</p>
        <p class="sum"><b>{here.filter((a) => a.status === "online").length}</b> {t("wall.online")}</p>
      </div>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={t("queues")}>
        <table class="wall-table">
          <thead>
            <tr>
              <th scope="col">{t("wall.queue")}</th>
              <th scope="col" class="num">{t("wall.waiting")}</th>
              <th scope="col" class="num">{t("wall.oldest")}</th>
              <th scope="col" class="num">{t("wall.late")}</th>
              <th scope="col" class="num wall-more">{t("wall.claimed")}</th>
              <th scope="col" class="num wall-more">{t("wall.online")}</th>
              <th scope="col" class="num">{t("wall.free")}</th>
            </tr>
          </thead>
          <tbody>
            {queues.map((q) => (
              <tr key={q.queue} class={q.late > 0 ? "wall-late" : ""}>
                <th scope="row"><a href={`#/waiting/${encodeURIComponent(q.queue)}`}>{q.name}</a>{q.closed && <span class="tag">{t("queue.closed")}</span>}</th>
                <td class="num">{q.waiting}</td>
                <td class="num">{q.waiting > 0 && q.oldest !== undefined ? span(at - Date.parse(q.oldest)) : "–"}</td>
                <td class="num">{q.late > 0 ? <span class="wait wait-late"><Icon name="alert" size={18} />{q.late}</span> : 0}</td>
                <td class="num wall-more">{q.claimed}</td>
                <td class={"num wall-more" + (q.waiting > 0 && q.online === 0 ? " wall-nobody" : "")}>{q.online}</td>
                <td class="num">{q.free}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <section class="wall-people">
        <h2>{t("people")}</h2>
        {here.length === 0 && <p class="quiet">{t("wall.nobody")}</p>}
        <ul>
          {here.map((a) => (
            <li key={a.id}>
              <Face name={a.name} />
              <span class="wall-name">{a.name}<span class="quiet">{word("status.", a.status!)}</span></span>
              <meter min={0} max={Math.max(1, a.capacity)} value={Math.min(a.load, a.capacity)} high={Math.max(1, a.capacity) - 0.5} optimum={0} aria-label={t("wall.load", { load: a.load, capacity: a.capacity })} />
              <span class="num">{a.load}/{a.capacity}</span>
            </li>
          ))}
        </ul>
      </section>
    </main>
  );
}
