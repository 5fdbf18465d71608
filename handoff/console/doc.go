// Package console is the agents' desk: the JSON and the event stream that the
// desk's page lives on, below /desk/api/v1, and the page itself below /desk.
//
// Words: a tab is one open page of the desk with its event stream; a row is a
// case as a list shows it; looking is who has a case open in a tab, and whether
// they are typing; a draft is what an agent has begun to write and not sent; a
// canned reply is a text that the desk keeps for using again; a passage is a
// piece of the knowledge, the agents' own included; a term is a word as the
// search knows it; an extract is a piece of a text with what was found marked; a
// saved view is a search under a name, one's own or shared by a lead.
//
// How it stays true while it is live: everything that a page shows comes from
// an address that reads it anew. The stream brings rows and says what else to
// read again; each batch carries the cursor to go on from. A page that slept,
// lost its network or met another instance sends its cursor and gets what it
// missed; where that is too long ago it is told to load everything (reset).
// A change may arrive twice and never not at all.
//
// Invariants:
//   - who asks is known from the session, never from a body or an address, and
//     is read anew for every request and again while a stream is open;
//   - a case that somebody may not read is not there for them: not in a list,
//     not in a stream, not by its id;
//   - a search finds, counts and pages only what its asker may read, by the
//     rights of the moment it is run: cases, and for leads and whom no list of
//     queues bounds conversations that the assistant had alone;
//   - what a visitor wrote goes out as JSON strings and is put on the page as
//     text; the page's policy lets no markup, script or style be made of it;
//   - a change is refused unless it comes from a page of ours.
//
// When a part fails: without Postgres every address says so (503) and streams
// beat on until it is back; without the search, passages say so and all else
// works; a process that ends lets its tabs reconnect to another one, where they
// find drafts, rows and lines as they were. Who is looking and typing is kept
// for seconds and may be forgotten.
//
// Decision: the search cuts words itself, folds case and accents, and finds a
// word by its beginning; scripts without spaces are cut into pairs of
// neighbouring characters. Context: an agent types beginnings of words, names
// and numbers, in a language that nobody states, and a conversation may be in
// two. A stem needs the language of both sides and finds no name; pieces of
// three characters would find parts of words in the middle, at three times the
// index and with nothing for two Chinese characters. Consequence: "went" does
// not find "gone".
//
// Decision: words are read by the desk's processes within half a second, from a
// list of what is due that triggers write to, not in the transaction that says
// them: a customer's turn waits for no index. They lie by case, not by message,
// so that words of two messages are one question to the index.
//
// Decision: a stream beats by the clock, however much there is to tell. Context: a
// beat has the page renew its presence, and every third one has the session looked
// at again; while it came only after ten quiet seconds, somebody in a busy queue was
// away after thirty, and a revoked session read on. Consequence: a thousand agents
// are a hundred presences a second, on a busy day as on a quiet one.
//
// Decision: counts that every page asks for after a change (queues, people) are read
// by the first who asks for all who ask until that reading begins, at most ten times
// a second for each site and process (gathered). Context: each reading goes over the
// whole desk, and a thousand pages hear of the same change. What somebody is told was
// read after they asked: nothing is kept. Pages wait longer the more people there are.
//
// Decision: a change is read once for all tabs of a process, looked at for those
// rooms of tabs alone (people of the same queues and rights) that it concerns, and
// written out once for each room; who is named in it is told by themselves. Context:
// of a thousand agents twenty work in a queue, and looking at each of the others
// for every change cost more than telling the twenty.
//
// Decision: the page renews its presence when the stream beats, not by a timer
// of its own. Context: browsers slow the timers of hidden tabs to one a minute,
// and a presence that is believed for longer than thirty seconds is not true
// for a closed laptop. What arrives over the network is handled at once in
// hidden tabs too.
//
// Decision: one stream a tab, which carries the open case's conversation as
// well; opening another case begins a new stream at the old cursor. Browsers
// open six connections to a host, and two for each tab would be used up by the
// third tab.
package console
