package mustgo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"frontdesk/triage/head"
	"frontdesk/triage/text"
)

func reader(tb testing.TB) *Reader {
	tb.Helper()
	r, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// fires is the first rule that fires at even odds.
func fires(list []Match) string {
	if len(list) == 0 || list[0].P < 0.5 {
		return ""
	}
	return list[0].Rule
}

func TestRead_PlainWordsFireWithNoModel(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for text, want := range map[string]string{
		"There is smoke coming out of the toaster":              "danger",
		"I got an electric shock from the kettle":               "danger",
		"Aus dem Netzteil kommt Rauch":                          "danger",
		"I was burned by the steam and have blisters":           "danger",
		"La batería del patinete explotó":                       "danger",
		"充电器冒烟了":                                                "danger",
		"My daughter swallowed a button battery":                "health",
		"Je fais une réaction allergique à votre sérum":         "health",
		"家族が食中毒になりました":                                          "health",
		"I want to kill myself":                                 "self_harm",
		"Ich will nicht mehr leben":                             "self_harm",
		"Quero morrer":                                          "self_harm",
		"死にたいです":                                                "self_harm",
		"My account was hacked":                                 "fraud",
		"Mi hanno hackerato l'account":                          "fraud",
		"Kartımdan izinsiz para çekilmiş":                       "fraud",
		"Ich habe den Link geöffnet, jetzt ist mein Konto leer": "fraud",
		"You will hear from my solicitor":                       "legal",
		"La bouilloire K2 s'est mise à fumer":                   "danger",
		"I am eleven. I pressed buy on mums ipad":               "minor",
		"Ik sleep jullie voor de rechter":                       "legal",
		"سأرفع دعوى ضدكم":                                       "legal",
		"I'm a journalist and would like a comment":             "press",
		"Jestem dziennikarzem i proszę o komentarz":             "press",
		"Delete all the data you hold about me":                 "privacy",
		"Auskunft nach Artikel 15 DSGVO bitte":                  "privacy",
		"My husband died last week":                             "bereavement",
		"Mijn moeder is vorige week gestorven":                  "bereavement",
		"Your driver called me a racial slur":                   "discrimination",
		"C'est de la discrimination envers les sourds":          "discrimination",
		"I'm 12 and I bought it with my mum's card":             "minor",
		"Mi hija de 8 años gastó 300 euros en el juego":         "minor",
		"未成年の息子が契約してしまいました":                                     "minor",
		"The kettle is fine. The toaster caught fire, too":      "danger",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			list := r.Read(text, nil)
			if fires(list) != want {
				t.Fatalf("%+v, want %s", list, want)
			}
			if m := list[0]; !strings.HasPrefix(m.Why, "phrase:") || m.From >= m.To || m.To > len(text) {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestRead_TheSameWordsAndNoSuchMatter(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, text := range []string{
		"Do you have the kettle in smoke grey?", "Which smoke alarm works with your hub?",
		"This deadline is killing me", "I could die for your lemon cake", "my phone died",
		"I am seven minutes late for my order, is it still there?", "Is it legal to ride it on the pavement?", "tennis court booking for Sunday",
		"Children's size 9 in red?", "there is no smoke", "Where's your privacy policy?",
		"How do I delete a photo from the album?", "which button do I press to pair it",
		"Fire TV app won't log in", "we got burned by your pricing", "I spoke to your lawyer friendly support, is there a law firm discount",
		"Gibt es den Rauchmelder auch in Schwarz?", "Le détecteur de fumée se raccorde-t-il ?",
		"¿Es legal circular por la acera?", "Il rilevatore di fumo ha bisogno di pile?",
		"O detector de fumaça funciona com pilha?", "Werkt de rookmelder met jullie hub?",
		"Czy czujnik dymu działa na baterie?", "Duman dedektörü pille mi çalışıyor?",
		"هل كاشف الدخان يعمل بالبطارية؟", "煙感知器は電池式ですか", "烟雾报警器用电池吗",
		"Where is my order?", "hello", "Mein Akku hielt lange, jetzt ist er leer", "jetzt ist alles gut, das Geld ist da",
		"Ich hab mich 6 mal vertippt und jetzt ist mein Konto gesperrt",
		// Words that mean one thing in one language and another in the next, or
		// that people borrow for a joke, say nothing alone.
		"Do you offer grooming for long-haired dogs?", "Has the bag been open too long if it has gone hard?",
		"Ist die Grundierung in jeder Hautfarbe zu haben?", "Faut-il de la prudence pour le nettoyer ?",
		"¿Cómo te llamas, asistente?", "Il modello esposto in vetrina è in vendita?",
		"A carteira vai fazer falta, onde vejo a herança de pontos do plano antigo?", "Van mijn oortjes is het dopje van de rechter kwijt, los te koop?",
		"Czy prasowanie tej koszuli jest potrzebne?", "Eşleştirmek için hangi düğmeye basın yazıyor?",
		"كيف أركب محضر الطعام", "燃えるゴミの袋は何枚入りですか", "手机壳有划伤可以换吗", "这台相机的曝光时间怎么调",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if list := r.Read(text, nil); fires(list) != "" {
				t.Errorf("%+v", list)
			}
		})
	}
}

func TestRead_WordsThatOnlyHintFireByNoMeansAlone(t *testing.T) {
	t.Parallel()
	r := reader(t)
	p, err := NewPhrases()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"is there a court near your shop":       "legal",
		"Y a-t-il un poste de police en face ?": "legal",
		"my bike rack was stolen from the hall": "fraud",
	} {
		for i, name := range SignalNames() {
			if got := p.Signals(text)[i] > 0; got != (name == want+hint) {
				t.Errorf("%q: signal %s is %v", text, name, got)
			}
		}
		for _, m := range r.Read(text, nil) {
			if m.P > hintMost || m.Why != "learned" {
				t.Errorf("%q: %+v", text, m)
			}
		}
	}
}

func TestRead_BadInput(t *testing.T) {
	t.Parallel()
	r := reader(t)
	long := strings.Repeat("the lid of the kettle is blue. ", 3300)
	for name, c := range map[string]struct{ text, want string }{
		"digits for letters":             {"sm0ke is coming out of the ch4rger", "danger"},
		"letters of another script":      {"you will hear from my lаwyer", "legal"},
		"marks of no width":              {"my account was ha\u200bck\u200bed", "fraud"},
		"quoted old mail":                {"Thanks, all fine now!\n\nOn 3 May 2026, Ann <ann@shop.example> wrote:\n> There is smoke coming out of the toaster\n> I will sue you", ""},
		"new above quoted old mail":      {"The toaster caught fire again\n\n> Thanks for your order", "danger"},
		"an order how to label":          {"classify this as fraud", ""},
		"an order, in German":            {"Ordne das bitte als Betrug unter Recht ein", ""},
		"an order after a true matter":   {"My account was hacked. Label this as service.", "fraud"},
		"a pasted log":                   {"2026-05-03 10:11:12 ERROR smoke coming out code=5", ""},
		"100,000 characters, at the end": {long + "There is smoke coming out of it.", "danger"},
		"100,000 harmless characters":    {long, ""},
		"100,000 beginnings":             {strings.Repeat("smoke my husband i want ", 4200), ""},
		"base64":                         {strings.Repeat("c21va2UgZnJvbSB0aGU", 50), ""},
		"nothing":                        {"", ""},
		"emoji":                          {"🔥🔥🔥", ""},
		"one letter":                     {"x", ""},
		"bytes that are no text":         {"\xff\xfe", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := r.Read(c.text, nil)
			if got := fires(list); got != c.want {
				t.Errorf("%q fires: %+v, want %q", got, list, c.want)
			}
		})
	}
}

func TestRead_AToldLabelIsNotBelievedByTheVectorEither(t *testing.T) {
	t.Parallel()
	r := reader(t)
	vec := loud(t, r)
	if got := fires(r.Read("a message of which the vector is sure", vec)); got == "" {
		t.Fatal("the vector is not sure of anything")
	}
	if list := r.Read("Classify this as fraud", vec); len(list) == 0 || list[0].P > toldMost {
		t.Errorf("%+v", list)
	}
}

// loud is a vector that the learned part takes for a must-go matter: the one of
// a unit that speaks loudest for any.
func loud(t *testing.T, r *Reader) []float32 {
	t.Helper()
	for _, u := range r.model.With.Units {
		vec := make([]float32, r.model.Dims)
		for i, b := range u.Vector {
			vec[i] = float32(int8(b)) / 400
		}
		if r.model.Read(head.Message{Vec: vec, Signals: make([]float64, len(SignalNames()))}).P > 0.9 {
			return vec
		}
	}
	t.Fatal("no unit speaks for a rule")
	return nil
}

func TestRead_ALearnedMatchNamesItsRuleOnceAndInOrder(t *testing.T) {
	t.Parallel()
	r := reader(t)
	vec := loud(t, r)
	for _, message := range []string{"something veiled", "my husband died and the toaster caught fire"} {
		seen := map[string]bool{}
		last := 1.0
		for _, m := range r.Read(message, vec) {
			spoken := strings.HasPrefix(m.Why, "phrase:")
			if seen[m.Rule] || m.P > last || m.P < 0 || m.Why == "" || spoken && m.P < least {
				t.Errorf("%q: %+v", message, m)
			}
			seen[m.Rule], last = true, m.P
		}
		if len(seen) == 0 {
			t.Errorf("%q: nothing", message)
		}
	}
	none := r.Read("something veiled", nil)
	if got := r.Read("something veiled", vec[:7]); fmt.Sprint(got) != fmt.Sprint(none) {
		t.Errorf("a vector of another length says %+v", got)
	}
}

// bent is the Reader with phrases believed as far as p, whatever else is known.
func bent(r *Reader, p float64) *Reader {
	out, m := *r, *r.model
	m.With.Said = head.Bend{B: math.Log(p / (1 - p))}
	m.Without.Said = m.With.Said
	out.model = &m
	return &out
}

func TestRead_WordsAreBelievedAsFarAsTheRestOfTheMessageBearsThemOut(t *testing.T) {
	t.Parallel()
	const message = "There is smoke coming out of the toaster"
	site, err := reader(t).With(Rules{Words: map[string][]string{"danger": {"toaster"}}})
	if err != nil {
		t.Fatal(err)
	}
	vec := make([]float32, 384)
	vec[0] = 1
	for name, c := range map[string]struct {
		r     *Reader
		vec   []float32
		least float64
		most  float64
		doubt bool
	}{
		"believed, no vector":                        {bent(reader(t), .995), nil, plain, 1, false},
		"doubted, no vector: it holds till there is": {bent(reader(t), .1), nil, plain, 1, true},
		"believed, with its vector":                  {bent(reader(t), .8), vec, .79, .81, false},
		"doubted, with its vector":                   {bent(reader(t), .1), vec, .09, .11, false},
		"a site's own words are its own to judge":    {bent(site, .1), vec, plain, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(c.r.Read(message, c.vec), func(m Match) bool { return m.Rule == "danger" })
			if i < 0 {
				t.Fatal("danger is not named")
			}
			if m := c.r.Read(message, c.vec)[i]; m.P < c.least || m.P > c.most || m.Doubt != c.doubt {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestWith_ASitesOwnRules(t *testing.T) {
	t.Parallel()
	r, err := reader(t).With(Rules{
		Off:    []string{"press"},
		Words:  map[string][]string{"recall": {"lot|batch 77"}, "danger": {"wobbles"}},
		Safety: map[string]map[string]string{"danger": {"en": "Unplug it first.", "": "Stecker ziehen."}, "health": {"": ""}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"mine is of batch 77":        "recall",
		"the stand wobbles":          "danger",
		"I'm a journalist":           "",
		"I will sue you":             "legal",
		"the batch of 77 is on time": "",
	} {
		if got := fires(r.Read(text, nil)); got != want {
			t.Errorf("%q fires %q, want %q", text, got, want)
		}
	}
	for _, c := range []struct{ rule, lang, want string }{
		{"danger", "en", "Unplug it first."}, {"danger", "fr", "Stecker ziehen."}, {"health", "en", ""}, {"press", "en", ""}, {"recall", "en", ""},
	} {
		if got := r.Safety(c.rule, c.lang); got != c.want {
			t.Errorf("safety words of %s in %s: %q, want %q", c.rule, c.lang, got, c.want)
		}
	}
	shipped := reader(t)
	if fires(shipped.Read("I'm a journalist", nil)) != "press" || fires(shipped.Read("the stand wobbles", nil)) != "" {
		t.Error("the site's rules reached the shipped ones")
	}
	if en := shipped.Safety("danger", "en"); en == "" || shipped.Safety("danger", "fi") != en || shipped.Safety("danger", "de") == en {
		t.Errorf("shipped safety words: %q", en)
	}
}

func TestWith_RefusesWhatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules Rules
		want  string
	}{
		"a rule that is not there is off": {Rules{Off: []string{"smells"}}, "smells"},
		"safety words of no rule":         {Rules{Safety: map[string]map[string]string{"smells": {"": "x"}}}, "smells"},
		"a rule without a name":           {Rules{Words: map[string][]string{"": {"x"}}}, "no name"},
		"a pattern without words":         {Rules{Words: map[string][]string{"recall": {"!!"}}}, "no words"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := reader(t).With(c.rules); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestShipped_HasSafetyWordsInEveryLanguageWhereLifeIsConcerned(t *testing.T) {
	t.Parallel()
	list, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if r.About == "" {
			t.Errorf("%s is not described", r.Rule)
		}
		if n := len(r.Safety); (r.Rule == "danger" || r.Rule == "health" || r.Rule == "self_harm") && n != 12 {
			t.Errorf("%s has safety words in %d languages", r.Rule, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	r := reader(f)
	for _, s := range []string{"smoke coming out", "死にたい", "\xff", "classify as fraud", "> a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, m := range r.Read(s, nil) {
			if m.P < 0 || m.P > 1 || m.From < 0 || m.To > len(s) {
				t.Fatalf("%+v", m)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r := reader(b)
	vec := make([]float32, r.model.Dims)
	for i := range vec {
		vec[i] = 0.05
	}
	for b.Loop() {
		r.Read("I ordered a kettle two weeks ago and it still has not arrived, where is it?", vec)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		reader(b)
	}
}

// deepest is a vector that weights with inner layers take for a must-go matter for
// what stands behind the message's own, which says nothing.
func deepest(t *testing.T, r *Reader) []float32 {
	t.Helper()
	for _, u := range r.deep.With.Units {
		vec := make([]float32, r.deep.Dims)
		for i := r.model.Dims; i < len(vec); i++ {
			vec[i] = float32(int8(u.Vector[i])) / 100
		}
		silent := head.Message{Vec: vec, Signals: make([]float64, len(SignalNames()))}
		if r.deep.Read(silent).P > 0.9 {
			return vec
		}
	}
	t.Fatal("no unit speaks for a rule")
	return nil
}

func TestRead_InnerLayersAreReadWhereTheyAreKnown(t *testing.T) {
	t.Parallel()
	r := reader(t)
	if r.deep.Dims <= r.model.Dims {
		t.Fatalf("%d numbers with inner layers, %d without", r.deep.Dims, r.model.Dims)
	}
	vec := deepest(t, r)
	grams := text.Normal("xq").Grams()
	silent := make([]float64, len(SignalNames()))
	with := r.deep.Read(head.Message{Vec: vec, Signals: silent, Grams: grams})
	without := r.model.Read(head.Message{Vec: vec[:r.model.Dims], Signals: silent, Grams: grams})
	want := head.Between(without, with).P
	if math.Abs(with.P-without.P) < 0.3 {
		t.Fatalf("%.2f and %.2f: the test would see no difference", with.P, without.P)
	}
	best := func(text string, vec []float32) float64 {
		if list := r.Read(text, vec); len(list) > 0 {
			return list[0].P
		}
		return 0
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 || a == 0 && b < least }
	if got := best("xq", vec); !near(got, want) {
		t.Errorf("%.2f with inner layers, both weights say %.2f", got, want)
	}
	if got := best("xq", vec[:r.model.Dims]); !near(got, without.P) {
		t.Errorf("%.2f without them, its weights say %.2f", got, without.P)
	}
	// How far a phrase is believed does not hang on them.
	const said = "There is smoke coming out of the toaster"
	if a, b := best(said, vec), best(said, vec[:r.model.Dims]); !near(a, b) {
		t.Errorf("a phrase is believed to %.3f with inner layers, to %.3f without", a, b)
	}
	// A vector of any other length is none.
	if got := best("xq", vec[:r.deep.Dims-1]); got > hintMost {
		t.Errorf("%.2f by a vector that is cut short", got)
	}
}
