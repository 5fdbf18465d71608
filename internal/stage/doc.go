// Package stage plays browser scenarios for tests: it finds node, its packages
// and a browser, builds the program under test, runs widget/browser/run.mjs and
// makes each scenario a subtest. No product code imports it.
//
// Words: the stage is the folder that holds run.mjs and node's packages; a set
// is a file of scenarios.
//
// Invariants: packages are fetched by one process at a time, whoever needs them;
// a run that plays nothing fails, unless it was told to play only some.
//
// Where there is no browser, one comes with npm's packages (widget/browser/chromium).
// Without node, without its packages or without a browser a test skips, and says
// what is missing; where CI is set, that is a failure.
package stage
