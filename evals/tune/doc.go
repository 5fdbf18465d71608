// Package tune finds the thresholds of a site that cost least, and says whether
// they really do.
//
// Words: a cost table says what each way to end a turn costs; an item is a turn
// whose case says what was wanted, with what would come of it in each band; a
// band is sure (quoted), maybe (choices) or no; an ending is what that is worth
// to the customer; the calibration split is where thresholds are looked for, the
// check split where they are tried; a cluster is the items about one article, or
// of one conversation, which stand or fall together and are never in both splits.
//
// How: a turn was played three times, once in each band, so that what any pair of
// thresholds leads to is known without playing it: from sure on the first, else
// from maybe on the second, else the third. The cheapest pair of a grid of
// hundredths is taken; of equals, the one nearest to the thresholds of now.
//
// Invariants:
//   - frozen cases are in the check split alone;
//   - the check split chooses nothing;
//   - thresholds are proposed only where the check split costs less with them by
//     more than chance, by a paired interval that draws clusters;
//   - the same items, costs and seed give the same result.
//
// A cost table that cannot be read is an error with file, line and what to do;
// too few items for two splits are one, too.
package tune
