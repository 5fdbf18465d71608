// Waiting between tries: longer each time, never in step with every other page
// that lost the same server, and over at once when there is reason to hope.

const FIRST_MS = 800;
const LONGEST_MS = 15_000;

export interface Timers {
  after(ms: number, fn: () => void): unknown;
  cancel(t: unknown): void;
  random(): number;
}

export class Patience {
  #timers: Timers;
  #wakers = new Set<() => void>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** fails: tries that failed in a row; atLeastMs: what the service asked for, 0 for nothing. */
  pause(fails: number, atLeastMs: number): Promise<void> {
    const doubled = FIRST_MS * 2 ** Math.min(Math.max(fails - 1, 0), 6);
    const ms = Math.max(atLeastMs, Math.min(doubled, LONGEST_MS) * (0.75 + this.#timers.random() / 2));
    return new Promise<void>((resolve) => {
      const wake = () => {
        this.#timers.cancel(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = this.#timers.after(ms, wake);
      this.#wakers.add(wake);
    });
  }

  /** Ends every pause. */
  wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
