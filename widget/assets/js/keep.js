// What outlives a reload. Storage may be blocked, full or gone: then a page
// keeps things in memory, and loses nothing but the reload.

/**
 * @param {() => Storage} storage gives the browser's storage; may throw
 * @param {string} prefix of every key, so that two sites on one origin stay apart
 */
export function keeper(storage, prefix) {
  const memory = new Map();
  let real = null;
  try {
    real = storage();
    const probe = prefix + "probe";
    real.setItem(probe, "1");
    real.removeItem(probe);
  } catch {
    real = null;
  }
  return {
    /** @returns {any} the value, or null where there is none or it is not ours */
    get(key) {
      let text = null;
      try {
        text = real === null ? null : real.getItem(prefix + key);
      } catch {
        text = null;
      }
      if (text === null) return memory.get(key) ?? null;
      try {
        return JSON.parse(text);
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
      }
    },
    remove(key) {
      memory.delete(key);
      dropStored(key);
    },
  };

  function dropStored(key) {
    try {
      real?.removeItem(prefix + key);
    } catch {
      // Nothing to be done; memory has the truth.
    }
  }
}
