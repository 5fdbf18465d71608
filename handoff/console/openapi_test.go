package console

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/web"
)

// routed is a guard that has the routes of the one that serves.
type routed struct{ *Auth }

func TestOpenAPI_DescribesEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	app, err := web.New(slog.New(slog.DiscardHandler), nil, web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	c := &Console{Deps: Deps{App: app, Guard: routed{&Auth{app: app}}}, files: &files{}, description: raw}
	c.Mount()
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Summary   string
			Responses map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(raw, &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("%v, %q", err, doc.OpenAPI)
	}
	described := map[string]bool{}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			described[strings.ToUpper(method)+" "+path] = true
			if op.Summary == "" || len(op.Responses) < 2 {
				t.Errorf("%s %s says too little", method, path)
			}
		}
	}
	there := map[string]bool{}
	for _, r := range app.Fiber().GetRoutes(true) {
		path, ours := strings.CutPrefix(r.Path, apiPath)
		if !ours || path == "" || path == "/" || r.Method == fiber.MethodHead {
			continue
		}
		parts := strings.Split(path, "/")
		for i, p := range parts {
			if name, ok := strings.CutPrefix(p, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		there[r.Method+" "+strings.Join(parts, "/")] = true
	}
	for route := range there {
		if !described[route] {
			t.Errorf("%s is not described: add it to operations", route)
		}
	}
	for route := range described {
		if !there[route] {
			t.Errorf("%s is described, and not there", route)
		}
	}
	var refs []string
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for k, y := range x {
				if s, ok := y.(string); ok && k == "$ref" {
					refs = append(refs, strings.TrimPrefix(s, "#/components/schemas/"))
				}
				walk(y)
			}
		case []any:
			for _, y := range x {
				walk(y)
			}
		}
	}
	var whole any
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatal(err)
	}
	walk(whole)
	slices.Sort(refs)
	for _, ref := range slices.Compact(refs) {
		if doc.Components.Schemas[ref] == nil {
			t.Errorf("%q is referred to, and not there", ref)
		}
	}
	if len(there) < 60 {
		t.Errorf("%d routes", len(there))
	}
	if len(refs) < 20 {
		t.Errorf("%d references", len(refs))
	}
}
