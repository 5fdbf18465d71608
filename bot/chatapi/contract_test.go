package chatapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract holds responses against the API's description. Every response of
// every test goes through it: an address, status, media type or event that the
// description does not have fails the test.
type contract struct {
	doc      map[string]any
	compiler *jsonschema.Compiler

	mu   sync.Mutex
	seen map[string]int // "POST /v1/token 200"
}

func newContract(tb testing.TB) *contract {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(openAPI))
	if err != nil {
		tb.Fatalf("openapi.json: %v", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("openapi.json", doc); err != nil {
		tb.Fatal(err)
	}
	return &contract{doc: doc.(map[string]any), compiler: c, seen: map[string]int{}}
}

// operation finds what the description says about a method and path.
func (c *contract) operation(method, path string) (pointer string, op map[string]any, ok bool) {
	path, _, _ = strings.Cut(path, "?")
	paths := c.doc["paths"].(map[string]any)
	for template, item := range paths {
		if !pathMatches(template, path) {
			continue
		}
		op, ok := item.(map[string]any)[strings.ToLower(method)].(map[string]any)
		return template, op, ok
	}
	return "", nil, false
}

func pathMatches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// check holds one response against the description; body is the whole of it.
func (c *contract) check(method, path string, resp *http.Response, body []byte) error {
	template, op, ok := c.operation(method, path)
	where := fmt.Sprintf("%s %s %d", method, cmpOr(template, path), resp.StatusCode)
	c.mu.Lock()
	c.seen[where]++
	c.mu.Unlock()
	if resp.Header.Get("X-Request-Id") == "" {
		return fmt.Errorf("%s: no X-Request-Id", where)
	}
	if !ok {
		// Not of this API: only a problem may come.
		return c.checkBody("#/components/schemas/Problem", body, where)
	}
	responses := op["responses"].(map[string]any)
	described, ok := responses[fmt.Sprint(resp.StatusCode)].(map[string]any)
	if !ok {
		return fmt.Errorf("%s: this status is not described (body %.200s)", where, body)
	}
	pointer := "#/paths/" + escapePointer(template) + "/" + strings.ToLower(method) + "/responses/" + fmt.Sprint(resp.StatusCode)
	if ref, ok := described["$ref"].(string); ok {
		pointer, described = ref, c.resolve(ref)
	}
	return c.checkContent(pointer, described, resp, body, where)
}

func (c *contract) checkContent(pointer string, described map[string]any, resp *http.Response, body []byte, where string) error {
	content, ok := described["content"].(map[string]any)
	if !ok {
		if len(body) > 0 {
			return fmt.Errorf("%s: a body where none is described: %.200s", where, body)
		}
		return nil
	}
	mt, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("%s: media type: %w", where, err)
	}
	media, ok := content[mt].(map[string]any)
	if !ok {
		return fmt.Errorf("%s: media type %s is not described", where, mt)
	}
	if (resp.StatusCode == 429 || resp.StatusCode == 503 && mt != "application/json") && resp.Header.Get("Retry-After") == "" {
		return fmt.Errorf("%s: no Retry-After", where)
	}
	if mt == "text/html" {
		return nil // a page for people
	}
	if schema, _ := media["schema"].(map[string]any); schema["format"] == "binary" {
		return nil // a file
	}
	if mt == "text/event-stream" {
		return c.checkEvents(pointer, media, body, where)
	}
	return c.checkBody(pointer+"/content/"+escapePointer(mt)+"/schema", body, where)
}

func (c *contract) checkEvents(pointer string, media map[string]any, body []byte, where string) error {
	described := media["x-events"].(map[string]any)
	for _, f := range parseFrames(string(body)) {
		if f.event == "" {
			continue
		}
		if _, ok := described[f.event]; !ok {
			return fmt.Errorf("%s: event %q is not described", where, f.event)
		}
		schema := pointer + "/content/text~1event-stream/x-events/" + f.event
		if err := c.checkBody(schema, []byte(f.data), where+" event "+f.event); err != nil {
			return err
		}
		stored := !slices.Contains([]string{"typing", "delta", "read"}, f.event)
		if stored && f.id == "" && f.event != "error" || !stored && f.id != "" {
			return fmt.Errorf("%s: event %s has id %q", where, f.event, f.id)
		}
	}
	return nil
}

func (c *contract) checkBody(pointer string, body []byte, where string) error {
	c.mu.Lock()
	schema, err := c.compiler.Compile("openapi.json" + pointer)
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: schema %s: %w", where, pointer, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w in %.200s", where, err, body)
	}
	if err := schema.Validate(v); err != nil {
		return fmt.Errorf("%s: %w in %.300s", where, err, body)
	}
	return nil
}

func (c *contract) resolve(ref string) map[string]any {
	var v any = c.doc
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		v = v.(map[string]any)[part]
	}
	return v.(map[string]any)
}

func escapePointer(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(s)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// sseFrame is one frame of a stream; a comment has none of the three.
type sseFrame struct{ id, event, data string }

func parseFrames(s string) []sseFrame {
	var frames []sseFrame
	for block := range strings.SplitSeq(s, "\n\n") {
		var f sseFrame
		for line := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch name {
			case "id":
				f.id = value
			case "event":
				f.event = value
			case "data":
				f.data = value
			}
		}
		if f != (sseFrame{}) {
			frames = append(frames, f)
		}
	}
	return frames
}

func TestOpenAPI_EverySchemaCompiles(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	for name := range c.doc["components"].(map[string]any)["schemas"].(map[string]any) {
		if _, err := c.compiler.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// templateOf is a route's path as the description writes it.
func templateOf(path string) string {
	return strings.NewReplacer(":id", "{id}", ":file", "{file}").Replace(path)
}

func TestOpenAPI_NoRouteIsLeftOut(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	described := newContract(t)
	for _, r := range b.app.Fiber().GetRoutes(true) {
		if r.Method == http.MethodHead {
			continue
		}
		path := templateOf(r.Path)
		if _, _, ok := described.operation(r.Method, path); !ok {
			t.Errorf("%s %s is served and not described", r.Method, r.Path)
		}
	}
	served := map[string]bool{}
	for _, r := range b.app.Fiber().GetRoutes(true) {
		served[r.Method+" "+templateOf(r.Path)] = true
	}
	for path, item := range described.doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			// What package widget serves is described here too; its own test holds it.
			if !served[strings.ToUpper(method)+" "+path] && !strings.HasPrefix(path, "/v1/widget/") {
				t.Errorf("%s %s is described and not served", method, path)
			}
		}
	}
}

func TestOpenAPI_IsServedAsItIs(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	r := b.do(t, "GET", "/openapi.json", nil)
	if !json.Valid(r.body) || !bytes.Equal(r.body, openAPI) {
		t.Error("another description than the one that is tested")
	}
}
