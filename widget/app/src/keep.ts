// What outlives a reload. Storage may be blocked, full or gone: then a page
// keeps things in memory, and loses nothing but the reload.

export interface Keep {
  /** The value, or null where there is none or it is not ours. */
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  remove(key: string): void;
  /** Keys that begin so, stored or in memory. */
  keys(start: string): string[];
  /** Does it outlive the page by itself? */
  readonly lasts: boolean;
  /** Where it does not, somebody else keeps it: json is what was kept, save is told of every change. */
  lend(json: string, save: (json: string) => void): void;
}

/** storage gives the browser's storage and may throw; prefix keeps two sites on one origin apart. */
export function keeper(storage: () => Storage, prefix: string): Keep {
  const memory = new Map<string, unknown>();
  const real = usable(storage, prefix);
  let save: ((json: string) => void) | null = null;
  const saved = () => save?.(JSON.stringify(Object.fromEntries(memory)));
  const dropStored = (key: string) => {
    try {
      real?.removeItem(prefix + key);
    } catch {
      // Nothing to be done; memory has the truth.
    }
  };
  return {
    get(key) {
      let text: string | null = null;
      try {
        text = real === null ? null : real.getItem(prefix + key);
      } catch {
        text = null;
      }
      if (text === null) return memory.get(key) ?? null;
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (real === null) throw new Error("no storage");
        real.setItem(prefix + key, JSON.stringify(value));
        memory.delete(key); // another tab may change it: the stored one counts
      } catch {
        dropStored(key); // an older value after a reload is worse than none
        memory.set(key, value);
        saved();
      }
    },
    remove(key) {
      const had = memory.delete(key);
      dropStored(key);
      if (had) saved();
    },
    lasts: real !== null,
    lend(json, told) {
      save = told;
      try {
        for (const [key, value] of Object.entries(JSON.parse(json) as object)) if (!memory.has(key)) memory.set(key, value);
      } catch {
        // Nothing was kept yet.
      }
    },
    keys(start) {
      const found = new Set([...memory.keys()].filter((k) => k.startsWith(start)));
      try {
        for (let i = 0; i < (real?.length ?? 0); i++) {
          const key = real?.key(i) ?? "";
          if (key.startsWith(prefix + start)) found.add(key.slice(prefix.length));
        }
      } catch {
        // What cannot be listed is not there.
      }
      return [...found];
    },
  };
}

function usable(storage: () => Storage, prefix: string): Storage | null {
  try {
    const real = storage();
    const probe = prefix + "probe";
    real.setItem(probe, "1");
    real.removeItem(probe);
    return real;
  } catch {
    return null;
  }
}
