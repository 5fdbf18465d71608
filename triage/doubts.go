package triage

import (
	"fmt"
	"strings"
	"unicode"

	"frontdesk/triage/text"
)

// doubts says of which fields nothing firm can be told.
func (e *Engine) doubts(c *circumstances, d *Decision) {
	r, t := &c.reading, &c.votes
	if list := r.textDoubts(); len(list) > 0 {
		d.doubt("text", strings.Join(list, "; "))
	}
	if r.unknown {
		d.doubt("history", "it has a role that is none of customer, bot, agent; those lines were left out")
	}
	if r.unsettled {
		d.doubt("site", "what it settled could not be read just now: labels of front matter and the shipped rules served")
	}
	if list := c.evidence.Degraded; len(list) > 0 {
		d.doubt("search", strings.Join(list, ", ")+" took no part: it went by less than it should")
	}
	switch {
	case d.Language == "":
		d.doubt("language", "it cannot be told from so little")
	case e.deps.Readers.Language != nil && d.LanguageP < e.cfg.Sure:
		d.doubt("language", fmt.Sprintf("%s is %.2f probable", d.Language, d.LanguageP))
	}
	nothing := ""
	switch {
	case d.Desk == None && d.DeskP.None >= e.cfg.Sure:
	case c.evidence.Generation == 0 && len(t.ballots) == 0:
		nothing = "the site has no knowledge, or nothing was looked up"
	case len(t.ballots) == 0:
		nothing = "nothing of the site's knowledge is near"
	}
	if nothing != "" {
		for _, what := range []string{"desk", "topic", "article"} {
			d.doubt(what, nothing)
		}
		return
	}
	best, lead := d.DeskP.Best()
	switch {
	case d.DeskP.Of(best) < e.cfg.Sure:
		d.doubt("desk", fmt.Sprintf("%s is %.2f probable, %.2f ahead of the next", best, d.DeskP.Of(best), lead))
	case d.Desk != None && t.labelled < e.cfg.Sure:
		d.doubt("desk", "most of what stands near has no label: run `frontdesk labels suggest`")
	}
	if d.Desk == None {
		return
	}
	switch {
	case d.Topic == "":
		d.doubt("topic", "what stands near has no topic")
	case d.TopicP < e.cfg.Sure:
		d.doubt("topic", fmt.Sprintf("%s has %.2f of the votes", d.Topic, d.TopicP))
	case len(r.site.Policy.Topics) > 0 && r.site.Policy.deskOf(d.Topic) == "":
		d.doubt("topic", d.Topic+" is not in the site's table")
	}
	switch {
	case d.Article == "":
		d.doubt("article", "only examples without an article stand near")
	case d.ArticleP < e.cfg.Sure:
		d.doubt("article", fmt.Sprintf("%s has %.2f of the votes", d.Article, d.ArticleP))
	}
	if d.InScopeP < e.cfg.Sure { // the nearest is not near
		d.doubt("topic", notCovered)
		d.doubt("article", notCovered)
		if len(t.ballots) == 1 {
			d.doubt("desk", "one entry alone votes, and "+notCovered)
		}
	}
	if len(d.Products) > 0 {
		d.doubt("product", "which one? "+strings.Join(d.Products, ", ")+" fit")
	}
}

const notCovered = "the site's knowledge probably does not cover it"

// textDoubts are the reasons why a text does not say much.
func (r *Reading) textDoubts() []string {
	var out []string
	switch {
	case !speaks(r.Text):
		out = append(out, "it has no word of any language")
	case single(r.Text):
		out = append(out, "it is a single character")
	case programs(r.Text):
		out = append(out, "most of it is nothing that a person types: a log, a key, encoded data")
	}
	if !r.whole {
		out = append(out, fmt.Sprintf("it is longer than %d characters: only its beginning and its end were read", longest))
	}
	if r.told {
		out = append(out, "it tells which label to give; that was not listened to")
	}
	return out
}

// single says whether a text has but one letter or digit.
func single(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if n++; n > 1 {
				return false
			}
		}
	}
	return n == 1
}

// programs says whether most of what a text has besides blanks was written by a
// program, or is no word at all.
func programs(s string) bool {
	t := text.Normal(s)
	if len(t.Words) == 0 {
		return true
	}
	machine := 0
	for _, p := range t.Machine {
		machine += printed(s[p.From:p.To])
	}
	return 2*machine > printed(s)
}

// printed is how many characters a text has that are no blanks.
func printed(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}
