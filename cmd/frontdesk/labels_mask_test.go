package main

import "testing"

func TestReplaceFold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, old, want string }{
		"in any case, by itself":          {"Ann, ANN and Anna", "ann", "[name], [name] and Anna"},
		"two side by side":                {"Ann Ann", "Ann", "[name] [name]"},
		"at both ends":                    {"Ann is ann", "Ann", "[name] is [name]"},
		"what it is replaced by holds it": {"my Name is Name", "Name", "my [name] is [name]"},
		"not within a word of letters":    {"Añon Ano", "Ano", "Añon [name]"},
		"signs in the name":               {"I am J. (Jo) and nobody", "J. (Jo)", "I am [name] and nobody"},
		"nothing to look for":             {"Ann", "", "Ann"},
	} {
		if got := replaceFold(c.text, c.old, "[name]"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
