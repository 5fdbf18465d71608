package people

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	about := []string{"mara.lindqvist@kettlewick.example", "Mara Lindqvist", "kettlewick"}
	for name, c := range map[string]struct {
		password string
		good     bool
	}{
		"a few words":                       {"plum orbit kettle", true},
		"of another script":                 {"синий трамвай весной", true},
		"of a script without letters' case": {"猫がよく眠る午後三時半に", true},
		"made by us":                        {"k7qmt-4rtpx-9wecf-2hnaz", true},
		"twelve good characters":            {"vK9#mQ2!xR7z", true},
		"eleven":                            {"vK9#mQ2!xR7", false},
		"empty":                             {"", false},
		"one character many times":          {strings.Repeat("a", 40), false},
		"two by turns":                      {strings.Repeat("ab", 20), false},
		"a run":                             {"123456789012345", false},
		"a run backwards":                   {"zyxwvutsrqponm", false},
		"the keyboard":                      {"qwertyuiop12", false},
		"a common one with a year":          {"password2026", false},
		"a common one twice":                {"passwordpassword", false},
		"their name with a year":            {"maralindqvist2026", false},
		"their address":                     {"mara.lindqvist@kettlewick.example", false},
		"the shop's name and a mark":        {"Kettlewick!!2026", false},
		"their name among other words":      {"mara rides a teal bicycle", true},
		"too long":                          {strings.Repeat("plum orbit ", 40), false},
		"with a line break":                 {"plum orbit\nkettle", false},
		"not UTF-8":                         {"plum orbit \xff kettle", false},
	} {
		if err := CheckPassword(c.password, about...); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		} else if err != nil && len(c.password) > 20 && strings.Contains(err.Error(), c.password) {
			t.Errorf("%s: the error repeats the password", name)
		}
	}
}

func TestNewPassword_IsTakenAndNeverTheSame(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		p, err := NewPassword(rand.Reader)
		if err != nil || CheckPassword(p) != nil || len(p) != 23 || strings.Count(p, "-") != 3 || seen[p] {
			t.Fatalf("got %q, %v", p, err)
		}
		seen[p] = true
	}
}

func TestStream_FollowsFromSecretAndLabel(t *testing.T) {
	t.Parallel()
	make1 := func(secret, label string) string {
		p, err := NewPassword(&stream{secret: []byte(secret), label: label})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	one := make1("a secret of thirty-two bytes, yes", "demo a")
	if one != make1("a secret of thirty-two bytes, yes", "demo a") {
		t.Error("not the same twice")
	}
	if one == make1("a secret of thirty-two bytes, no!", "demo a") || one == make1("a secret of thirty-two bytes, yes", "demo b") {
		t.Error("the same for another")
	}
}
