package variant

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLatest_NewerNamesTakeTheirSiblingsPlace(t *testing.T) {
	t.Parallel()
	body := "Use the Whirl 600 or the Whirl 900. The Whirl 900 and the Whirl 600 blend."
	s := NewSite(Learn(append(shop(), Text{Title: "Whirl 600 blender", Lang: "en", Body: body}, Text{Title: "Whirl 900 blender", Lang: "en"})))
	for _, c := range []struct{ before, newest, want string }{
		{"how hot may it be for the Whirl 900", "and in the 600 then?", "how hot may it be for the Whirl 600"},
		{"S2 warm up time?", "what about the S3", "Brisa S3 warm up time?"},
		{"how heavy for the Gram One?", "does the Pro take more?", "how heavy for the Gram Pro?"},
		{"temperatures on the K2?", "No sorry, the Mini.", "temperatures on the K2 Mini?"},
		{"descaling the S2, and S2 lights", "the S3 I mean", "descaling the Brisa S3, and Brisa S3 lights"},
		// Nothing is put in its place.
		{"how do I descale the S2", "and how often?", ""},
		{"how do I descale the S2", "is it the same as for the S3, or is the S2 quicker?", ""},
		{"how do I descale the S2", "and the S3, and the K2 Mini?", "how do I descale the Brisa S3"},
		{"how do I clean the Brisa", "it is the S3", ""},
		{"S2 warm up time?", "the Brisa I mean", ""},
		{"the S2 warms up slowly", "how do I pair the Gram Pro", ""},
		{"for the Whirl 900", "it has run for 900 hours", ""},
		{"for the Whirl 900", "after 20 minutes?", ""},
	} {
		want := c.want
		if want == "" {
			want = c.before
		}
		if got := s.Latest(c.before+"\n"+c.newest, c.newest); got != want+"\n"+c.newest {
			t.Errorf("%q, then %q: %q", c.before, c.newest, got)
		}
	}
}

func TestSettled_EachMessageCorrectsTheNamesBeforeIt(t *testing.T) {
	t.Parallel()
	s := NewSite(Learn(shop()))
	for _, c := range []struct {
		said []string
		want string
	}{
		{[]string{"how heavy is the S2", "and the S3?"}, "how heavy is the Brisa S3\nand the S3?\nhow wide is it"},
		{[]string{"S2 warm up time?", "and the S3?", "no, the S2"}, "Brisa S2 warm up time?\nand the Brisa S2?\nno, the S2\nhow wide is it"},
		{[]string{"how heavy is the S2"}, "how heavy is the S2\nhow wide is it"},
		{nil, "how wide is it"},
	} {
		text := strings.Join(append(slices.Clone(c.said), "how wide is it"), "\n")
		if got := s.Settled(text, c.said); got != c.want {
			t.Errorf("%q: %q", c.said, got)
		}
		if got := s.Settled("before "+text, c.said); len(c.said) > 0 && got != "before "+text {
			t.Errorf("of another text: %q", got)
		}
		if got := (*Site)(nil).Settled(text, c.said); got != text {
			t.Errorf("no site: %q", got)
		}
	}
}

func TestLatest_LeavesTheNewestWordsAlone(t *testing.T) {
	t.Parallel()
	s := NewSite(Learn(shop()))
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"S2", "S3", "the", "Gram", "Pro", "One", "K2", "Mini", "900", "Belgium", "to", "é", "\n"}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		before, newest := strings.Join(words.Draw(t, "before"), " "), strings.Join(words.Draw(t, "newest"), " ")
		if got := s.Latest(before+"\n"+newest, newest); !strings.HasSuffix(got, "\n"+newest) {
			t.Fatalf("%q", got)
		}
		if got := s.Latest(newest, newest); got != newest {
			t.Fatalf("alone: %q", got)
		}
		if got := (*Site)(nil).Latest(before, newest); got != before {
			t.Fatalf("no site: %q", got)
		}
	})
}
