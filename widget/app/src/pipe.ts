// What the app and the page around its frame say to each other. A message counts
// only when it comes from the very window and origin that it has to come from,
// and has the shape of one of these; anything else on the page may post what it
// likes.

/** From the page. */
export type FromPage =
  | { do: "init"; open: boolean; page: PageFacts; identity: string | null | undefined; narrow: boolean; kept: string }
  | { do: "open"; focus: boolean; narrow: boolean; topic: string }
  | { do: "close" }
  | { do: "ask"; text: string }
  | { do: "identify"; token: string | null }
  | { do: "page"; page: PageFacts }
  | { do: "shutdown" };

/** To the page. */
export type ToPage =
  | { do: "hello" }
  | { do: "ready"; talking: boolean }
  | { do: "close" }
  | { do: "talking"; talking: boolean }
  | { do: "unread"; n: number }
  | { do: "keep"; kept: string }
  | { do: "event"; name: string; detail: Record<string, string | number | boolean> };

export interface PageFacts {
  url: string;
  title: string;
  referrer: string;
}

/** Says something to the page; before the page has said who it is, it goes nowhere. */
export type Say = (m: ToPage) => void;

/**
 * Listens to the page around the frame. The first message that comes from an
 * allowed origin fixes whom this frame talks to for the rest of its life.
 */
export function pipe(origins: string[], heard: (m: FromPage) => void): Say {
  let partner = "";
  addEventListener("message", (e: MessageEvent) => {
    if (e.source !== parent || e.source === window) return;
    if (partner === "" ? !allowed(origins, e.origin) : e.origin !== partner) return;
    const m = shaped(e.data);
    if (m === null) return;
    partner = e.origin;
    heard(m);
  });
  // Who the page is, nobody knows here yet, and this tells nothing but that
  // somebody listens: the page need not wait until everything has loaded.
  if (parent !== window) parent.postMessage({ frontdesk: 1, do: "hello" } satisfies ToPage & { frontdesk: 1 }, "*");
  return (m) => {
    if (partner !== "") parent.postMessage({ frontdesk: 1, ...m }, partner);
  };
}

function allowed(origins: string[], origin: string): boolean {
  return origin === location.origin || origins.some((o) => o.replace(/\/$/, "").toLowerCase() === origin.toLowerCase());
}

function shaped(data: any): FromPage | null {
  if (typeof data !== "object" || data === null || data.frontdesk !== 1) return null;
  switch (data.do) {
    case "init":
      return { do: "init", open: data.open === true, page: pageOf(data.page), identity: data.identity === undefined ? undefined : tokenOf(data.identity), narrow: data.narrow === true, kept: typeof data.kept === "string" && data.kept.length <= 1_000_000 ? data.kept : "" };
    case "open":
      return { do: "open", focus: data.focus !== false, narrow: data.narrow === true, topic: typeof data.topic === "string" ? data.topic : "" };
    case "ask":
      return typeof data.text === "string" ? { do: "ask", text: data.text.slice(0, 8_000) } : null;
    case "identify":
      return { do: "identify", token: tokenOf(data.token) };
    case "page":
      return { do: "page", page: pageOf(data.page) };
    case "close":
    case "shutdown":
      return { do: data.do };
    default:
      return null;
  }
}

const tokenOf = (t: unknown): string | null => (typeof t === "string" && t.length <= 8_192 ? t : null);

export function pageOf(p: any): PageFacts {
  const text = (v: unknown) => (typeof v === "string" ? v.slice(0, 2_000) : "");
  return { url: text(p?.url), title: text(p?.title), referrer: text(p?.referrer) };
}
