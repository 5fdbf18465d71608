package grade

// Output is what the product did in a case.
type Output struct {
	Case     string  `json:"case"`
	Suite    string  `json:"suite"`
	Replies  []Reply `json:"replies"`
	Degraded bool    `json:"degraded,omitempty"` // a part ran with less than it should: the run is broken
}

// Closed is the action of a turn in which people close the case.
const Closed = "closed"

// Reply is what became of a turn.
type Reply struct {
	Action    string     `json:"action"` // answer, clarify, none, handoff, relay; ack for a press that only notes
	Text      string     `json:"text,omitempty"`
	Citations []Citation `json:"citations,omitempty"`
	Choices   []Choice   `json:"choices,omitempty"`
	Desk      string     `json:"desk,omitempty"`
	Topic     string     `json:"topic,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Rule      string     `json:"rule,omitempty"` // the must-go rule that fired
	Queue     string     `json:"queue,omitempty"`
	P         float64    `json:"p,omitempty"`     // that the best passage answers
	Near      float64    `json:"near,omitempty"`  // that one of the best three does, by which choices are offered
	Sure      float64    `json:"sure,omitempty"`  // the P from which it is quoted
	Maybe     float64    `json:"maybe,omitempty"` // the probability from which choices are offered
	Hits      []string   `json:"hits,omitempty"`  // articles found, best first
	// Arms are what the arms of the search made of each of Hits, before it was
	// ranked: one number, to tell a change there from one of the ranking.
	Arms      []float64         `json:"arms,omitempty"`
	Quoted    []int             `json:"quoted,omitempty"`   // bytes that would be quoted of each of Hits; 0: its section
	Query     string            `json:"query,omitempty"`    // what was looked up, where that is not what was said
	Packet    []Fact            `json:"packet,omitempty"`   // facts of the case that was opened
	Heard     string            `json:"heard,omitempty"`    // what was taken for what the customer said, where it is not that
	Lang      string            `json:"lang,omitempty"`     // the language that it was taken for
	Messages  int               `json:"messages,omitempty"` // in how many it was said; 0: not counted
	Personal  []string          `json:"personal,omitempty"` // words that were found to be personal data
	Invented  []string          `json:"invented,omitempty"`
	Missing   []string          `json:"missing,omitempty"`   // parts that took no part
	Unfounded []string          `json:"unfounded,omitempty"` // what was said without anything that stands for it
	Unsaid    string            `json:"unsaid,omitempty"`    // what a must-go rule says first, where it was not said
	Garbled   []string          `json:"garbled,omitempty"`   // lines whose tables or steps have run together
	Exposed   []string          `json:"exposed,omitempty"`   // what was kept that must be masked
	Spent     *Spent            `json:"spent,omitempty"`     // nil: not counted
	Other     map[string]string `json:"other,omitempty"`     // of a player's own, for its reader
}

// Spent is what a reply asked for that no clock has a part in: the same run asks for
// the same on every machine.
type Spent struct {
	Searches int `json:"searches"`
	Trips    int `json:"trips"` // to the database
}

// Citation is an article and the words of it that were quoted.
type Citation struct {
	Article string `json:"article"`
	Title   string `json:"title,omitempty"`
	Quote   string `json:"quote"`
}

// Choice is an article that was offered, with its line.
type Choice struct {
	Article string `json:"article"`
	Title   string `json:"title"`
	Quote   string `json:"quote,omitempty"`
}

// Fact is a fact of a packet.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// shown are the articles that were quoted or offered, in order.
func (r Reply) shown() []string {
	var out []string
	for _, c := range r.Citations {
		out = append(out, c.Article)
	}
	for _, c := range r.Choices {
		out = append(out, c.Article)
	}
	return out
}

// says is everything a customer can read of a reply.
func (r Reply) says() []string {
	out := []string{r.Text}
	for _, c := range r.Citations {
		out = append(out, c.Title, c.Quote)
	}
	for _, c := range r.Choices {
		out = append(out, c.Title, c.Quote)
	}
	return out
}
