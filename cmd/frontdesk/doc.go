// Command frontdesk is the whole product in one program: it sets up its parts,
// takes knowledge in, searches it, answers customers over HTTP, and shows who
// waits for a person. This package only wires; what the commands do lives in
// the folders beside cmd.
//
// Every command works by itself: it holds the parts it needs while it runs (see
// parts.go), and the supervisor stops them when nobody holds them any more.
// Standard output carries results only; progress, notes and logs go to standard
// error. The exit status is 0 when all went well, 1 when something did not (of
// a batch: any line), 2 for a command line that cannot be understood, 130 when
// it was interrupted.
package main
