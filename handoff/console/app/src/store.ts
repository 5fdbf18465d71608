// One state for the page, and one way to change it. Components select what
// they show and are drawn again only when that changes.

import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

export class Store<S extends object> {
  state: S;
  #watchers = new Set<() => void>();

  constructor(state: S) {
    this.state = state;
  }

  set(change: Partial<S>): void {
    this.state = { ...this.state, ...change };
    for (const w of [...this.#watchers]) w();
  }

  watch(w: () => void): () => void {
    this.#watchers.add(w);
    return () => this.#watchers.delete(w);
  }

  /** In a component: what it selects, and a new drawing when that is another. */
  use<T>(select: (s: S) => T): T {
    const [, draw] = useReducer((n: number) => n + 1, 0);
    const latest = useRef({ select, value: undefined as T });
    const value = select(this.state);
    latest.current = { select, value };
    // Watched from the drawing on, not from the frame after it: what changes in
    // between (an answer that comes at once, on a busy machine) is seen too.
    useLayoutEffect(() => {
      const look = () => {
        const { select, value } = latest.current;
        if (!Object.is(select(this.state), value)) draw(undefined as never);
      };
      look(); // what a drawing changed itself
      return this.watch(look);
    }, []);
    return value;
  }
}
