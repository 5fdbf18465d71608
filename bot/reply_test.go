package bot

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

// Whatever is quoted of an article: each citation is byte for byte what stands
// at its place in the article, and the reply holds all of them in order.
func TestCitations_AreBytesOfTheArticleAndTheReplyHoldsThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		body := rapid.StringN(1, 60, -1).Draw(rt, "body")
		from := rapid.IntRange(0, len(body)-1).Draw(rt, "from")
		to := rapid.IntRange(from+1, len(body)).Draw(rt, "to")
		h := retrieval.Hit{Passage: retrieval.Passage{ArticleID: "a", Title: "A", URL: "/a", Text: body[from:to], From: from, To: to}}
		at := from
		for range rapid.IntRange(0, 3).Draw(rt, "pieces") {
			if at >= to {
				break
			}
			end := rapid.IntRange(at+1, to).Draw(rt, "end")
			h.Pieces = append(h.Pieces, retrieval.Piece{
				From: at, To: end, Text: body[at:end], Joined: rapid.Bool().Draw(rt, "joined"), Row: rapid.Bool().Draw(rt, "row"),
			})
			at = end
		}
		list := citations(h, 7)
		if len(list) != max(1, len(h.Pieces)) {
			rt.Fatalf("%d citations of %d pieces", len(list), len(h.Pieces))
		}
		rest := h.Quote()
		for _, c := range list {
			if c.Quote != body[c.From:c.To] || c.Generation != 7 || c.Article != "a" || c.Title != "A" || c.URL != "/a" {
				rt.Fatalf("%+v of %q", c, body)
			}
			i := strings.Index(rest, c.Quote)
			if i < 0 {
				rt.Fatalf("%q is not in what is left of the reply: %q", c.Quote, rest)
			}
			rest = rest[i+len(c.Quote):]
		}
	})
}
