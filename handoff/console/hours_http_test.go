package console_test

import (
	"strings"
	"testing"
)

func TestSettings_TriesHoursAndLabelsForLeadsAlone(t *testing.T) {
	t.Parallel()
	b := start(t)
	for _, c := range []struct {
		as, method, path string
		body             any
		want             int
		says             string
	}{
		{"lea", "POST", "/settings/hours/dry-run", map[string]any{"hours": map[string]any{"zone": "Europe/Berlin", "week": map[string]any{"mon-fri": []string{"09:00-17:00"}}}}, 200, `"zone":"Europe/Berlin"`},
		{"lea", "POST", "/settings/hours/dry-run", map[string]any{}, 200, `"always":true`},
		{"lea", "POST", "/settings/hours/dry-run", map[string]any{"hours": map[string]any{"week": map[string]any{"mon": []string{"09:00-12:00", "11:00-13:00"}}}}, 400, "overlap"},
		{"lea", "POST", "/settings/hours/dry-run", map[string]any{"hours": map[string]any{"zone": "Mars/Base"}}, 400, "no time zone"},
		{"mara", "POST", "/settings/hours/dry-run", map[string]any{}, 403, "role"},
		{"rita", "POST", "/settings/hours/dry-run", map[string]any{}, 403, "role"},
		{"mara", "PUT", "/settings/articles", map[string]any{"article": "returns", "desk": "support"}, 403, "role"},
		{"lea", "PUT", "/settings/articles", map[string]any{"article": "returns", "desk": "support"}, 404, "no_labels"},
		{"mara", "GET", "/settings/articles", nil, 404, "no_labels"},
	} {
		if a := b.do(c.as, c.method, c.path, c.body); a.status != c.want || !strings.Contains(a.body, c.says) {
			t.Errorf("%s %s %s: %d %s", c.as, c.method, c.path, a.status, a.body)
		}
	}
}
