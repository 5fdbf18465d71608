// Which addresses in other people's text may become links.

/** href is as written, page the address of this page; null: show the words only. */
export function safeLink(href: string, page: string): { href: string; outside: boolean } | null {
  const written = href.trim();
  // Relative to what? The article lies elsewhere; only a path from the root
  // means the same here.
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(written) || written.startsWith("/");
  if (!absolute) return null;
  let url: URL;
  try {
    url = new URL(written, page);
  } catch {
    return null;
  }
  if (url.username !== "" || url.password !== "") return null; // https://shop@elsewhere
  if (url.protocol === "mailto:" || url.protocol === "tel:") return { href: url.href, outside: false };
  if (url.protocol !== "https:" && url.protocol !== "http:") return null; // blob: has an origin, too
  if (url.origin === new URL(page).origin) return { href: url.pathname + url.search + url.hash, outside: false };
  return url.protocol === "https:" ? { href: url.href, outside: true } : null;
}
