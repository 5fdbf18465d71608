package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff"
	"frontdesk/triage/pii"
	"frontdesk/widget/settings"
)

// widgetCLI runs a command on a database.
func widgetCLI(t *testing.T, dsn, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	env := map[string]string{"DATABASE_URL": dsn, "FRONTDESK_HOME": t.TempDir()}
	root := newRootCommand(&app{getenv: func(k string) string { return env[k] }, stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs})
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestSiteWidget_ShowsSetsAndMerges(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	run := func(stdin string, args ...string) string {
		t.Helper()
		out, err := widgetCLI(t, dsn, stdin, args...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
	shown := func() (s settings.Settings) {
		t.Helper()
		s, err := settings.Parse([]byte(run("", "site", "widget", "show", "shop")))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	run(`{"accent":"#123456","hidden":["/pay"],"origins":["https://shop.example"]}`, "site", "widget", "set", "shop", "-")
	run(`{"theme":"dark","hidden":null}`, "site", "widget", "set", "shop", "--merge")
	if s := shown(); s.Accent != "#123456" || s.Theme != "dark" || s.Hidden != nil || len(s.Origins) != 1 {
		t.Errorf("merged: %+v", s)
	}
	picture := filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(picture, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 0o600); err != nil {
		t.Fatal(err)
	}
	run("", "site", "widget", "set", "shop", "--logo", picture)
	if s := shown(); !strings.HasPrefix(s.Logo, "data:image/png;base64,") || s.Accent != "#123456" {
		t.Errorf("with a logo: %+v", s)
	}
	run(`{"origins":null}`, "site", "widget", "set", "shop", "--merge")
	if s := shown(); len(s.Origins) != 0 || s.Theme != "dark" {
		t.Errorf("without origins: %+v", s)
	}
	for name, tc := range map[string]struct {
		stdin string
		args  []string
		says  string
	}{
		"what is not known":  {`{"colour":"red"}`, []string{"set", "shop", "-"}, "colour"},
		"no JSON":            {`accent`, []string{"set", "shop", "--merge"}, "JSON"},
		"a site that is not": {`{}`, []string{"set", "nobody", "-"}, "no such site"},
		"a logo that is not": {``, []string{"set", "shop", "--logo", "site_widget_test.go"}, "logo"},
	} {
		if out, err := widgetCLI(t, dsn, tc.stdin, append([]string{"site", "widget"}, tc.args...)...); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

func TestRules_SayWhichWouldFireAndWhatCameOfThem(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	if _, err := widgetCLI(t, dsn, `{"proactive":{"on":true,"rules":[{"id":"cart","say":{"en":"x"},"when":{"pages":["/cart"],"cart_above":50}},{"id":"back","say":{"en":"x"},"when":{"visits":2}}]}}`, "site", "widget", "set", "shop", "-"); err != nil {
		t.Fatal(err)
	}
	out, err := widgetCLI(t, dsn, "", "rules", "test", "--page", "https://s.example/cart?a=b", "--cart", "60", "--visits", "3", "--json")
	if err != nil || out != `{"rule":"cart","fires":true,"why":""}`+"\n"+`{"rule":"back","fires":false,"why":"rule cart comes first"}`+"\n" {
		t.Errorf("%q, %v", out, err)
	}
	if out, err = widgetCLI(t, dsn, "", "rules", "test", "--visits", "2", "--open"); err != nil || strings.Contains(out, "fires") || strings.Count(out, "a conversation is open") != 2 {
		t.Errorf("%q, %v", out, err)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), `INSERT INTO rule_counts (site_id, rule, day, shown, taken, declined)
		SELECT site_id, r, current_date, 8, 2, 1 FROM sites, unnest(ARRAY['cart', 'old']) r WHERE name = 'shop'`); err != nil {
		t.Fatal(err)
	}
	out, err = widgetCLI(t, dsn, "", "rules", "list", "--json")
	var states []string
	for line := range strings.Lines(out) {
		var l ruleLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		states = append(states, l.Rule+" "+l.State)
		if l.Rule == "cart" && (l.Shown != 8 || l.TakeUp != .25) {
			t.Errorf("%+v", l)
		}
	}
	if got := strings.Join(states, ", "); err != nil || got != "cart on, back on, old gone" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestSiteKey_AddsTellsOnceAndRemoves(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	out, err := widgetCLI(t, dsn, "", "site", "key", "add", "shop")
	var key struct{ Kid, Alg, Key string }
	if err != nil || json.Unmarshal([]byte(out), &key) != nil || key.Alg != "HS256" || len(key.Key) < 40 {
		t.Fatalf("%q, %v", out, err)
	}
	public := "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	if out, err = widgetCLI(t, dsn, "", "site", "key", "add", "shop", "--kid", "ed", "--public", public); err != nil || strings.Contains(out, public) {
		t.Errorf("%q, %v", out, err)
	}
	if _, err = widgetCLI(t, dsn, "", "site", "key", "add", "shop", "--kid", "ed"); err == nil {
		t.Error("two keys of one name")
	}
	if out, err = widgetCLI(t, dsn, "", "site", "key", "list", "shop"); err != nil || strings.Contains(out, key.Key) || strings.Count(out, "\n") != 2 {
		t.Errorf("%q, %v", out, err)
	}
	if _, err = widgetCLI(t, dsn, "", "site", "key", "remove", "shop", key.Kid); err != nil {
		t.Error(err)
	}
	if out, err = widgetCLI(t, dsn, "", "site", "key", "list", "shop"); err != nil || out != `{"alg":"EdDSA","kid":"ed"}`+"\n" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err = widgetCLI(t, dsn, "", "site", "key", "remove", "shop", key.Kid); err == nil {
		t.Error("removed twice")
	}
}

func TestHours_SayWhetherAnybodyIsThere(t *testing.T) {
	t.Parallel()
	queue := func(hours string) handoff.Queue {
		return handoff.Queue{Queue: "q", Hours: json.RawMessage(hours)}
	}
	const week = `{"zone":"Europe/Berlin","week":{"mon-fri":"09:00-17:00"}}`
	const late = `{"zone":"Europe/Berlin","week":{"mon-fri":"12:00-20:00"}}`
	monday := func(hour int) time.Time { return time.Date(2026, 11, 2, hour, 0, 0, 0, time.UTC) } // an hour behind Berlin
	for name, tc := range map[string]struct {
		queues []handoff.Queue
		at     time.Time
		open   bool
		next   int // hour at which that changes, UTC; -1: never
	}{
		"within":               {[]handoff.Queue{queue(week)}, monday(10), true, 16},
		"before":               {[]handoff.Queue{queue(week)}, monday(6), false, 8},
		"one of two":           {[]handoff.Queue{queue(week), queue(late)}, monday(9), true, 16},
		"the later of two":     {[]handoff.Queue{queue(week), queue(late)}, monday(15), true, 19},
		"the sooner of two":    {[]handoff.Queue{queue(late), queue(week)}, monday(5), false, 8},
		"always":               {[]handoff.Queue{queue(week), queue("")}, monday(2), true, -1},
		"never":                {[]handoff.Queue{queue(`{"never":true}`)}, monday(10), false, -1},
		"a queue that is shut": {[]handoff.Queue{{Queue: "q", Closed: true}}, monday(10), false, -1},
	} {
		got, err := hoursOf(tc.queues, tc.at)
		if err != nil || got.Open != tc.open {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		change := got.Opens
		if tc.open {
			change = got.Closes
		}
		if (change == nil) != (tc.next < 0) || change != nil && change.UTC().Hour() != tc.next || got.Opens != nil && got.Closes != nil {
			t.Errorf("%s: opens %v, closes %v, want a change at %d", name, got.Opens, got.Closes, tc.next)
		}
	}
}

func TestMasker_TakesOutWhoeverWroteIt(t *testing.T) {
	t.Parallel()
	finder, err := pii.New()
	if err != nil {
		t.Fatal(err)
	}
	mask := masker(finder)
	if got := mask("where is my parcel, ada.beck@example.org, card 4111 1111 1111 1111 please"); strings.Contains(got, "ada") || strings.Contains(got, "4111") || !strings.Contains(got, "where is my parcel") {
		t.Errorf("%q", got)
	}
	if got := mask("how long do refunds take"); got != "how long do refunds take" {
		t.Errorf("%q", got)
	}
}
