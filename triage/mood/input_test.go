package mood

import (
	"strings"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	calm := func(f Feeling) bool { return f.Mood > -.3 && f.Mood < .35 && f.Urgency < .3 }
	angry := func(f Feeling) bool { return f.Mood < -.5 }
	glad := func(f Feeling) bool { return f.Mood > .4 }
	pressing := func(f Feeling) bool { return f.Urgency >= .6 }
	for _, tt := range []struct {
		name, in string
		want     func(Feeling) bool
	}{
		{"nothing", "", calm},
		{"one letter", "k", calm},
		{"a question", "do you deliver to Ireland?", calm},
		{"a fault told calmly", "The kettle does not turn on.", calm},
		{"negated joy", "I am not happy with this", func(f Feeling) bool { return f.Mood < -.2 }},
		{"negated in German", "das gefällt mir nicht gut, bin nicht zufrieden", func(f Feeling) bool { return f.Mood < -.2 }},
		{"negated in Turkish", "hiç memnun değilim", func(f Feeling) bool { return f.Mood < -.2 }},
		{"negated in Japanese", "満足していません", func(f Feeling) bool { return f.Mood < 0 }},
		{"negated anger", "I am not angry, just curious", func(f Feeling) bool { return f.Mood > -.1 }},
		{"anger", "this is a disgrace, you useless idiots", angry},
		{"emoji alone, angry", "😡😡😡", angry},
		{"emoji alone, glad", "😍", glad},
		{"capitals", "WHERE IS MY DAMN ORDER", angry},
		{"capitals alone", "GIVE ME THAT PARCEL OF MINE", func(f Feeling) bool { return f.Mood < -.3 && f.Urgency > .1 }},
		{"a code in capitals", "E04 on the K2-1000 PRO MAX", calm},
		{"homoglyphs and marks of no width", "this is tеrri\u200bble, a disgrасe", angry},
		{"leetspeak", "you are us3less 1d1ots, what a j0ke", angry},
		{"letters held down", "this is sooo terrrrible and uuuseless", angry},
		{"urgent in the middle of a story", "we got the keys on Friday and the boiler is cold, I need this fixed today because of the baby", pressing},
		{"what time it is now", "The ceremony starts at three, it's 14:35 and the microphone is silent", pressing},
		{"minutes left, in Polish", "Zostało 10 minut, a bilety się nie ładują", pressing},
		{"outside, in Japanese", "ホテルの入口にいますが、鍵が開きません", pressing},
		{"by the minute, in French", "la trottinette est rendue et on me compte chaque minute", pressing},
		{"no hot water, in Turkish", "Sabahtan beri sıcak su yok", pressing},
		{"a day that is near", "We move on Tuesday. Which day is my router due?", func(f Feeling) bool { return f.Urgency >= .3 && f.Urgency < .5 }},
		{"there is no hurry", "No rush: my flight is tomorrow, is the case cabin size?", calm},
		{"how long something takes", "How long until it's done, 20 minutes?", calm},
		{"a weight is no time", "my kitten is 1.1 kg", calm},
		{"opening hours", "Are you open until 18:00 on Saturdays?", calm},
		{"the same words of another language", "zum dritten Mal gelesen: mal sehen, das war fatal einfach, danke", func(f Feeling) bool { return f.Mood > -.5 }},
		{"old mail does not feel", "ok, noted\n\nOn Mon, 3 Nov 2025, Ann <a@shop.example> wrote:\n> you useless idiots, this is URGENT!!! 😡", calm},
		{"a log does not feel", "what does this mean?\n2026-01-02 10:11:12 FATAL [main] terrible useless failure, disgrace, immediately!!!", calm},
		{"base64", strings.Repeat("aGVsbG8gd29ybGQ", 20), calm},
		{"mixed scripts", "спасибо 返品 thanks", func(f Feeling) bool { return f.Mood > -.2 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if f := r.Read(tt.in, Conduct{}); !tt.want(f) {
				t.Errorf("%q: %+v", tt.in, f)
			}
		})
	}
}

func TestRead_SaysWhy(t *testing.T) {
	t.Parallel()
	f := newReader(t).Read("I am not happy. This is urgent!!", Conduct{Repeats: 2, FailedAnswers: 1, Waited: time.Hour})
	why := strings.Join(f.Why, "; ")
	for _, part := range []string{`"happy" is good, negated`, `"urgent": urgent`, "!!", "said 2 times before", "1 answers did not help", "waited 60 minutes"} {
		if !strings.Contains(why, part) {
			t.Errorf("%s does not say %s", why, part)
		}
	}
}

// Long texts of every shape are read to the end; a reader that slows down with
// the square of the length would be seen here.
func TestRead_LongTexts(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for _, unit := range []string{"a", "a ", "🔥", "返", "> a\n", "12:00:01 ERROR [x] y\n", "a\n\n", "h\u200bi. ", "aGVsbG8", "not very bad!! ", "seit 2 Tagen "} {
		if f := r.Read(strings.Repeat(unit, 100_000/len(unit)), Conduct{}); !(f.Mood >= -1 && f.Mood <= 1) {
			t.Errorf("%q: %+v", unit, f)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "not happy!!", "😡", "hiç memnun değilim", "WHY???", "\xff(", "不满意", ">:("} {
		f.Add(s, 1)
	}
	r := newReader(f)
	f.Fuzz(func(t *testing.T, s string, n int) {
		got := r.Read(s, Conduct{Repeats: n, FailedAnswers: n, Waited: time.Duration(n) * time.Second})
		if !(got.Mood >= -1 && got.Mood <= 1 && got.Urgency >= 0 && got.Urgency <= 1) {
			t.Errorf("%q: %+v", s, got)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r := newReader(b)
	for name, s := range map[string]string{
		"message": "Hello, I ordered the kettle two weeks ago (order 12345) and it still hasn't arrived. I am not happy!",
		"long":    strings.Repeat("Où est ma commande, je suis déçue, c'est urgent. ", 2000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Read(s, Conduct{})
			}
		})
	}
}
