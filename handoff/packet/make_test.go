package packet_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
	"frontdesk/triage/pii"
)

func TestMake_StatesTheProblem(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for name, row := range map[string]struct {
		lang string
		say  []string
		want string // a part of it; empty: there is none
	}{
		"a question with its details":  {"en", []string{"c: Can I get an invoice for my company? We bought 4 grinders, anna@example.org"}, "Can I get an invoice for my company? We bought 4 grinders, anna@example.org"},
		"a question before a fact":     {"en", []string{"c: Can the Gram scale be calibrated with a 200 g weight? The manual mentions 500 g only."}, "Can the Gram scale be calibrated with a 200 g weight? The manual mentions 500 g only."},
		"not the greeting":             {"en", []string{"c: Hello there, good morning!", "c: My kettle leaks from the bottom since yesterday."}, "My kettle leaks from the bottom"},
		"not the wish for a person":    {"en", []string{"c: My kettle leaks from the bottom.", "b: Descale it. [k: Descale]", "c: I want to talk to a human now please, not a bot"}, "My kettle leaks"},
		"a greeting before is cut off": {"en", []string{"c: Hi, the parcel with my new toaster has not arrived"}, "the parcel with my new toaster has not arrived"},
		"nothing but a wish":           {"en", []string{"c: talk to a person please"}, ""},
		"nothing but a greeting":       {"de", []string{"c: Guten Tag!"}, ""},
		"nothing said":                 {"en", nil, ""},
		"not the particulars":          {"de", []string{"c: Mein Wasserkocher heizt nicht mehr und riecht verbrannt.", "b: Wie lautet die Bestellnummer?", "c: Die Bestellnummer ist KW-5084419, gekauft im Mai."}, "Mein Wasserkocher heizt nicht mehr"},
		"Japanese":                     {"ja", []string{"c: こんにちは。", "c: 昨日届いたケトルから水漏れしています。"}, "水漏れしています"},
		"Arabic":                       {"ar", []string{"c: مرحبا", "c: الغلاية لا تعمل منذ أمس والضوء يومض"}, "الغلاية لا تعمل"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := m.Make(input(row.lang, said(row.say...)))
			switch {
			case row.want == "" && p.Problem != nil:
				t.Errorf("got %q", p.Problem.Text)
			case row.want != "" && (p.Problem == nil || !strings.Contains(p.Problem.Text, row.want)):
				t.Errorf("got %+v, want %q", p.Problem, row.want)
			}
		})
	}
}

func TestMake_CutsTheProblemAtWords(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	long := "I bought this thing for my wife's birthday after a great deal of thought and reading of reviews, and now after only a week of careful use the kettle leaks from the bottom whenever it is filled above the mark"
	p := m.Make(input("en", said("c: "+long)))
	if p.Problem == nil || len([]rune(p.Problem.Text)) > packet.MostProblem || !strings.Contains(p.Problem.Text, "the kettle leaks") {
		t.Fatalf("got %+v", p.Problem)
	}
	end := strings.Index(long, p.Problem.Text) + len(p.Problem.Text)
	if end < len(long) && (long[end] != ' ' || !p.Problem.Cut) {
		t.Errorf("cut within a word, or not said to be cut: %+v", p.Problem)
	}
}

func TestMake_ListsWhatWasTried(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for _, row := range []struct{ lang, say, want string }{
		{"en", "I already restarted it twice", "I already restarted it twice"},
		{"en", "swapped trays, still the same", "swapped trays"},
		{"de", "Ich habe die Maschine schon entkalkt und neu gestartet.", "entkalkt"},
		{"fr", "J'ai déjà essayé de la débrancher.", "déjà essayé"},
		{"es", "Ya probé a reiniciarla dos veces.", "Ya probé"},
		{"it", "Ho già provato a riavviarla.", "Ho già provato"},
		{"pt", "Já tentei desligar e ligar outra vez.", "Já tentei"},
		{"nl", "Ik heb hem al twee keer ontkalkt.", "ontkalkt"},
		{"pl", "Próbowałem już odkamienić dwa razy.", "Próbowałem"},
		{"tr", "Fişini çektim, yeniden başlattım.", "yeniden başlattım"},
		{"ar", "جربت إعادة التشغيل مرتين.", "جربت"},
		{"ja", "もう再起動しましたが変わりません。", "再起動しました"},
		{"zh", "我已经重启过两次了。", "重启过"},
		{"en", "Should I have restarted it?", ""},
		{"en", "I haven't restarted it yet", ""},
		{"de", "Ich habe ihn noch nicht entkalkt", ""},
		{"en", "How do I descale it", ""},
	} {
		p := m.Make(input(row.lang, said("c: "+row.say)))
		got := ""
		for _, q := range p.Tried {
			got += q.Text
		}
		if row.want == "" && got != "" || !strings.Contains(got, row.want) {
			t.Errorf("%s: got %q, want %q", row.say, got, row.want)
		}
	}
}

func TestMake_SaysHowAnswersWereReceived(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	answer := "b: Descale it. [descaling: Descale it once a month.]"
	for _, row := range []struct {
		lang, after, want string
	}{
		{"en", "c: that didn't work", packet.NoHelp},
		{"en", "c: perfect, that worked, thanks", packet.Helped},
		{"en", "c: and where is the showroom", packet.Unknown},
		{"de", "c: hat nichts gebracht", packet.NoHelp},
		{"fr", "c: ça ne marche toujours pas", packet.NoHelp},
		{"ja", "c: 変わりませんでした", packet.NoHelp},
		{"zh", "c: 解决了，谢谢", packet.Helped},
	} {
		p := m.Make(input(row.lang, said("c: it is slow", answer, row.after)))
		if len(p.Answers) != 1 || p.Answers[0].Received != row.want || p.Answers[0].Article != "descaling" {
			t.Errorf("%s: got %+v", row.after, p.Answers)
		}
	}
}

func TestMake_AnAnswerIsOneLineForEachArticle(t *testing.T) {
	t.Parallel()
	answer := convo.Message{
		ID: messageID(2), Author: convo.Bot, Text: "Descale it. Twice. Or send it back.", At: at(), Citations: []convo.Citation{
			{Article: "descaling", Title: "Descaling", Quote: "Descale it."},
			{Article: "descaling", Title: "Descaling", Quote: "Twice."},
			{Article: "returns", Title: "Returns", Quote: "Send it back."},
			{Article: "descaling", Title: "Descaling", Quote: "Or send it"},
		},
	}
	again := answer
	again.ID, again.Citations = messageID(4), answer.Citations[1:2]
	events := append(said("c: it is slow"), event(2, answer), event(3, convo.Message{ID: messageID(3), Author: convo.Customer, Text: "and then?", At: at()}), event(4, again))
	var got []string
	for _, a := range newMaker(t).Make(input("en", events)).Answers {
		got = append(got, a.Article+": "+a.Quote)
	}
	want := []string{"descaling: Descale it.", "returns: Send it back.", "descaling: Twice."} // the last in an answer of its own
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestMake_APressSaysHowAnAnswerWasReceived(t *testing.T) {
	t.Parallel()
	in := input("en", said("c: it is slow", "b: Descale it. [descaling: Descale it once a month.]"))
	in.Feedback = []packet.Feedback{{Message: messageID(2), Helpful: false}}
	if p := newMaker(t).Make(in); p.Answers[0].Received != packet.NoHelp {
		t.Errorf("got %+v", p.Answers)
	}
}

func TestMake_SaysWhichChoiceWasPressed(t *testing.T) {
	t.Parallel()
	offered := convo.Message{ID: messageID(2), Author: convo.Bot, Text: "Which?", At: at(), Choices: []convo.Choice{{Article: "a", Title: "Cleaning the Mill 60"}, {Article: "b", Title: "Settings"}}}
	press := convo.Message{ID: messageID(3), Author: convo.Customer, Text: "Cleaning the Mill 60", At: at(), Choice: &convo.Chosen{Message: messageID(2), Article: "a"}}
	events := append(said("c: my grinder is loud"), event(2, offered), event(3, press))
	p := newMaker(t).Make(input("en", events))
	if len(p.Answers) != 2 || !p.Answers[0].Pressed || p.Answers[1].Pressed || p.Answers[0].As != "choice" {
		t.Errorf("got %+v", p.Answers)
	}
	if len(p.Facts) != 0 {
		t.Errorf("a title that was pressed is no fact: %v", told(p.Facts))
	}
}

// full is an input with all that an input may have.
func full() packet.Input {
	turn := messageID(500)
	events := said("c: Hi, my S3 shows E07 and I restarted it twice, order KW-5084419", "b: Flush it. [s3-error-codes: E07: too little flow from the pump]", "c: that didn't work. talk to a human")
	events[2] = event(3, convo.Message{
		ID: messageID(3), Author: convo.Customer, Text: "that didn't work. talk to a human", At: at().Add(2 * time.Minute),
		Files: []convo.File{{ID: messageID(700), Name: "display.jpg", Type: "image/jpeg", Size: 81234, Width: 800, Height: 600}},
	})
	body := func(v any) json.RawMessage {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return b
	}
	caseID, place := messageID(9999), 2
	events = append(events,
		convo.Event{Seq: 4, Kind: convo.KindDecision, Turn: turn, At: at(), Body: body(convo.Decision{Turn: turn, Action: "handoff", Reason: "repeated_failure", Desk: "support", Topic: "faults"})},
		convo.Event{Seq: 5, Kind: convo.KindOwner, Turn: turn, At: at(), Body: body(convo.OwnerChange{Owner: convo.OwnerQueue, Queue: "support", Case: &caseID, Position: &place})},
		event(6, convo.Message{ID: messageID(6), Author: convo.System, Text: "Everything goes along.", At: at().Add(5 * time.Minute)}),
		convo.Event{Seq: 7, Kind: convo.KindDone, Turn: turn, At: at(), Body: body(convo.Done{Turn: turn, Outcome: convo.Queued})},
	)
	in := input("en", events)
	p := .83
	in.Case = packet.Case{
		ID: caseID, Reason: "repeated_failure", Contact: "after six", Call: turn, Desk: "support", DeskP: map[string]float64{"support": .9, "service": .08, "none": .02},
		Topic: "faults", TopicP: &p, Language: "en",
	}
	in.Identity = &packet.Known{Visitor: messageID(77), Name: "Ada Blunt", Email: "ada@example.org", Signed: true}
	in.Page = packet.Page{URL: "https://shop.example/s3", Title: "Brisa S3"}
	in.Consent = []packet.Consented{{To: "storage", Given: true, At: at(), From: packet.Ref{Kind: packet.RefVisitor, ID: messageID(77).String()}}}
	in.Earlier = []packet.Earlier{{ID: messageID(40), Reference: "K7QM-4T3P", Topic: "delivery", State: "closed", Ended: "solved", At: at().AddDate(0, -1, 0)}}
	in.Readings = []packet.MessageReading{{Message: messageID(1), Mood: .1, Urgency: .2}, {Message: messageID(3), Mood: -.6, Urgency: .7}}
	in.Found = []packet.Passage{{Article: "s3-error-codes", Title: "Error codes", Text: "E07", P: .9}, {Article: "s3-filter", Title: "The filter", URL: "/help/f", Text: "Soak the filter for ten minutes.", P: .6}}
	return in
}

func TestMake_FillsEveryLine(t *testing.T) {
	t.Parallel()
	p := newMaker(t).Make(full())
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		f := v.Field(i)
		empty := f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0
		if name := v.Type().Field(i).Name; empty {
			t.Errorf("%s is empty", name)
		}
	}
	if p.Mood.Word != "bad" || p.Mood.Trend != "falling" || p.Urgency.Value != .7 {
		t.Errorf("feelings: %+v %+v", p.Mood, p.Urgency)
	}
	if p.Product.Value != "coffee" || *p.Desk.P != .9 || len(p.Desk.Others) != 1 {
		t.Errorf("guesses: %+v %+v", p.Product, p.Desk)
	}
	if p.Reply.Article != "s3-filter" || p.Reply.Shown {
		t.Errorf("what failed is suggested, or what is new is not: %+v", p.Reply)
	}
	if p.Next.Do != packet.StepLookUpError || p.Next.About != "E07" {
		t.Errorf("next: %+v", p.Next)
	}
	if len(p.Promised) != 1 || p.Promised[0].Text != "Everything goes along." {
		t.Errorf("promised: %+v", p.Promised)
	}
	if p.Time.Part != "evening" || p.Seq != 7 || p.Identity.Verified != packet.BySignature {
		t.Errorf("%+v %d %+v", p.Time, p.Seq, p.Identity)
	}
}

func TestMake_NothingKnownIsAnEmptyPacket(t *testing.T) {
	t.Parallel()
	p := newMaker(t).Make(packet.Input{})
	if p.Problem != nil || len(p.Facts)+len(p.Tried)+len(p.Answers)+len(p.Promised) != 0 || p.Facts == nil || p.Earlier == nil {
		t.Errorf("got %+v", p)
	}
}

func TestMake_GrowsWithTheConversation(t *testing.T) {
	t.Parallel()
	m, in := newMaker(t), full()
	before := m.Make(in)
	in.Events = append(in.Events, event(8, convo.Message{ID: messageID(8), Author: convo.Customer, Text: "the serial number is S3-24-118820", At: at().Add(9 * time.Minute)}))
	after := m.Make(in)
	if after.Seq != 8 || len(after.Facts) != len(before.Facts)+1 {
		t.Errorf("got %s", told(after.Facts))
	}
}

func TestNew_NeedsAFinder(t *testing.T) {
	t.Parallel()
	if _, err := packet.New(packet.Deps{}); err == nil {
		t.Error("made without a finder of personal data")
	}
	f, err := pii.New()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packet.New(packet.Deps{PII: f}); err != nil {
		t.Error(err)
	}
}
