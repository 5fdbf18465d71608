package bot

import (
	"strings"
	"time"

	"frontdesk/bot/convo"
)

// ReasonFiles is the reason of a no to files without words: the assistant cannot
// look at them, and says so.
const ReasonFiles = "files"

// words makes a customer's words fit for everything that follows. Files may come
// without any.
func (s Say) words() (string, error) {
	if len(s.Files) > 0 && !strings.ContainsFunc(s.Text, visible) {
		return "", nil
	}
	return CleanText(s.Text)
}

// sent says whether files are part of what the turn answers: of its own message,
// or of those before it that were not answered yet.
func (t *Turn) sent() bool {
	if len(t.say.Files) > 0 {
		return true
	}
	for _, m := range t.rec.Past {
		if m.Author == convo.Bot || m.Author == convo.Agent {
			return false
		}
		if m.Author == convo.Customer && len(m.Files) > 0 && t.rec.Merged != (convo.ID{}) {
			return true
		}
	}
	return false
}

// byFiles decides a turn that has files and no words.
func (t *Turn) byFiles() (plan Plan, ok bool) {
	if strings.TrimSpace(t.rec.Input) != "" {
		return Plan{}, false
	}
	return Plan{Action: ActNone, Reason: ReasonFiles}, true
}

// beside adds to a reply, where files came with the words, that the assistant
// has read the words alone.
func (t *Turn) beside(plan Plan, words Words, lang string, now time.Time, more []convo.Message) []convo.Message {
	if plan.Reason == ReasonFiles || !t.sent() {
		return more
	}
	return append(more, convo.Message{ID: t.e.NewID(), Turn: &t.ID, Author: convo.Bot, Text: words.Files, OfferPerson: true, Lang: lang, At: now.UTC()})
}
