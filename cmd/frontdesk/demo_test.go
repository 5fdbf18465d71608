package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/pgtest"
	"frontdesk/triage"
	"frontdesk/triage/pgtriage"
)

func TestDemoPolicy_KnowsTheShopsOrderNumbersAndLeavesAnOwnPolicyAlone(t *testing.T) {
	t.Parallel()
	a := &app{getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	newRootCommand(a)
	a.config.DatabaseURL = pgtest.DSN(t)
	err := a.withStore(t.Context(), func(st *store) error {
		site, _, err := st.AddSite(t.Context(), demoSite)
		if err != nil {
			return err
		}
		settled, err := pgtriage.New(st.pool, time.Now)
		if err != nil {
			return err
		}
		patterns := func() []string {
			if err := demoPolicy(t.Context(), st); err != nil {
				t.Fatal(err)
			}
			s, err := settled.Settled(t.Context(), site.ID)
			if err != nil {
				t.Fatal(err)
			}
			return s.Policy.OrderNumbers
		}
		if got := patterns(); len(got) != 1 || got[0] != demoOrders {
			t.Errorf("got %q", got)
		}
		if err := settled.SetPolicy(t.Context(), site.ID, triage.Policy{OrderNumbers: []string{"X-[0-9]+"}}); err != nil {
			return err
		}
		if got := patterns(); len(got) != 1 || got[0] != "X-[0-9]+" {
			t.Errorf("an own policy was replaced: %q", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The screen that `make run` ends in is the first thing a newcomer believes: its
// addresses answer, the demo shop's, whatever was made before it, and what it
// suggests gets what it says.
func TestDemo_TheScreenIsTrue(t *testing.T) {
	t.Parallel()
	shopAt, err := filepath.Abs(shopFolder)
	if err != nil {
		t.Fatal(err)
	}
	env := newHome(t, filepath.Join(t.TempDir(), "home"))
	before := filepath.Join(t.TempDir(), "other.md")
	if err := os.WriteFile(before, []byte("# Another\n\nWords of another site."), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := cli(t, env, "", "ingest", "--site", "before", "--without-vectors", before); status != 0 {
		t.Fatal(stderr)
	}
	vars := []string{"FRONTDESK_ADDR=127.0.0.1:0", "FRONTDESK_ADMIN_ADDR=127.0.0.1:0"}
	for k, v := range env {
		vars = append(vars, k+"="+v)
	}
	p := &process{cmd: program(t, nil, vars, "demo", "--shop", shopAt)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	p.cmd.Stderr = &log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop := func() {
		if !ended {
			ended = true
			_ = p.cmd.Process.Signal(os.Interrupt)
			_ = p.cmd.Wait()
		}
	}
	t.Cleanup(stop)
	var pages, tries []string
	line := regexp.MustCompile(`http://127\.0\.0\.1:\d+\S*`)
	for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), "Ctrl-C"); {
		text := lines.Text()
		switch at := line.FindString(text); {
		case at != "":
			pages = append(pages, at)
		case strings.HasPrefix(text, "    ") && len(pages) == 5: // behind the last address
			tries = append(tries, strings.TrimSpace(text))
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if len(pages) != 5 || len(tries) < 4 {
		t.Fatalf("addresses %v, tries %q\n%s", pages, tries, log.String())
	}
	for _, page := range pages {
		status, body, err := p.call("GET", page, "")
		if err != nil || status != 200 {
			t.Errorf("%s: %d %v", page, status, err)
		}
		if strings.HasSuffix(page, "/help") && !strings.Contains(body, demoTitle) {
			t.Errorf("%s are not the demo shop's", page)
		}
	}
	p.base = strings.TrimSuffix(pages[0], "/")
	for _, try := range tries {
		text, remark, _ := strings.Cut(try, "   ")
		p.token = ""
		_, body, err := p.call("POST", "/v1/conversations", `{"site":"shop"}`)
		var c struct{ Conversation, Token string }
		if err != nil || json.Unmarshal([]byte(body), &c) != nil {
			t.Fatal(body, err)
		}
		p.conversation, p.token = c.Conversation, c.Token
		want := "answer"
		switch {
		case strings.Contains(remark, "a choice"):
			want = "clarify"
		case strings.Contains(remark, "desk"):
			want = "queued"
		}
		status, body, err := p.say("1", text)
		var r struct {
			Outcome  string
			Messages []struct{ Citations []json.RawMessage }
		}
		if err != nil || status != 200 || json.Unmarshal([]byte(body), &r) != nil || r.Outcome != want {
			t.Errorf("%q: want %s, got %d %s %v", text, want, status, body, err)
			continue
		}
		if want == "answer" && len(r.Messages[0].Citations) == 0 {
			t.Errorf("%q: an answer without a source: %s", text, body)
		}
	}
	stop()
}
