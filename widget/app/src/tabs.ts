// The tabs of one browser that show one site's chat. One of them hears the
// conversation's stream and passes it on: a browser opens six connections to a
// server of HTTP/1.1 in all, and every tab with a stream of its own would be out
// of them at the seventh. Locks go to another tab by themselves when theirs
// closes, crashes or sleeps.
//
// Where there are no locks or no channel (an old browser, a page without https)
// every tab is on its own, which only costs connections.

export interface Tabs {
  /** Passes something on to the other tabs. */
  post(message: unknown): void;
  /** Runs work while this tab is the one for name; resolves when work is over or signal aborts. */
  lead(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void>;
  /** Which of these names no living tab holds; the caller's own is held by hold. */
  orphans(names: string[]): Promise<string[]>;
  /** Holds a name for as long as this tab lives; false: another tab has it. */
  hold(name: string): Promise<boolean>;
  /** Can another tab be the one that hears? */
  readonly shared: boolean;
}

export function tabs(prefix: string, heard: (message: any) => void): Tabs {
  const locks = lockManager();
  const channel = locks === null ? null : open(prefix, heard);
  return {
    shared: locks !== null && channel !== null,
    post: (message) => channel?.postMessage(message),
    async lead(name, signal, work) {
      if (locks === null || channel === null) return work();
      let begun = false;
      const lead = () => {
        begun = true;
        return work();
      };
      try {
        await locks.request(prefix + name, { signal }, lead);
      } catch (err) {
        if (signal.aborted) return;
        if (begun) throw err;
        await work(); // denied: a frame on another site's page, in a browser that keeps such frames apart
      }
    },
    async orphans(names) {
      if (locks === null) return names; // a client_msg_id makes a message that two tabs send one
      try {
        const held = new Set((await locks.query()).held?.map((l) => l.name));
        return names.filter((n) => !held.has(prefix + n));
      } catch {
        return names; // denied
      }
    },
    hold(name) {
      if (locks === null) return Promise.resolve(true);
      return new Promise((resolve) => {
        locks
          .request(prefix + name, { ifAvailable: true }, (lock) => {
            resolve(lock !== null);
            return lock === null ? undefined : new Promise<void>((release) => addEventListener("pagehide", () => release(), { once: true }));
          })
          .catch(() => resolve(true));
      });
    },
  };
}

function lockManager(): LockManager | null {
  try {
    return navigator.locks ?? null; // a frame without storage may not even look
  } catch {
    return null;
  }
}

function open(name: string, heard: (message: any) => void): BroadcastChannel | null {
  try {
    const channel = new BroadcastChannel(name);
    channel.onmessage = (e) => heard(e.data);
    return channel;
  } catch {
    return null;
  }
}
