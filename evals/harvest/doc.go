// Package harvest makes candidates for cases of evals out of stored
// conversations: where an agent corrected the bot, a customer was not helped, a
// case came back, or nothing was found. A person labels them.
//
// Words: a talk is a conversation as far as the bot had it; a sign is what says
// that one of its turns is worth a case, and why; a candidate is the talk up to
// that turn, masked, with what was decided then and what people's doings propose;
// a split is train or frozen: what is tuned and trained on, and what only ever
// judges; a folder holds both with their ledger; provenance is the hash of the
// conversation, the day and the reasons, in the case as in the ledger.
//
// Invariants:
//   - no word leaves here that the mask has not seen;
//   - a candidate expects nothing, so that no run takes it before somebody has
//     labelled it: what is proposed stands in comments;
//   - a conversation's split comes of its hash and the folder's share alone, and
//     all its candidates are in one split; the same words are never in both;
//   - a second harvest adds what is new and touches no file that is there; what
//     a person deleted does not come back;
//   - a folder whose splits are mixed, or that is another site's, is refused.
//
// Hashes are keyed with a secret of the installation: who has the folder alone
// cannot tell which conversation it was, nor try ids.
//
// When writing fails, files that were written are found by the ids in them the
// next time: nothing is harvested twice.
package harvest
