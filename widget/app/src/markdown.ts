// Markdown of answers as a tree of plain objects: paragraphs, headings, lists,
// tables, quotes and code. What it does not know it shows as text. HTML in it
// stays words or goes; see dom.js for how the tree becomes elements.

import { inline, type Node } from "./inline";

type Element = Exclude<Node, string>;
/** What was read, null where nothing is to be shown, and the line after it. */
type Block = [Node | null, number];

const DEEPEST = 8; // lists within lists; a hostile text nests ten thousand

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})(?=[ \t]|$)/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:([ \t]+)(.*)|[ \t]*)$/;
const DELIMITERS = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const TEMPLATE = /^[ \t]*\{(?:%.*%|:.*)\}[ \t]*$/;

export function markdown(text: string): Node[] {
  return blocks(text.replaceAll("\r\n", "\n").replaceAll("\t", "    ").split("\n"), 0);
}

/** The words of a tree, on one line. */
export function plain(nodes: Node[]): string {
  const words = nodes.map((n) => (typeof n === "string" ? n : plain(n.kids) + (n.tag === "li" || n.tag === "td" ? " " : "")));
  return words.join("").replace(/\s+/g, " ");
}

function blocks(lines: string[], depth: number): Node[] {
  const out: Node[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i];
    if (line.trim() === "" || TEMPLATE.test(line)) {
      i++;
      continue;
    }
    const [node, next] = block(lines, i, depth);
    if (node !== null) out.push(node);
    i = next;
  }
  return out;
}

// block reads the one that begins at line i; it takes one line at least.
function block(lines: string[], i: number, depth: number): Block {
  const line = lines[i];
  if (depth > DEEPEST) return [{ tag: "p", kids: inline(lines.slice(i).join("\n")) }, lines.length];
  if (FENCE.test(line)) return fence(lines, i);
  const heading = HEADING.exec(line);
  if (heading !== null) return [title(heading[1].length, headingWords(line.slice(heading[0].length))), i + 1];
  if (RULE.test(line)) return [{ tag: "hr", kids: [] }, i + 1];
  if (/^ {0,3}>/.test(line)) return quote(lines, i, depth);
  if (startsTable(lines, i)) return table(lines, i);
  if (ITEM.test(line)) return list(lines, i, depth);
  return paragraph(lines, i);
}

// Headings of an answer stand below those of the page around it.
function title(level: number, words: string): Node {
  return { tag: "h" + Math.min(level + 2, 6), kids: inline(words) };
}

// headingWords leaves out the marks that may close a heading: "## Words ##".
function headingWords(rest: string): string {
  const words = rest.trim();
  let end = words.length;
  while (end > 0 && words[end - 1] === "#") end--;
  return end === 0 || /[ \t]/.test(words[end - 1]) ? words.slice(0, end).trim() : words;
}

function fence(lines: string[], i: number): Block {
  const mark = FENCE.exec(lines[i])![1];
  let end = i + 1;
  while (end < lines.length && !closes(lines[end], mark)) end++;
  const code = { tag: "code", kids: [lines.slice(i + 1, end).join("\n")] };
  return [{ tag: "pre", kids: [code] }, end + 1];
}

function closes(line: string, mark: string): boolean {
  const t = line.trim();
  return t.length >= mark.length && t.split("").every((c) => c === mark[0]);
}

function quote(lines: string[], i: number, depth: number): Block {
  let end = i;
  while (end < lines.length && /^ {0,3}>/.test(lines[end])) end++;
  const inner = lines.slice(i, end).map((l) => l.replace(/^ {0,3}> ?/, ""));
  return [{ tag: "blockquote", kids: blocks(inner, depth + 1) }, end];
}

function list(lines: string[], i: number, depth: number): Block {
  const first = ITEM.exec(lines[i])!;
  const ordered = /\d/.test(first[2]);
  const kind = first[2].at(-1); // "-", "*", "+", "." or ")": another one begins another list
  const items: Element[] = [];
  let loose = false;
  while (i < lines.length) {
    const m = ITEM.exec(lines[i]);
    if (m === null || RULE.test(lines[i]) || m[2].at(-1) !== kind || /\d/.test(m[2]) !== ordered) break;
    const [inner, next] = itemLines(lines, i, m);
    loose ||= inner.slice(0, lastWord(inner)).includes("");
    items.push({ tag: "li", kids: blocks(inner, depth + 1) });
    i = next;
    if (i < lines.length && i > 0 && lines[i - 1].trim() === "" && ITEM.test(lines[i])) loose = true;
  }
  if (!loose) for (const item of items) item.kids = tight(item.kids);
  const node: Element = { tag: ordered ? "ol" : "ul", kids: items };
  const start = Number.parseInt(first[2], 10);
  if (ordered && start !== 1) node.attrs = { start };
  return [node, i];
}

// itemLines gathers what belongs to the item that begins at line i, without its
// mark and indent.
function itemLines(lines: string[], i: number, m: RegExpExecArray): [string[], number] {
  const gap = m[3] === undefined || m[3].length > 4 ? 1 : m[3].length;
  const indent = m[1].length + m[2].length + gap;
  const inner = [m[4] ?? ""];
  let end = i + 1;
  for (; end < lines.length; end++) {
    const line = lines[end];
    if (line.trim() === "") {
      const more = lines.slice(end).find((l) => l.trim() !== "");
      if (more === undefined || (indentOf(more) < indent && !(indentOf(more) >= 2 && indent > 2 && !ITEM.test(more)))) break;
      inner.push("");
    } else if (indentOf(line) >= indent) {
      inner.push(line.slice(indent));
    } else if (indentOf(line) >= 2 && ITEM.test(line.trimStart()) && m[1].length < indentOf(line)) {
      inner.push(line.trimStart()); // a nested list, indented less than it should be
    } else if (!ITEM.test(line) && !startsBlock(line) && !RULE.test(line) && lines[end - 1].trim() !== "") {
      inner.push(line.trimStart()); // a paragraph that goes on
    } else {
      break;
    }
  }
  while (end < lines.length && lines[end].trim() === "") end++;
  return [inner, end];
}

function lastWord(lines: string[]): number {
  let n = lines.length;
  while (n > 0 && lines[n - 1] === "") n--;
  return n;
}

// tight takes a short item's words out of their paragraphs.
function tight(kids: Node[]): Node[] {
  return kids.flatMap((k) => (typeof k !== "string" && k.tag === "p" ? k.kids : [k]));
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function startsTable(lines: string[], i: number): boolean {
  return lines[i].includes("|") && i + 1 < lines.length && lines[i + 1].includes("-") && DELIMITERS.test(lines[i + 1]);
}

function table(lines: string[], i: number): Block {
  const head = cells(lines[i]);
  const rows: Node[] = [];
  let end = i + 2;
  for (; end < lines.length && lines[end].includes("|") && lines[end].trim() !== ""; end++) {
    const row = cells(lines[end]);
    rows.push({ tag: "tr", kids: head.map((_, n) => ({ tag: "td", kids: inline(row[n] ?? "") })) });
  }
  const names = { tag: "tr", kids: head.map((c) => ({ tag: "th", kids: inline(c) })) };
  const kids = [{ tag: "thead", kids: [names] }, { tag: "tbody", kids: rows }];
  return [{ tag: "table", kids }, end];
}

function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/(^|[^\\])\|$/, "$1");
  return inner.split(/(?<!\\)\|/).map((c) => c.trim().replaceAll("\\|", "|"));
}

function paragraph(lines: string[], i: number): Block {
  let end = i + 1;
  while (end < lines.length && lines[end].trim() !== "" && !startsBlock(lines[end]) && !endsInList(lines[end])) {
    if (/^ {0,3}(=+|-+)[ \t]*$/.test(lines[end])) {
      const level = lines[end].includes("=") ? 1 : 2;
      return [title(level, lines.slice(i, end).join("\n").trim()), end + 1];
    }
    if (startsTable(lines, end) || TEMPLATE.test(lines[end])) break;
    end++;
  }
  const words = lines.slice(i, end).map((l, n) => (n === end - i - 1 ? l.trim() : l.trimStart()));
  const kids = inline(words.join("\n"));
  return [kids.length === 0 || onlyBlank(kids) ? null : { tag: "p", kids }, end];
}

function onlyBlank(kids: Node[]): boolean {
  return kids.every((k) => typeof k === "string" && k.trim() === "");
}

function startsBlock(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || (RULE.test(line) && !/^ {0,3}-+[ \t]*$/.test(line)) || /^ {0,3}>/.test(line);
}

// A list may follow a paragraph without a blank line, unless it begins with
// another number than one: "in\n2011. That year" is prose.
function endsInList(line: string): boolean {
  const m = ITEM.exec(line);
  return m !== null && (m[4] ?? "") !== "" && (!/\d/.test(m[2]) || Number.parseInt(m[2], 10) === 1);
}
