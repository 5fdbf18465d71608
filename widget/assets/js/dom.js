// Elements made one by one: text goes in as text, and only tags and attributes
// named here can be made from what others wrote.

import { safeLink } from "./links.js";

const TAGS = new Set([
  "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
  "table", "tbody", "td", "th", "thead", "tr", "ul", "mark", "div", "section", "del", "sub", "sup", "dl", "dt", "dd", "kbd", "b", "i",
]);

/** Makes an element of our own: tag, attributes, children; functions never. */
export function el(tag, attrs = {}, ...kids) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === false || value === undefined || value === null) continue;
    e.setAttribute(name, value === true ? "" : String(value));
  }
  e.append(...kids.filter((k) => k !== null && k !== undefined));
  return e;
}

/**
 * Elements for a tree of markdown.js.
 * @param {import("./inline.js").Node[]} nodes
 * @returns {DocumentFragment}
 */
export function render(nodes) {
  const out = document.createDocumentFragment();
  for (const n of nodes) out.append(typeof n === "string" ? n : element(n.tag, n.attrs ?? {}, render(n.kids)));
  return out;
}

/**
 * Copies a parsed document's nodes, what is not allowed left out and its words
 * kept: a second guard behind the server's own.
 */
export function adopt(from) {
  const out = document.createDocumentFragment();
  for (const n of from.childNodes) {
    if (n.nodeType === Node.TEXT_NODE) out.append(n.data);
    else if (n.nodeType === Node.ELEMENT_NODE) out.append(adoptElement(n));
  }
  return out;
}

function adoptElement(n) {
  const tag = n.localName;
  if (tag === "script" || tag === "style" || tag === "template") return "";
  if (!TAGS.has(tag)) return adopt(n);
  const attrs = {};
  for (const name of ["href", "start", "lang", "dir", "id"]) if (n.hasAttribute(name)) attrs[name] = n.getAttribute(name);
  return element(tag, attrs, adopt(n));
}

function element(tag, attrs, kids) {
  if (!TAGS.has(tag)) return kids;
  if (tag === "a") return anchor(String(attrs.href ?? ""), kids);
  const e = document.createElement(tag);
  e.append(kids);
  if (tag === "ol" && Number.isSafeInteger(Number(attrs.start ?? NaN))) e.setAttribute("start", String(Number(attrs.start)));
  if (/^[A-Za-z-]{1,35}$/.test(attrs.lang ?? "")) e.setAttribute("lang", attrs.lang);
  if (["ltr", "rtl", "auto"].includes(attrs.dir)) e.setAttribute("dir", attrs.dir);
  if (attrs.id === "quoted") e.dataset.quoted = "";
  if (tag !== "table") return e;
  return el("div", { class: "table" }, e);
}

function anchor(href, kids) {
  const link = safeLink(href, location.href);
  if (link === null) return kids;
  const a = el("a", { href: link.href }, kids);
  if (link.outside) {
    a.target = "_blank";
    a.rel = "noopener noreferrer";
  }
  return a;
}
