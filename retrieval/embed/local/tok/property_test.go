package tok

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// check holds what is true of every text and limit.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, tk Tokenizer, marks Marks, text string, limit int,
) []int32 {
	t.Helper()
	all := tk.Encode(nil, text, 0)
	if len(all) < 2 || all[0] != marks.Begin || all[len(all)-1] != marks.End {
		t.Fatalf("%.80q: no marks around %v", text, short(all))
	}
	for _, id := range all[1 : len(all)-1] {
		if id == marks.Begin || id == marks.End || slices.Contains(marks.Others, id) {
			t.Fatalf("%.80q: a mark inside %v", text, short(all))
		}
	}
	before := []int32{-7}
	got := tk.Encode(before, text, limit)
	if got[0] != -7 {
		t.Fatalf("%.80q: what was there before is gone", text)
	}
	want := all
	if most := max(limit, 2); limit > 0 && len(all) > most {
		want = append(slices.Clone(all[:most-1]), marks.End)
	}
	if !slices.Equal(got[1:], want) {
		t.Fatalf("%.80q with limit %d: %v, want %v", text, limit, short(got[1:]), short(want))
	}
	return all
}

// anyText draws texts that tokenizers have trouble with.
func anyText() *rapid.Generator[string] {
	part := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{
			" ", "\u3000", "\x00", "\t", "\u0301", "\u0323\u0302", "\u200d", "\uFEFF", "\u2581", "[CLS]", "</s>", "##a", "ing", "parcel",
			"größe", "你好", "ありがとう", "안녕", "ᄀ", "ᅡ", "ก", "🙂", "\u0378", "\xff", "\xed\xa0\x80", "\xc3", "ﬁ", "ﷺ", "ｶﾞ", "\u302e\U0001d165", "3,5",
		}),
	)
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for _, p := range rapid.SliceOfN(part, 0, 8).Draw(t, "parts") {
			b.WriteString(strings.Repeat(p, rapid.SampledFrom([]int{1, 1, 1, 2, 60, 700}).Draw(t, "times")))
		}
		return b.String()
	})
}

func TestTokenizers_KeepTheirWordForAnyText(t *testing.T) {
	t.Parallel()
	w, u := wordPiece(t), unigram(t)
	rapid.Check(t, func(t *rapid.T) {
		text := anyText().Draw(t, "text")
		limit := rapid.IntRange(-1, 40).Draw(t, "limit")
		check(t, w, w.marks, text, limit)
		check(t, u, u.marks, text, limit)
	})
}

// slowly is Unigram as it is described: the whole text at once, nothing settled
// on the way. It takes no limit.
func slowly(u *Unigram, text string) []int32 {
	var chars []byte
	for text != "" {
		var n int
		chars, n = u.chars.replace(chars, text)
		text = text[n:]
	}
	s := ""
	for _, w := range strings.FieldsFunc(string(chars), func(r rune) bool { return r == ' ' }) {
		s += meta + w
	}
	best := make([]step, len(s)+1)
	for i := range best {
		best[i].from = -1
	}
	best[0].from = 0
	for i, r := range s {
		char := i + utf8.RuneLen(r)
		single := false
		for end := i + 1; end <= min(len(s), i+u.longest); end++ {
			node := u.pieces.walk(0, s[i:end])
			if node == noNode {
				break
			}
			if id := u.pieces.id[node]; id >= 0 {
				if sc := best[i].score + u.score[id]; best[end].from < 0 || sc > best[end].score {
					best[end] = step{sc, int32(i), id}
				}
				single = single || end == char
			}
		}
		if sc := best[i].score + u.unknown; !single && (best[char].from < 0 || sc > best[char].score) {
			best[char] = step{sc, int32(i), u.marks.Unknown}
		}
	}
	ids := []int32{u.marks.End}
	for i := len(s); i > 0; i = int(best[i].from) {
		if id := best[i].id; id != u.marks.Unknown || ids[len(ids)-1] != id {
			ids = append(ids, id)
		}
	}
	ids = append(ids, u.marks.Begin)
	slices.Reverse(ids)
	return ids
}

func TestUnigram_SettlesOnTheWayWhatTheWholeTextWouldGive(t *testing.T) {
	t.Parallel()
	u := unigram(t)
	rapid.Check(t, func(t *rapid.T) {
		text := anyText().Draw(t, "text")
		if got, want := u.Encode(nil, text, 0), slowly(u, text); !slices.Equal(got, want) {
			t.Fatalf("%.80q: %v, want %v", text, short(got), short(want))
		}
	})
}

func TestLattice_KeepsOnlyTheEndOfALongWord(t *testing.T) {
	t.Parallel()
	u := unigram(t)
	for name, run := range map[string]string{
		"no spaces":         "他们说我的包裹已经签收但是我没有收到",
		"unknown to e5":     "\u0378",
		"a word of letters": "donaudampfschifffahrtsgesellschaft",
	} {
		l := newLattice(u, false)
		u.encode(l, &gathered{}, strings.Repeat(run, 200_000/len(run)), 0)
		if most := cap(l.text); most > 8*settleAfter {
			t.Errorf("%s: room for %d bytes", name, most)
		}
	}
}

func FuzzWordPiece(f *testing.F) {
	seeds(f)
	w := wordPiece(f)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		check(t, w, w.marks, text, limit)
	})
}

func FuzzUnigram(f *testing.F) {
	seeds(f)
	u := unigram(f)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		got := check(t, u, u.marks, text, limit)
		if want := slowly(u, text); !slices.Equal(got, want) {
			t.Fatalf("%.80q: %v, want %v", text, short(got), short(want))
		}
	})
}

func seeds(f *testing.F) {
	f.Helper()
	for _, s := range []string{
		"", "where is my parcel", "Größe 38/40", "你好 안녕 ありがとう ครับ", "[CLS] </s>", "e\u0301\u0323 ｶﾞ", "👩‍🍳\u202e", "\xff\xed\xa0\x80\x00", strings.Repeat("ha", 1500),
	} {
		f.Add(s, 0)
		f.Add(s, 5)
	}
}

func FuzzNewWordPiece(f *testing.F) {
	f.Add([]byte("[CLS]\n[SEP]\n[UNK]\na\n##b\n"), "ab ba")
	f.Add([]byte("[CLS]\r\n[SEP]\r\n[UNK]\r\n\r\n##"), "##")
	f.Add([]byte{}, "")
	f.Fuzz(func(t *testing.T, vocab []byte, text string) {
		if w, err := NewWordPiece(vocab); err == nil {
			w.Encode(nil, text, 0)
		}
	})
}

func FuzzCharsmap(f *testing.F) {
	f.Add([]byte{4, 0, 0, 0, 0, 0, 0, 0, 0}, "a")
	f.Add(charsmapBin[:8], "ﬁ")
	f.Fuzz(func(t *testing.T, b []byte, text string) {
		m, err := newCharsmap(b)
		if err != nil {
			return
		}
		for text != "" {
			_, n := m.replace(nil, text)
			if n <= 0 || n > len(text) {
				t.Fatalf("took %d of %d bytes", n, len(text))
			}
			text = text[n:]
		}
	})
}

// Places are those of the same tokens that Encode gives, never fall, and lead
// to the words that the tokens are made of.
func TestPlace_LeadsToTheTokensWords(t *testing.T) {
	t.Parallel()
	text := "Returns > Damaged goods\nSend it BACK within 30 days, z. B. by post — “Größe” costs 3,50 €.\n配送は3日です。返品は無料。 \u00a0 ﬁnal"
	words := map[int]string{}
	for _, w := range []string{"Returns", "Damaged", "goods", "Send", "BACK", "30", "days", "post", "costs"} {
		words[strings.Index(text, w)] = w
	}
	for name, tk := range map[string]Tokenizer{"unigram": unigram(t), "wordpiece": wordPiece(t)} {
		ids, places := tk.Place(text, 0)
		if want := tk.Encode(nil, text, 0); !slices.Equal(ids, want) || len(places) != len(ids) {
			t.Fatalf("%s: %d tokens and %d places, want %d", name, len(ids), len(places), len(want))
		}
		if !slices.IsSorted(places) || places[len(places)-1] != int32(len(text)) {
			t.Errorf("%s: places %v", name, places)
		}
		for at, w := range words {
			if !slices.Contains(places, int32(at)) {
				t.Errorf("%s: no token begins at %q", name, w)
			}
		}
		if at := strings.Index(text, "返品"); !slices.Contains(places, int32(at)) {
			t.Errorf("%s: no token begins with the second sentence in Japanese", name)
		}
		cut, cutPlaces := tk.Place(text, 9)
		if !slices.Equal(cut[:8], ids[:8]) || !slices.Equal(cutPlaces[:8], places[:8]) || cutPlaces[8] != places[8] {
			t.Errorf("%s: cut to 9 tokens: %v at %v", name, cut, cutPlaces)
		}
	}
}

func TestPlace_IsEncodeForAnyText(t *testing.T) {
	t.Parallel()
	all := map[string]Tokenizer{"unigram": unigram(t), "wordpiece": wordPiece(t)}
	rapid.Check(t, func(rt *rapid.T) {
		text := anyText().Draw(rt, "text")
		limit := rapid.IntRange(0, 20).Draw(rt, "limit")
		for name, tk := range all {
			ids, places := tk.Place(text, limit)
			if !slices.Equal(ids, tk.Encode(nil, text, limit)) || len(places) != len(ids) || !slices.IsSorted(places) {
				rt.Fatalf("%s: %q to %d: %v at %v", name, text, limit, ids, places)
			}
			if places[0] != 0 || int(places[len(places)-1]) > len(text) {
				rt.Fatalf("%s: %q: places %v", name, text, places)
			}
		}
	})
}
