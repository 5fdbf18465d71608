// Package widget is what a customer sees: the demo shop's page with its chat,
// and the help pages that citations link to. It serves pages and files; the
// chat itself talks to the HTTP API like any other client.
//
// Words: a help page shows one article of a site's published knowledge. A quote
// is a span of an article's stored text that an answer cited; a help page can
// be asked to mark it. A quote is same (it stands where it stood), moved (its
// words stand elsewhere in the article now) or changed (they are gone). A
// fragment is an article without the page around it, for the chat to open in
// place.
//
// Invariants:
//   - nobody reads here what is for agents only: to a visitor it does not exist;
//   - what others wrote becomes HTML in one place (render.go), from Markdown and
//     through an allow-list; the browser's own guard is a policy without inline
//     scripts, without other hosts and without strings that become markup;
//   - what is marked as quoted is, byte for byte, what was quoted;
//   - no page needs a script: without one the shop's question box searches the
//     help pages;
//   - assets/tokens.css alone holds colours and sizes; their contrast is tested.
//
// When a part fails: without Postgres the help pages say so with a 503 and a
// time to come back, and the shop's page still comes. Without the embedder the
// search of the help pages goes on with words alone and says so. Without the
// API the chat keeps what is written and sends it when it is back.
//
// Parts of the browser's code, each with one job, for the embeddable widget to
// take over: sse (event streams over fetch), api (requests, tokens), outbox,
// patience (waits), log (what was said), chat (one conversation kept alive),
// markdown, inline, links, dom (safe text), and the views panel, lines, person,
// passage, composer.
package widget
