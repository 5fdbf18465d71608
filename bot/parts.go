package bot

import (
	"sync"

	"frontdesk/triage/matters"
)

// splitter is the one that triage reads messages with, made once.
var splitter = sync.OnceValues(matters.New)

// Parts are the two questions of a message that seems to ask two, as spans of
// its bytes: the first with all that stands before the second, and the second
// with all that follows; ok is false for any other message. lang is the
// message's language, as far as it is known. On the corpus' training businesses
// it parts .90 of the messages that ask two things, and .015 of the others: what
// comes of the parts has to say whether there are two.
func Parts(text, lang string) (first, second [2]int, ok bool) {
	s, err := splitter()
	if err != nil {
		return first, second, false // a test reads the tables
	}
	a, b, ok := s.Two(text, primary(lang))
	return [2]int{a.From, a.To}, [2]int{b.From, b.To}, ok
}
