package main

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals/harvest"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
)

// signed is a conversation with what was found about it. A sign of a case has no
// turn until the conversation has been read.
type signed struct {
	conversation convo.ID
	signs        []harvest.Sign
	cases        []caseSign
}

// caseSign is a sign of a case: the turn is that of its problem, or the last one
// before it was opened.
type caseSign struct {
	harvest.Sign
	problem string // id of a message; may be empty
	opened  time.Time
}

const (
	// What a customer said of a reply, and replies that were none.
	selectTurnSigns = `
SELECT f.conversation_id, e.turn_id, 'not_quite' AS why, f.at
FROM feedback f
JOIN events e ON e.site_id = f.site_id AND e.conversation_id = f.conversation_id AND e.kind = 'message' AND e.body ->> 'id' = f.message_id::text
WHERE f.site_id = $1 AND NOT f.helpful AND f.at >= $2 AND e.turn_id IS NOT NULL
UNION ALL
SELECT t.conversation_id, t.turn_id, 'abstained', t.ended_at
FROM turns t
WHERE t.site_id = $1 AND t.ended_at >= $2 AND t.trace ->> 'reason' = 'no_answer'
ORDER BY 4, 1, 2`

	// How cases were dealt with.
	selectCaseSigns = `
SELECT c.conversation_id, c.reference, s.why, s.at, c.opened_at, coalesce(c.packet #>> '{problem,from,0,id}', '')
FROM cases c
JOIN LATERAL (
    SELECT 'bad_rating' AS why, r.rated_at AS at FROM case_ratings r
    WHERE r.site_id = c.site_id AND r.case_id = c.case_id AND (r.satisfaction <= 2 OR r.ease <= 2)
    UNION ALL
    SELECT 'reopened', e.at FROM case_events e
    WHERE e.site_id = c.site_id AND e.case_id = c.case_id AND e.kind = 'reopened'
) s ON s.at >= $2
WHERE c.site_id = $1 AND c.ended NOT IN ('spam', 'merged', 'duplicate')
ORDER BY s.at, c.conversation_id, s.why`

	selectCaseOfReference = `
SELECT conversation_id, opened_at, coalesce(packet #>> '{problem,from,0,id}', '') FROM cases WHERE site_id = $1 AND reference = $2`

	selectTraces = `SELECT turn_id, outcome, trace FROM turns WHERE site_id = $1 AND conversation_id = $2`

	selectWhose = `
SELECT v.name, v.email, c.language FROM conversations c JOIN visitors v USING (site_id, visitor_id)
WHERE c.site_id = $1 AND c.conversation_id = $2`
)

// signs finds the conversations that have any, the first sign's time first.
func (r *talkReader) signs(ctx context.Context, me handoff.Actor, since time.Time, why []string) ([]*signed, error) {
	var out []*signed
	by := map[convo.ID]*signed{}
	of := func(id convo.ID) *signed {
		if by[id] == nil {
			by[id] = &signed{conversation: id}
			out = append(out, by[id])
		}
		return by[id]
	}
	wanted := func(w string) bool { return len(why) == 0 || slices.Contains(why, w) }
	var conversation, turn convo.ID
	var s harvest.Sign
	rows, err := r.desk.Pool.Query(ctx, selectTurnSigns, r.site, since)
	if err != nil {
		return nil, err
	}
	if _, err := pgx.ForEachRow(rows, []any{&conversation, &turn, &s.Why, &s.At}, func() error {
		if wanted(s.Why) {
			s.Turn = turn.String()
			found := of(conversation)
			found.signs = append(found.signs, s)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	var c caseSign
	var reference string
	if rows, err = r.desk.Pool.Query(ctx, selectCaseSigns, r.site, since); err != nil {
		return nil, err
	}
	if _, err := pgx.ForEachRow(rows, []any{&conversation, &reference, &c.Why, &c.At, &c.opened, &c.problem}, func() error {
		if wanted(c.Why) {
			found := of(conversation)
			found.cases = append(found.cases, c)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if !wanted(harvest.Corrected) {
		return out, nil
	}
	return out, r.desk.Labelled(ctx, me, since, func(l handoff.Labelled) error {
		c := caseSign{Sign: harvest.Sign{Why: harvest.Corrected, At: l.ClosedAt, Article: l.Answered()}}
		if l.Moved {
			c.Desk = l.Desk
		}
		if l.Topical {
			c.Topic = l.Topic
		}
		if err := r.desk.Pool.QueryRow(ctx, selectCaseOfReference, r.site, l.Reference).Scan(&conversation, &c.opened, &c.problem); err != nil {
			return err
		}
		found := of(conversation)
		found.cases = append(found.cases, c)
		return nil
	})
}

// read reads a conversation as far as the bot had it, and how to mask it.
func (r *talkReader) read(ctx context.Context, s *signed) (t harvest.Talk, mask func(string) string, err error) {
	key := convo.Key{Site: r.site, ID: s.conversation}
	t = harvest.Talk{ID: s.conversation.String(), Signs: s.signs}
	var name, email string
	if err := r.desk.Pool.QueryRow(ctx, selectWhose, r.site, s.conversation).Scan(&name, &email, &t.Language); err != nil {
		return t, nil, err
	}
	events, err := r.events(ctx, key)
	if err != nil {
		return t, nil, err
	}
	traces, err := r.traces(ctx, key)
	if err != nil {
		return t, nil, err
	}
	messages := map[string]string{} // turns by message
	at := map[string]time.Time{}    // when a turn was begun
	for _, e := range events {
		var m convo.Message
		trace, ended := traces[e.Turn]
		if e.Kind != convo.KindMessage || !ended || trace.outcome == convo.Relayed || json.Unmarshal(e.Body, &m) != nil {
			continue // said to a person, or not to be read
		}
		id := e.Turn.String()
		messages[m.ID.String()] = id
		if m.Author == convo.Customer {
			at[id] = e.At
			t.Turns = append(t.Turns, trace.turn(id, m.Text))
		}
	}
	for _, c := range s.cases {
		c.Turn = messages[c.problem]
		for _, turn := range t.Turns {
			if messages[c.problem] == "" && !at[turn.ID].After(c.opened) {
				c.Turn = turn.ID // the last one before
			}
		}
		t.Signs = append(t.Signs, c.Sign)
	}
	return t, r.masker(events, name, email), nil
}

func (r *talkReader) events(ctx context.Context, key convo.Key) ([]convo.Event, error) {
	const page = 500
	var out []convo.Event
	for after := int64(0); ; after = out[len(out)-1].Seq {
		list, err := r.convs.Events(ctx, key, after, page)
		if err != nil {
			return nil, err
		}
		if out = append(out, list...); len(list) < page {
			return out, nil
		}
	}
}

// ended is an ended turn.
type ended struct {
	outcome convo.Outcome
	bot.Trace
}

func (e ended) turn(id, text string) harvest.Turn {
	t := harvest.Turn{ID: id, Text: text, Action: action(e.outcome), Reason: e.Reason, P: e.P}
	switch {
	case e.outcome == convo.Clarify:
		for _, c := range e.Choices {
			t.Articles = append(t.Articles, c.Article)
		}
	case e.outcome == convo.Answer && e.Chosen != nil:
		t.Articles = []string{e.Chosen.Article}
	case e.outcome == convo.Answer && len(e.Passages) > 0:
		t.Articles = []string{e.Passages[0].Article}
	}
	return t
}

func (r *talkReader) traces(ctx context.Context, key convo.Key) (map[convo.ID]ended, error) {
	rows, err := r.desk.Pool.Query(ctx, selectTraces, key.Site, key.ID)
	if err != nil {
		return nil, err
	}
	out := map[convo.ID]ended{}
	var id convo.ID
	var e ended
	var raw []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &e.outcome, &raw}, func() error {
		e.Trace = bot.Trace{}
		out[id] = e
		if err := json.Unmarshal(raw, &e.Trace); err != nil {
			return nil //nolint:nilerr // an old trace that cannot be read says nothing, and its words still count
		}
		out[id] = e
		return nil
	})
	return out, err
}

// personal says which facts of a packet tell who somebody is, or are theirs.
func personal(label string) bool {
	switch label {
	case packet.Product, packet.ErrorCode, packet.SoftVersion, packet.Date, packet.Amount, packet.Quantity:
		return false
	default:
		return true
	}
}

// masker takes out what the finder of personal data finds, who the customer is,
// and every personal fact that a packet of the whole conversation would hold:
// names and references that no shape gives away.
func (r *talkReader) masker(events []convo.Event, name, email string) func(string) string {
	words := map[string]string{}
	add := func(word, label string) {
		if word = strings.ToLower(strings.TrimSpace(word)); utf8.RuneCountInString(word) > 1 && words[word] == "" {
			words[word] = "[" + label + "]"
		}
	}
	add(email, packet.Email)
	add(name, packet.Name)
	for _, f := range r.maker.Make(packet.Input{Events: events, OrderNumbers: r.patterns}).Facts {
		if personal(f.Label) {
			add(f.Value, f.Label)
		}
		if f.Label == packet.Name {
			name += " " + f.Value
		}
	}
	for part := range strings.FieldsSeq(name) { // "this is Ann"
		if utf8.RuneCountInString(part) > 2 {
			add(part, packet.Name)
		}
	}
	m := choiceMasker{finder: r.finder, patterns: r.patterns}
	return func(s string) string { return m.mask(hideWords(s, words)) }
}

// hideWords replaces words, in any case, where they stand by themselves; of two
// that overlap the longer one counts.
func hideWords(s string, words map[string]string) string {
	if len(words) == 0 {
		return s
	}
	list := slices.SortedFunc(maps.Keys(words), func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for i, w := range list {
		list[i] = regexp.QuoteMeta(w)
	}
	re, err := regexp.Compile("(?i)" + strings.Join(list, "|"))
	if err != nil { // quoted: it cannot be
		return s
	}
	var b strings.Builder
	at := 0
	for _, m := range re.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(s[:m[0]])
		after, _ := utf8.DecodeRuneInString(s[m[1]:])
		if wordRune(before) || wordRune(after) {
			continue
		}
		b.WriteString(s[at:m[0]])
		b.WriteString(cmp.Or(words[strings.ToLower(s[m[0]:m[1]])], "[hidden]")) // folded otherwise
		at = m[1]
	}
	b.WriteString(s[at:])
	return b.String()
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
