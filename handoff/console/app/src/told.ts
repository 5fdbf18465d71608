// What the stream tells. A change may come twice, and nothing depends on that
// it comes once.

import { alertYours } from "./alerts";
import { get } from "./api";
import { saidIt, takenFromMe, writing } from "./beside";
import { signedOut } from "./desk";
import { watchDraft } from "./drafts";
import { t } from "./i18n";
import { askAgain, beyond, inOrder, loadList, settleUnlessPointed } from "./lists";
import { viewsAgain } from "./views";
import { link, type Told } from "./live";
import { change, load, loadLog, packetAgain, said } from "./opened";
import { beat } from "./presence";
import { tell } from "./say";
import { belongs, desk, served } from "./state";
import { now, setClock } from "./time";
import type { Colleague, Looker, QueueState, Row, Start } from "./types";

export function adopt(s: Start): void {
  setClock(s.now);
  desk.set({ me: s.me, shop: s.shop, queues: s.queues, agents: s.agents, canned: s.canned });
}

export function told({ event, data }: Told): void {
  switch (event) {
    case "hello":
    case "beat":
      if (data.now) setClock(data.now);
      if (event === "beat") void beat();
      return;
    case "changes":
      changed(data);
      return;
    case "said":
      said(data);
      if (data.line.body.author === "agent") saidIt();
      return;
    case "typing":
      if (data.by?.author === "customer") change(data.case, () => ({ customerTypes: Date.now() + 5_000 }));
      return;
    case "read":
      change(data.case, (o) => (data.mark.by === "customer" ? { customerRead: Math.max(o.customerRead, data.mark.up) } : { agentRead: Math.max(o.agentRead, data.mark.up) }));
      return;
    case "looking":
      change(data.case, () => ({ looking: data.people }));
      watchDraft(data.case, data.people.some((p: Looker) => p.leads && p.agent !== desk.state.me.agent));
      return;
    case "writing":
      writing(data);
      return;
    case "reset":
      void again();
      return;
    case "over":
      signedOut();
  }
}

/** Loads everything anew: too much was missed, or the rights are others now. */
async function again(): Promise<void> {
  try {
    const s = await get<Start>("/start");
    adopt(s);
    link.live?.restart(s.cursor);
    await loadList(true);
    const o = desk.state.open;
    if (o !== null) await load(o.id);
  } catch {
    // the stream comes back and says so again
  }
}

interface Changes {
  cases?: { row: Row; kinds: string[]; yours?: boolean }[];
  gone?: string[];
  presence?: boolean;
  settings?: boolean;
}

export function changed(c: Changes): void {
  const { place, me } = desk.state;
  const rows = new Map(desk.state.rows);
  const order = new Set(desk.state.order);
  const fresh = new Set(desk.state.fresh);
  const left = new Set(desk.state.left);
  const direct: string[] = [];
  for (const { row, kinds, yours } of c.cases ?? []) {
    rows.set(row.id, row);
    const fits = belongs(row, place.view, me, now());
    if (order.has(row.id)) {
      if (fits) left.delete(row.id);
      else if (!served(place.view)) left.add(row.id);
    } else if (fits) {
      // What I took, and a first row in an empty list, need no waiting.
      if (place.view.kind === "mine" || desk.state.order.length === 0) direct.push(row.id);
      else if (!beyond(row)) fresh.add(row.id);
    } else if (!served(place.view)) {
      fresh.delete(row.id);
    }
    if (yours) alertYours(row, kinds, me);
    else if (kinds.includes("message") && row.agent === me.agent) alertYours(row, ["message"], me);
    if (desk.state.open?.id === row.id) {
      if (kinds.some((k) => k !== "message")) void loadLog(row.id);
      if (kinds.includes("message") || kinds.includes("identified")) packetAgain(row.id);
    }
    if (kinds.includes("mention") && yours) tell(`${t("notice.mention")} · ${row.reference}`, `#/case/${row.id}/note/last`, t("note.here"));
    if (kinds.includes("taken_over") && yours && row.agent !== me.agent) void takenFromMe(row);
  }
  for (const id of c.gone ?? []) {
    rows.delete(id);
    fresh.delete(id);
    if (order.has(id)) left.add(id);
    if (desk.state.open?.id === id) change(id, () => ({ status: "failed", failed: t("case.elsewhere") }));
  }
  desk.set({ rows, fresh: [...fresh], left, order: direct.length > 0 ? inOrder([...direct, ...desk.state.order], rows) : desk.state.order });
  settleUnlessPointed();
  if (c.settings) {
    startAgain();
  } else if (c.presence || (c.cases?.length ?? 0) > 0 || (c.gone?.length ?? 0) > 0) {
    countAgain(c.presence === true || place.page === "wall");
    askAgain();
    viewsAgain();
  }
}

/** How long a page waits before it reads anew what all of the desk reads: a moment
 * where few work; up to some seconds, no two the same, where hundreds would ask at
 * once. Who leads has settings to look at, and does not wait for them. */
const spread = (): number => (600 + Math.min(5_000, 5 * desk.state.agents.length)) * (0.75 + Math.random() / 2);

let startTimer = 0;
function startAgain(): void {
  if (startTimer !== 0) return;
  const { agents, me } = desk.state;
  startTimer = window.setTimeout(async () => {
    startTimer = 0;
    try {
      adopt(await get<Start>("/start"));
    } catch {
      // the next change asks again
    }
  }, me.leads || agents.length < 50 ? 0 : spread());
}

let wallTimer = 0;
let people = false; // who is there has changed as well
let owed = false; // to a page that nobody sees, until it is seen
document.addEventListener("visibilitychange", () => {
  if (!owed || document.visibilityState !== "visible") return;
  owed = false;
  void count();
});

/** Counts of the queues, and who is there where that is to be seen: read again soon,
 * and not too often. A page that nobody sees waits until it is seen. */
export function countAgain(whoToo = true): void {
  people ||= whoToo;
  if (wallTimer !== 0 || owed) return;
  wallTimer = window.setTimeout(() => {
    wallTimer = 0;
    if (document.visibilityState === "visible") void count();
    else owed = true;
  }, spread());
}

async function count(): Promise<void> {
  const who = people;
  people = false;
  try {
    const [q, a] = await Promise.all([get<{ queues: QueueState[] }>("/queues"), who ? get<{ agents: Colleague[] }>("/agents") : null]);
    desk.set({ queues: q.queues, ...(a !== null && { agents: a.agents }) });
  } catch {
    people ||= who; // the next change asks again
  }
}

/** Who has room right now: read when somebody is to be chosen. */
export async function peopleAgain(): Promise<void> {
  try {
    const { agents } = await get<{ agents: Colleague[] }>("/agents");
    desk.set({ agents });
  } catch {
    // as they were known
  }
}
