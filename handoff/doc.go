// Package handoff is the way from the bot to a person and back.
//
// Words: a case is one handoff of a conversation; its reference is what the
// customer can quote; its packet is what an agent knows of it in ten seconds. A
// queue is where cases wait, in a line kept by whose answer is due first. A
// route leads a matter to a queue. An agent is a person of the shop; presence
// says that they are there, capacity how much they hold at once. An actor is
// whoever does something: an agent, the service, the terminal.
//
// # A case's life
//
//	                       Retriage, Transfer, Escalate, offers
//	                             ┌───────┐
//	Open ──────────────────► waiting ◄───┘
//	  ▲                      │  ▲   │
//	  │       Claim, to a    │  │   │ Wait(cancel), Close (spam), Merge
//	  │       person         ▼  │   │
//	  │                   claimed   │      claimed ◄─► asleep: Snooze until a
//	  │   Release, Transfer, │      │      moment, or until the customer writes
//	  │   Escalate, agent    │      │
//	  │   gone: back to ─────┘      │     TakeOver: claimed by a lead
//	  │   waiting            │      │
//	  │                      ▼      ▼
//	  └──── within the ──── closed ────► Reopen by an agent: claimed
//	        queue's time
//
// The conversation's owner follows: waiting is owner queue (owner bot while the
// customer went back to the assistant and keeps the place), claimed is owner
// agent, closed is owner bot. After closing, the assistant has the conversation
// and the memo, and no more: what was said until then is settled. A customer who
// says there that it did not work is offered a person as ever, and whoever asks
// for one within the time that the queue says (72 h unless set) has the same
// case opened again, with its reference, its log and its packet; later it is a
// new case that is linked to the old one (After). A case that was cancelled,
// merged, or closed as spam or a duplicate does not come back.
//
// A conversation has at most one case that has its customer. A second matter
// that goes to another queue is a case of its own beside it (Second): it is
// claimed and worked on like any other, but speaks to the customer only once
// the first is closed; then the conversation is its.
//
// # Invariants
//
//   - the customer is told "I'm connecting you" if and only if the case is in
//     the database: both are written in one transaction, and so is everything
//     that is promised for later;
//   - the owner follows the case, as above, at every moment;
//   - a case is held by at most one agent, and only they (or the bot, where it
//     owns the conversation) speak to the customer;
//   - the clock of an answer begins with the customer's first message that no
//     person has answered, and nothing the service says moves it;
//   - a line is kept by when an answer is due: a priority shortens the time
//     until then, and so puts nobody off for ever;
//   - opening needs Postgres and nothing else: no model, no search. A case that
//     triage had not seen waits in the default queue and is routed once more,
//     before anybody claims it, when triage has;
//   - what the desk writes for itself (notes, offers, reasons) never stands in
//     the conversation; a whisper is read by leads and the one it is for, and
//     nobody else is told that there is one;
//   - after a lead took a case over nothing of the other's is said: a reply that
//     was under way was said before, or is refused.
//
// # When a part fails
//
//	Postgres is away              an honest error, try again in a moment; nothing is half done
//	no embedder, no model         the button works; the case is routed when triage is back
//	the packet cannot be made     the case is opened without; whoever reads it makes it
//	no estimate                   place in line without one
//	a promise cannot be written   no case and no words: the whole is refused
//	a process is killed           what was committed stands; what was not never happened
//	notifications are lost        consoles read changes by cursor each second besides
//	an agent's machine sleeps     away after 30 s; a customer who waits goes back to the
//	                              line after the time the queue says, at their old place
//	an agent is disabled          their cases go back at once
//	a session or a right is       the next request is refused; an open stream ends, or
//	taken away                    begins anew with what is left, within half a minute
//	an offer is not taken         after its time the next one is asked; all asked: round again
//	two claim at once             one has it, the other is told who
//	a queue's hours never open    the clock counts instead, so that the line stays a line
//	a queue is removed            its cases move to another one first
//	who has a case is silent      leads are told, by name and again, until somebody answers
//	no mail server                nobody is told that an answer will come by mail
//	a case goes in circles        after eight moves without an answer only a lead moves it
//	one visitor asks without end  three open, twelve a day, a block list: said kindly
package handoff
