// Signing in, and taking up an invitation.

import { useEffect, useRef, useState } from "preact/hooks";

import { call, type Trouble } from "./api";
import { begin } from "./desk";
import { LANGUAGES, language, setLanguage, t, word } from "./i18n";
import { Icon } from "./icons";
import { goToSite, lastSite, siteDesk, siteHere } from "./site";
import { desk } from "./state";
import type { Invitation, SignedIn } from "./types";

/** The token of an invitation's link: what is after # reaches no server. */
export const joining = (): string => (location.hash.startsWith("#join=") ? location.hash.slice(6) : location.pathname.endsWith("/join") ? location.hash.slice(1) : "");

/** Whether a sign-in names its site. */
type Naming = "none" | "optional" | "required";

const naming = (): Promise<Naming> => call<{ site: Naming }>("GET", "/login", { quiet: true }).then((d) => d.site, () => "none" as Naming);

function Frame({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <main class="door">
      <div class="door-in">
        <p class="door-mark"><Icon name="open" size={28} /> Frontdesk</p>
        <h1>{title}</h1>
        {children}
      </div>
      <p class="door-foot">
        {LANGUAGES.filter(([l]) => l !== language).map(([l, name]) => (
          <button key={l} type="button" class="link" lang={l} onClick={() => { setLanguage(l); desk.set({ language: l }); }}>{name}</button>
        ))}
      </p>
    </main>
  );
}

/** Signing in. Which shop is asked where people of several sign in here, or where
 * the address names one. */
export function Login() {
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const [names, setNames] = useState<Naming>("none");
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const site = useRef<HTMLInputElement>(null);
  useEffect(() => {
    email.current?.focus();
    void naming().then(setNames);
  }, []);
  const asks = names !== "none" || siteHere() !== "";
  return (
    <Frame title={t("login.title")}>
      <form
        onSubmit={async (e) => {
          e.preventDefault();
          setBusy(true);
          setFailed("");
          try {
            const named = site.current?.value.trim().toLowerCase() ?? "";
            const me = await call<SignedIn>("POST", "/login", { body: { site: named, email: email.current!.value, password: password.current!.value }, quiet: true });
            goToSite(named === "" ? "" : me.site.name);
            await begin();
          } catch (err) {
            setFailed((err as Trouble).message);
            password.current?.select();
          } finally {
            setBusy(false);
          }
        }}
      >
        {asks && (
          <label class="form-line">
            <span>{t("login.site")}</span>
            <input ref={site} class="field" name="organization" autocomplete="organization" autocapitalize="none" spellcheck={false} maxLength={63} defaultValue={siteHere() || lastSite()} required={names === "required"} />
            <span class="quiet">{t(names === "required" ? "login.site_hint" : "login.site_free")}</span>
          </label>
        )}
        <label class="form-line">
          <span>{t("login.email")}</span>
          <input ref={email} class="field" type="email" name="email" autocomplete="username" required />
        </label>
        <label class="form-line">
          <span>{t("login.password")}</span>
          <input ref={password} class="field" type="password" name="password" autocomplete="current-password" required />
        </label>
        <p class="form-trouble" role="alert">{failed}</p>
        <button type="submit" class="button button-main button-wide" disabled={busy}>{busy ? t("login.busy") : t("login.go")}</button>
      </form>
    </Frame>
  );
}

export function Join({ token }: { token: string }) {
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [failed, setFailed] = useState("");
  const [dead, setDead] = useState("");
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => {
    call<Invitation>("POST", "/invitations/look", { body: { token }, quiet: true }).then(setInvitation).catch((e: Error) => setDead(e.message));
  }, [token]);
  if (dead !== "") {
    return <Frame title={t("join.dead")}><p>{dead}</p><p><a href="/desk">{t("login.go")}</a></p></Frame>;
  }
  if (invitation === null) return <Frame title={t("loading")}><p /></Frame>;
  const anew = invitation.kind === "password";
  return (
    <Frame title={anew ? t("join.password") : t("join.title", { by: invitation.by })}>
      <form
        onSubmit={async (e) => {
          e.preventDefault();
          setFailed("");
          try {
            const me = await call<SignedIn>("POST", "/invitations/accept", { body: { token, name: anew ? "" : name.current!.value, password: password.current!.value }, quiet: true });
            const to = (await naming()) === "none" ? "/desk" : siteDesk(me.site.name);
            history.replaceState(null, "", to); // the link is used up: nothing of it stays behind
            location.reload();
          } catch (err) {
            setFailed((err as Trouble).message);
          }
        }}
      >
        <p class="quiet">{invitation.email} · {word("role.", invitation.role)}</p>
        <input type="email" name="email" autocomplete="username" value={invitation.email} readOnly hidden />
        {!anew && (
          <label class="form-line">
            <span>{t("join.name")}</span>
            <input ref={name} class="field" name="name" autocomplete="name" defaultValue={invitation.name} required maxLength={100} />
            <span class="quiet">{t("join.name_hint")}</span>
          </label>
        )}
        <label class="form-line">
          <span>{t("join.choose")}</span>
          <input ref={password} class="field" type="password" name="password" autocomplete="new-password" required />
        </label>
        <p class="form-trouble" role="alert">{failed}</p>
        <button type="submit" class="button button-main button-wide">{t("join.go")}</button>
      </form>
    </Frame>
  );
}
