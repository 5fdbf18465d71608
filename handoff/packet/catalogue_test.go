package packet_test

import (
	"testing"

	"frontdesk/handoff/packet"
)

func TestCatalogue_ReadsNamesOutOfArticles(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for name, row := range map[string]struct {
		articles []packet.Article
		say      string
		want     string
	}{
		"a model with its word":              {[]packet.Article{{Title: "Descaling the Wick K2", Product: "kettle"}}, "my wick k2 leaks", "product=wick k2"},
		"a model alone":                      {[]packet.Article{{Title: "Descaling the Wick K2", Product: "kettle"}}, "the k2 leaks", "product=k2"},
		"letters and digits apart":           {[]packet.Article{{Title: "Setting up the Brisa S3", Product: "coffee"}}, "my Brisa S 3 leaks", "product=Brisa S 3"},
		"digits alone need their word":       {[]packet.Article{{Title: "Cleaning the Mill 40", Product: "grinder"}}, "I waited 40 minutes, the Mill40 is loud", "product=Mill40"},
		"two words with capitals in front":   {[]packet.Article{{Title: "Gram Pro, capacity", Product: "scale"}}, "the gram pro is off", "product=gram pro"},
		"no product line, no name":           {[]packet.Article{{Title: "Returns before March 2026"}}, "bought in March 2026", "date=March 2026"},
		"a table of what is sold":            {[]packet.Article{{Body: "| Coffee | Roast |\n|---|---|\n| Quiet Hour (decaf) | dark |\n"}}, "the Quiet Hour is stale", "product=Quiet Hour"},
		"a table of places":                  {[]packet.Article{{Body: "| Country | Days |\n|---|---|\n| Northern Ireland | 3 |\n"}}, "I live in Northern Ireland", "place=Northern Ireland"},
		"the shop's own number is no fact":   {[]packet.Article{{Body: "Ring us on 0113 496 0150."}}, "I rang 0113 496 0150 today", "date=today"},
		"the shop's own address is no fact":  {[]packet.Article{{Body: "Write to help@kettlewick.example."}}, "I wrote to support@kettlewick.example", ""},
		"words of the articles are no names": {[]packet.Article{{Body: "We send with Swift Parcels."}}, "the man from Swift Parcels came", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input("en", said("c: "+row.say))
			in.Catalogue = packet.NewCatalogue(row.articles)
			if got := told(m.Make(in).Facts); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestCatalogue_SaysTheLine(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	p := m.Make(input("en", said("c: my K2 leaks")))
	if p.Product == nil || p.Product.Value != "kettle" {
		t.Errorf("got %+v", p.Product)
	}
	if packet.NewCatalogue(nil).Names() != 0 || (*packet.Catalogue)(nil).Names() != 0 {
		t.Error("names out of nothing")
	}
}
