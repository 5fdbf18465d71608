package frontdesk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "frontdesk/"

// arrows lists, for every folder that holds a package, which other packages of
// the module it may import. Arrows go down only; adapters never import each
// other; a folder that is not listed here fails the test, so that a new one is
// a decision.
var arrows = map[string][]string{
	"internal/fault":            {},
	"internal/proc":             {"internal/fault"},
	"internal/pg":               {"internal/fault", "internal/proc"}, // the private cluster is one of the supervisor's services
	"internal/web":              {"internal/fault"},
	"internal/pgtest":           {"internal/fault", "internal/pg", "internal/proc"},
	"internal/fakemodel":        {},
	"internal/pgtest/supervise": {"internal/pg", "internal/proc", "retrieval/embed/local/child"}, // a program of its own
	"internal/faultproxy":       {},
	"internal/stage":            {},

	"bot/convo": {"internal/fault"},
	"bot/files": {"internal/fault", "bot/convo"}, // what a file is: the desk's pages take them too

	"retrieval":                   {"internal/fault", "retrieval/dots", "retrieval/maxsim", "retrieval/quote", "retrieval/seek", "retrieval/variant"},
	"retrieval/dots":              {}, // leaf: arithmetic
	"retrieval/quote":             {}, // leaf: text
	"retrieval/seek":              {}, // leaf: words
	"retrieval/maxsim":            {}, // leaf: arithmetic
	"retrieval/variant":           {}, // leaf: text
	"retrieval/mdtext":            {},
	"retrieval/sources":           {"internal/fault", "retrieval", "retrieval/mdtext"},
	"retrieval/split":             {"retrieval", "retrieval/mdtext"},
	"retrieval/words":             {},
	"retrieval/embed":             {"internal/fault", "retrieval"},
	"retrieval/embed/local":       {"retrieval/embed/local/ort", "retrieval/embed/local/tok"},
	"retrieval/embed/local/ort":   {},
	"retrieval/embed/local/tok":   {},
	"retrieval/embed/local/serve": {"retrieval/embed/local"},
	"retrieval/embed/local/child": {"retrieval/embed/local", "retrieval/embed/local/ort", "retrieval/embed/local/serve"},
	"retrieval/pgvec":             {"internal/fault", "internal/pg", "retrieval"},
	"retrieval/langchain":         {"retrieval", "retrieval/split"},
	"retrieval/rerank":            {"internal/fault", "retrieval"},

	"triage/text":    {},
	"triage/lang":    {"retrieval/words", "triage/text"},
	"triage/pii":     {"triage/text"},
	"triage/mood":    {"triage/text", "triage/cues"},
	"triage/matters": {"triage/text"},
	"triage/own":     {"triage/text"},
	"triage/cues":    {"triage/text"},
	"triage/head":    {"retrieval/dots"}, // leaf: arithmetic
	"triage/wish":    {"triage/cues", "triage/head", "triage/text"},
	"triage/mustgo":  {"triage/cues", "triage/head", "triage/text"},

	"triage/lang/train": {"triage/lang"}, // programs of their own
	"triage/own/train":  {"triage/own"},

	"triage":          {"internal/fault", "bot/convo", "retrieval", "triage/text", "triage/lang", "triage/pii", "triage/mood", "triage/matters", "triage/own", "triage/wish", "triage/mustgo", "triage/model"},
	"triage/model":    {"retrieval/dots", "triage/head"},
	"triage/pgtriage": {"internal/fault", "internal/pg", "retrieval", "triage"},

	"handoff/packet": {"bot/convo", "triage/pii", "triage/text"}, // pure: a conversation's events, made into what an agent reads

	"handoff":          {"internal/fault", "bot/convo"},
	"handoff/pgdesk":   {"internal/fault", "internal/pg", "bot/convo", "handoff", "handoff/hours", "handoff/estimate", "handoff/mail", "handoff/packet"},
	"handoff/hours":    {}, // leaf: arithmetic
	"handoff/estimate": {}, // leaf: arithmetic
	"handoff/mail":     {}, // what is said by e-mail, and SMTP
	"handoff/people":   {"internal/fault", "bot/convo", "handoff"},
	"handoff/pgpeople": {"internal/fault", "internal/pg", "bot/convo", "handoff/people"},
	"handoff/console":  {"internal/fault", "internal/web", "bot/convo", "bot/files", "handoff", "handoff/hours", "handoff/packet", "handoff/people"}, // packet: its schema; files: what agents send is checked like what customers do

	"handoff/pgconsole":          {"internal/fault", "internal/pg", "bot/convo", "handoff", "handoff/console"},
	"handoff/loadgen":            {}, // a client: it knows the service's HTTP and nothing of its inside
	"handoff/soak":               {}, // tests only
	"handoff/console/app/bundle": {}, // a program of its own: makes the desk's page
	"handoff/console/browser":    {},

	"bot":         {"internal/fault", "bot/convo", "triage", "triage/pii", "triage/matters", "triage/text", "retrieval", "retrieval/quote", "handoff"},
	"bot/pgconvo": {"internal/fault", "internal/pg", "bot/convo", "bot/files", "bot", "retrieval"},             // retrieval: a passage, to read what was chosen
	"bot/chatapi": {"internal/fault", "internal/web", "bot/convo", "bot/files", "bot", "handoff", "retrieval"}, // retrieval: a site's number

	"evals":        {"internal/fault", "bot/convo", "bot", "triage", "triage/model", "retrieval", "handoff", "handoff/packet"},
	"evals/cases":  {}, // leaf: data
	"evals/grade":  {"evals/cases"},
	"evals/runner": {"evals/cases", "evals/grade"},
	"evals/stats":  {}, // leaf: arithmetic
	"evals/gate":   {"evals/cases", "evals/grade", "evals/runner", "evals/stats"},
	"evals/stages": {"bot", "bot/convo", "evals/cases", "evals/grade", "handoff", "handoff/packet", "retrieval", "triage"},
	"evals/faults": {"internal/fault", "bot", "bot/convo", "evals/cases", "evals/gate", "evals/grade", "evals/runner", "evals/stages", "handoff", "handoff/packet", "retrieval", "retrieval/quote", "retrieval/words", "triage", "triage/own"},
	"evals/report": {"evals/cases", "evals/grade", "evals/runner", "evals/stats", "evals/gate", "evals/tune"},

	"evals/harvest": {},              // leaf: what was said, made into candidates
	"evals/shadow":  {"evals/stats"}, // leaf, too
	"evals/tune":    {"evals/cases", "evals/grade", "evals/stats"},

	"evals/customers": {"evals/cases", "evals/grade", "evals/stats"},
	"evals/suites":    {"evals", "evals/cases", "evals/grade", "evals/stats"},

	"widget":        {"internal/fault", "internal/web", "retrieval", "widget/settings"},
	"widget/pghelp": {"internal/fault", "internal/pg", "retrieval", "widget"},

	"widget/settings":   {"internal/fault"},
	"widget/pgsettings": {"internal/fault", "internal/pg", "widget/settings"},
	"widget/browser":    {},
	"widget/bundle":     {}, // a program of its own: makes what shops' pages load
}

// thirdParty keeps a library at the edge it was chosen for: outside the listed
// folders (and cmd, which wires) its import is an error.
var thirdParty = map[string][]string{
	"github.com/gofiber/fiber/v2":         {"internal/web", "bot/chatapi", "handoff/console", "widget", "cmd/frontdesk"},
	"github.com/valyala/fasthttp":         {"internal/web", "bot/chatapi"},
	"github.com/ebitengine/purego":        {"retrieval/embed/local/ort"},
	"github.com/jackc/pgx/v5":             {"internal/pg", "internal/pgtest", "retrieval/pgvec", "bot/pgconvo", "handoff/pgdesk", "handoff/pgpeople", "handoff/pgconsole", "triage/pgtriage", "widget/pghelp", "widget/pgsettings", "cmd/frontdesk", "cmd/bench"},
	"github.com/riverqueue/river":         {"internal/pg", "handoff/pgdesk"},
	"golang.org/x/crypto":                 {"handoff/people"},
	"golang.org/x/image":                  {"bot/files"},
	"github.com/pgvector/pgvector-go":     {"internal/pg", "retrieval/pgvec", "triage/pgtriage"},
	"github.com/sashabaranov/go-openai":   {"retrieval/embed"},
	"github.com/tmc/langchaingo":          {"retrieval/split", "retrieval/langchain"},
	"github.com/prometheus/client_golang": {"internal/web", "bot/chatapi", "cmd/frontdesk"},
	"github.com/spf13/cobra":              {"cmd/frontdesk"},
	"github.com/evanw/esbuild":            {"handoff/console/app/bundle", "widget/bundle"},
}

// helpers are for tests: no program may link them.
var helpers = []string{"internal/pgtest", "internal/fakemodel", "internal/faultproxy", "internal/stage"}

type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Imports"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list printed what is no JSON: %v", err)
		}
		all = append(all, p)
	}
}

func TestArrows_PointDown(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "./...") {
		from, ok := strings.CutPrefix(p.ImportPath, module)
		if !ok || strings.HasPrefix(from, "cmd/") {
			continue // the root only embeds; cmd wires everything
		}
		allowed, known := arrows[from]
		if !known {
			t.Errorf("folder %s is not in the picture: decide what it may import and add it to arrows", from)
			continue
		}
		for _, imp := range p.Imports {
			if to, ours := strings.CutPrefix(imp, module); ours && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s: that arrow points the wrong way", from, to)
			}
		}
	}
}

func TestArrows_LibrariesStayAtTheirEdge(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "./...") {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			for lib, edges := range thirdParty {
				if (imp == lib || strings.HasPrefix(imp, lib+"/")) && !slices.Contains(edges, from) {
					t.Errorf("%s imports %s, which belongs in %s", from, imp, strings.Join(edges, ", "))
				}
			}
		}
	}
}

func TestArrows_NoProgramLinksTestHelpers(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-deps", "./cmd/frontdesk") {
		if slices.Contains(helpers, strings.TrimPrefix(p.ImportPath, module)) {
			t.Errorf("the frontdesk program links %s, a helper for tests", p.ImportPath)
		}
	}
}
