package sources

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// readJSONL takes a FAQ list of one JSON object a line in.
func (r *reader) readJSONL(f file, text string) {
	line, found := 0, false
	for l := range strings.Lines(text) {
		line++
		l = strings.TrimSpace(l)
		if l == "" {
			continue
		}
		found = true
		if line == 1 && (l == "[" || strings.HasPrefix(l, "[{")) {
			r.complain(f, complaint{
				1, "this file is one JSON array, not JSON Lines",
				"Write one object a line, without the brackets around them and the commas between them.",
			}, false)
			return
		}
		fields, answer, has, bad := parseEntry(l, line)
		if bad != nil {
			r.complain(f, *bad, false)
			continue
		}
		r.entry(f, line, fields, answer, has)
	}
	if !found {
		r.complain(f, complaint{message: "this file is empty", remedy: "Write one entry a line into it, or remove it."}, false)
	}
}

// parseEntry reads the keys of one line in the order written.
func parseEntry(l string, line int) (fields []field, answer string, has bool, bad *complaint) {
	dec := json.NewDecoder(strings.NewReader(l))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, "", false, &complaint{line, "this line is no JSON object" + why(err), `Write one entry as {"id": …, "questions": […], "answer": …} on a line of its own.`}
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, "", false, cut(err, line)
		}
		key, _ := t.(string)
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, "", false, cut(err, line)
		}
		v, err := jsonValue(raw)
		if err != nil {
			return nil, "", false, &complaint{line, fmt.Sprintf("the value of %q %v", oneLine(key, 40), err), "Write it as plain UTF-8 text."}
		}
		v.line = line
		if key != "answer" {
			fields = append(fields, field{key: key, value: v})
			continue
		}
		if v.kind != single {
			return nil, "", false, &complaint{line, fmt.Sprintf(`"answer" must be a single text, and is %s`, v.kind), "Write it as one Markdown text."}
		}
		if !has {
			answer, has = v.text, !v.empty
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, "", false, cut(err, line)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, "", false, &complaint{line, "there is more on this line than one entry", "Put each entry on a line of its own."}
	}
	return fields, answer, has, nil
}

// cut explains a line that does not parse; most often it was cut in half.
func cut(err error, line int) *complaint {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &complaint{line, "this line ends in the middle of an entry", "Put the whole entry on one line; line breaks inside a text are written \\n."}
	}
	return &complaint{line, "this line is not JSON" + why(err), "Correct it; a JSON checker shows the place."}
}

func why(err error) string {
	if err == nil {
		return ""
	}
	return " (" + oneLine(strings.TrimPrefix(err.Error(), "json: "), 120) + ")"
}

var (
	errNUL     = errors.New("holds a NUL character")
	errEscape  = errors.New(`holds half of a \u pair, which is no character`)
	errNesting = errors.New("is nested too deep")
)

// jsonValue is a raw JSON value; text of anything but a single value is the
// JSON itself, compact.
func jsonValue(raw json.RawMessage) (value, error) {
	switch raw[0] {
	case 'n':
		return value{empty: true}, nil
	case '"':
		s, err := jsonText(raw)
		return value{kind: single, text: s}, err
	case '[', '{':
	default: // a number, true or false: as written
		return value{kind: single, text: string(raw)}, nil
	}
	if depth(raw) > maxYAMLDepth {
		return value{}, errNesting
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return value{}, fmt.Errorf("is not JSON: %w", err)
	}
	v := value{kind: nested, text: b.String()}
	if raw[0] == '{' {
		return v, nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return value{}, fmt.Errorf("is not JSON: %w", err)
	}
	list := make([]string, 0, len(parts))
	for _, p := range parts {
		switch p[0] {
		case '[', '{':
			return v, nil
		case 'n':
		case '"':
			s, err := jsonText(p)
			if err != nil {
				return value{}, err
			}
			list = append(list, s)
		default:
			list = append(list, string(p))
		}
	}
	v.kind, v.list = listed, list
	return v, nil
}

// jsonText decodes a JSON string. The library puts U+FFFD in place of half a
// surrogate pair without a word; here that is an error.
func jsonText(raw json.RawMessage) (string, error) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", fmt.Errorf("is not JSON: %w", err)
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "", errNUL
	}
	if strings.Count(s, string(utf8.RuneError)) > bytes.Count(raw, []byte(string(utf8.RuneError)))+countEscaped(raw) {
		return "", errEscape
	}
	return s, nil
}

// countEscaped counts U+FFFD that was written as an escape on purpose.
func countEscaped(raw []byte) int { return bytes.Count(bytes.ToLower(raw), []byte(`\ufffd`)) }

// depth is how deep brackets nest outside of texts.
func depth(raw []byte) int {
	most, now, inText := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			now++
			most = max(most, now)
		case c == ']' || c == '}':
			now--
		}
	}
	return most
}
