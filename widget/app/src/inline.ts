// Markdown within a line: a small part of the language, in a tree of plain
// objects. Nothing here is HTML, nothing can become it.

export type Node = string | { tag: string; attrs?: Record<string, string | number>; kids: Node[] };

/** What begins at a place: nothing to show where node is null, an ordinary character where there is none. */
type Found = { node: Node | null; next: number } | null;

const DEEPEST = 6; // marks within marks; more is shown as written
const LONGEST_LABEL = 1_000;
const LONGEST_ADDRESS = 2_000;

// Tags that articles use; they are left out and what they hold is kept. Other
// words in angle brackets (<your name>) are words.
const HTML =
  /^<\/?(a|abbr|b|big|br|center|code|dd|del|details|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i|iframe|img|input|ins|kbd|li|mark|ol|p|pre|s|script|small|span|strong|style|sub|summary|sup|svg|table|tbody|td|th|thead|tr|tt|u|ul|video)\b[^<>]{0,2000}>/i;
const ADDRESS = /^https?:\/\/[^\s<>"'`*]{1,2000}/;
const ENTITIES: Record<string, string> = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", ndash: "–", mdash: "—", hellip: "…",
  lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", euro: "€", pound: "£", copy: "©", reg: "®", deg: "°", times: "×", rarr: "→",
};

export function inline(text: string, depth = 0): Node[] {
  const out: Node[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") out.push(plain);
    plain = "";
  };
  let i = 0;
  while (i < text.length) {
    const found = depth > DEEPEST ? null : at(text, i, depth);
    if (found === null) {
      plain += text[i] === "\n" ? " " : text[i];
      i++;
      continue;
    }
    if (typeof found.node === "string") plain += found.node;
    else if (found.node !== null) {
      flush();
      out.push(found.node);
    }
    i = found.next;
  }
  flush();
  return out;
}

// at reads what begins at i: {node, next}, or null for an ordinary character.
function at(text: string, i: number, depth: number): Found {
  switch (text[i]) {
    case "\\":
      return escape(text, i);
    case "`":
      return code(text, i);
    case "*":
    case "_":
      return emphasis(text, i, depth);
    case "!":
      return text[i + 1] === "[" ? picture(text, i) : null;
    case "[":
      return link(text, i, depth);
    case "<":
      return angle(text, i);
    case "&":
      return entity(text, i);
    case "h":
      return bareAddress(text, i);
    case "{":
      return template(text, i);
    case " ":
      return hardBreak(text, i);
    default:
      return null;
  }
}

function escape(text: string, i: number): Found {
  const next = text[i + 1];
  if (next === "\n") return { node: { tag: "br", kids: [] }, next: i + 2 };
  if (next !== undefined && /[!-/:-@[-`{-~]/.test(next)) return { node: next, next: i + 2 };
  return null;
}

function hardBreak(text: string, i: number): Found {
  const m = /^ {2,}\n/.exec(text.slice(i, i + 40));
  return m === null ? null : { node: { tag: "br", kids: [] }, next: i + m[0].length };
}

function code(text: string, i: number): Found {
  const run = /^`+/.exec(text.slice(i))![0];
  let from = i + run.length;
  for (;;) {
    const end = text.indexOf(run, from);
    if (end < 0) return { node: run, next: i + run.length };
    if (text[end + run.length] !== "`" && text[end - 1] !== "`") {
      const inner = text.slice(i + run.length, end).replaceAll("\n", " ");
      const shown = /^ .*[^ ].* $/.test(inner) ? inner.slice(1, -1) : inner;
      return { node: { tag: "code", kids: [shown] }, next: end + run.length };
    }
    from = end + 1;
    while (text[from] === "`") from++;
  }
}

function emphasis(text: string, i: number, depth: number): Found {
  const mark = text[i];
  const size = text[i + 1] === mark ? 2 : 1;
  const run = mark.repeat(size);
  const inside = i + size;
  if (text[inside] === undefined || /\s/.test(text[inside])) return null;
  if (mark === "_" && i > 0 && /[\p{L}\p{N}]/u.test(text[i - 1])) return null; // snake_case
  for (let end = text.indexOf(run, inside + 1); end >= 0; end = text.indexOf(run, end + 1)) {
    if (/[\s\\]/.test(text[end - 1])) continue;
    if (size === 1 && (text[end + 1] === mark || text[end - 1] === mark)) continue;
    if (mark === "_" && /[\p{L}\p{N}]/u.test(text[end + size] ?? "")) continue;
    const kids = inline(text.slice(inside, end), depth + 1);
    return { node: { tag: size === 2 ? "strong" : "em", kids }, next: end + size };
  }
  return { node: run, next: inside };
}

function link(text: string, i: number, depth: number): Found {
  const whole = bracketed(text, i);
  if (whole === null) return null;
  const kids = inline(whole.label, depth + 1);
  const next = afterAttributes(text, whole.next);
  return { node: { tag: "a", attrs: { href: whole.address }, kids }, next };
}

// A picture is an address to open, not something this page fetches.
function picture(text: string, i: number): Found {
  const whole = bracketed(text, i + 1);
  if (whole === null) return null;
  const next = afterAttributes(text, whole.next);
  if (whole.label.trim() === "") return { node: null, next };
  return { node: { tag: "a", attrs: { href: whole.address }, kids: [whole.label] }, next };
}

// bracketed reads [label](address "title") from the opening bracket on.
function bracketed(text: string, i: number): { label: string; address: string; next: number } | null {
  let depth = 0;
  const limit = Math.min(text.length, i + LONGEST_LABEL);
  for (let j = i; j < limit; j++) {
    if (text[j] === "\\") j++;
    else if (text[j] === "[") depth++;
    else if (text[j] === "]" && --depth === 0) {
      const rest = text.slice(j + 1, j + 1 + LONGEST_ADDRESS);
      const m = /^\(\s*(?:<([^<>\n]*)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)/.exec(rest);
      if (m === null) return null;
      return { label: text.slice(i + 1, j), address: m[1] ?? m[2], next: j + 1 + m[0].length };
    }
  }
  return null;
}

function angle(text: string, i: number): Found {
  const rest = text.slice(i, i + LONGEST_ADDRESS);
  const address = /^<((?:https?:\/\/|mailto:)[^\s<>]+)>/i.exec(rest);
  if (address !== null) return auto(address[1], address[1], i + address[0].length);
  const mail = /^<([\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/.exec(rest);
  if (mail !== null) return auto("mailto:" + mail[1], mail[1], i + mail[0].length);
  if (rest.startsWith("!--", 1)) { // not with its first sign: this script stands in a page
    const end = text.indexOf("-->", i);
    return { node: null, next: end < 0 ? text.length : end + 3 };
  }
  const tag = HTML.exec(rest);
  if (tag === null) return null;
  const node = tag[1].toLowerCase() === "br" ? { tag: "br", kids: [] } : null;
  return { node, next: i + tag[0].length };
}

function bareAddress(text: string, i: number): Found {
  if (i > 0 && /[\p{L}\p{N}]/u.test(text[i - 1])) return null;
  const m = ADDRESS.exec(text.slice(i, i + LONGEST_ADDRESS));
  if (m === null) return null;
  const href = m[0].replace(/[.,;:!?)\]}]+$/, "");
  return auto(href, href, i + href.length);
}

function auto(href: string, words: string, next: number): Found {
  return { node: { tag: "a", attrs: { href }, kids: [words] }, next };
}

function entity(text: string, i: number): Found {
  const m = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/.exec(text.slice(i, i + 12));
  if (m === null) return null;
  const next = i + m[0].length;
  if (m[3] !== undefined) return Object.hasOwn(ENTITIES, m[3]) ? { node: ENTITIES[m[3]], next } : null;
  const point = m[1] !== undefined ? Number(m[1]) : Number.parseInt(m[2], 16);
  if (point === 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return { node: "\ufffd", next };
  return { node: String.fromCodePoint(point), next };
}

// Marks of page builders ({% hint %}, {: .class}) are no words of the article.
function template(text: string, i: number): Found {
  const m = /^\{(?:%[^\n]*?%|:[^\n{}]*)\}/.exec(text.slice(i, i + 500));
  return m === null ? null : { node: null, next: i + m[0].length };
}

function afterAttributes(text: string, i: number): number {
  return text[i] === "{" ? (template(text, i)?.next ?? i) : i;
}
