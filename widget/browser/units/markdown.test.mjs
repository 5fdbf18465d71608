import assert from "node:assert/strict";
import test from "node:test";

import { random } from "./random.mjs";
import { unit } from "./unit.mjs";

const { safeLink } = await unit("links");
const { markdown, plain } = await unit("markdown");

const show = (n) => {
  if (typeof n === "string") return n;
  const attrs = Object.entries(n.attrs ?? {}).map(([k, v]) => ` ${k}=${v}`);
  return `<${n.tag}${attrs.join("")}>${n.kids.map(show).join("")}</${n.tag}>`;
};
const html = (text) => markdown(text).map(show).join("");

test("what articles are made of", () => {
  const rows = [
    ["paragraphs", "a\nb\n\nc", "<p>a b</p><p>c</p>"],
    ["marks", "**a** *b* `c` __d__ _e_", "<p><strong>a</strong> <em>b</em> <code>c</code> <strong>d</strong> <em>e</em></p>"],
    ["marks in marks", "**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"],
    ["marks that are none", "2 * 3 * 4, snake_case_name, **open", "<p>2 * 3 * 4, snake_case_name, **open</p>"],
    ["escapes", "\\*a\\* 1\\. \\\\", "<p>*a* 1. \\</p>"],
    ["a hard break", "a  \nb\\\nc", "<p>a<br></br>b<br></br>c</p>"],
    ["headings", "# a\n## b ##\n### c#d", "<h3>a</h3><h4>b</h4><h5>c#d</h5>"],
    ["underlined headings", "a\n===\nb\n---", "<h3>a</h3><h4>b</h4>"],
    ["a list", "- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"],
    ["steps", "2. a\n3. b", "<ol start=2><li>a</li><li>b</li></ol>"],
    ["steps with air", "1. a\n\n   more\n\n2. b", "<ol><li><p>a</p><p>more</p></li><li><p>b</p></li></ol>"],
    ["a list behind a line", "Take:\n- a\n- b", "<p>Take:</p><ul><li>a</li><li>b</li></ul>"],
    ["a year is no list", "It was in\n2011. That year", "<p>It was in 2011. That year</p>"],
    ["a table", "| a | b |\n|---|:-:|\n| 1 | 2\\|3 |\nafter", "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2|3</td></tr></tbody></table><p>after</p>"],
    ["a table without edges", "a | b\n--- | ---\n1 |", "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td></td></tr></tbody></table>"],
    ["code", "```js\n<b> & *x*\n```", "<pre><code><b> & *x*</code></pre>"],
    ["code that does not end", "~~~\nx", "<pre><code>x</code></pre>"],
    ["a quote", "> a\n> - b", "<blockquote><p>a</p><ul><li>b</li></ul></blockquote>"],
    ["a rule", "a\n\n***\n\nb", "<p>a</p><hr></hr><p>b</p>"],
    ["links", "[a](/x) [b](https://y.example/(z) \"t\") <https://c.example/d>", "<p><a href=/x>a</a> <a href=https://y.example/(z)>b</a> <a href=https://c.example/d>https://c.example/d</a></p>"],
    ["bare addresses", "See https://a.example/b. Or mail.", "<p>See <a href=https://a.example/b>https://a.example/b</a>. Or mail.</p>"],
    ["pictures are links", "![the back](a.png) ![](b.png)", "<p><a href=a.png>the back</a> </p>"],
    ["entities", "&amp;lt; &#233; &#x1F600; &nope; &#0;", "<p>&lt; é 😀 &nope; \ufffd</p>"],
    ["HTML goes, its words stay", "a <b>c</b><br>d <!-- e --> <your name>", "<p>a c<br></br>d  <your name></p>"],
    ["page builders' marks go", "{% hint %}\na\n{% endhint %}\n{: .x}\n[b](/c){:class=\"d\"}", "<p>a</p><p><a href=/c>b</a></p>"],
    ["nothing", " \n\n", ""],
  ];
  for (const [name, text, want] of rows) assert.equal(html(text), want, name);
});

test("words of a tree", () => {
  assert.equal(plain(markdown("**a** `b`\n- c\n- d")), "a bc d ");
});

test("links lead where they may", () => {
  const page = "https://shop.example/a/b";
  const rows = [
    ["/help/x?y#z", "/help/x?y#z"],
    ["https://shop.example/x", "/x"],
    ["https://other.example/", "https://other.example/"],
    ["//other.example/x", "https://other.example/x"],
    ["mailto:a@b.example", "mailto:a@b.example"],
    ["tel:+441130000", "tel:+441130000"],
    ["http://other.example/", null],
    ["other.md", null],
    ["#part", null],
    ["", null],
    ["javascript:alert(1)", null],
    [" JaVaScRiPt:alert(1)", null],
    ["java\nscript:alert(1)", null],
    ["\u0001javascript:alert(1)", null],
    ["data:text/html,x", null],
    ["vbscript:x", null],
    ["blob:https://shop.example/x", null],
    ["filesystem:https://shop.example/x", null],
    ["https://shop.example@evil.example/", null],
    ["https://", null],
  ];
  for (const [href, want] of rows) assert.equal(safeLink(href, page)?.href ?? null, want, JSON.stringify(href));
});

const PARTS = [
  "a", "b ", "\n", "\n\n", "  ", "    ", "*", "**", "_", "`", "```\n", "~~~\n", "#", "# ", "> ", "- ", "1. ", "2) ", "|", "|---|\n", "[", "](", ")", "!", "<", ">", "<b>", "<!--", "-->",
  "&amp;", "&#", ";", "\\", "{%", "%}", "{:", "}", "---\n", "===\n", "https://x.example", "é", "漢", "😀", "\u202e", "\t", "\r\n",
];

const KNOWN = new Set(["p", "br", "strong", "em", "code", "a", "ul", "ol", "li", "h3", "h4", "h5", "h6", "pre", "blockquote", "hr", "table", "thead", "tbody", "tr", "th", "td"]);

test("any text makes a tree of known tags, and no word is lost", () => {
  for (let seed = 0; seed < 3000; seed++) {
    const r = random(seed);
    let text = "";
    for (let i = r.below(60); i > 0; i--) text += r.pick(PARTS);
    const tree = markdown(text);
    const visit = (n, depth) => {
      assert.ok(depth < 60, "seed " + seed);
      if (typeof n === "string") return;
      assert.ok(KNOWN.has(n.tag), `seed ${seed}: ${n.tag}`);
      for (const kid of n.kids) visit(kid, depth + 1);
    };
    for (const n of tree) visit(n, 0);
    const letters = (s) => [...s].filter((c) => c === "漢").length;
    if (!/\]\(|<!--|\{|```|~~~|\|/.test(text)) assert.equal(letters(plain(tree)), letters(text), `seed ${seed}: ${JSON.stringify(text)}`);
  }
});

test("hostile text takes no time to speak of", () => {
  const rows = {
    stars: "*a ".repeat(5000),
    brackets: "[".repeat(20_000),
    "brackets that close": "[a](".repeat(5000),
    quotes: ">".repeat(20_000),
    lists: Array.from({ length: 3000 }, (_, i) => " ".repeat(i % 200) + "- a").join("\n"),
    ticks: "`a``b".repeat(4000),
    tables: "|".repeat(20_000) + "\n" + "|-".repeat(10_000),
    headings: "# " + " ".repeat(20_000) + "x",
    entities: "&".repeat(20_000),
    tags: "<a ".repeat(8000),
  };
  for (const [name, text] of Object.entries(rows)) {
    const began = process.cpuUsage();
    markdown(text);
    const took = process.cpuUsage(began).user / 1000;
    // Quadratic work on these is minutes; what is allowed is a wide margin
    // above the 10 to 300 ms they take.
    assert.ok(took < 8000, `${name}: ${Math.round(took)} ms`);
  }
});
