// What the customer said about answers: message id → did it help. It outlives a
// reload, as the conversation does.

export class Ratings {
  #keep;
  #rated;

  constructor(keep) {
    this.#keep = keep;
    const stored = keep.get("rated");
    this.#rated = new Map(Array.isArray(stored) ? stored.filter((p) => Array.isArray(p) && p.length === 2) : []);
  }

  /** @returns {boolean | undefined} */
  get(messageID) {
    return this.#rated.get(messageID);
  }

  /** @param {boolean | undefined} helpful undefined: not said */
  set(messageID, helpful) {
    if (helpful === undefined) this.#rated.delete(messageID);
    else this.#rated.set(messageID, helpful);
    this.#keep.set("rated", [...this.#rated]);
  }

  clear() {
    this.#rated.clear();
    this.#keep.remove("rated");
  }
}
