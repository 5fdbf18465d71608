package packet

import (
	"slices"
	"strings"

	"frontdesk/bot/convo"
)

// Steps that may be next, the first that applies. Their words stand in
// texts.json.
const (
	StepNow         = "act_now"         // danger, health, law: before anything else
	StepIdentity    = "check_identity"  // before anything is said or changed
	StepLookUpOrder = "look_up_order"   // About: its number
	StepLookUpError = "look_up_error"   // About: the code
	StepAnother     = "another_way"     // About: the title of what did not help
	StepAskOrder    = "ask_order"       //
	StepAskProduct  = "ask_product"     //
	StepAnswer      = "answer_question" // About: the problem
	StepAsk         = "ask_matter"      // nothing is known yet
)

// next chooses the next step from what the packet says: it is made of its lines
// and cites what they cite.
func next(p Packet) *Step {
	fact := func(label string) *Fact {
		for _, f := range slices.Backward(p.Facts) {
			if f.Label == label && !f.Superseded {
				return &f
			}
		}
		return nil
	}
	reason, desk := value(p.Reason), ""
	if p.Desk != nil {
		desk = p.Desk.Value
	}
	order, code, product := fact(OrderNumber), fact(ErrorCode), fact(Product)
	switch {
	case reason == "sensitive":
		return &Step{Do: StepNow, From: p.Reason.From}
	case reason == "identity" && (p.Identity == nil || p.Identity.Verified != BySignature):
		return &Step{Do: StepIdentity, From: p.Reason.From}
	case code != nil:
		return &Step{Do: StepLookUpError, About: code.Value, From: code.From[:1]}
	case order != nil:
		return &Step{Do: StepLookUpOrder, About: order.Value, From: order.From[:1]}
	}
	for _, a := range slices.Backward(p.Answers) {
		if a.Received == NoHelp && a.Title != "" {
			return &Step{Do: StepAnother, About: a.Title, From: a.From}
		}
	}
	switch {
	case p.Problem == nil && p.Reason != nil:
		return &Step{Do: StepAsk, From: p.Reason.From}
	case p.Problem == nil:
		return nil
	case desk == "support" && product == nil && p.Product == nil:
		return &Step{Do: StepAskProduct, From: p.Desk.From}
	case desk == "service" && ofOrder(p.Topic):
		return &Step{Do: StepAskOrder, From: p.Topic.From}
	default:
		return &Step{Do: StepAnswer, About: p.Problem.Text, From: p.Problem.From}
	}
}

func value(l *Line) string {
	if l == nil {
		return ""
	}
	return l.Value
}

// ofOrder says whether a topic is one that an order belongs to, by the names of
// the shipped list of topics and those alike.
func ofOrder(topic *Guess) bool {
	if topic == nil {
		return false
	}
	for _, of := range []string{"order", "deliver", "shipping", "refund", "return", "payment", "invoice", "billing"} {
		if strings.Contains(strings.ToLower(topic.Value), of) {
			return true
		}
	}
	return false
}

const (
	// sureReply is the probability from which a passage that was found is worth
	// suggesting: an agent reads it before it goes out.
	sureReply = .3
	// longestReply is how many characters a suggestion has at most; a longer
	// passage is an article to read, not a reply.
	longestReply = 1200
)

// reply chooses what the agent may send: the best passage that was found and
// has not failed, else the last one shown that has not.
func reply(in Input, t *transcript, p Packet) *Reply {
	failed, seen := map[string]bool{}, map[string]bool{}
	for _, a := range p.Answers {
		if a.As == "answer" {
			seen[a.Article] = true
			failed[a.Article] = failed[a.Article] || a.Received == NoHelp
		}
	}
	for _, f := range in.Found {
		if f.P >= sureReply && !failed[f.Article] && f.Text != "" && cutRunes(f.Text, longestReply) == len(f.Text) {
			return &Reply{
				Text: f.Text, Article: f.Article, Title: f.Title, URL: f.URL, Shown: seen[f.Article],
				From: []Ref{{Kind: RefArticle, ID: f.Article}},
			}
		}
	}
	for _, s := range slices.Backward(t.messages) {
		if s.Author != convo.Bot {
			continue
		}
		for _, c := range s.Citations {
			if failed[c.Article] || c.Quote == "" || cutRunes(c.Quote, longestReply) < len(c.Quote) {
				continue
			}
			return &Reply{
				Text: c.Quote, Article: c.Article, Title: c.Title, URL: c.URL, Shown: true,
				From: []Ref{{Kind: RefArticle, ID: c.Article}, s.whole()},
			}
		}
	}
	return nil
}
