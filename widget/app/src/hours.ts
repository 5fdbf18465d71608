// Whether people are there, by the service's clock alone: a page stays open for
// days, and a visitor's clock may be wrong by a year.

import type { Api } from "./api";
import type { Settings } from "./given";

/** Milliseconds for which the service may still say what was true before hours turned. */
const SETTLED_MS = 5_000;
/** Milliseconds after which what was read is read anew when somebody looks (a machine that slept ran no timer), and a reading that failed is tried again. */
const STALE_MS = 120_000;
/** The longest wait: a browser's timer can wait for no month. */
const DAY_MS = 86_400_000;

export class Hours {
  #api: Api;
  #settings: Settings;
  #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #read = 0; // when, on the visitor's clock

  constructor(api: Api, settings: Settings, changed: () => void) {
    this.#api = api;
    this.#settings = settings;
    this.#changed = changed;
  }

  /** Somebody looks: what they see is to be true now, and stay so. */
  look(): void {
    const { hours } = this.#settings;
    if (hours && (!hours.open || hours.closes) && Math.abs(Date.now() - this.#read) > STALE_MS) void this.#again();
  }

  async #again(): Promise<void> {
    this.#read = Date.now();
    clearTimeout(this.#timer);
    let wait = STALE_MS;
    try {
      const { hours, now } = await this.#api.hours(this.#settings.site);
      this.#settings.hours = hours;
      this.#changed();
      const turns = Date.parse((hours?.open ? hours.closes : hours?.opens) ?? "") - now + SETTLED_MS;
      if (Number.isNaN(turns)) return; // nothing is known to turn
      if (turns > 0) wait = turns;
    } catch {
      // away: tried again
    }
    this.#timer = setTimeout(() => void this.#again(), Math.min(wait, DAY_MS));
  }
}
