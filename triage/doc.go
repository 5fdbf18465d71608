// Package triage says what a message is: whose matter (service, support, both,
// none), about what, whether the site's knowledge covers it, whether the customer
// wants a person, how they feel and how much it presses; each with how sure that
// is, and with a stated doubt where nothing firm can be told.
//
// Words: a desk, a topic and a product line are labels; a label is settled (by
// the site's owner, here), the owner's (front matter), by topic (the site's
// table), or suggested (by a model, until somebody settles it). A neighbour is an
// article that the search found near a message; a ballot is a neighbour, or an
// example of the site's own, with what it votes; the tally is what the votes come
// to. The general channel is what is learned of messages whatever the business. A
// list is a site whose entries have example questions: it learns from these which
// entry a message belongs to. A must-go rule sends a message to a person. A
// reading is what a text says by itself; a decision is a reading and what was
// found. A matter is one thing a message is about. A doubt is a field of which
// nothing firm can be told. A signal is what a text says plainly; a pick is a
// number, a yes or a no in answer to choices; a message leans where it says too
// little by itself or says that something did not help.
//
// How it decides: what support sounds like are the product's own words, so the
// articles that the search finds anyway vote with their labels; the general
// channel adds how customers write who complain, chat, or ask what no business
// answers; two small regressions weigh both, and were fitted on businesses other
// than those they are measured on. Package model holds them and their training;
// figures are in README.md. Parts of a message that may be matters of their own
// are each looked up, and are matters where another article answers them.
//
// Invariants: a decision costs no trip to the database and no run of an embedder
// beside the search's, matters aside, but one small read each two seconds that
// says whether the site settled anything since; equal input gives equal bytes; the desks'
// probabilities add up to 1; spans lie within the text and do not overlap; what a
// message says about its own label moves nothing; labels outlive every ingest,
// and a change is seen by all processes within two seconds.
//
// When a part fails: without what the site settled (the database is away and it
// was never read) labels of front matter and the shipped policy serve, and the
// decision says so; without vectors the votes alone decide; a list that cannot be
// learned is tried again a minute later, and its articles vote as articles do
// until then.
package triage
