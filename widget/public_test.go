package widget

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"frontdesk/retrieval"
	"frontdesk/widget/settings"
)

func TestPublic_TellsWhatALoaderNeeds(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	base := portal(t, s, &desk{}, func(d *Deps, _ *Config) {
		d.Hours = func(context.Context, retrieval.SiteID) (*settings.Hours, error) {
			return &settings.Hours{Open: true}, nil
		}
	})
	got := ask(t, "GET", base+"/v1/widget/shop?lang=de-AT", "", "", "")
	var p settings.Public
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != 200 {
		t.Fatalf("%d %s, %v", got.status, got.body, err)
	}
	if p.Site != "shop" || p.Accent != "#ffcc00" || p.Theme != "light" || p.Words.Greeting != "Hallo" || p.Hours == nil || !p.Hours.Open || p.Origins[0] != "https://shop.example" || p.Help != "/help" || p.Privacy == "" {
		t.Errorf("%+v", p)
	}
	if len(p.Proactive.Rules) != 1 || p.Proactive.Rules[0].Say != "Unklar?" {
		t.Errorf("rules: %+v", p.Proactive)
	}
	// The site's own list wins; what is not there for visitors is not in it.
	if len(p.Topics) != 1 || p.Topics[0].Label != "Rückgaben" || len(p.Topics[0].Articles) != 2 || p.Topics[0].Articles[0].ID != "window" || strings.Contains(got.body, "secret") {
		t.Errorf("topics: %+v", p.Topics)
	}
	if !strings.Contains(got.header.Get("Cache-Control"), "public") || got.header.Get("ETag") == "" || !strings.Contains(got.header.Get("Vary"), "Origin") {
		t.Errorf("%v", got.header)
	}
	again := ask(t, "GET", base+"/v1/widget/shop?lang=de-AT", "", "", "", "If-None-Match", `W/`+got.header.Get("ETag"))
	if again.status != 304 || again.body != "" {
		t.Errorf("again: %d %s", again.status, again.body)
	}
	if other := ask(t, "GET", base+"/v1/widget/shop?lang=en", "", "", ""); other.header.Get("ETag") == got.header.Get("ETag") {
		t.Error("two languages have one ETag")
	}
	if logo := ask(t, "GET", base+p.Logo, "", "", ""); logo.body != png {
		t.Errorf("the logo: %d", logo.status)
	}
	for path, status := range map[string]int{"/v1/widget/nobody": 404, "/v1/widget/%3Cb%3E": 404, "/v1/widget/other": 200} {
		if got := ask(t, "GET", base+path, "", "", ""); got.status != status {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// A site whose articles name no topic has a first screen all the same.
func TestPublic_ListsArticlesWithoutTopics(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	for i := range s.list {
		s.list[i].Topic = ""
	}
	s.sites[0].Settings.Topics = nil
	base := portal(t, s, &desk{}, nil)
	got := ask(t, "GET", base+"/v1/widget/shop?lang=de", "", "", "")
	var p settings.Public
	if err := json.Unmarshal([]byte(got.body), &p); err != nil {
		t.Fatalf("%v in %s", err, got.body)
	}
	if len(p.Topics) != 1 || p.Topics[0].Topic != "" || p.Topics[0].Label != "Häufig gefragt" || len(p.Topics[0].Articles) == 0 || strings.Contains(p.Topics[0].URL, "topic=") {
		t.Errorf("topics: %+v", p.Topics)
	}
}

// Where there are no words in the page's language nor in the browser's, the
// widget speaks the site's.
func TestStart_SpeaksTheSitesLanguageAtLast(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	for i := range s.sites {
		s.sites[i].Settings.Languages = []string{"sv", "fr"}
	}
	base := portal(t, s, &desk{}, nil)
	for wanted, want := range map[string]string{"de-AT,en": "de", "sv,sv-SE": "fr", "": "fr"} {
		got := ask(t, "GET", base+"/widget/start?site=shop&lang="+wanted, "", "", "")
		if !strings.Contains(got.body, `"lang":"`+want+`"`) {
			t.Errorf("start, %q: want %s in %s", wanted, want, first(got.body, 60))
		}
		frame := ask(t, "GET", base+"/widget/app?site=shop&lang="+wanted, "", "", "")
		if !strings.Contains(frame.body, `<html lang="`+want+`"`) {
			t.Errorf("frame, %q: want %s in %s", wanted, want, first(frame.body, 60))
		}
	}
}

// TestPublic_IsDescribed holds what is answered against the API's description,
// which package chatapi serves.
func TestPublic_IsDescribed(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../bot/chatapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for path, method := range map[string]string{"/v1/widget/{site}": "get", "/v1/widget/{site}/logo": "get", "/v1/widget/{site}/rules": "post"} {
		if doc.Paths[path][method] == nil {
			t.Errorf("%s %s is served and not described", method, path)
		}
	}
	s := &shelves{list: listed(), sites: chosenSites(t)}
	base := portal(t, s, &desk{}, func(d *Deps, _ *Config) {
		d.Hours = func(context.Context, retrieval.SiteID) (*settings.Hours, error) {
			return &settings.Hours{Open: true}, nil
		}
	})
	schema := doc.Components.Schemas["Widget"]
	for _, site := range []string{"shop", "other"} {
		var got map[string]json.RawMessage
		if err := json.Unmarshal([]byte(ask(t, "GET", base+"/v1/widget/"+site, "", "", "").body), &got); err != nil {
			t.Fatal(err)
		}
		for name := range got {
			if schema.Properties[name] == nil {
				t.Errorf("%s: %s is told and not described", site, name)
			}
		}
		for _, name := range schema.Required {
			if got[name] == nil {
				t.Errorf("%s: %s is missing", site, name)
			}
		}
	}
}

func TestPublic_SuggestsTopicsWhereTheSiteListsNone(t *testing.T) {
	t.Parallel()
	sites := chosenSites(t)
	sites[0].Settings.Topics = nil
	s := &shelves{list: listed(), sites: sites, counts: map[string]Count{"cards": {Asked: 50}}}
	base := portal(t, s, &desk{}, func(d *Deps, _ *Config) {
		d.Hours = func(context.Context, retrieval.SiteID) (*settings.Hours, error) { return nil, errors.New("away") }
	})
	got := ask(t, "GET", base+"/v1/widget/shop", "", "", "")
	var p settings.Public
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || p.Hours != nil {
		t.Fatalf("%s, %v", got.body, err)
	}
	if len(p.Topics) != 2 || p.Topics[0].Topic != "gift-cards" || p.Topics[0].Label != "Gift cards" || p.Topics[1].Total != 4 || p.Topics[1].URL != "/help?topic=refunds" {
		t.Errorf("%+v", p.Topics)
	}
}

func TestPublic_CountsRules(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	base := portal(t, s, &desk{}, nil)
	const js = "application/json"
	for name, tc := range map[string]struct {
		path, kind, body string
		status           int
	}{
		"one that is there":    {"/v1/widget/shop/rules", js, `{"rule":"cart","event":"shown"}`, 204},
		"one that is not":      {"/v1/widget/shop/rules", js, `{"rule":"nope","event":"shown"}`, 404},
		"a site that is not":   {"/v1/widget/nobody/rules", js, `{"rule":"cart","event":"shown"}`, 404},
		"no JSON":              {"/v1/widget/shop/rules", "text/plain", `x`, 415},
		"more than is counted": {"/v1/widget/shop/rules", js, `{"rule":"cart","event":"shown","visitor":"x"}`, 400},
	} {
		if got := ask(t, "POST", base+tc.path, "", tc.kind, tc.body); got.status != tc.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if len(s.rules) != 1 {
		t.Errorf("counted %q", s.rules)
	}
}
