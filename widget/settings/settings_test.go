package settings

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/internal/fault"
)

func picture(head string) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte(head))
}

const pngHead = "\x89PNG\r\n\x1a\nrest"

func TestParse_TakesWhatIsSaneAndNamesWhatIsNot(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ raw, says string }{
		"nothing":                               {"", ""},
		"an empty object":                       {"{}", ""},
		"all of it":                             {full, ""},
		"no object":                             {"[]", "wrong type"},
		"two objects":                           {"{} {}", "behind"},
		"a key nobody knows":                    {`{"colour":"#123456"}`, "colour"},
		"a colour by name":                      {`{"accent":"red"}`, "accent"},
		"a theme nobody knows":                  {`{"theme":"pink"}`, "theme"},
		"a font that ends its declaration":      {`{"tokens":{"font":"x;} *{display:none"}}`, "tokens.font"},
		"a font in quotes":                      {`{"tokens":{"font":"\"Georgia\""}}`, "tokens.font"},
		"text for ants":                         {`{"tokens":{"text":9}}`, "tokens.text"},
		"a corner rounder than its button":      {`{"tokens":{"radius_control":21}}`, "tokens.radius_control"},
		"lines upon each other":                 {`{"tokens":{"line":1}}`, "tokens.line"},
		"a button for a needle":                 {`{"tokens":{"target":24}}`, "tokens.target"},
		"a launcher rounder than round":         {`{"tokens":{"radius_launcher":29}}`, "tokens.radius_launcher"},
		"a window for one word":                 {`{"tokens":{"width":200}}`, "tokens.width"},
		"a window of two screens":               {`{"tokens":{"height":1800}}`, "tokens.height"},
		"a corner that is none":                 {`{"tokens":{"radius_panel":-1}}`, "tokens.radius_panel"},
		"a dark accent by name":                 {`{"tokens":{"accent_dark":"navy"}}`, "tokens.accent_dark"},
		"a corner of a circle":                  {`{"corner":"top"}`, "corner"},
		"an offset off screen":                  {`{"offset":{"x":-1,"y":0}}`, "offset"},
		"words in no language":                  {`{"words":{"x":{}}}`, "language"},
		"a greeting, too long":                  {`{"words":{"en":{"greeting":"` + strings.Repeat("ü", 201) + `"}}}`, "words.en.greeting"},
		"a title of two lines":                  {`{"words":{"en":{"title":"a\nb"}}}`, "words.en.title"},
		"seven topics":                          {`{"topics":[{"topic":"a"},{"topic":"b"},{"topic":"c"},{"topic":"d"},{"topic":"e"},{"topic":"f"},{"topic":"g"}]}`, "topics"},
		"a topic twice":                         {`{"topics":[{"topic":"a"},{"topic":"a"}]}`, "twice"},
		"an origin with a path":                 {`{"origins":["https://s.example/a"]}`, "origins"},
		"an origin that breaks out of a header": {`{"origins":["https://s.example;script-src *"]}`, "origins"},
		"a hidden page with a query":            {`{"hidden":["/a?b"]}`, "hidden"},
		"a domain with a scheme":                {`{"help":{"domain":"https://h.example"}}`, "help.domain"},
		"a path without a domain":               {`{"help":{"path":"/x"}}`, "help.path"},
		"a privacy note that runs":              {`{"privacy":"javascript:alert(1)"}`, "privacy"},
		"a logo that is a document":             {`{"logo":"` + picture("<svg onload=alert(1)>") + `"}`, "logo"},
		"a logo from elsewhere":                 {`{"logo":"https://s.example/a.png"}`, "logo"},
		"a logo too large":                      {`{"logo":"` + picture(pngHead+strings.Repeat("x", 64<<10)) + `"}`, "logo"},
		"a rule without a reason":               {`{"proactive":{"rules":[{"id":"a","say":{"en":"x"},"when":{}}]}}`, "needs"},
		"a rule without words":                  {`{"proactive":{"rules":[{"id":"a","say":{},"when":{"seconds":1}}]}}`, "say"},
		"a rule twice":                          {`{"proactive":{"rules":[{"id":"a","say":{"en":"x"},"when":{"seconds":1}},{"id":"a","say":{"en":"x"},"when":{"seconds":1}}]}}`, "twice"},
		"a cap that is none":                    {`{"proactive":{"per_day":50}}`, "per_day"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Parse([]byte(tc.raw))
			if tc.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				back, err := json.Marshal(s)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := Parse(back); err != nil {
					t.Errorf("what was written cannot be read back: %v", err)
				}
				return
			}
			if err == nil || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want something about %q", err, tc.says)
			}
		})
	}
}

const full = `{"name":"Kettlewick","accent":"#0B6157","theme":"dark","tokens":{"font":"Source Serif 4, Georgia, serif","text":17,"line":1.6,"target":44,"radius_control":0,"radius_panel":28,"radius_launcher":0,"width":440,"height":720,"accent_dark":"#FFCC00"},"corner":"left","offset":{"x":0,"y":40},
"words":{"en":{"title":"Kettlewick","greeting":"Ask away.","help":"How can we help?"},"pt-BR":{"greeting":"Olá"}},
"topics":[{"topic":"refunds","label":{"en":"Returns"},"articles":["returns-policy"]}],"languages":["en","de"],
"hidden":["/checkout/*","https://s.example/pay"],"origins":["https://s.example","http://localhost:3000"],
"help":{"domain":"help.s.example:8443","path":"/support"},"home":"https://s.example/","privacy":"https://s.example/privacy",
"proactive":{"on":true,"per_day":2,"rules":[{"id":"cart","say":{"en":"Anything unclear?"},"ask":"delivery","when":{"pages":["/cart"],"seconds":40,"cart_above":50}}]}}`

func TestWordsIn_FallsBackFieldByField(t *testing.T) {
	t.Parallel()
	s := Settings{Words: map[string]Words{"en": {Title: "Shop", Greeting: "Hello"}, "de": {Greeting: "Hallo"}}}
	if w := s.WordsIn("de-AT", "en"); w.Greeting != "Hallo" || w.Title != "Shop" {
		t.Errorf("%+v", w)
	}
	if w := s.WordsIn("fr"); w != (Words{}) {
		t.Errorf("%+v", w)
	}
}

func TestTokens_BecomeDeclarations(t *testing.T) {
	t.Parallel()
	if got := (Tokens{}).CSS(); got != "" {
		t.Errorf("nothing chosen: %q", got)
	}
	none, round := 0, 28
	tokens := Tokens{Font: "Source Serif 4, serif", Text: 17, Line: 1.6, Target: 44, RadiusControl: &none, RadiusPanel: &round, RadiusLauncher: &none, Width: 440}
	if got, want := tokens.CSS(), "--font:'Source Serif 4',serif,system-ui,sans-serif;font-size:106.25%;--line:1.6;--target:44px;--radius-control:0px;--radius-panel:28px;"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := tokens.LauncherCSS(), "--r:28px;--q:0px;--w:440px;--g:640px;--f:'Source Serif 4',serif,system-ui,sans-serif"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := (Tokens{Font: `a";b`}).FontOf(); got != usualFont {
		t.Errorf("what was never checked: %s", got)
	}
	p := Settings{Accent: "#0b6157", Tokens: Tokens{AccentDark: "#ffcc00"}}.Palette()
	if p.Light != PaletteOf("#0b6157").Light || p.Dark != PaletteOf("#ffcc00").Dark {
		t.Errorf("%+v", p)
	}
	if css := p.CSS(); !strings.Contains(css, "--dark-accent:"+p.Dark.Accent+";") || strings.Count(css, ";") != 10 {
		t.Errorf("%s", css)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{full, "{}", "null", `{"offset":null}`, `{"hidden":["*"]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := Parse([]byte(raw))
		if err != nil {
			return
		}
		if MatchAny(s.Hidden, "https://s.example/a/b") && len(s.Hidden) == 0 {
			t.Error("hidden by nothing")
		}
		s.Proactive.Judge(s.Hidden, Situation{Page: raw})
		s.Proactive.PublicRules("en")
	})
}
