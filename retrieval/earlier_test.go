package retrieval

import (
	"testing"

	"frontdesk/retrieval/variant"
)

// A follow-up of a follow-up is about what the last of them named, and one whose
// last words name nothing, too.
func TestSearch_NamesSettleFromMessageToMessage(t *testing.T) {
	t.Parallel()
	m, e := published("en"), newScripted(nil)
	body := "The Brisa S2 is smaller than the Brisa S3. The Brisa S3 has an app, the Brisa S2 none."
	m.current.Stats.Names = variant.Learn([]variant.Text{
		{Title: "Descaling the Brisa S2", Lang: "en", Body: body}, {Title: "Descaling the Brisa S3", Lang: "en"},
	})
	s := newTestSearcher(t, m, e, SearchConfig{})
	earlier := []string{"how heavy is the S2", "and the S3?"}
	for newest, want := range map[string]string{
		"how wide is it": "how heavy is the Brisa S3\nand the S3?\nhow wide is it",
		"no, the S2":     "how heavy is the Brisa S2\nand the Brisa S2?\nno, the S2",
	} {
		_, err := s.Search(t.Context(), Query{Site: 1, Text: earlier[0] + "\n" + earlier[1] + "\n" + newest, Newest: newest, Earlier: earlier})
		if err != nil {
			t.Fatal(err)
		}
		if got := e.texts[len(e.texts)-1]; got != want {
			t.Errorf("searched for %q, want %q", got, want)
		}
	}
}
