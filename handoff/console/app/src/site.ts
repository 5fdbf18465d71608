// Which site's desk this is. /desk is that of the default or only one, /desk/<site>
// that of the one it names; the page is the same, whether there is such a site.

const NAME = /^\/desk\/([a-z0-9][a-z0-9._-]{0,62})\/?$/;
const KEPT = "desk.site";

/** The site that the address names; "": none. */
export function siteHere(): string {
  const name = NAME.exec(location.pathname)?.[1] ?? "";
  return name === "join" ? "" : name;
}

export const siteDesk = (name: string): string => "/desk/" + encodeURIComponent(name);

/** The site that somebody signed in at by name in this browser last. */
export function lastSite(): string {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

/** Makes the address the one of a site, so that it can be kept and come back to;
 * "": the default one's. */
export function goToSite(name: string): void {
  if (siteHere() !== name) history.replaceState(null, "", (name === "" ? "/desk" : siteDesk(name)) + location.hash);
  try {
    if (name === "") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, name);
  } catch {
    // it is typed again, then
  }
}
