package sources

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds on front matter. A page of keys is a few hundred bytes; what is far
// above is a mistake or an attack (aliases that multiply, nesting without end).
const (
	maxFrontMatter = 64 << 10 // bytes
	maxYAMLValues  = 10_000   // values, aliases counted once for each use
	maxYAMLDepth   = 32
)

// cutFrontMatter parts a file into front matter and body, which begins on line
// bodyLine; head is empty where there is none.
func cutFrontMatter(text string) (head, body string, bodyLine int, bad *complaint) {
	first, rest, _ := strings.Cut(text, "\n")
	switch strings.TrimRight(first, " \t") {
	case "---":
	case "+++":
		if strings.Contains("\n"+rest, "\n+++") {
			return "", "", 0, &complaint{1, "this front matter is TOML, which is not read", "Write it as YAML between two lines of ---."}
		}
		return "", text, 1, nil
	default:
		return "", text, 1, nil
	}
	at, line := 0, 2
	for at < len(rest) {
		end := strings.IndexByte(rest[at:], '\n')
		next := at + end + 1
		if end < 0 {
			next = len(rest)
		}
		switch strings.TrimRight(rest[at:next], " \t\n") {
		case "---", "...":
			if at > maxFrontMatter {
				return "", "", 0, &complaint{1, fmt.Sprintf("this front matter is longer than %s", size(maxFrontMatter)), "Keep only the keys of the article there; its text goes below the second ---."}
			}
			return rest[:at], rest[next:], line + 1, nil
		}
		at, line = next, line+1
	}
	return "", "", 0, &complaint{1, "the front matter opened by --- is not closed", "Put a line of --- after its last key, or write *** where a rule is meant."}
}

var yamlLine = regexp.MustCompile(`line (\d+):? ?`)

// parseFrontMatter reads the keys of front matter whose first line is line 2 of
// its file.
func parseFrontMatter(head string) ([]field, *complaint) {
	var doc yaml.Node
	if err := unmarshal([]byte(head), &doc); err != nil {
		quoted, ok := quoteTitle(head)
		if !ok || unmarshal([]byte(quoted), &doc) != nil {
			return nil, yamlComplaint(err)
		}
	}
	if doc.Kind == 0 || len(doc.Content) == 0 {
		return nil, nil // empty, or comments only
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, &complaint{2, "the front matter is not a list of keys", "Write one key: value a line between the two lines of ---."}
	}
	p := &yamlReader{}
	fields := make([]field, 0, len(root.Content)/2)
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, val := root.Content[i], root.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			return nil, &complaint{key.Line + 1, "a key of the front matter is not a word", "Write key: value."}
		}
		v, err := p.value(val)
		if err != nil {
			return nil, &complaint{key.Line + 1, fmt.Sprintf("the value of %q %v", oneLine(key.Value, 40), err), "Write it out in a few plain lines."}
		}
		v.line = key.Line + 1
		fields = append(fields, field{key: strings.TrimSpace(key.Value), value: v})
	}
	return fields, nil
}

// quoteTitle puts a title that a colon would break ("title: Returns: how") into
// quotation marks: it is what people write most often that is no YAML, and it
// can mean one thing only. ok is false where there is none.
func quoteTitle(head string) (quoted string, ok bool) {
	lines := strings.Split(head, "\n")
	for i, line := range lines {
		title, is := strings.CutPrefix(line, "title: ")
		title = strings.TrimSpace(title)
		if is && strings.Contains(title, ": ") && !strings.ContainsAny(title[:1], "\"'[{|>&*!%@#`") {
			lines[i], ok = "title: '"+strings.ReplaceAll(title, "'", "''")+"'", true
		}
	}
	return strings.Join(lines, "\n"), ok
}

// unmarshal is yaml.Unmarshal that never panics: the library re-panics on what
// it did not foresee, and one file must not end an ingest.
func unmarshal(data []byte, to *yaml.Node) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("yaml: %v", v)
		}
	}()
	return yaml.Unmarshal(data, to)
}

func yamlComplaint(err error) *complaint {
	line, message := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		if n, bad := strconv.Atoi(m[1]); bad == nil {
			line = n + 1
			message = strings.Replace(message, m[0], "", 1)
		}
	}
	return &complaint{
		line, "the front matter does not parse: " + oneLine(message, 200),
		`Write key: value, and put a value that holds ": " or begins with one of @ * & ! % [ { into quotation marks.`,
	}
}

var (
	errYAMLSize  = errors.New("unfolds into too many values")
	errYAMLDepth = errors.New("is nested too deep, or holds itself")
	errYAMLKey   = errors.New("has a key that is not a word")
)

// yamlReader turns nodes into values within a budget that aliases cannot stretch.
type yamlReader struct{ used int }

func (p *yamlReader) value(n *yaml.Node) (value, error) {
	plain, err := p.plain(n, 0)
	if err != nil {
		return value{}, err
	}
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch got := plain.(type) {
	case nil:
		return value{empty: true}, nil
	case []any:
		text, err := marshal(plain)
		if err != nil {
			return value{}, err
		}
		if list, ok := scalars(n); ok {
			return value{kind: listed, list: list, text: text}, nil
		}
		return value{kind: nested, text: text}, nil
	case map[string]any:
		text, err := marshal(got)
		return value{kind: nested, text: text}, err
	}
	return value{kind: single, text: n.Value}, nil
}

// scalars is a sequence's single values as they are written, nulls left out. An
// item with ": " in it is a pair to YAML and a sentence to whoever wrote it.
func scalars(n *yaml.Node) ([]string, bool) {
	list := make([]string, 0, len(n.Content))
	for _, c := range n.Content {
		for c.Kind == yaml.AliasNode {
			c = c.Alias
		}
		if isSentence(c) {
			list = append(list, c.Content[0].Value+": "+c.Content[1].Value)
			continue
		}
		if c.Kind != yaml.ScalarNode {
			return nil, false
		}
		if c.Tag != "!!null" {
			list = append(list, c.Value)
		}
	}
	return list, true
}

func isSentence(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) == 2 &&
		n.Content[0].Kind == yaml.ScalarNode && n.Content[1].Kind == yaml.ScalarNode &&
		n.Content[0].Line == n.Content[1].Line
}

// plain is a node as JSON would have it.
func (p *yamlReader) plain(n *yaml.Node, depth int) (any, error) {
	if p.used++; p.used > maxYAMLValues {
		return nil, errYAMLSize
	}
	if depth > maxYAMLDepth {
		return nil, errYAMLDepth
	}
	switch n.Kind {
	case yaml.AliasNode:
		return p.plain(n.Alias, depth+1)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := p.plain(c, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Kind != yaml.ScalarNode {
				return nil, errYAMLKey
			}
			v, err := p.plain(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			m[n.Content[i].Value] = v
		}
		return m, nil
	}
	return scalar(n), nil
}

func scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		if v, err := strconv.ParseBool(strings.ToLower(n.Value)); err == nil {
			return v
		}
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}

// marshal is compact JSON with sorted keys and the text's own characters.
func marshal(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("cannot be kept as JSON: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}
