package retrieval

import "frontdesk/internal/fault"

// Sentinels; each keeps its code when wrapped, so errors.Is works on copies.
var (
	// ErrNoSite: no site has this name or number.
	ErrNoSite = fault.New(fault.NotFound, "no_such_site", "There is no such site. `frontdesk site list` shows which there are.")

	// ErrNoGeneration: the site has no generation with this number, or none to go back to.
	ErrNoGeneration = fault.New(fault.NotFound, "no_such_generation", "There is no such generation. `frontdesk generation list` shows which are kept.")

	// ErrEmpty: nothing would be left to publish; the published generation stays.
	ErrEmpty = fault.New(fault.Invalid, "no_knowledge", "No article was found under the given paths; the published knowledge stays as it is.")

	// ErrOvertaken: another ingest collected or replaced what this one was building.
	ErrOvertaken = fault.New(fault.Conflict, "ingest_overtaken", "Another ingest of this site took over; the published knowledge stays as it is. Run it again.")

	// ErrNoEmbedder: vectors are missing and nothing can make them.
	ErrNoEmbedder = fault.New(fault.Unavailable, "no_embedder", "No embedder answers. Start one, or ingest with --without-vectors to search by words alone.")

	// ErrQuestion: the question has no words to search for.
	ErrQuestion = fault.New(fault.Invalid, "empty_question", "The question has no words.")

	// ErrVectorFile: a file of vectors cannot be read.
	ErrVectorFile = fault.New(fault.Invalid, "bad_vector_file", "The file of vectors is damaged or of another kind. Make it again with `frontdesk ingest --export-vectors`.")
)
