// What the desk's API says, as wire.go writes it.

export interface Row {
  id: string;
  reference: string;
  queue: string;
  state: "waiting" | "claimed" | "closed";
  reason: string;
  desk?: string;
  topic?: string;
  product?: string;
  language?: string;
  priority: "low" | "normal" | "high" | "urgent";
  mood: number;
  urgency: number;
  triaged: boolean;
  aside?: boolean;
  problem: string;
  note?: string;
  contact?: string;
  visitor: string;
  name?: string;
  agent?: string;
  agent_name?: string;
  offered_to?: string;
  offered_until?: string;
  opened_at: string;
  claimed_at?: string;
  first_reply_at?: string;
  waits_since?: string;
  customer_at?: string;
  agent_at?: string;
  due_first?: string;
  due_resolve?: string;
  snoozed_until?: string;
  closed_at?: string;
  ended?: string;
  memo?: string;
  topic_final?: string;
  linked_to?: string;
  link?: string;
  version: number;
  alone?: Alone; // of a row that is no case: see alone.ts
}

/** A conversation that the assistant had alone. */
export interface Alone {
  id: string;
  visitor: string;
  name?: string;
  language?: string;
  opened_at: string;
  last_at: string;
  messages: number;
  first?: string;
  helpful?: boolean;
  case?: string; // what it has become
}

/** Who has just signed in, and where. */
export interface SignedIn {
  site: { name: string };
}

export interface QueueState {
  queue: string;
  name: string;
  desk?: string;
  product?: string;
  tier?: number;
  closed?: boolean;
  waiting: number;
  claimed: number;
  late: number;
  oldest?: string;
  online: number;
  free: number;
}

export interface Queue {
  queue: string;
  name: string;
  desk?: string;
  product?: string;
  tier?: number;
  languages?: string[];
  skills?: string[];
  hours?: unknown;
  overflow?: string[];
  first_reply_s: number;
  resolve_s: number;
  reopen_s: number;
  offer_s: number;
  away_s: number;
  weight: number;
  distribution: "claim" | "push";
  notify?: unknown;
  closed?: boolean;
}

export interface Route {
  desk?: string[];
  topic?: string[];
  product?: string[];
  language?: string[];
  group?: string[];
  reason?: string[];
  mood_below?: number;
  urgency_above?: number;
  hours?: string;
  triaged?: boolean;
  queue: string;
  priority: string;
}

export interface DryRun {
  reference: string;
  case: string;
  opened_at: string;
  was: string;
  would: string;
  priority: string;
  route: number;
}

export interface Rules {
  default_queue: string;
  zone: string;
  max_open: number;
  max_day: number;
  max_moves: number;
}

export interface Settings {
  queues: Queue[];
  routes: Route[];
  rules: Rules;
}

export type Presence = "online" | "finishing" | "break";

export interface Colleague {
  id: string;
  name: string;
  role: string;
  email?: string;
  languages: string[];
  skills: string[];
  capacity: number;
  load: number;
  cases: number;
  free: number;
  status?: Presence;
  since?: string;
  disabled?: boolean;
}

export interface Canned {
  id: string;
  short: string;
  title: string;
  text: string;
  language?: string;
  queues?: string[];
  by: string;
  at: string;
}

export interface Citation {
  article: string;
  title: string;
  url: string;
  quote: string;
  generation: number;
  from: number;
  to: number;
}

export interface SentFile {
  id: string;
  name: string;
  type: string;
  size: number;
  width?: number;
  height?: number;
  url: string; // of the customer's side; the desk has addresses of its own
}

export interface Message {
  id: string;
  client_msg_id?: string;
  author: "customer" | "bot" | "agent" | "system";
  name?: string;
  text: string;
  citations?: Citation[];
  choices?: { article: string; title: string; quote: string }[];
  files?: SentFile[];
  lang?: string;
  at: string;
}

export interface Line {
  seq: number;
  kind: "message" | "owner";
  at: string;
  body: Message & { owner?: string };
}

export interface LogEntry {
  case: string;
  n: number;
  kind: string;
  agent?: string;
  actor: string;
  body: {
    from?: string;
    to?: string;
    agent?: string;
    name?: string;
    why?: string;
    text?: string;
    mentions?: string[];
    until?: string;
    priority?: string;
    ended?: string;
    topic?: string;
    memo?: string;
    article?: string;
    product?: string;
    seq?: number;
  };
  at: string;
}

export interface Looker {
  agent: string;
  name: string;
  typing: boolean;
  leads?: boolean;
}

export interface Ref {
  kind: string;
  id?: string;
  seq?: number;
}

export interface Guess {
  value: string;
  p?: number;
  others?: { value: string; p: number }[];
}

export interface Packet {
  version: number;
  seq: number;
  problem?: { text: string; cut?: boolean; from: Ref[] };
  desk?: Guess;
  topic?: Guess;
  product?: Guess;
  reason?: { value: string; from: Ref[] };
  facts?: { label: string; value: string; superseded?: boolean; by?: string; from: Ref[] }[];
  tried?: { text: string; from: Ref[] }[];
  answers?: { article: string; title?: string; url?: string; quote?: string; as: string; pressed?: boolean; received: string; from: Ref[] }[];
  promised?: { text: string; at: string; from: Ref[] }[];
  files?: { file: string; name: string; type: string; size: number; width?: number; height?: number; from: Ref[] }[];
  identity?: { name?: string; email?: string; verified: string };
  contact?: { value: string; from: Ref[] };
  language?: { value: string };
  mood?: { now: number; word: string; trend: string };
  urgency?: { value: number };
  page?: { url?: string; title?: string };
  time?: { began: string; last: string; part: string };
  consent?: { to: string; given: boolean; at?: string }[];
  earlier?: { reference: string; topic?: string; state: string; ended?: string; at: string }[];
  next?: { do: string; about?: string; words?: string };
  reply?: { text: string; article: string; title?: string; url?: string; shown?: boolean };
}

/** A piece of an extract; what was found is a hit. */
export interface Piece {
  text: string;
  hit?: boolean;
}

export interface Extract {
  by: string;
  name?: string;
  seq?: number;
  n?: number;
  at?: string;
  pieces: Piece[];
}

export interface SavedView {
  id: string;
  shared: boolean;
  name: string;
  query: string;
  place: number;
  by: string;
  count: number; // 100: or more
  broken?: string;
}

export interface Opened {
  case: Row;
  packet?: Packet;
  messages: { lines: Line[]; more: boolean };
  log: LogEntry[];
  looking: Looker[];
  draft?: { text: string; note: string; at: string };
}

export interface Passage {
  article: string;
  title: string;
  url: string;
  heading?: string[];
  text: string;
  language?: string;
  internal: boolean;
  generation: number;
  from: number;
  to: number;
}

export interface Visitor {
  id: string;
  name?: string;
  email?: string;
  verified_at?: string;
  confirmed?: string[];
  attributes?: Record<string, unknown>;
  since: string;
  page?: { url?: string; title?: string };
  earlier: {
    conversation: string;
    at: string;
    messages: number;
    first?: string;
    helpful?: boolean;
    page?: { url?: string; title?: string };
    cases?: { id?: string; reference: string; queue: string; state: string; ended?: string; topic?: string; opened_at: string }[];
  }[];
  ratings: { reference: string; queue: string; agent_name?: string; satisfaction?: number; ease?: number; comment?: string; at: string }[];
}

export interface Me {
  agent: string;
  name: string;
  role: string;
  queues: string[] | null;
  leads: boolean;
  works: boolean;
}

export interface Start {
  me: Me;
  shop: string;
  queues: QueueState[];
  agents: Colleague[];
  canned: Canned[];
  cursor: string;
  now: string;
  build: string;
}

export interface Person {
  id: string;
  email: string;
  name: string;
  role: string;
  queues: string[] | null;
  disabled: boolean;
  password: boolean;
  sessions: number;
  seen_at?: string;
  created_at: string;
}

export interface Invitation {
  id: string;
  kind: string;
  email: string;
  name: string;
  role: string;
  queues: string[] | null;
  by: string;
  expires_at: string;
  path?: string;
}

export interface Session {
  id: string;
  current: boolean;
  created_at: string;
  seen_at: string;
  address: string;
  user_agent: string;
  ended_at?: string;
}
