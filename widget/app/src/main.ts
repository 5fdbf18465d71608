// Wires the chat into its page: a frame on a shop's page, or a page of its own.

import { Api, type ApiError, type Session } from "./api";
import { Chat } from "./chat";
import { Talks } from "./earlier";
import { readGiven, type Given } from "./given";
import { Identity } from "./identity";
import { keeper, type Keep } from "./keep";
import type { Entry } from "./log";
import { Outbox } from "./outbox";
import { Panel } from "./panel";
import { pipe, type FromPage, type PageFacts, type Say } from "./pipe";
import { tabs } from "./tabs";
import { speak } from "./words";

const RENEW_MS = 20 * 60_000; // a token lives an hour; renewed while the page is open
/** Milliseconds that the page has to bring a fresh identity for one that was refused, before the customer is answered as a stranger. */
const FRESH_MS = 3_000;
/** Milliseconds after which what an unknown customer wrote counts as somebody else's than of who signs in. */
const OTHERS_MS = 30 * 60_000;

class App {
  #given: Given;
  #keep: Keep;
  #tab: Keep;
  #api: Api;
  #chat: Chat;
  #panel!: Panel;
  #identity: Identity;
  #outbox: Outbox;
  #say: Say = () => {};
  #page: PageFacts = { url: location.pathname, title: document.title, referrer: "" };
  #talking = false;
  #drawing = false;
  #refusals = 0; // of identities in a row: a second one is wrong, and not only late
  #looked = ""; // who was asked for elsewhere already

  constructor(given: Given, keep: Keep, tell?: Say) {
    const prefix = prefixOf(given);
    this.#given = given;
    this.#keep = keep;
    this.#tab = keeper(() => sessionStorage, prefix);
    const session = {
      get: () => readSession(this.#keep.get("session")),
      set: (s: Session | null) => {
        if (s !== null) return this.#keep.set("session", s);
        this.#keep.remove("session");
        this.#identity.forget();
      },
    };
    this.#api = new Api(session);
    this.#identity = new Identity(this.#keep);
    const talks = new Talks(this.#keep);
    this.#outbox = new Outbox(this.#keep, "outbox:" + this.#tabName());
    this.#chat = new Chat({
      api: this.#api,
      keep: this.#keep,
      outbox: this.#outbox,
      tabs: (heard) => tabs(prefix, heard),
      begin: () => this.#begin(),
      begun: (err) => this.#begun(err),
      identity: () => this.#identity.take(),
      unknown: () => this.#refusals < 2 && this.#identity.unknown,
      lately: () => this.#lately(),
      changed: () => this.#changed(),
      heard: (e) => this.#heard(e),
      newID,
      timers: { after: (ms, fn) => setTimeout(fn, ms), cancel: (t) => clearTimeout(t as number), random: Math.random },
    });
    this.#panel = new Panel({
      api: this.#api, chat: this.#chat, given, keep: this.#keep, tab: this.#tab, talks,
      close: () => {
        this.#panel.closed();
        this.#say({ do: "close" });
      },
      unread: (n) => this.#say({ do: "unread", n }),
    });
    document.body.append(this.#panel.node);
    this.#listen(prefix);
    // At once: the page says who it is as soon as somebody listens.
    if (tell !== undefined) this.#say = tell;
    else if (!given.whole) this.#say = pipe(given.settings.origins ?? [], (m) => this.fromPage(m));
  }

  async start(): Promise<void> {
    await this.#adopt();
    this.#chat.start();
    setInterval(() => this.#api.renew().catch(() => {}), RENEW_MS); // what fails here, the next request finds out
    if (!this.#given.whole) return;
    this.#panel.open(true);
    this.#came();
  }

  // #came: a link led here with a question or the wish for a person. Either
  // happens once, also when the page is loaded again.
  #came(): void {
    const { ask, person } = this.#given;
    if (!ask && !person) return;
    history.replaceState(null, "", location.pathname);
    if (person) this.#panel.askPerson();
    if (ask) this.#panel.ask(ask);
  }

  fromPage(m: FromPage): void {
    switch (m.do) {
      case "init":
        this.#page = m.page;
        if (m.identity !== undefined) this.#identify(m.identity);
        document.documentElement.classList.toggle("narrow", m.narrow);
        this.#say({ do: "ready", talking: this.#chat.begun });
        if (m.open) this.#panel.open(false);
        break;
      case "open":
        document.documentElement.classList.toggle("narrow", m.narrow);
        this.#panel.open(m.focus, m.topic);
        void this.#takeUp();
        break;
      case "close":
        this.#panel.closed();
        break;
      case "ask":
        this.#panel.ask(m.text);
        break;
      case "identify":
        this.#identify(m.token);
        break;
      case "page":
        this.#page = m.page;
        break;
      case "shutdown":
        this.#chat.sleep();
        break;
    }
  }

  // #identify: somebody signed in or out at the shop. Another person's
  // conversation is not theirs to see.
  #identify(token: string | null): void {
    const other = this.#identity.now(token);
    if (other) {
      this.#chat.leave();
      this.#api.forget();
      new Talks(this.#keep).forget();
      this.#forget();
    }
    if (this.#panel.isOpen) void this.#takeUp();
    this.#changed();
  }

  // #forget puts away what is here of somebody else: words not sent yet, and those
  // of conversations that ended under their eyes.
  #forget(): void {
    this.#chat.earlier = [];
    this.#outbox.clear();
    for (const k of this.#keep.keys("outbox:")) this.#keep.remove(k); // of tabs that are gone: nobody else is to send them
    this.#panel.forget();
    this.#changed();
  }

  // #takeUp: on another device a person has this customer's conversation, or is
  // awaited there: it goes on here.
  async #takeUp(): Promise<void> {
    const chat = this.#chat;
    if (this.#identity.subject === "" || chat.begun || this.#looked === this.#identity.subject) return;
    this.#looked = this.#identity.subject;
    const talk = (await chat.talks()).find((t) => t.owner === "queue" || t.owner === "agent");
    if (talk && !chat.begun) chat.enter(String(talk.conversation));
  }

  // #others: what an unknown customer wrote a while ago is not for who signs in on
  // the same machine now, unless somebody has it: then nobody is left waiting.
  #others(): boolean {
    return this.#identity.unknown && this.#chat.free && !this.#lately();
  }

  #lately(): boolean {
    return Math.abs(Date.now() - Number(this.#keep.get("said"))) <= OTHERS_MS;
  }

  #begin(): object {
    const { settings, about, lang } = this.#given;
    const identity = this.#identity.take();
    return {
      site: settings.site, language: lang,
      page: { ...this.#page, ...(about ? { article: about.id } : {}) },
      ...(identity === "" ? {} : { identity }),
    };
  }

  // #begun: an identity counts once. Of one that is refused (it ran out while the
  // page was read, or a receipt was lost) the page is told, to bring a fresh one;
  // where none comes it keeps nobody from being answered: the customer is then a
  // stranger.
  async #begun(err: ApiError | null): Promise<boolean> {
    const { sent } = this.#identity;
    const refused = err !== null && sent && (err.status === 401 || err.code.startsWith("identity"));
    if (err === null || refused) this.#identity.done(err === null);
    if (err === null && sent) {
      this.#refusals = 0;
      new Talks(this.#keep).forget(); // those of somebody unknown; the service tells of this customer's own
    }
    if (!refused) return false;
    this.#say({ do: "event", name: "identity", detail: { code: err.code } });
    if (++this.#refusals === 1 && !this.#given.whole) await this.#identity.fresh(FRESH_MS);
    return true;
  }

  #changed(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      if (this.#others()) {
        this.#chat.leave(true);
        new Talks(this.#keep).forget();
      }
      this.#chat.catchUp();
      this.#panel?.show();
      if (this.#chat.begun === this.#talking) return;
      this.#talking = this.#chat.begun;
      this.#say({ do: "talking", talking: this.#talking });
    });
  }

  // #heard tells the page around the frame what happened, without a word of it.
  #heard(e: Entry): void {
    const what = { message: "author", owner: "owner" }[e.event];
    if (what !== undefined) this.#say({ do: "event", name: e.event, detail: { [what]: String(e.body[what]) } });
  }

  // A tab's outbox has the tab's name. The copy that a browser makes of a tab
  // has the same one, and takes another.
  #tabName(): string {
    const stored = this.#tab.get("name");
    const name = typeof stored === "string" ? stored : newID();
    this.#tab.set("name", name);
    return name;
  }

  // #adopt takes over what tabs that are gone had not sent.
  async #adopt(): Promise<void> {
    const own = this.#outbox.key;
    const all = tabs(prefixOf(this.#given), () => {});
    if (!(await all.hold(own))) {
      this.#outbox.move("outbox:" + newID());
      await all.hold(this.#outbox.key);
    }
    const others = this.#keep.keys("outbox:").filter((k) => k !== own && k !== this.#outbox.key);
    for (const key of await all.orphans(others)) this.#outbox.adopt(key);
  }

  #listen(prefix: string): void {
    addEventListener("online", () => this.#chat.wake());
    addEventListener("pagehide", () => this.#chat.sleep());
    addEventListener("pageshow", (e) => e.persisted && this.#chat.resume());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      this.#chat.wake();
      this.#changed();
    });
    addEventListener("storage", (e) => {
      if (e.key === prefix + "session") this.#chat.sync();
      if (e.key === prefix + "subject" && e.oldValue) this.#forget(); // signed out, or as somebody else, in another tab
      if (e.key === prefix + "seen") this.#changed();
    });
  }
}

const prefixOf = (given: Given): string => "frontdesk:" + given.settings.site + ":";

// borrow: a browser that lets no frame of another site keep anything (private
// windows, third-party cookies blocked) leaves the page's own storage. The page is
// asked for what it keeps before anything begins.
function borrow(given: Given, keep: Keep): void {
  let app: App | null = null;
  const tell = pipe(given.settings.origins ?? [], (m) => {
    if (app === null) {
      if (m.do !== "init") return;
      keep.lend(m.kept, (kept) => tell({ do: "keep", kept }));
      app = new App(given, keep, tell);
      void app.start();
    }
    app.fromPage(m);
  });
}

function readSession(s: any): Session | null {
  return typeof s?.conversation === "string" && typeof s?.token === "string" ? s : null;
}

// newID is made in pages that are neither https nor on this machine, too.
function newID(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

// dress puts the site's theme, colours, sizes and shapes on.
function dress({ settings, style }: Given): void {
  const root = document.documentElement;
  // The page says that it is narrow where no request goes: everything has its size
  // from the first paint on.
  root.classList.toggle("narrow", location.hash === "#narrow");
  if (settings.theme === "light" || settings.theme === "dark") root.dataset.theme = settings.theme;
  root.style.cssText = style;
  root.classList.add("dressed");
}

const given = readGiven();
speak(given.lang, given.words);
dress(given);
const keep = keeper(() => localStorage, prefixOf(given));
if (given.whole || keep.lasts) void new App(given, keep).start();
else borrow(given, keep);
