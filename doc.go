// Package frontdesk is the root of the repository. It holds the one list of what
// decides about a turn beside code: weights, phrases, words and tables, as they are
// built in. A measurement names each folder's by its hash, so that two runs say
// whether they were made with the same.
//
// Words: what decides is every file of the product that is embedded and read when a
// message is found answers for, told apart, answered or handed over; not pages,
// styles, schemas or migrations.
//
// Invariant: whatever of that kind a package embeds stands in Decides; a test walks
// the packages and says what lacks. Nothing but measurements reads it, and nothing
// happens here, so that nothing can fail.
package frontdesk

import "embed"

// Decides are the files that decide, each under its path in the repository.
//
//go:embed bot/*.json
//go:embed handoff/*.json handoff/estimate/*.json handoff/packet/*.json handoff/pgdesk/*.json
//go:embed internal/proc/pins.json
//go:embed retrieval/*.json retrieval/embed/*.json retrieval/embed/local/data retrieval/embed/local/tok/*.bin retrieval/seek/*.json retrieval/words/*.txt
//go:embed triage/*.json triage/*/*.json triage/*/*.bin triage/*/*.gz triage/*/phrases
var Decides embed.FS
