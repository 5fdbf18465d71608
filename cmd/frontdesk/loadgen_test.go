package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/handoff/loadgen"
)

func TestLoadgen_PlaysAgainstAServiceAndFindsThatItKeptItsWord(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var logins []string
	for _, email := range []string{"a1@shop.example", "a2@shop.example"} {
		for _, args := range [][]string{{"agent", "add", email, "--name", email[:2]}, {"agent", "password", email}} {
			status, out, stderr := cli(t, s.env, "", args...)
			if status != 0 {
				t.Fatalf("%v: %d %s", args, status, stderr)
			}
			logins = append(logins, out)
		}
	}
	file := filepath.Join(t.TempDir(), "logins.txt")
	if err := os.WriteFile(file, []byte(logins[1]+logins[3]), 0o600); err != nil {
		t.Fatal(err)
	}
	p := s.serve(t, "--visitor-rate=-1")
	status, stdout, stderr := cli(t, s.env, "", "loadgen", "--url", p.base+"/", "--customers", "6", "--rate", "12", "--logins", file, "--for", "4s", "--json")
	var r loadgen.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || status != 0 {
		t.Fatalf("%d %v: %s %s", status, err, stdout, stderr)
	}
	if r.Turns() == 0 || r.Counts["presses"] == 0 || r.Counts["claims"] == 0 || r.Counts["replies"] == 0 || !r.Kept() || len(r.Took) < 5 {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(stderr, "playing") || !strings.Contains(stderr, "checking") {
		t.Errorf("how it went: %s", stderr)
	}
	var cases int
	s.scan(t, `SELECT count(*) FROM cases`, &cases)
	if cases < r.Counts["presses"]/2 {
		t.Errorf("%d cases of %d presses", cases, r.Counts["presses"])
	}
}

func TestLoadgen_RefusesWhatItShould(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "logins.txt")
	if err := os.WriteFile(file, []byte("a1@shop.example secretword\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"somebody else's service":      {[]string{"--url", "https://shop.example"}, "--yes-i-run-this-service"},
		"no address":                   {nil, "address"},
		"too many":                     {[]string{"--url", "http://127.0.0.1:1", "--customers", "100000"}, "customers"},
		"agents without logins":        {[]string{"--url", "http://127.0.0.1:1", "--agents", "3"}, "--logins"},
		"a file that is not there":     {[]string{"--url", "http://127.0.0.1:1", "--logins", "/nowhere"}, "/nowhere"},
		"a file with a line of no use": {[]string{"--url", "http://127.0.0.1:1", "--logins", file}, "line 2"},
	} {
		status, stdout, stderr := cli(t, map[string]string{"HOME": t.TempDir()}, "", append([]string{"loadgen"}, c.args...)...)
		if status != exitUsage || !strings.Contains(stderr, c.says) || stdout != "" || strings.Contains(stderr, "secretword") {
			t.Errorf("%s: %d %q %q", name, status, stdout, stderr)
		}
	}
}
