// Speaking first, with restraint: by the site's rules, off unless it turned them
// on, never over a conversation, never again after a "no", at most so often. All
// that the rules ask about a visitor stays in this browser.

import { first, type Rule, type Rules } from "./fires";

/** What the loader lends. */
export interface Around {
  root: ShadowRoot;
  lang: string;
  open: boolean; // people are there
  base: string;
  site: string;
  rules: Rules;
  facts: () => Record<string, unknown>;
  kept: (name: string) => unknown;
  keep: (name: string, on: boolean) => void;
  fresh: () => boolean; // no conversation, no window
  take: (topic: string | undefined) => void;
  until: (end: () => void) => void; // how to stop
  tell: (name: string, detail: Record<string, unknown>) => void;
  no: string; // what the button says that declines
}

(window as any).Frontdesk.rules = begin;

// begin looks every second whether a rule fires.
function begin(a: Around): void {
  let at = performance.now();
  let page = location.pathname;
  const visits = counted(a.site, "visits", begins(a.site));
  let bubble: HTMLElement | null = null;
  const look = () => {
    if (page !== location.pathname) {
      page = location.pathname; // time is of the page, also where pages change without loading
      at = performance.now();
    }
    const day = "day-" + new Date().toISOString().slice(0, 10);
    const f = a.facts();
    const rule = first(a.rules, {
      page: location.href, seconds: (performance.now() - at) / 1000, cart: Number(f.cart || 0), search_failed: f.search_failed === true, error: f.error === true,
      visits, language: a.lang, people: a.open, conversation: !a.fresh(), declined: !!a.kept("no"), today: counted(a.site, day, false), ever: counted(a.site, "ever", false),
    });
    if (rule === null) return;
    counted(a.site, day, true);
    counted(a.site, "ever", true);
    clearInterval(clock);
    bubble = speak(rule, a);
  };
  const clock = setInterval(look, 1000);
  a.until(() => {
    clearInterval(clock);
    if (bubble) bubble.remove();
  });
}

const css = `.say{box-sizing:border-box;position:fixed;right:var(--x);bottom:calc(var(--y) + 68px);z-index:2147483000;display:flex;gap:4px;align-items:start;max-width:min(320px,calc(100vw - 2*var(--x)));padding:8px;border:1px solid var(--l);border-radius:14px;background:var(--s);box-shadow:0 6px 20px rgb(0 0 0/.24)}
div.left .say{right:auto;left:var(--x)}
.say button{min-height:40px;padding:6px 12px;border:0;border-radius:8px;background:none;color:inherit;font:inherit;text-align:start;cursor:pointer}.say .no{min-width:40px;text-align:center}`;

function speak(rule: Rule, a: Around): HTMLElement {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    a.root.adoptedStyleSheets = [a.root.adoptedStyleSheets[0], sheet];
  } catch {
    // Then it stands there without a dress, and says the same.
  }
  const bubble = document.createElement("div");
  bubble.className = "say";
  bubble.setAttribute("role", "status");
  const yes = document.createElement("button");
  yes.textContent = rule.say;
  const no = document.createElement("button");
  no.className = "no";
  no.textContent = "×";
  no.setAttribute("aria-label", a.no);
  const note = (what: string) => {
    a.tell("proactive", { rule: rule.id, what });
    fetch(a.base + "/v1/widget/" + encodeURIComponent(a.site) + "/rules", {
      method: "POST", body: JSON.stringify({ rule: rule.id, event: what }), headers: { "Content-Type": "application/json" }, credentials: "omit", keepalive: true,
    }).catch(() => {}); // a count that is lost is lost
  };
  yes.onclick = () => {
    bubble.remove();
    note("taken");
    a.take(rule.ask);
  };
  no.onclick = () => {
    bubble.remove();
    a.keep("no", true);
    note("declined");
  };
  bubble.append(yes, no);
  a.root.firstElementChild!.append(bubble);
  note("shown");
  return bubble;
}

// begins says whether this page is the first of a visit: of this tab, that is.
function begins(site: string): boolean {
  try {
    const key = "frontdesk:" + site + ":visit";
    const first = !sessionStorage.getItem(key);
    sessionStorage.setItem(key, "1");
    return first;
  } catch {
    return true;
  }
}

function counted(site: string, name: string, more: boolean): number {
  try {
    const key = "frontdesk:" + site + ":" + name;
    const n = Number(localStorage.getItem(key) || 0) + (more ? 1 : 0);
    if (more) localStorage.setItem(key, String(n));
    return n;
  } catch {
    return more ? 1 : 1e9; // nothing can be remembered: say nothing rather than every time
  }
}
