// The address after #: #/mine, #/waiting/support, #/waiting/support/<case>,
// #/search/<words>, #/view/<id>, #/wall, #/settings/queues. A link to a case alone is #/case/<case>,
// to a conversation that is no case #/conversation/<id>.

import { aloneId } from "./alone";
import { desk, type Place, type ViewKind, VIEWS } from "./state";

export function readPlace(hash: string): Place {
  const parts = hash.replace(/^#\/?/, "").split("/").map((p) => {
    try {
      return decodeURIComponent(p);
    } catch {
      return p;
    }
  });
  const place: Place = { page: "list", view: { ...desk.state.place.view }, open: "", tab: "" };
  if (parts[0] === "wall") return { ...place, page: "wall" };
  if (parts[0] === "settings") return { ...place, page: "settings", tab: parts[1] || "you" };
  if (parts[0] === "case") return { ...place, open: parts[1] ?? "" };
  if (parts[0] === "conversation") return { ...place, open: parts[1] ? aloneId(parts[1]) : "" };
  if (parts[0] === "search" || parts[0] === "view") {
    place.view = { kind: parts[0] === "view" ? "saved" : "search", queue: "", ask: parts[1] ?? "" };
    place.open = parts[2] ?? "";
  }
  if ((VIEWS as string[]).includes(parts[0])) {
    place.view = { kind: parts[0] as ViewKind, queue: parts[1] === undefined || parts[1] === "all" ? "" : parts[1], ask: "" };
    place.open = parts[2] ?? "";
  }
  return place;
}

export function address(p: Place): string {
  if (p.page === "wall") return "#/wall";
  if (p.page === "settings") return "#/settings/" + p.tab;
  const asks = p.view.kind === "search" ? `#/search/${encodeURIComponent(p.view.ask)}` : p.view.kind === "saved" ? `#/view/${p.view.ask}` : "";
  const base = asks !== "" ? asks : `#/${p.view.kind}/${p.view.queue === "" ? "all" : encodeURIComponent(p.view.queue)}`;
  return p.open === "" ? base : `${base}/${p.open}`;
}

/** Goes somewhere; a step in the browser's history unless replace is said. The page
 * is there when this returns: a second key finds what the first one did. */
export function go(change: Partial<Place>, replace = false): void {
  const to = address({ ...desk.state.place, page: "list", ...change });
  if (to === location.hash) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}
