// The one line that a shop puts on its pages loads this: it draws the launcher
// and, when somebody is about to use it, the frame that the chat lives in. It
// leaves the page as it is: no global but window.Frontdesk, no style outside its
// own shadow, no work before the page is idle.
//
// The page may be hostile to it without meaning to be: it may reset all styles,
// or replace fetch, JSON or the methods of arrays. So what is needed of these is
// taken at the beginning, and arrays are gone through by number.

import { pageHidden } from "./hidden";
import type { Rules } from "./fires";
import type { Around } from "./rules";
import { css } from "./style";

type Call = ArrayLike<any>;
interface Start {
  lang: string; // what we speak of the languages asked for
  texts: string[]; // the site's or ours: launcher, frame, blocked, blocked_open, close, unread of one and of several, not_now
  look: [light: string, dark: string]; // declarations that style.ts goes by
  rules?: string; // address of what speaks first, where a rule is in use
  settings: Settings;
}
interface Settings {
  site: string;
  accent?: string;
  corner?: string;
  hidden: string[];
  origins: string[];
  hours?: { open: boolean };
  proactive?: Rules;
}
const win = window as any;
const doc = document;
const fetched = fetch;
const seen = win.visualViewport as VisualViewport | undefined;
const timer = setTimeout;
const later = queueMicrotask;
const untimer = clearTimeout;
const media = matchMedia;
const idle = win.requestIdleCallback || timer; // Safari has none

/** Milliseconds that the chat has to say that it is there. */
const LATE_MS = 15_000;
/** Milliseconds from when a page has loaded in the frame until it must have said something. */
const SILENT_MS = 1_000;

const script = doc.currentScript as HTMLScriptElement | null;
const earlier = win.Frontdesk;

// hidden: shut down before it was there (see package/), and on its way all the same.
if (script !== null && !script.hidden && !(earlier && earlier.live)) begin(script);

function begin(me: HTMLScriptElement): void {
  const base = me.src.replace(/\/widget\.js.*/, "");
  const more = "&lang=" + languages(me) + "&" + me.src.slice(base.length + 11); // what the preview page tries on
  const origin = new URL(base).origin;
  const site = me.getAttribute("data-site") || "";
  const narrow = media("(max-width: 599px), (max-height: 420px)");
  const dark = media("(prefers-color-scheme: dark)");
  const queue: Call[] = [];
  const listeners: { name: string; fn: (detail: unknown) => void }[] = [];

  let settings: Settings | null = null;
  let lang = "";
  let say: string[] = [];
  let look: string[] = [];
  let host: HTMLElement | null = null;
  let box: HTMLElement;
  let launcher: HTMLElement;
  let word: HTMLElement;
  let count: HTMLElement;
  let dialog: HTMLDialogElement;
  let frame: HTMLIFrameElement | null = null;
  let ready = false;
  let loads = 0; // of the frame
  let spoke = 0; // so many of these were pages of ours
  let isOpen = false;
  let wantFocus = true;
  let wanted: string | undefined; // topic to begin with
  let late = 0;
  let identity: string | null | undefined;
  let facts: Record<string, unknown> = {};
  let asked: string[] = [];
  let over = false;
  let quiet: (() => void) | null = null;
  let overflow: string | null = null;

  const api: any = (...call: any[]) => {
    if (over) return;
    if (settings === null && call[0] !== "shutdown") queue[queue.length] = call;
    else obey(call);
  };
  api.live = true;
  win.Frontdesk = api;

  const waiting = earlier && earlier.q ? (earlier.q as Call[]) : [];
  for (let i = 0; i < waiting.length; i++) queue[queue.length] = waiting[i];

  const start = () => void load();
  if (doc.readyState === "complete") start();
  else addEventListener("load", start);

  async function load(): Promise<void> {
    let answer: Response;
    try {
      answer = await fetched(base + "/widget/start?site=" + encodeURIComponent(site) + more, { credentials: "omit", priority: "low" });
    } catch {
      return complain("not reached; is it in connect-src?");
    }
    if (!answer.ok) return complain(answer.status === 404 ? 'there is no site "' + site + '"' : "the service answered " + answer.status);
    const given = (await answer.json()) as Start;
    if (!listed(given.settings.origins)) {
      return complain("the site does not list the origin " + location.origin);
    }
    // Drawing waits until the page has nothing to do: somebody may just be pressing
    // something of its own.
    await new Promise((go) => idle(go, { timeout: 1000 }));
    if (over) return;
    settings = given.settings;
    lang = given.lang;
    say = given.texts;
    look = given.look;
    draw();
    if (given.rules) rules(base + given.rules);
    for (let i = 0; i < queue.length; i++) obey(queue[i]);
    queue.length = 0;
  }

  function complain(what: string): void {
    console.warn("Frontdesk: " + what);
  }

  // Drawing -------------------------------------------------------------------

  function draw(): void {
    const s = settings!;
    host = make("div");
    host.id = "frontdesk-widget";
    const root = host.attachShadow({ mode: "open" });
    style(root);
    box = make("div");
    box.lang = lang;
    box.dir = lang === "ar" ? "rtl" : "ltr";
    if (s.corner === "left") box.className = "left";
    launcher = make("button");
    launcher.className = "launcher";
    launcher.ariaHasPopup = "dialog";
    count = make("b");
    count.hidden = true;
    word = make("span", say[0]);
    launcher.append(mark(), word, count);
    name("");
    dialog = make("dialog");
    dialog.ariaLabel = say[1];
    box.append(launcher, dialog);
    root.append(box);
    paint();
    dark.onchange = paint;
    launcher.onclick = () => open(true);
    launcher.onpointerenter = launcher.onpointerdown = launcher.onfocus = prepare;
    dialog.oncancel = (e) => {
      e.preventDefault();
      close();
    };
    addEventListener("message", heard);
    narrow.onchange = fit;
    if (seen) seen.onresize = seen.onscroll = see;
    watchAddress();
    // Beside the body, not in it: some pages replace theirs when they go on.
    doc.documentElement.append(host);
    if (kept("open") && !narrow.matches && !host.hidden) open(false);
    else if (kept("talk")) prepare();
  }

  // rules: what speaks first is fetched only where the site asked for it.
  function rules(src: string): void {
    const s = settings!;
    const around: Around = {
      root: host!.shadowRoot!, lang, open: s.hours !== undefined && s.hours.open, base, site: s.site, rules: s.proactive!, kept, keep: kept, tell, no: say[7],
      facts: () => facts,
      fresh: () => !isOpen && !kept("talk") && !host!.hidden,
      take: (topic) => open(true, topic),
      until: (end) => {
        quiet = end;
      },
    };
    const more = doc.createElement("script");
    try {
      more.src = src;
    } catch {
      return; // a page with trusted types and no policy for this: then nothing speaks first
    }
    more.onload = () => {
      if (!over && win.Frontdesk.rules) win.Frontdesk.rules(around);
    };
    doc.head.append(more);
  }

  function style(root: ShadowRoot): void {
    try {
      const sheet = new CSSStyleSheet(); // is not asked for by the page's policy on styles
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make("style", css));
    }
  }

  function paint(): void {
    box.style.cssText = look[dark.matches ? 1 : 0];
  }

  function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = ""): HTMLElementTagNameMap[K] {
    const e = doc.createElement(tag);
    e.textContent = text;
    return e;
  }

  function mark(): SVGElement {
    const ns = "http://www.w3.org/2000/svg";
    const svg = doc.createElementNS(ns, "svg") as SVGElement;
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.ariaHidden = "true";
    const path = doc.createElementNS(ns, "path");
    path.setAttribute("d", "M4 5.5h16v11h-8.5L7 20v-3.5H4zM8.5 9.5h7M8.5 12.5h4.5");
    svg.append(path);
    return svg;
  }

  // The frame -----------------------------------------------------------------

  function prepare(): void {
    if (frame !== null || over || settings === null) return;
    const made = (frame = make("iframe"));
    frame.title = say[1];
    frame.src = base + "/widget/app?site=" + encodeURIComponent(settings.site) + more + (narrow.matches ? "#narrow" : "");
    loads = spoke = 0;
    // What is ours speaks once while it loads. What a browser shows in its place does
    // not, also where the page that says "for now there is no chat" looks again.
    frame.onload = () => {
      const nth = ++loads;
      timer(() => spoke < nth && frame === made && missing(), SILENT_MS);
    };
    dialog.replaceChildren(frame);
    late = timer(missing, LATE_MS);
  }

  function post(m: Record<string, unknown>): void {
    const to = frame && frame.contentWindow;
    if (to) to.postMessage({ ...m, frontdesk: 1 }, origin);
  }

  // missing: something (an extension, a firewall) keeps the app away. A window
  // of its own is not kept away by what looks for frames.
  function missing(): void {
    if (ready || frame === null) return;
    untimer(late);
    const a = make("a", say[3]);
    a.href = base + "/chat/" + encodeURIComponent(settings!.site) + (asked[0] ? "?ask=" + encodeURIComponent(asked[0]) : "");
    a.target = "_blank";
    const b = make("button", say[4]);
    b.onclick = close;
    const note = make("p", say[2]);
    note.append(a, b);
    frame.replaceWith(note);
    tell("error", { code: "app_missing" });
    frame = null;
  }

  function heard(e: MessageEvent): void {
    if (frame === null || e.source !== frame.contentWindow || e.origin !== origin) return;
    const m = e.data;
    if (typeof m !== "object" || m === null || m.frontdesk !== 1) return;
    if (m.do === "wait") {
      spoke++;
      untimer(late); // it says in words why there is no chat, and comes back by itself
    } else if (m.do === "hello") {
      spoke++;
      post({ do: "init", open: false, page: page(), identity, narrow: narrow.matches, kept: kept("app") });
    } else if (m.do === "ready") {
      ready = true;
      untimer(late);
      kept("talk", m.talking === true);
      show();
      if (identity !== undefined) post({ do: "identify", token: identity }); // it may have come since
      for (let i = 0; i < asked.length; i++) post({ do: "ask", text: asked[i] });
      asked = [];
      tell("ready", {});
    } else if (m.do === "close") {
      close();
    } else if (m.do === "talking") {
      kept("talk", m.talking === true);
    } else if (m.do === "keep") {
      kept("app", m.kept);
    } else if (m.do === "unread" && typeof m.n === "number") {
      unread(m.n);
    } else if (m.do === "event" && (m.name === "message" || m.name === "owner" || m.name === "identity")) {
      tell(m.name, m.detail);
    }
  }

  function unread(n: number): void {
    count.hidden = n === 0;
    count.textContent = String(n);
    name(n ? ", " + (n === 1 ? say[5] : say[6]).replace("{n}", String(n)) : "");
    tell("unread", { count: n });
  }

  // name: on a phone the launcher shows no word.
  function name(more: string): void {
    launcher.ariaLabel = word.textContent + more;
  }

  // Opening and closing -------------------------------------------------------

  function open(focus: boolean, topic?: string): void {
    if (isOpen || host === null || over) return;
    isOpen = true;
    host.hidden = false; // also where it has no launcher: the page asks for it by a button of its own
    wantFocus = focus;
    wanted = topic;
    if (quiet) quiet();
    prepare();
    fit(focus);
    launcher.hidden = true;
    kept("open", true);
    show();
    if (focus && frame) frame.focus();
    tell("open", {});
  }

  function show(): void {
    if (ready && isOpen) post({ do: "open", focus: wantFocus, narrow: narrow.matches, topic: wanted });
  }

  // On a phone the chat is the whole screen, and what lies behind is out of
  // reach: a modal dialog does that without touching the page.
  function fit(focus: unknown = true): void {
    if (!isOpen) return;
    const before = doc.activeElement as HTMLElement | null;
    const scroll = doc.documentElement.style;
    if (dialog.open) dialog.close();
    if (narrow.matches) {
      if (overflow === null) overflow = scroll.overflow;
      scroll.overflow = "hidden";
      dialog.showModal();
    } else {
      unlock();
      dialog.setAttribute("open", "");
      if (focus === false && before && before.focus) before.focus();
    }
    see();
  }

  function unlock(): void {
    if (overflow !== null) doc.documentElement.style.overflow = overflow;
    overflow = null;
  }

  // A phone's keyboard takes its part of the screen: stay above it. Somebody
  // who zooms in sees less of the page, too, and wants it to stay as it is.
  function see(): void {
    if (!seen || seen.scale > 1.01) return;
    dialog.style.setProperty("--height", seen.height + "px");
    dialog.style.setProperty("--top", seen.offsetTop + "px");
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    const inside = host!.shadowRoot!.activeElement;
    dialog.close();
    unlock();
    launcher.hidden = false;
    kept("open", false);
    post({ do: "close" });
    place();
    if (inside !== null) launcher.focus();
    tell("close", {});
  }

  // The page ------------------------------------------------------------------

  function obey(call: Call): void {
    const what = call[0];
    const a = call[1];
    const b = call[2];
    if (what === "open") open(true);
    else if (what === "close") close();
    else if (what === "ask" && typeof a === "string") {
      open(!narrow.matches);
      if (ready) post({ do: "ask", text: a });
      else asked[asked.length] = a;
    } else if (what === "identify") {
      identity = typeof a === "string" ? a : null;
      if (ready) post({ do: "identify", token: identity });
    } else if (what === "page" && a) {
      facts = a;
      if (ready) post({ do: "page", page: page() });
    } else if (what === "on" && typeof b === "function") {
      listeners[listeners.length] = { name: String(a), fn: b };
      if (a === "ready" && ready) b({});
    } else if (what === "shutdown") shutdown();
    else complain("unknown call: " + what);
  }

  function tell(name: string, detail: Record<string, unknown>): void {
    for (let i = 0; i < listeners.length; i++) {
      // Each on its own: a mistake of the page's is the page's.
      if (listeners[i].name === name) later(() => listeners[i].fn(detail));
    }
  }

  // page says where the customer is: the address without its query, which may
  // hold what is nobody's business.
  function page(): Record<string, unknown> {
    return { url: facts.url || location.origin + location.pathname, title: facts.title || doc.title };
  }

  function place(): void {
    if (host) host.hidden = !isOpen && pageHidden(settings!.hidden, location.href);
    if (ready) post({ do: "page", page: page() });
  }

  function watchAddress(): void {
    const nav = win.navigation;
    if (nav && nav.addEventListener) nav.addEventListener("currententrychange", () => timer(place, 0));
    addEventListener("popstate", place);
    place();
  }

  // shutdown leaves nothing behind; the same line of script begins anew.
  function shutdown(): void {
    if (isOpen) close();
    over = true;
    post({ do: "shutdown" });
    if (quiet) quiet();
    untimer(late);
    removeEventListener("message", heard);
    narrow.onchange = dark.onchange = null;
    kept("talk", false);
    if (host) host.remove();
    host = frame = null;
    delete win.Frontdesk;
  }

  // kept gives what is kept on the page's side, and with a second value keeps that:
  // whether the window was open and whether there is a conversation; and, as "app",
  // what the frame would keep itself in a browser that lets no frame of another
  // site keep anything.
  function kept(name: string, on?: boolean | string): unknown {
    try {
      const at = name === "open" ? sessionStorage : localStorage;
      const key = "frontdesk:" + site + ":" + name;
      if (on) at[key] = on;
      else if (on !== undefined) delete at[key];
      return at[key];
    } catch {
      return; // then the next page begins with a closed window
    }
  }

  function listed(origins: string[]): boolean {
    for (let i = 0; i < origins.length; i++) if (origins[i].replace(/\/$/, "").toLowerCase() === location.origin) return true;
    return location.origin === origin;
  }
}

// languages lists those of the page and the browser, best first.
function languages(me: Element): string {
  return encodeURIComponent((me.getAttribute("data-lang") || "") + "," + doc.documentElement.lang + "," + navigator.language);
}
