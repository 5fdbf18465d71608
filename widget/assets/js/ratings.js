// What the customer said: message id → did it help, or the score of the case that
// the message asks about. It outlives a reload, as the conversation does.

export class Ratings {
  #keep;
  #rated;

  constructor(keep) {
    this.#keep = keep;
    const stored = keep.get("rated");
    this.#rated = new Map(Array.isArray(stored) ? stored.filter((p) => Array.isArray(p) && p.length === 2) : []);
  }

  /** @returns {boolean | number | undefined} */
  get(messageID) {
    return this.#rated.get(messageID);
  }

  /** @param {boolean | number | undefined} said undefined: nothing */
  set(messageID, said) {
    if (said === undefined) this.#rated.delete(messageID);
    else this.#rated.set(messageID, said);
    this.#keep.set("rated", [...this.#rated]);
  }

  clear() {
    this.#rated.clear();
    this.#keep.remove("rated");
  }
}
