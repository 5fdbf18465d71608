// Package cases reads and checks what a suite of evals asks: conversations with
// what is expected of each turn, as YAML or JSON Lines, a team's own as well as
// those of the repository.
//
// Words: a case is a conversation with its expectations; a turn is one thing the
// customer says or presses; a suite is the cases of one name; the gold of a turn
// is the articles and facts a right reply has. A severe case fails a release
// alone. A finding is what is wrong with cases, by file and line.
//
// Invariants: a folder is read whole or not at all; every case of a folder has
// an id of its own and expects something; a field that is not known is an error,
// since an expectation that nobody checks would count as kept; the order is that
// of the files' names and of the cases in them.
//
// Every error names the file, the line and what to do.
package cases
