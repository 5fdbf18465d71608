// Package gate says whether a run of the evals may go out: it holds the run
// against the baseline that was accepted before.
//
// Words: a baseline is what became of every case when somebody accepted a run,
// with the reason; a case flips where it passes and did not, or the other way
// round: it is lost or gained; a part is all cases, those of a suite, or a slice
// (those of one language, tag, severity, or with one kind of check); the least
// effect of a part is the smallest change that its number of cases can show.
//
// Verdicts of a part and of the whole:
//
//	regression    worse, by more than chance and by as much as matters; or a
//	              severe case that passed fails now
//	soft          worse, and not sure or not by as much
//	improvement   better, by more than chance and by as much as matters
//	stable        none of these
//	insufficient  too few cases to tell
//
// and of the whole alone: broken (the run is no run), not comparable (grader,
// cases, the configuration's name, the knowledge as a whole or the desks of topics
// that cases are labelled by are others than the baseline's), and not compared
// (there is no baseline).
//
// A configuration is all that decides beside the cases: knowledge, encoders,
// settings, tables and weights. Another one than the baseline's is what a gate is
// for: the two are not comparable as one, and are compared as a change; whoever
// reads the result is told, and what changed.
//
// Invariants:
//   - only the same cases are compared: one that the run lacks breaks it, one
//     that is new is listed and never counted;
//   - a case is severe when the baseline or the run says so;
//   - nothing is compared that was graded by another version of the grader, and
//     everything that is refused says what to do;
//   - suites are corrected for being looked at together, and so are slices, so
//     that a run that is no worse fails once in hundreds;
//   - the same run and baseline give the same result, whatever the order of
//     their lines; there is no clock in it;
//   - a baseline changes only by being accepted or graded again, and keeps who,
//     when and why.
//
// When a file cannot be read the error names it, the line and the remedy.
package gate
