// Package report shows people and other programs what a gate said of a run.
//
// Files, all beside the run's own: report.html, one page for people that works
// from a disk, without network and without script; report.md, for a comment on a
// pull request; junit.xml, for a build server; results.jsonl, a case a line;
// verdict.json, everything the gate said.
//
// Words: a set is the cases behind a figure, which the figure links to; the cost
// of a case is about how many bytes it takes on the page.
//
// Invariants: the same run and result give the same bytes, so there are no times
// in them; what customers and articles say is text wherever it stands, in HTML,
// Markdown and XML; the page stays below 3 MB and the comment below 60 kB, and
// what was left out for that is said, with where it is; a file is written whole
// or not at all.
//
// Writing fails only when the disk does.
package report
