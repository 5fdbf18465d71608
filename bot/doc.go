// Package bot takes a customer's message and sees it through to its end: a
// quoted answer, an honest no, or a person.
//
// Words: a turn is one customer message and what became of it; the engine runs
// turns; a plan is what a turn is about to do and why; a band is how sure the
// evidence is (sure: quoted, maybe: choices, no: an honest no); a choice is an
// article that may be meant, with the line of it that answers best, or, where
// articles differ only in what they are for, the name of that alone; a follow-up
// leans on what was said before; the parts of a message are its two matters,
// where its words say that it has two: each is quoted, or gets choices of its
// own, or is said to have no answer; a fence is the owner's
// version that the turn began under; the hub tells those who watch a
// conversation what was committed to it; the sweeper ends turns that nobody
// runs any more; a case that people closed is settled, and its memo is what they
// wrote about what they did.
//
// A turn is three trips to Postgres:
//
//	record   the customer's message is committed before anything else; what was
//	         said before comes back with it
//	search   embed, then one trip for passages; for a choice that was answered,
//	         one trip for its article instead; for a message that seems to ask two
//	         things, one more for each part, and one more with the name that was
//	         said before where the message itself leaves it open; for a few words
//	         after choices that say nothing more about them, one more for those alone;
//	         where few turns are at work the first one runs while the message is being
//	         recorded, and is in vain where the message leans on what was said before
//	finish   reply, trace and terminal event, all or nothing, if the fence holds
//
// Invariants:
//   - every recorded turn ends in exactly one terminal event: by its own
//     finish, by the message that merged it, or by the sweeper;
//   - a reply is stored only while the bot owns the conversation and nobody has
//     owned it in between: the fence is in the WHERE clause of the finish;
//   - one client_msg_id is one turn, however often and from wherever it comes;
//   - an answer is byte-exact quotes, each with its citation; without are small
//     talk, and a memo that was asked for, in the words of whoever closed the case;
//   - what was said before a case was closed is not looked back on: nothing that
//     made it a person's then makes it one again;
//   - a choice carries a line of its article, word for word, and a press quotes
//     pieces that hold it; articles that are replaced or for agents only are
//     never offered, nor quoted when chosen;
//   - what the customer says did not help is not said again in that turn;
//   - nothing here waits to see whether more is typed, and nothing queues
//     without bound: beyond MaxTurns the caller is told to come back.
//
// When a part fails: without the embedder, turns go on with words alone and say
// degraded; when the search itself fails or takes too long, the customer is
// told and offered a person, and the turn ends with an error event; without
// Postgres nothing is accepted, and what was recorded is ended by the sweeper
// when it is back. A client that leaves changes nothing: turns run under the
// engine's own context.
//
// Decision: one conversation has at most one open turn, held in its row. A new
// message ends the unfinished one as merged and takes its words along, instead
// of waiting in a queue in some process's memory: this holds over several
// processes and survives each of them. Alternative: a lock per conversation
// and a queue; it answers the first half of a thought first.
package bot
