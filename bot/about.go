package bot

import "frontdesk/bot/convo"

// withAbout is what was said before, newest first, with the article that the
// conversation was begun from as the very first thing that was said: "Ask about
// this" below Returns and refunds, and then "how much is it?", leans on that
// title as it would on a question. A message that stands alone carries nothing.
func withAbout(rec Recorded) []convo.Message {
	if rec.About == "" || len(rec.Past) >= PastMessages || rec.Settled > 0 {
		return rec.Past // the beginning is out of sight
	}
	past := append([]convo.Message(nil), rec.Past...)
	// Only what stands before a reply was said before.
	return append(past, convo.Message{Author: convo.System}, convo.Message{Author: convo.Customer, Text: rec.About})
}
