// What the page knows.

import type { Canned, Colleague, Extract, LogEntry, Line, Looker, Me, Opened, Packet, QueueState, Row, SavedView, SentFile } from "./types";
import type { Link } from "./live";
import { Store } from "./store";

export type ViewKind = "mine" | "waiting" | "open" | "late" | "mentions" | "snoozed" | "closed" | "search" | "saved";
export const VIEWS: ViewKind[] = ["mine", "waiting", "open", "late", "mentions", "snoozed", "closed"];

export interface View {
  kind: ViewKind;
  queue: string; // "": of all
  ask: string; // of "search": what is looked for; of "saved": the view's id
}

/** Where one is, as the address after # says. */
export interface Place {
  page: "list" | "wall" | "settings";
  view: View;
  open: string; // a case; "": none
  tab: string; // of the settings
}

export interface Sending {
  id: string; // client_msg_id
  text: string;
  files: SentFile[];
  at: string;
  failed: string; // what went wrong; "": on its way
  again: () => void;
}

export interface OpenCase {
  id: string;
  status: "loading" | "ready" | "failed";
  failed: string;
  packet: Packet | null;
  lines: Line[];
  more: boolean;
  log: LogEntry[];
  looking: Looker[];
  customerTypes: number; // until when; 0: not
  customerRead: number; // the last line that the customer has had in front of them; 0: not known
  agentRead: number; // likewise, whoever has the case
  sending: Sending[];
}

export interface Toast {
  id: number;
  text: string;
  kind: "said" | "trouble";
  undo?: () => void;
  href?: string; // where it leads
  word?: string; // of that link
}

export type Dialog =
  | { name: "transfer" | "escalate" | "snooze" | "close" | "merge" | "release" | "takeover"; row: Row }
  | { name: "keys" }
  | null;

export interface State {
  phase: "loading" | "out" | "in" | "down";
  why: string; // words for "down"
  link: Link;
  me: Me;
  shop: string;
  queues: QueueState[];
  agents: Colleague[];
  canned: Canned[];
  status: string;
  place: Place;
  rows: Map<string, Row>; // all that are known; never shown by itself
  order: string[]; // the list
  list: "loading" | "ready" | "failed";
  listFailed: string;
  listBad: boolean; // the search itself is not understood
  next: string; // to go on from; "": all are there
  fresh: string[]; // rows that wait behind the bar
  left: Set<string>; // rows of the list that do not belong to it any more
  selected: string;
  search: string;
  extracts: Map<string, Extract[]>; // of a search: where the words stand, by case
  views: SavedView[];
  open: OpenCase | null;
  dialog: Dialog;
  toasts: Toast[];
  pending: Set<string>; // cases whose closing waits for an undo
  side: "packet" | "customer";
  rail: boolean; // open on narrow screens
  language: string;
}

const nobody: Me = { agent: "", name: "", role: "read_only", queues: [], leads: false, works: false };

export const desk = new Store<State>({
  phase: "loading",
  why: "",
  link: "connecting",
  me: nobody,
  shop: "",
  queues: [],
  agents: [],
  canned: [],
  status: "online",
  place: { page: "list", view: { kind: "waiting", queue: "", ask: "" }, open: "", tab: "" },
  rows: new Map(),
  order: [],
  list: "loading",
  listFailed: "",
  listBad: false,
  next: "",
  fresh: [],
  left: new Set(),
  selected: "",
  search: "",
  extracts: new Map(),
  views: [],
  open: null,
  dialog: null,
  toasts: [],
  pending: new Set(),
  side: "packet",
  rail: false,
  language: "",
});

export function openState(id: string, o?: Opened): OpenCase {
  return {
    id,
    status: o === undefined ? "loading" : "ready",
    failed: "",
    packet: o?.packet ?? null,
    lines: o?.messages.lines ?? [],
    more: o?.messages.more ?? false,
    log: o?.log ?? [],
    looking: o?.looking ?? [],
    customerTypes: 0,
    customerRead: 0,
    agentRead: 0,
    sending: [],
  };
}

/** Views whose cases only the server can tell. */
export const served = (v: View): boolean => v.kind === "mentions" || v.kind === "search" || v.kind === "saved";

/** What a search or a saved view looks for; a saved one that is gone: nothing. */
export const askedFor = (v: View): string => (v.kind === "search" ? v.ask : v.kind === "saved" ? (desk.state.views.find((x) => x.id === v.ask)?.query ?? "") : "");

/** Whether a row belongs to a view, as the server's list decides it. */
export function belongs(r: Row, v: View, me: Me, at: number): boolean {
  if (v.queue !== "" && r.queue !== v.queue) return false;
  switch (v.kind) {
    case "mine":
      return r.state === "claimed" && r.agent === me.agent && r.snoozed_until === undefined;
    case "snoozed":
      return r.state === "claimed" && r.agent === me.agent && r.snoozed_until !== undefined;
    case "waiting":
      return r.state === "waiting";
    case "open":
      return r.state !== "closed";
    case "late":
      return r.state !== "closed" && r.due_first !== undefined && Date.parse(r.due_first) < at;
    case "closed":
      return r.state === "closed";
    case "mentions":
    case "search":
    case "saved":
      return false; // only the server knows; it is read again
  }
}

/** Whether the row needs a word of the one who has it. */
export const needsReply = (r: Row, me: Me): boolean => r.state === "claimed" && r.agent === me.agent && r.waits_since !== undefined && r.snoozed_until === undefined;
