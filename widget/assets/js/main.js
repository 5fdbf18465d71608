// Wires the chat into the page: reads what the page says about the shop, and
// lets anything on it with data-ask put a question.

import { Api } from "./api.js";
import { Chat } from "./chat.js";
import { keeper } from "./keep.js";
import { Panel } from "./panel.js";

const RENEW_MS = 20 * 60_000; // a token lives an hour; renewed while the page is open

function start(root) {
  const { site = "", shop = "us", help = "/help" } = root.dataset;
  const prefix = "frontdesk:" + site + ":";
  const tab = keeper(() => sessionStorage, prefix); // drafts and unsent words: of this tab
  const browser = keeper(() => localStorage, prefix); // the conversation: of all its tabs
  const session = {
    get: () => readSession(browser.get("session")),
    set: (s) => (s === null ? browser.remove("session") : browser.set("session", s)),
  };
  const api = new Api({ session });
  let panel = null;
  let drawing = false;
  const chat = new Chat({
    api,
    keep: tab,
    begin: () => ({ ...(site === "" ? {} : { site }), page: { url: location.pathname, title: document.title }, language: document.documentElement.lang }),
    changed: () => {
      if (drawing) return;
      drawing = true;
      queueMicrotask(() => {
        drawing = false;
        panel?.show();
      });
    },
    newID: () => crypto.randomUUID?.() ?? randomID(),
    timers: { after: (ms, fn) => setTimeout(fn, ms), cancel: (t) => clearTimeout(t), random: Math.random },
  });
  const starters = [...document.querySelectorAll("[data-ask]")].map((e) => e.dataset.ask);
  const page = [...document.body.children].filter((e) => e !== root && e.localName !== "script");
  panel = new Panel({ chat, keep: tab, keepAll: browser, shop, help, starters, page });
  root.append(panel.node);
  if (location.hash === "#chat") panel.open();
  listen({ chat, panel, key: prefix + "session" });
  setInterval(() => api.renew().catch(() => {}), RENEW_MS); // what fails here, the next request finds out
  chat.start();
}

function listen({ chat, panel, key }) {
  addEventListener("online", () => chat.wake());
  addEventListener("pageshow", () => chat.wake());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") chat.wake();
  });
  addEventListener("storage", (e) => {
    if (e.key === key) chat.sync();
  });
  document.addEventListener("click", (e) => {
    const asked = e.target.closest?.("[data-ask]");
    if (asked) {
      e.preventDefault();
      panel.ask(asked.dataset.ask);
    } else if (e.target.closest?.("[data-chat]")) {
      e.preventDefault();
      panel.open();
    }
  });
  document.addEventListener("submit", (e) => {
    const form = e.target.closest?.("form[data-ask-form]");
    const text = form ? new FormData(form).get("q") : "";
    if (!form || typeof text !== "string" || text.trim() === "") return;
    e.preventDefault();
    form.reset();
    panel.ask(text);
  });
}

function readSession(s) {
  return typeof s?.conversation === "string" && typeof s?.token === "string" ? s : null;
}

// randomID, for pages that are neither https nor on this machine.
function randomID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

const root = document.getElementById("frontdesk");
if (root !== null) start(root);
