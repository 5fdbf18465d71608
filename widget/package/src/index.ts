// The npm module: puts the widget's one line on the page and speaks to it. It
// holds no part of the chat; that comes from the service, and is always the
// service's own version.

export interface Options {
  /** Where Frontdesk is served, https://chat.shop.example for instance. */
  server: string;
  /** The site's name; left out: the service's only or default one. */
  site?: string;
  /** Language of the widget; left out: the page's, else the browser's. */
  lang?: string;
}

/** What the widget tells about; detail by event. */
export interface Events {
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  message: { author: "customer" | "bot" | "agent" | "system" };
  owner: { owner: "bot" | "queue" | "agent" | "nobody" };
  unread: { count: number };
  /** An identity was refused, and the customer is a stranger until a fresh one comes. */
  identity: { code: string };
  proactive: { rule: string; what: "shown" | "taken" | "declined" };
  error: { code: string };
}

/** What a page may say of itself; the widget sends address and title by itself. */
export interface PageFacts {
  url?: string;
  title?: string;
  referrer?: string;
  /** For the site's rules alone; stays in the browser. */
  cart?: number;
  search_failed?: boolean;
  error?: boolean;
}

interface Command {
  (what: "open" | "close" | "shutdown"): void;
  (what: "ask", text: string): void;
  (what: "identify", token: string | null): void;
  (what: "page", facts: PageFacts): void;
  <E extends keyof Events>(what: "on", event: E, fn: (detail: Events[E]) => void): void;
  q?: ArrayLike<unknown>[];
  live?: boolean;
}

declare global {
  interface Window {
    Frontdesk?: Command;
  }
}

/** Puts the widget on the page, once however often it is called. */
export function load({ server, site, lang }: Options): void {
  if (typeof document === "undefined" || document.querySelector("script[data-frontdesk]") !== null) return;
  command(); // calls from now on wait in its queue
  const script = document.createElement("script");
  script.async = true;
  script.src = server.replace(/\/+$/, "") + "/widget.js";
  script.dataset.frontdesk = "";
  if (site !== undefined) script.dataset.site = site;
  if (lang !== undefined) script.dataset.lang = lang;
  document.head.append(script);
}

export const open = (): void => command()("open");
export const close = (): void => command()("close");
/** Opens the chat and says this in the customer's name. */
export const ask = (text: string): void => command()("ask", text);
/** The customer is signed in: a token that the shop's server signed; null: signed out. */
export const identify = (token: string | null): void => command()("identify", token);
export const page = (facts: PageFacts): void => command()("page", facts);
export const on = <E extends keyof Events>(event: E, fn: (detail: Events[E]) => void): void => command()("on", event, fn);

/** Takes the widget off the page, also while it is still on its way there. */
export function shutdown(): void {
  const script = document.querySelector<HTMLScriptElement>("script[data-frontdesk]");
  if (window.Frontdesk?.live) window.Frontdesk("shutdown");
  else {
    if (script !== null) script.hidden = true; // a script that is taken off the page runs once it has come; so marked it does nothing
    delete window.Frontdesk; // and what waited for it is over, too
  }
  script?.remove();
}

function command(): Command {
  const waiting: Command =
    window.Frontdesk ??
    (Object.assign((...call: unknown[]) => {
      (waiting.q ??= []).push(call);
    }, {}) as Command);
  window.Frontdesk = waiting;
  return waiting;
}
