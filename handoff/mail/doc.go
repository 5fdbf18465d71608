// Package mail writes and sends the service's e-mails.
//
// Words: a letter is one e-mail by its kind (an agent's reply, the question
// whether an address is right, a notice that it takes longer, …) with what is
// filled in; a message is a letter written out, with headers; a thread is all
// messages about one case.
//
// Invariants: no header and no address can be smuggled in by what is filled in;
// everything filled into HTML is escaped; each message is there as plain text
// and as HTML, and says the same; a message sent again has the same Message-ID,
// so that whoever receives it twice shows it once; all messages of a case refer
// to one root and so stand in one thread.
//
// When a part fails: Send says whether the server refused for good (Refused) or
// may take it later (everything else); it never waits longer than Config.Budget.
// What was handed over and not confirmed before a process died is sent again:
// that is the one case where a person may get it twice.
//
// Decision: net/smtp of the standard library sends. It is frozen, not gone: the
// protocol that is needed here (MAIL, RCPT, DATA, STARTTLS, PLAIN) has been the
// same for twenty years, it is patched with Go, and it adds no dependency. What
// it lacks are deadlines, set on the connection here, AUTH LOGIN, which is
// twenty lines, and MIME, which any library would only be needed for one shape
// of: two alternatives in quoted-printable.
package mail
