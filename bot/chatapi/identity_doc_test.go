package chatapi

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// snippets are the code blocks of docs/identity.md, by language; the longest of
// each is the one that signs.
func snippets(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "identity.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for i, block := range strings.Split(string(raw), "```") {
		if lang, code, ok := strings.Cut(block, "\n"); i%2 == 1 && ok && len(code) > len(out[lang]) {
			out[lang] = code
		}
	}
	return out
}

// TestIdentityDoc_SnippetsSignWhatTheServiceTakes runs what docs/identity.md
// tells shops to do, in every language whose interpreter is here.
func TestIdentityDoc_SnippetsSignWhatTheServiceTakes(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	secret := []byte("thirty-two bytes that a shop keeps")
	settings, err := json.Marshal(map[string]any{"identity_keys": []map[string]string{
		{"kid": "of-last-year", "alg": "HS256", "key": base64.StdEncoding.EncodeToString([]byte("another thirty-two bytes of a shop"))},
		{"kid": "of-this-year", "alg": "HS256", "key": base64.StdEncoding.EncodeToString(secret)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.site(t, "shop", string(settings))
	code := snippets(t)
	ran := 0
	for lang, tool := range map[string]struct {
		file string
		args []string
	}{
		"go": {"main.go", []string{"go", "run", "main.go"}}, "js": {"identity.mjs", []string{"node", "identity.mjs"}},
		"python": {"identity.py", []string{"python3", "identity.py"}}, "php": {"identity.php", []string{"php", "identity.php"}},
		"ruby": {"identity.rb", []string{"ruby", "identity.rb"}},
	} {
		if code[lang] == "" {
			t.Errorf("docs/identity.md has no %s", lang)
			continue
		}
		if _, err := exec.LookPath(tool.args[0]); err != nil {
			t.Logf("%s is not here: its snippet is not run (Debian: apt install php-cli ruby)", tool.args[0])
			continue
		}
		ran++
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, tool.file), []byte(code[lang]), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), tool.args[0], tool.args[1:]...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "FRONTDESK_SITE=shop", "FRONTDESK_KID=of-this-year", "FRONTDESK_KEY="+base64.StdEncoding.EncodeToString(secret), "GOFLAGS=")
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			token := strings.TrimSpace(string(out))
			r := b.do(t, "POST", "/v1/conversations", identity(token))
			var c conversationResponse
			if r.status != 201 {
				t.Fatalf("refused: %d %s", r.status, r.body)
			}
			if r.json(t, &c); !c.Verified {
				t.Errorf("not verified: %s", r.body)
			}
			if again := b.do(t, "POST", "/v1/conversations", identity(token)); again.code() != "identity_replayed" {
				t.Errorf("a second time: %d %s", again.status, again.body)
			}
		})
	}
	if ran == 0 {
		t.Error("none was run")
	}
}

// TestIdentity_KeysAreChangedOneForTheOther plays a change of keys: both are
// good while both are there, and the old one is worth nothing once it is gone.
func TestIdentity_KeysAreChangedOneForTheOther(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	old := shopKeys{hmac: []byte("thirty-two bytes of the old secret")}
	fresh := shopKeys{hmac: []byte("thirty-two bytes of the new secret")}
	set := func(keys ...[2]string) {
		list := []map[string]string{}
		for _, k := range keys {
			list = append(list, map[string]string{"kid": k[0], "alg": "HS256", "key": base64.StdEncoding.EncodeToString([]byte(k[1]))})
		}
		raw, err := json.Marshal(map[string]any{"identity_keys": list})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.pool.Exec(t.Context(), `UPDATE sites SET settings = $1 WHERE name = 'shop'`, raw); err != nil {
			t.Fatal(err)
		}
	}
	taken := func(k shopKeys, kid string) string {
		r := b.do(t, "POST", "/v1/conversations", identity(k.sign(t, kid, nil)))
		if r.status == 201 {
			return ""
		}
		return r.code()
	}
	b.site(t, "shop", "")
	for _, step := range []struct {
		keys     [][2]string
		old, new string // how what each signed is answered
	}{
		{[][2]string{{"one", string(old.hmac)}}, "", "identity_key"},
		{[][2]string{{"one", string(old.hmac)}, {"two", string(fresh.hmac)}}, "", ""},
		{[][2]string{{"two", string(fresh.hmac)}}, "identity_key", ""},
	} {
		set(step.keys...)
		if got := taken(old, "one"); got != step.old {
			t.Errorf("with %d keys, the old one's: %q, want %q", len(step.keys), got, step.old)
		}
		if got := taken(fresh, "two"); got != step.new {
			t.Errorf("with %d keys, the new one's: %q, want %q", len(step.keys), got, step.new)
		}
	}
	set([2]string{"one", string(old.hmac)}, [2]string{"two", string(fresh.hmac)})
	if got := taken(old, "two"); got != "identity_invalid" {
		t.Errorf("one key under another's name: %q", got)
	}
}
