// The chat in a React app: loaded once, told who is signed in, taken away again.
// Copy it, it is short; the package itself knows no framework.

import { identify, load, on, open, shutdown } from "@frontdesk/widget";
import { useEffect, useRef, useState } from "react";

interface Props {
  server: string;
  site: string;
  /** Asks the shop's own server for a token of who is signed in; null: nobody. */
  token: () => Promise<string | null>;
  /** The shop's id of who is signed in; "" for nobody. */
  user: string;
}

export function Chat({ server, site, token, user }: Props) {
  const [unread, setUnread] = useState(0);
  const fresh = useRef(token);
  fresh.current = token;

  useEffect(() => {
    load({ server, site });
    on("unread", ({ count }) => setUnread(count));
    on("identity", () => void fresh.current().then(identify)); // the last one ran out: another
    return shutdown;
  }, [server, site]);

  useEffect(() => {
    let over = false;
    (user === "" ? Promise.resolve(null) : token()).then((t) => over || identify(t));
    return () => {
      over = true;
    };
  }, [user, token]);

  return (
    <button type="button" onClick={open}>
      Help{unread > 0 ? ` (${unread} new)` : ""}
    </button>
  );
}
