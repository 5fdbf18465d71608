package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
	"frontdesk/triage"
	"frontdesk/triage/pii"
)

// choiceLine is what an agent's choices make of a closed case: a message as
// triage takes it, and what it turned out to be. `labels examples import` takes
// it as it is.
type choiceLine struct {
	ID      string        `json:"id"` // of the case, so that a second export says the same
	Text    string        `json:"text"`
	History []triage.Said `json:"history"`
	Desk    string        `json:"desk"`
	Topic   string        `json:"topic,omitempty"`
	Article string        `json:"article,omitempty"`
	Product string        `json:"product,omitempty"`
	From    choiceFrom    `json:"from"`
}

// choiceFrom says where a label is from.
type choiceFrom struct {
	Source    string    `json:"source"` // desk
	Reference string    `json:"reference"`
	ClosedAt  time.Time `json:"closed_at"`
	Ended     string    `json:"ended"`
	Language  string    `json:"language,omitempty"`
	Chosen    []string  `json:"chosen"` // moved, topic, product, sent, unused: what people decided
	// Was is what triage had said.
	Was struct {
		Desk    string `json:"desk,omitempty"`
		Topic   string `json:"topic,omitempty"`
		Product string `json:"product,omitempty"`
	} `json:"was"`
	Queue     string   `json:"queue"`
	FromQueue string   `json:"from_queue,omitempty"`
	Why       []string `json:"why,omitempty"`
	Suggested string   `json:"suggested,omitempty"` // article of the suggestion that was sent
	Edited    *float64 `json:"edited,omitempty"`    // how far it was changed, 0 to 1
	Unused    []string `json:"unused,omitempty"`    // articles of suggestions that were turned down
}

// exportChoices prints what agents decided about the cases that were closed since
// a moment, as examples for triage, masked.
func (a *app) exportChoices(ctx context.Context, site string, since time.Time) error {
	finder, err := pii.New()
	if err != nil {
		return err
	}
	return a.withDesk(ctx, site, func(d *pgdesk.Desk, me handoff.Actor) error {
		patterns, err := orderPatterns(ctx, d, me.Site)
		if err != nil {
			return err
		}
		enc := json.NewEncoder(a.stdout)
		enc.SetEscapeHTML(false)
		written, without := 0, 0
		err = d.Labelled(ctx, me, since, func(l handoff.Labelled) error {
			line, ok := choiceOf(l, choiceMasker{finder, patterns, []string{l.Name, l.Email}})
			if !ok {
				without++
				return nil
			}
			written++
			return enc.Encode(line)
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stderr, "%d examples; %d cases say nothing that triage could learn\n", written, without)
		return err
	})
}

// orderPatterns are the site's own patterns of order numbers.
func orderPatterns(ctx context.Context, d *pgdesk.Desk, site int32) ([]string, error) {
	rows, err := d.Pool.Query(ctx, `SELECT jsonb_array_elements_text(policy -> 'order_numbers') FROM triage_sites WHERE site_id = $1 AND jsonb_typeof(policy -> 'order_numbers') = 'array'`, site)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// mostHistory is how many earlier messages a line carries.
const mostHistory = 6

// choiceOf makes a line of a case; ok is false where it has no words, or neither
// desk nor article is known.
func choiceOf(l handoff.Labelled, m choiceMasker) (line choiceLine, ok bool) {
	said, before := l.Said()
	line = choiceLine{
		ID: "desk-" + l.Reference, Text: m.mask(said), History: []triage.Said{},
		Desk: l.Desk, Topic: l.Topic, Article: l.Answered(), Product: l.Product,
	}
	for _, b := range before[max(0, len(before)-mostHistory):] {
		role := map[convo.Author]string{convo.Customer: triage.RoleCustomer, convo.Bot: triage.RoleBot, convo.Agent: triage.RoleAgent}[b.Author]
		if role != "" && strings.TrimSpace(b.Text) != "" {
			line.History = append(line.History, triage.Said{Role: role, Text: m.mask(b.Text)})
		}
	}
	f := &line.From
	f.Source, f.Reference, f.ClosedAt, f.Ended, f.Language, f.Queue = "desk", l.Reference, l.ClosedAt, string(l.Ended), l.Language, l.To
	f.Was.Desk, f.Was.Topic, f.Was.Product = l.Was.Desk, l.Was.Topic, l.Was.Product
	for name, yes := range map[string]bool{"moved": l.Moved, "topic": l.Topical, "product": l.Lined, "sent": line.Article != "", "unused": len(l.Unused) > 0} {
		if yes {
			f.Chosen = append(f.Chosen, name)
		}
	}
	slices.Sort(f.Chosen)
	if l.Moved {
		f.FromQueue = l.From
	}
	for _, why := range l.Why {
		f.Why = append(f.Why, m.mask(why))
	}
	if l.Article != "" {
		edited := l.Edited
		f.Suggested, f.Edited = l.Article, &edited
	}
	f.Unused = l.Unused
	return line, strings.TrimSpace(line.Text) != "" && (line.Desk != "" || line.Article != "")
}

// choiceMasker takes personal data out of words.
type choiceMasker struct {
	finder   *pii.Finder
	patterns []string // of order numbers
	known    []string // name and address of the one who wrote
}

func (m choiceMasker) mask(s string) string {
	var b strings.Builder
	at := 0
	for _, x := range m.finder.FindWith(s, m.patterns) {
		b.WriteString(s[at:x.From])
		b.WriteString("[" + x.Kind + "]")
		at = x.To
	}
	b.WriteString(s[at:])
	out := b.String()
	for i, known := range m.known {
		if known = strings.TrimSpace(known); len(known) < 2 {
			continue
		}
		what := []string{"[name]", "[email]"}[min(i, 1)]
		out = replaceFold(out, known, what)
		if i == 0 { // its parts as well: "this is Ann"
			for part := range strings.FieldsSeq(known) {
				if len([]rune(part)) > 2 {
					out = replaceFold(out, part, what)
				}
			}
		}
	}
	return out
}

// replaceFold replaces a word or words, in any case, where they stand by
// themselves.
func replaceFold(s, old, with string) string {
	re, err := regexp.Compile(`(?i)` + regexp.QuoteMeta(old))
	if err != nil || old == "" { // quoted: it cannot be
		return s
	}
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
	var b strings.Builder
	done := 0
	for at := 0; at < len(s); {
		m := re.FindStringIndex(s[at:])
		if m == nil {
			break
		}
		from, to := at+m[0], at+m[1]
		before, _ := utf8.DecodeLastRuneInString(s[:from])
		after, size := utf8.DecodeRuneInString(s[to:])
		if from > 0 && inWord(before) || size > 0 && inWord(after) {
			_, first := utf8.DecodeRuneInString(s[from:])
			at = from + first
			continue
		}
		b.WriteString(s[done:from])
		b.WriteString(with)
		at, done = to, to
	}
	b.WriteString(s[done:])
	return b.String()
}

// parseSince reads a day, a moment, or a number of days back: 2026-11-01,
// 2026-11-01T08:00:00Z, 30d. Empty: from the beginning.
func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n < 36500 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since: %q is no day (2026-11-01), no moment (2026-11-01T08:00:00Z) and no number of days (30d)", s)
}
