package browser_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/faultproxy"
	"frontdesk/internal/stage"
)

// followReadme does what widget/README.md tells a newcomer to do, word for word,
// and looks at the shop that comes of it. What it changes is said at each place.
func followReadme(t *testing.T, with stage.Tools, s *service) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, readme, _ := strings.Cut(string(raw), "## In ten minutes")
	readme, _, _ = strings.Cut(readme, "\n## ")
	dir := t.TempDir()
	address := faultproxy.Address(t) // not 3000: that may be taken
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("returns.md", "# Returns\n\nYou can send anything back within 30 days.\n\n## Refunds\n\nThe refund reaches your card five working days after we have the parcel.\n")
	write("widget.json", strings.ReplaceAll(blockOf(t, readme, "json"), "localhost:3000", "localhost:"+port))
	write("shop.mjs", blockOf(t, readme, "js"))
	var key struct{ Kid, Key, Site string }
	ran := 0
	for _, line := range regexp.MustCompile(`(?m)^ {7}bin/frontdesk (.*)$`).FindAllStringSubmatch(readme, -1) {
		if line[1] == "serve" {
			continue // it does already
		}
		args := strings.Fields(strings.ReplaceAll(line[1], "path/to/articles", "returns.md"))
		cmd := exec.CommandContext(t.Context(), s.bin, args...)
		cmd.Dir = dir
		cmd.Env = append(slices.Clone(s.env), "FRONTDESK_URL=http://"+s.addr)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", line[1], err)
		}
		ran++
		if args[0] == "site" && args[1] == "key" {
			if err := json.Unmarshal(out, &key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if ran != 4 {
		t.Errorf("%d commands in the README", ran)
	}
	shop := exec.CommandContext(t.Context(), "node", "shop.mjs")
	shop.Dir = dir
	shop.Env = append(os.Environ(), "FRONTDESK_SITE="+key.Site, "FRONTDESK_KID="+key.Kid, "FRONTDESK_KEY="+key.Key, "FRONTDESK=http://"+s.addr, "PORT="+port)
	if err := shop.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = shop.Process.Kill()
		_ = shop.Wait()
	})
	until := time.Now().Add(20 * time.Second)
	for {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "localhost:"+port)
		if err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(until) {
			t.Fatalf("the shop did not come up: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	with.Run(t, stage.Play{Base: "http://" + s.addr, Set: "readme", Only: *only, Env: []string{"LISTED=http://localhost:" + port}})
}

// blockOf is the longest block of code in a language, without the indent of the
// list that it stands in.
func blockOf(t *testing.T, text, lang string) (longest string) {
	t.Helper()
	for _, m := range regexp.MustCompile("(?s)```"+lang+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		if len(m[1]) > len(longest) {
			longest = m[1]
		}
	}
	if longest == "" {
		t.Fatalf("the README has no %s", lang)
	}
	return strings.ReplaceAll("\n"+longest, "\n   ", "\n")
}
