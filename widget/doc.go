// Package widget is what a customer sees: the demo shop's page with its chat,
// and the help pages that citations link to. It serves pages and files; the
// chat itself talks to the HTTP API like any other client.
//
// Words: a help page shows one article of a site's published knowledge. A quote
// is a span of an article's stored text that an answer cited; a help page can
// be asked to mark it. A quote is same (it stands where it stood), moved (its
// words stand elsewhere in the article now) or changed (they are gone). A
// fragment is an article without the page around it, for the chat to open in
// place. A catalogue is a generation seen from afar: what menus, suggestions,
// translations and the sitemap are made of. A gap is a search of the help pages
// that was not answered, by the decision by which the chat says that it has no
// answer. A place is where a request stands: which site's pages, under which
// address, for a reader of which languages.
//
// Invariants:
//   - nobody reads here what is for agents only: to a visitor it does not exist;
//   - what others wrote becomes HTML in one place (render.go), from Markdown and
//     through an allow-list; the browser's own guard is a policy without other
//     hosts, without strings that become markup, and without inline scripts: the
//     app's one script and one style, which stand in its page, are named by their
//     sums, and nothing else may run there;
//   - what is marked as quoted is, byte for byte, what was quoted;
//   - no page needs a script: without one the shop's question box searches the
//     help pages, and a rating is a form;
//   - of readers it is kept what they searched for in vain, how often a page was
//     opened, and what they found missing; never who, and with personal data
//     masked;
//   - which site's help pages stand at a domain is decided by Host alone;
//   - assets/tokens.css alone holds colours and sizes; their contrast is tested.
//
// When a part fails: without Postgres the help pages say so with a 503 and a
// time to come back, and the shop's page still comes. Without the embedder the
// search of the help pages goes on with words alone and says so, and suggestions
// do within their few milliseconds where it is late. Without the sites' settings
// pages come with the defaults. Without the
// API the chat keeps what is written and sends it when it is back; where its page
// cannot be made at all, a small one stands in its window that says so, can be
// closed and tries again by itself.
//
// What shops put on their own pages is made in app/ (see README.md) and served
// by embed.go and apppage.go: the loader, which draws a button and, on first
// intent, a frame; the app within it, also as a page of its own; and a preview.
// The app's page holds all of the app, so that opening the chat waits for one
// round trip; a browser that has it is told with a tag that it is still the
// same. Words of these: the loader runs on a shop's page, the app never does;
// what they tell each other is a closed list of messages, checked by window,
// origin and shape.
//
// Invariants of these:
//   - the app is framed by the site's own origins alone, and speaks to the first
//     of them that spoke to it; before that it says that it is there, and no more;
//   - its budgets (loader 4 KiB, app 25, all with style 40, packed) and the
//     sameness of its twelve languages are tests;
//   - a token stands in a header and in the frame's own storage, nowhere else; only
//     where a browser denies the frame any (third-party cookies blocked) does the
//     page's storage hold it, which is the shop's own.
package widget
