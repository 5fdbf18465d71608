// Package people says who works at the desk, how they prove it, and what they
// may do.
//
// Words: a person is an agent of a site with the queues they work in and,
// perhaps, a password; a permission is one thing that a role allows, and a
// table says which; a session is one browser signed in, known by a token of
// which only the hash is kept; an invitation lets somebody in once, or lets
// them choose a password anew; a try is one attempt to sign in, and a rule
// bounds tries by account and by address; the audit log says who saw or did
// what, and never what anybody wrote.
//
// Invariants:
//   - a password, a token and a hash are in no log, no error and no answer but
//     the one that hands a token out;
//   - every request reads person and session anew, in one query: a role taken
//     away, a person disabled and a session revoked are felt by the next
//     request, in every instance;
//   - a wrong password, an unknown account, a disabled one and one without a
//     password cost the same derivation and are told the same words (after a
//     change of the parameters, a hash costs what it was made with until its
//     owner has signed in once);
//   - a try is counted before it is answered, in the database: several at once,
//     or at several instances, get no more guesses than one after the other;
//   - an invitation is used once, also by two who use it at the same moment;
//   - a site with an admin who can sign in keeps one.
//
// When a part fails: without Postgres nobody can sign in and every request of
// the desk says so (503); sessions are kept there, so nobody is signed out by
// a restart. More logins than the processor can derive keys for wait their
// turn and then are asked to come back; customers' turns go on beside.
//
// Decision: sessions are opaque and looked up, not signed. Context: a role
// taken away in mid-work has to take effect at once. A signed token would need
// a list of what was revoked, read at every request as well. The cost is one
// indexed row a request, less than a third of a millisecond.
//
// Decision: an account's tries are bounded apart from those of the same
// account from an address it was used from before. Context: a bound by account
// alone lets a stranger lock anybody out by guessing wrong on purpose; a bound
// by address alone lets many addresses guess at one account.
//
// Decision: an admin who resets a password gets a link for one use, never a
// password: nobody but its owner ever knows one. The exceptions are the first
// admin of an installation and the terminal, which print one once.
package people
