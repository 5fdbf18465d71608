// Who the shop says the customer is: a token that the shop's server signed and
// that the service checks. Here it is only carried, and looked into just as far
// as to see whether it is still the same person.

import type { Keep } from "./keep";

export class Identity {
  #keep: Keep;
  #token = ""; // not yet used: a token counts once
  #sent = ""; // the one that the service is told now
  #came: (() => void) | null = null; // somebody waits for a fresh one

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  /**
   * Somebody is signed in (a token) or out (null). True where that is another
   * person than before, whose conversation must not stay on screen.
   */
  now(token: string | null): boolean {
    const subject = token === null ? "" : subjectOf(token);
    const before = this.subject;
    this.#token = token ?? "";
    if (this.#token !== "") this.#came?.();
    if (subject === before) return false;
    if (subject === "") this.#keep.remove("subject");
    else this.#keep.set("subject", subject);
    return before !== ""; // an unknown customer may be the one who signs in: see unknown
  }

  /** Who the page says is signed in, "" for nobody. */
  get subject(): string {
    const kept = this.#keep.get("subject");
    return typeof kept === "string" ? kept : "";
  }

  /** Somebody is signed in, and the service has not been told so yet, nor refused to hear it. */
  get unknown(): boolean {
    return this.#token !== "" && this.#keep.get("who") !== this.subject;
  }

  /** The token for a conversation that is begun now, "" where there is none or it was used. */
  take(): string {
    this.#sent = this.#token;
    return this.#sent;
  }

  /** Was one sent with the conversation that was begun last? */
  get sent(): boolean {
    return this.#sent !== "";
  }

  /** It was used, and the service knows who this is; or it was refused. A fresh one may have come since. */
  done(known: boolean): void {
    if (this.sent && known) this.#keep.set("who", this.subject);
    if (this.#token === this.#sent) this.#token = "";
  }

  /** The visitor is forgotten, and with them who they were. */
  forget(): void {
    this.#keep.remove("who");
  }

  /** Waits for the page to bring a fresh token; false: none came in time. */
  fresh(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#came = null;
        resolve(this.#token !== "");
      };
      const timer = setTimeout(end, ms);
      this.#came = end;
    });
  }
}

function subjectOf(token: string): string {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
    const sub = JSON.parse(new TextDecoder().decode(bytes)).sub;
    return typeof sub === "string" ? sub : "";
  } catch {
    return ""; // the service says what is wrong with it
  }
}
