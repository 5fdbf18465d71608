// Signing in while a conversation goes on. What the assistant alone was told stays
// somebody unknown's, and the customer goes on in a conversation of their own; what
// a person has, or is awaited in, goes on as the customer's. Who they are is the
// service's to say.

import { ApiError, type Api } from "./api";
import type { Line } from "./log";

/** Characters of what was said before somebody signed in that a person is told. */
const MOST_BEFORE = 2_000;

export interface SigningDeps {
  api: Api;
  begin: () => object; // body of the request that begins a conversation
  begun: (err: ApiError | null) => Promise<boolean>; // how that went; true: the next body may go better
  identity: () => string; // what the shop's server signed
  unknown: () => boolean; // somebody is signed in, and the service does not know it yet
}

export class Signing {
  #d: SigningDeps;
  /** What the customer said before they signed in, until a person has been told. */
  before = "";
  /** Whose the conversation is may change at this moment: its token may be worth nothing, and a better one on its way. */
  claiming = false;
  /** The service will not have it so. */
  #refused = false;

  constructor(d: SigningDeps) {
    this.#d = d;
  }

  /** Another conversation is on screen. */
  reset(): void {
    this.before = "";
    this.#refused = false;
  }

  /** Is there somebody to make known, and has that not been refused? */
  get wanted(): boolean {
    return this.#d.unknown() && !this.#refused;
  }

  /** Begins a conversation. */
  async begin(): Promise<void> {
    try {
      await this.#tell(() => this.#d.api.begin(this.#d.begin()), () => true);
    } catch (err) {
      // Not to be had at all (no such site, say): trying again would not end.
      throw err instanceof ApiError && err.kind === "ended" ? new ApiError("refused", err) : err;
    }
  }

  /**
   * The customer has signed in since this conversation began, and what is said in
   * it would be a stranger's for good. What they say from here on is said in one
   * of their own, where the service takes their identity; else it goes on as it
   * is. left: takes what was said, which stays on screen, out of the conversation.
   */
  async goOver(said: readonly Line[], left: () => void): Promise<void> {
    try {
      await this.#tell(async () => {
        await this.#d.api.begin(this.#d.begin());
        left(); // at once: what is on screen is not of the new one
        this.before = said.filter((l) => l.author === "customer").map((l) => l.text).join("\n\n").slice(-MOST_BEFORE);
      }, this.#d.unknown);
    } catch (err) {
      final(err);
    }
  }

  /** Tells the service that what a person has is this customer's; false: it is another one's. */
  async claim(): Promise<boolean> {
    this.claiming = true;
    try {
      await this.#tell(() => this.#d.api.identify(this.#d.identity()), this.#d.unknown);
    } catch (err) {
      const { code } = final(err);
      this.#refused = true;
      return code !== "other_customer";
    } finally {
      this.claiming = false;
    }
    return true;
  }

  // #tell sends somebody's identity, as often as a better one is brought.
  async #tell(send: () => Promise<void>, wanted: () => boolean): Promise<void> {
    while (wanted()) {
      try {
        await send();
        await this.#d.begun(null);
        return;
      } catch (err) {
        if (!(err instanceof ApiError) || !(await this.#d.begun(err))) throw err;
      }
    }
  }
}

// final throws what may go better later.
function final(err: unknown): ApiError {
  if (!(err instanceof ApiError) || err.kind === "offline" || err.kind === "busy") throw err;
  return err;
}
