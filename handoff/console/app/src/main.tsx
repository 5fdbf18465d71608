// The desk's page.

import { render } from "preact";
import { useEffect } from "preact/hooks";

import "./desk.css";
import { prepare } from "./api";
import { Case } from "./case";
import { arrive, begin, flushClosings, mineWaiting, signedOut, unsay } from "./desk";
import { Dialogs } from "./dialogs";
import { flushDrafts } from "./drafts";
import { language, t } from "./i18n";
import { Icon } from "./icons";
import { listen } from "./keys";
import { List } from "./list";
import { Join, joining, Login } from "./login";
import { Rail } from "./rail";
import { SettingsPage } from "./settings";
import { desk } from "./state";
import { Wall } from "./wall";

function App() {
  const phase = desk.use((s) => s.phase);
  const why = desk.use((s) => s.why);
  const page = desk.use((s) => s.place.page);
  const open = desk.use((s) => s.place.open);
  const rail = desk.use((s) => s.rail);
  desk.use((s) => s.language);
  const token = joining();
  if (token !== "") return <Join token={token} />;
  switch (phase) {
    case "loading":
      return <main class="door"><p class="quiet door-wait">{t("loading")}</p></main>;
    case "down":
      return (
        <main class="door">
          <div class="door-in" role="alert">
            <h1>{t("down")}</h1>
            <p>{why}</p>
            <p class="quiet">{t("down.again")}</p>
          </div>
        </main>
      );
    case "out":
      return <Login />;
  }
  return (
    <div class={"desk desk-" + page + (open !== "" ? " desk-open" : "")} key={language}>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.querySelector<HTMLElement>(".thread, .rows a, main")?.focus(); }}>{t("skip")}</a>
      <Rail />
      {rail && <div class="veil" onClick={() => desk.set({ rail: false })} />}
      {page === "list" && (
        <main class="panes" id="main">
          <List />
          <Case />
        </main>
      )}
      {page === "wall" && <Wall />}
      {page === "settings" && <SettingsPage />}
      <Dialogs />
      <Notices />
      <Title />
    </div>
  );
}

function Notices() {
  const toasts = desk.use((s) => s.toasts);
  const link = desk.use((s) => s.link);
  return (
    <div class="notices">
      {link === "off" && <p class="notice notice-off" role="status"><Icon name="alert" size={16} />{t("link.off")}</p>}
      <div aria-live="polite" class="notices-said">
        {toasts.map((n) => (
          <p key={n.id} class={"notice notice-" + n.kind} role={n.kind === "trouble" ? "alert" : undefined}>
            <span>{n.text}</span>
            {n.undo !== undefined && <button type="button" class="button button-small" onClick={n.undo}>{t("undo")} <kbd>u</kbd></button>}
            {n.href !== undefined && <a class="button button-small" href={n.href} onClick={() => unsay(n.id)}>{n.word}</a>}
            <button type="button" class="button button-icon" aria-label={t("close")} onClick={() => unsay(n.id)}><Icon name="close" size={14} /></button>
          </p>
        ))}
      </div>
    </div>
  );
}

function Title() {
  desk.use((s) => s.rows);
  const shop = desk.use((s) => s.shop);
  const n = mineWaiting();
  useEffect(() => {
    document.title = (n > 0 ? `(${n}) ` : "") + t("title", { shop });
  }, [n, shop]);
  return null;
}

prepare(signedOut, () => t("away"));
window.addEventListener("hashchange", () => {
  if (joining() !== "") location.reload(); // an invitation's link that was put into this tab's address
  else if (desk.state.phase === "in") arrive();
});
window.addEventListener("pagehide", () => {
  flushDrafts();
  void flushClosings();
});
document.addEventListener("keydown", (e) => {
  // The undo of what was done last, wherever the focus is but in a text.
  if (e.key !== "u" || e.ctrlKey || e.metaKey || e.altKey || /^(input|textarea|select)$/i.test((e.target as HTMLElement).tagName)) return;
  desk.state.toasts.findLast((x) => x.undo !== undefined)?.undo?.();
});
listen();
if (joining() === "") void begin();
render(<App />, document.getElementById("app")!);
