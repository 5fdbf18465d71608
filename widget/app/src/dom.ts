// Elements made one by one: text goes in as text, and only tags and attributes
// named here can be made from what others wrote.

import type { Node as Tree } from "./inline";
import { safeLink } from "./links";

const TAGS = new Set([
  "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
  "table", "tbody", "td", "th", "thead", "tr", "ul", "mark", "div", "section", "del", "sub", "sup", "dl", "dt", "dd", "kbd", "b", "i",
]);

export type Kid = Node | string | null | undefined;
type Attrs = Record<string, string | number | boolean | null | undefined>;

/** Makes an element of our own: tag, attributes, children; handlers never. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attrs: Attrs = {}, ...kids: Kid[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === false || value === undefined || value === null) continue;
    e.setAttribute(name, value === true ? "" : String(value));
  }
  e.append(...kids.filter((k) => k !== null && k !== undefined));
  return e;
}

/** A button that does something when it is pressed. */
export function button(attrs: Attrs, press: () => void, ...kids: Kid[]): HTMLButtonElement {
  const b = el("button", { type: "button", ...attrs }, ...kids);
  b.addEventListener("click", press);
  return b;
}

/** Elements for a tree of markdown.ts. */
export function render(nodes: Tree[]): DocumentFragment {
  const out = document.createDocumentFragment();
  for (const n of nodes) out.append(typeof n === "string" ? n : element(n.tag, n.attrs ?? {}, render(n.kids)));
  return out;
}

/**
 * Copies a parsed document's nodes, what is not allowed left out and its words
 * kept: a second guard behind the server's own.
 */
export function adopt(from: Node): DocumentFragment {
  const out = document.createDocumentFragment();
  for (const n of from.childNodes) {
    if (n.nodeType === Node.TEXT_NODE) out.append((n as Text).data);
    else if (n.nodeType === Node.ELEMENT_NODE) out.append(adoptElement(n as Element));
  }
  return out;
}

function adoptElement(n: Element): Node | string {
  const tag = n.localName;
  if (tag === "script" || tag === "style" || tag === "template") return "";
  if (!TAGS.has(tag)) return adopt(n);
  const attrs: Record<string, string> = {};
  for (const name of ["href", "start", "lang", "dir", "id"]) if (n.hasAttribute(name)) attrs[name] = n.getAttribute(name) ?? "";
  return element(tag, attrs, adopt(n));
}

function element(tag: string, attrs: Record<string, string | number>, kids: DocumentFragment): Node {
  if (!TAGS.has(tag)) return kids;
  if (tag === "a") return anchor(String(attrs.href ?? ""), kids);
  const e = document.createElement(tag);
  e.append(kids);
  if (tag === "ol" && Number.isSafeInteger(Number(attrs.start ?? NaN))) e.setAttribute("start", String(Number(attrs.start)));
  if (/^[A-Za-z-]{1,35}$/.test(String(attrs.lang ?? ""))) e.setAttribute("lang", String(attrs.lang));
  if (["ltr", "rtl", "auto"].includes(String(attrs.dir))) e.setAttribute("dir", String(attrs.dir));
  if (attrs.id === "quoted") e.dataset.quoted = "";
  return tag === "table" ? el("div", { class: "table" }, e) : e;
}

// Every link leaves the frame: what it opens stands beside the chat, not in it.
function anchor(href: string, kids: DocumentFragment): Node {
  const link = safeLink(href, location.href);
  if (link === null) return kids;
  return el("a", { href: link.href, target: "_blank", rel: "noopener noreferrer" }, kids);
}

const texts = new WeakMap<Node, string>();

/**
 * Puts a text where another one stands; what is the same is not touched, so that
 * nothing is told twice. What counts is what was put last, not what stands there:
 * a browser that translates the page has put its own words there, and they stay.
 */
export function put(node: Node, text: string): void {
  if ((texts.get(node) ?? node.textContent) === text) return;
  texts.set(node, text);
  node.textContent = text;
}
