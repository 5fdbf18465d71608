package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/fakemodel"
)

// process is a running `frontdesk serve`.
type process struct {
	cmd          *exec.Cmd
	base, admin  string
	conversation string
	token        string
}

func (s *shop) serve(t *testing.T, args ...string) *process {
	t.Helper()
	env := []string{"FRONTDESK_ADDR=127.0.0.1:0", "FRONTDESK_ADMIN_ADDR=127.0.0.1:0"}
	for k, v := range s.env {
		env = append(env, k+"="+v)
	}
	p := &process{cmd: program(t, nil, env, append([]string{"serve"}, args...)...)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	p.cmd.Stderr = &log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		if t.Failed() {
			t.Logf("the server's log: %s", log.String())
		}
	})
	urls := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(out)
	for p.admin == "" && lines.Scan() {
		u := urls.FindString(lines.Text())
		switch {
		case u != "" && p.base == "":
			p.base = u
		case u != "" && u != p.base:
			p.admin = u
		}
	}
	if p.admin == "" {
		t.Fatalf("it does not serve: %s", log.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p
}

func (p *process) call(method, path, body string, headers ...string) (int, string, error) {
	req, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if strings.HasPrefix(path, "/") {
		req, err = http.NewRequest(method, p.base+path, strings.NewReader(body))
		if err != nil {
			return 0, "", err
		}
	}
	req.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	resp, err := (&http.Client{Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw), err
}

func (p *process) open(t *testing.T) {
	t.Helper()
	status, body, err := p.call("POST", "/v1/conversations", "{}")
	var c struct{ Conversation, Token string }
	if err != nil || status != 201 || json.Unmarshal([]byte(body), &c) != nil {
		t.Fatalf("%d %s %v", status, body, err)
	}
	p.conversation, p.token = c.Conversation, c.Token
}

func (p *process) say(id, text string) (int, string, error) {
	return p.call("POST", "/v1/conversations/"+p.conversation+"/messages", fmt.Sprintf(`{"client_msg_id":%q,"text":%q}`, id, text))
}

func TestServe_KilledInMidTurnTheNextStartEndsItHonestly(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	first := s.serve(t)
	first.open(t)
	release := make(chan struct{})
	defer close(release)
	s.model.Always(fakemodel.Hang(release))
	said := make(chan error, 1)
	go func() {
		_, _, err := first.say("1", "How long do I have to send something back?")
		said <- err
	}()
	eventually(t, "the turn is open", func() bool {
		var n int
		s.scan(t, `SELECT count(*) FROM open_turns`, &n)
		return n == 1
	})
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-said; err == nil {
		t.Log("the turn was over before the kill: nothing to end")
	}
	s.model.Heal()
	second := s.serve(t)
	second.conversation, second.token = first.conversation, first.token // its token is good everywhere
	var body string
	eventually(t, "the turn has its end", func() bool {
		status, b, err := second.say("1", "How long do I have to send something back?")
		body = b
		return err == nil && status == 200
	})
	if !strings.Contains(body, `"outcome":"error"`) && !strings.Contains(body, `"outcome":"answer"`) && !strings.Contains(body, `"outcome":"none"`) {
		t.Errorf("got %s", body)
	}
	var messages, ends, open int
	s.scan(t, `SELECT count(*) FILTER (WHERE client_msg_id = '1'), count(*) FILTER (WHERE kind IN ('done', 'error')), (SELECT count(*) FROM open_turns) FROM events`, &messages, &ends, &open)
	if messages != 1 || ends != 1 || open != 0 {
		t.Errorf("%d messages, %d ends, %d open", messages, ends, open)
	}
	if status, body, err := second.say("2", "How long do I have to send something back?"); err != nil || !strings.Contains(body, "45 days") {
		t.Errorf("afterwards: %d %s %v", status, body, err)
	}
}

func TestServe_StopsProperlyWithATurnUnderWay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := s.serve(t)
	p.open(t)
	s.model.Always(fakemodel.Delay(250 * time.Millisecond)) // within the search's budget, long enough to be stopped in
	said := make(chan string, 1)
	go func() {
		_, body, err := p.say("1", "How long may I keep a thing that nobody asked about before?")
		said <- fmt.Sprint(body, err)
	}()
	eventually(t, "the turn is open", func() bool {
		var n int
		s.scan(t, `SELECT count(*) FROM events`, &n)
		return n >= 1
	})
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if body := <-said; !strings.Contains(body, `"outcome":"`) {
		t.Errorf("the turn under way: %s", body)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it did not end properly: %v", err)
	}
	var instances, open int
	s.scan(t, `SELECT (SELECT count(*) FROM instances), (SELECT count(*) FROM open_turns)`, &instances, &open)
	if instances != 0 || open != 0 {
		t.Errorf("%d instances, %d open turns are left", instances, open)
	}
}

func TestServe_WithoutTheEmbedderGoesOnAndSaysSo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := s.serve(t)
	p.open(t)
	s.model.Always(fakemodel.Status(500, "broken", ""))
	status, body, err := p.say("1", "How many days do I have to send anything back?")
	if err != nil || status != 200 || !strings.Contains(body, "45 days") {
		t.Errorf("by words alone: %d %s %v", status, body, err)
	}
	if status, body, _ := p.call("GET", "/readyz", ""); status != 200 || !strings.Contains(body, `"degraded"`) || !strings.Contains(body, "embedder") {
		t.Errorf("readyz: %d %s", status, body)
	}
	if _, body, _ := p.call("GET", p.admin+"/metrics", ""); !strings.Contains(body, `frontdesk_degraded{part="embedder"} 1`) {
		t.Error("the metrics do not say so")
	}
	var trace, decision string
	s.scan(t, `SELECT (SELECT trace::text FROM turns), (SELECT body::text FROM events WHERE kind = 'decision')`, &trace, &decision)
	if !strings.Contains(trace, `"degraded":["embedder"]`) || !strings.Contains(decision, `"degraded":["embedder"]`) {
		t.Errorf("trace %s, decision %s", trace, decision)
	}
	s.model.Heal()
	eventually(t, "ready by itself", func() bool {
		_, body, err := p.call("GET", "/readyz", "")
		return err == nil && strings.Contains(body, `"status":"ready"`)
	})
	if _, body, err := p.say("2", "And how many days do I have to send it back?"); err != nil || strings.Contains(body, "error") {
		t.Errorf("afterwards: %s %v", body, err)
	}
}

func TestServe_AnExplicitAddressThatIsTakenIsAnError(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := s.serve(t)
	env := map[string]string{"FRONTDESK_ADDR": strings.TrimPrefix(p.base, "http://"), "FRONTDESK_ADMIN_ADDR": "127.0.0.1:0"}
	for k, v := range s.env {
		env[k] = v
	}
	status, _, stderr := cli(t, env, "", "serve")
	if status != 1 || !strings.Contains(stderr, "another program has this port") {
		t.Errorf("%d %s", status, stderr)
	}
	if status, body, err := p.call("GET", "/readyz", ""); err != nil || status != 200 {
		t.Errorf("the first: %d %s %v", status, body, err)
	}
}
