// A component that is drawn again only when a prop is another one.

import { Component, h, type ComponentChildren, type FunctionComponent } from "preact";

export function memo<P extends object>(inner: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const was = this.props as Record<string, unknown>;
      const now = next as Record<string, unknown>;
      for (const k in now) if (k !== "children" && !Object.is(was[k], now[k])) return true;
      for (const k in was) if (!(k in now)) return true;
      return false;
    }
    override render(): ComponentChildren {
      return h(inner, this.props as never);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
