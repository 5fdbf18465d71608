package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"frontdesk/bot"
)

// siteSetting is a key that `site set` takes, with how its value is written.
type siteSetting struct {
	key, help string
	parse     func(string) (any, error)
}

// siteSettings lists the keys. What they mean to a conversation is bot's; a
// key unknown here is a typing error more often than a wish.
func siteSettings() []siteSetting {
	return []siteSetting{
		{"title", "what people call the site, on its help pages", parseTitle},
		{"origins", "web origins whose pages may use the API, e.g. https://shop.example,https://www.shop.example", parseOrigins},
		{"retention_days", "days after which an idle conversation is erased (default 180)", parseWhole},
		{"language", "of the fixed words where nothing better is known, e.g. en", parseWord},
		{"risk", "share of quotes that may be wrong, e.g. 0.05 or 5% (default 0.2); the calibration turns it into thresholds", parseRisk},
		{"threshold", "probability from which on a passage is quoted, 0 to 1 (default: from the risk)", parseProbability},
		{"maybe", "probability from which on choices are offered, 0 to 1; 1 offers none (default: from the risk)", parseProbability},
		{"queue", "where people wait whom no route is for (default: the default queue of the desk)", parseWord},
		{"identity_keys", `keys your server signs identities with: [{"kid":"…","alg":"HS256|EdDSA","key":"base64"}]`, parseJSONList},
	}
}

// parseSettings reads KEY=VALUE arguments; an empty value becomes null.
func parseSettings(args []string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no KEY=VALUE", arg)
		}
		s, err := findSetting(key)
		if err != nil {
			return nil, err
		}
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("%s is given twice", key)
		}
		if value == "" {
			out[key] = json.RawMessage("null")
			continue
		}
		v, err := s.parse(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if out[key], err = json.Marshal(v); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	all, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	_, err = bot.ParseSettings(all)
	return out, err
}

func findSetting(key string) (siteSetting, error) {
	var known []string
	for _, s := range siteSettings() {
		if s.key == key {
			return s, nil
		}
		known = append(known, s.key)
	}
	return siteSetting{}, fmt.Errorf("there is no setting %q; there are %s", key, strings.Join(known, ", "))
}

func parseOrigins(v string) (any, error) {
	var list []string
	for o := range strings.SplitSeq(v, ",") {
		o = strings.TrimSuffix(strings.TrimSpace(o), "/")
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.User != nil {
			return nil, fmt.Errorf("%q is no origin: write it as https://shop.example", o)
		}
		list = append(list, strings.ToLower(o))
	}
	return list, nil
}

func parseWhole(v string) (any, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("%q is no number above 0", v)
	}
	return n, nil
}

func parseProbability(v string) (any, error) {
	p, err := strconv.ParseFloat(v, 64)
	if err != nil || !(p >= 0 && p <= 1) {
		return nil, fmt.Errorf("%q is no probability between 0 and 1", v)
	}
	return p, nil
}

// parseRisk also takes a share in per cent, as people say it.
func parseRisk(v string) (any, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(v), "%")
	r, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		r /= 100
	}
	if err != nil || !(r > 0 && r <= 0.5) {
		return nil, fmt.Errorf("%q is no share of wrong quotes: write one above 0 and at most 0.5, such as 0.05 or 5%%", v)
	}
	return r, nil
}

func parseWord(v string) (any, error) {
	if v = strings.TrimSpace(v); v == "" || strings.ContainsAny(v, " \t\n") {
		return nil, fmt.Errorf("%q is not one word", v)
	}
	return v, nil
}

func parseTitle(v string) (any, error) {
	if v = strings.TrimSpace(v); v == "" || len(v) > 80 {
		return nil, errors.New("a title has 1 to 80 bytes")
	}
	return v, nil
}

func parseJSONList(v string) (any, error) {
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(v), &list); err != nil {
		return nil, fmt.Errorf("this is no JSON list: %w", err)
	}
	return list, nil
}

// hideSecrets is a site's settings fit to be shown: keys of identities stay
// unsaid.
func hideSecrets(settings json.RawMessage) []byte {
	m := map[string]json.RawMessage{}
	if json.Unmarshal(settings, &m) != nil {
		return settings
	}
	var keys []map[string]any
	if json.Unmarshal(m["identity_keys"], &keys) == nil && len(keys) > 0 {
		for _, k := range keys {
			if _, ok := k["key"]; ok {
				k["key"] = "…"
			}
		}
		if b, err := json.Marshal(keys); err == nil {
			m["identity_keys"] = b
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return []byte("{}")
	}
	return b
}
