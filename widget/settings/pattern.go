package settings

import (
	"net/url"
	"strings"
)

// Match says whether a page is one that a pattern means. A pattern is a path
// (`/checkout`), or a whole address without its query; `*` stands for any run of
// characters. A slash at the end makes no difference, the query and the fragment
// do not count.
func Match(pattern, page string) bool {
	u, err := url.Parse(page)
	if err != nil {
		return false
	}
	subject := u.EscapedPath()
	if strings.Contains(pattern, "://") {
		subject = strings.ToLower(u.Scheme) + "://" + strings.ToLower(u.Host) + subject
	}
	return glob(trimSlash(pattern), trimSlash(subject))
}

// MatchAny says whether one of the patterns means the page.
func MatchAny(patterns []string, page string) bool {
	for _, p := range patterns {
		if Match(p, page) {
			return true
		}
	}
	return false
}

func trimSlash(s string) string {
	if t := strings.TrimSuffix(s, "/"); t != "" {
		return t
	}
	return "/"
}

// glob goes back to the last star only, so that it takes no more than the
// product of both lengths.
func glob(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func checkPatterns(where string, patterns []string) error {
	if len(patterns) > maxList {
		return invalid("%s has at most %d entries", where, maxList)
	}
	for _, p := range patterns {
		if !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "*") && !strings.HasPrefix(p, "https://") && !strings.HasPrefix(p, "http://") {
			return invalid("%s: %q is no page: write /checkout, /checkout/* or https://shop.example/cart", where, p)
		}
		if !short(p, 300) || strings.ContainsAny(p, "?# ") {
			return invalid("%s: %q: a page has at most 300 characters, without ? and #", where, p)
		}
	}
	return nil
}
