package triage

import "testing"

func TestPick(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Pick{
		"2":                                      {Kind: PickOne, N: 2},
		" 2. ":                                   {Kind: PickOne, N: 2},
		"#3":                                     {Kind: PickOne, N: 3},
		"٢":                                      {Kind: PickOne, N: 2},
		"２":                                      {Kind: PickOne, N: 2},
		"number 12":                              {Kind: PickOne, N: 12},
		"0":                                      {Kind: PickOne, N: 0},
		"the second":                             {Kind: PickOne, N: 2},
		"Yes, the second!":                       {Kind: PickOne, N: 2},
		"no, the first one please":               {Kind: PickOne, N: 1},
		"option b":                               {Kind: PickOne, N: 2},
		"the last one":                           {Kind: PickOne, N: Last},
		"zweite":                                 {Kind: PickOne, N: 2},
		"Ja, das zweite bitte":                   {Kind: PickOne, N: 2},
		"nummer drei":                            {Kind: PickOne, N: 3},
		"oui, la première":                       {Kind: PickOne, N: 1},
		"el tercero":                             {Kind: PickOne, N: 3},
		"sì, il secondo":                         {Kind: PickOne, N: 2},
		"a última":                               {Kind: PickOne, N: Last},
		"doe maar de tweede":                     {Kind: PickOne, N: 2},
		"tak, druga":                             {Kind: PickOne, N: 2},
		"ikinci":                                 {Kind: PickOne, N: 2},
		"الثاني من فضلك":                         {Kind: PickOne, N: 2},
		"2番目でお願いします":                             {Kind: PickOne, N: 2},
		"第一个":                                    {Kind: PickOne, N: 1},
		"yes":                                    {Kind: PickThat},
		"ja genau":                               {Kind: PickThat},
		"はい":                                     {Kind: PickThat},
		"none of these":                          {Kind: PickOther},
		"no":                                     {Kind: PickOther},
		"keins davon":                            {Kind: PickOther},
		"都不是":                                    {Kind: PickOther},
		"":                                       {},
		"I have 2 kettles":                       {},
		"2 or 3":                                 {},
		"order 20261122":                         {},
		"the second kettle":                      {},
		"no idea":                                {},
		"first of all, where is my box?":         {},
		"is it the first time I have to do this": {},
		"yes and how much is it":                 {},
		"one two three four five six seven eight!": {},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got := r.Pick(text)
			got.Rule = ""
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestChoicePhrases_AreReadBackAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.pickers) != 12 || len(r.leaners) != 12 {
		t.Fatalf("%d and %d languages, want 12", len(r.pickers), len(r.leaners))
	}
	var all map[string]choicePhrases
	if err := decodeStrictly(choicesJSON, &all); err != nil {
		t.Fatal(err)
	}
	for code, c := range all {
		for n, list := range c.Numbers {
			for _, s := range list {
				if p := r.Pick(s); p.Kind != PickOne || n != "last" && string(rune('0'+p.N)) != n {
					t.Errorf("%s: %q is read as %+v, not as %s", code, s, p, n)
				}
			}
		}
		for _, s := range c.Neither {
			if p := r.Pick(s); p.Kind != PickOther {
				t.Errorf("%s: %q is read as %+v, not as a no", code, s, p)
			}
		}
		for _, s := range c.Yes {
			if p := r.Pick(s); p.Kind != PickThat {
				t.Errorf("%s: %q is read as %+v, not as a yes", code, s, p)
			}
		}
	}
}

func FuzzPick(f *testing.F) {
	r, err := NewReader()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"2", "the second", "第二个", "٢", "99999999999999999999", "\xff2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p := r.Pick(s); p.N < Last || p.N > 9999 {
			t.Fatalf("%q: %+v", s, p)
		}
		r.Lean(s)
		r.Own(s)
	})
}
