package evals

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"frontdesk/triage"
)

// PublicSite is a site made of a public set of labelled messages: a list of
// entries with example questions, and messages that were kept back from it. Some
// entries are kept out whole, so that their messages are near misses.
type PublicSite struct {
	Name      string
	Family    string // the set it is made of: left out together
	Articles  []triage.Article
	Questions []triage.Question
	Messages  []PublicMessage
	// Live says that its entries were drawn as sites have them, so that it may
	// be learned from; else it is only measured on.
	Live bool
}

// PublicMessage is a message of a public set.
type PublicMessage struct {
	ID    string
	Text  string
	Entry string      // empty: of none of the site's entries
	Desk  triage.Desk // empty: arguable, or not of the set's mapping
}

// Case is a message with what was decided about it.
func (m PublicMessage) Case(site string, d triage.Decision) TriageCase {
	c := TriageCase{Business: site, ID: m.ID, Language: "en", Desk: m.Desk, Scope: OutOfScope, Decision: d}
	if m.Entry != "" {
		c.Scope, c.Articles = InScope, []string{m.Entry}
	}
	return c
}

// publicSet is a set as its files have it: messages by label.
type publicSet struct {
	family string
	learn  map[string][]string // examples come from these
	test   map[string][]string // messages to decide about
	apart  []string            // messages of no label at all
	desk   map[string]triage.Desk
	sure   map[string]bool // labels whose desk is not arguable
}

// ReadPublicSites makes sites of the sets in a folder laid out as the shared
// data is (hint3_curekart, clinc150, banking77, multidogo and
// service_support_mapping.csv). The same folder gives the same sites. Errors
// name the file.
func ReadPublicSites(folder string) ([]PublicSite, error) {
	desks, sure, err := readMapping(filepath.Join(folder, "service_support_mapping.csv"))
	if err != nil {
		return nil, err
	}
	of := func(s publicSet, name string) publicSet { s.desk, s.sure = desks[name], sure[name]; return s }
	var out []PublicSite
	shop, err := readShop(folder)
	if err != nil {
		return nil, err
	}
	out = append(out, of(shop, "hint3/curekart").shopSites()...)
	clinc, domains, err := readClinc(folder)
	if err != nil {
		return nil, err
	}
	out = append(out, of(clinc, "clinc150").clincSites(domains)...)
	bank, err := readBank(folder)
	if err != nil {
		return nil, err
	}
	out = append(out, of(bank, "banking77").bankSites()...)
	for _, name := range []string{"airline", "finance", "insurance", "media", "software"} {
		talk, err := readDogo(folder, name)
		if err != nil {
			return nil, err
		}
		out = append(out, of(talk, "multidogo/"+name).dogoSite(name))
	}
	return out, nil
}

func readMapping(path string) (desks map[string]map[string]triage.Desk, sure map[string]map[string]bool, err error) {
	rows, err := readTable(path, ',')
	if err != nil {
		return nil, nil, err
	}
	desks, sure = map[string]map[string]triage.Desk{}, map[string]map[string]bool{}
	for _, r := range rows {
		if len(r) != 4 {
			return nil, nil, fmt.Errorf("%s: a row of %d columns, not 4", path, len(r))
		}
		set, intent, desk := r[0], r[1], triage.Desk(r[2])
		if desks[set] == nil {
			desks[set], sure[set] = map[string]triage.Desk{}, map[string]bool{}
		}
		if desk == "other" {
			desk = triage.None
		}
		desks[set][intent], sure[set][intent] = desk, !strings.HasPrefix(r[3], "arguable")
	}
	return desks, sure, nil
}

// readTable reads a file of columns without its first line.
func readTable(path string, comma rune) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("public data: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	var rows [][]string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		rows = append(rows, row)
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("%s: nothing in it", path)
	}
	return rows[1:], nil
}

func pairsOf(path string) (map[string][]string, error) {
	rows, err := readTable(path, ',')
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, r := range rows {
		if len(r) >= 2 {
			out[r[1]] = append(out[r[1]], r[0])
		}
	}
	return out, nil
}

func readShop(folder string) (publicSet, error) {
	all, err := pairsOf(filepath.Join(folder, "hint3_curekart", "curekart_train.csv"))
	return publicSet{family: "hint3_curekart", learn: all}, err
}

func readBank(folder string) (s publicSet, err error) {
	s.family = "banking77"
	if s.learn, err = pairsOf(filepath.Join(folder, "banking77", "train.csv")); err != nil {
		return s, err
	}
	s.test, err = pairsOf(filepath.Join(folder, "banking77", "test.csv"))
	return s, err
}

func readClinc(folder string) (s publicSet, domains map[string][]string, err error) {
	s = publicSet{family: "clinc150", learn: map[string][]string{}, test: map[string][]string{}}
	var sets map[string][][2]string
	if err := readJSON(filepath.Join(folder, "clinc150", "data_train_val.json"), &sets); err != nil {
		return s, nil, err
	}
	if err := readJSON(filepath.Join(folder, "clinc150", "domains.json"), &domains); err != nil {
		return s, nil, err
	}
	for _, r := range sets["train"] {
		s.learn[r[1]] = append(s.learn[r[1]], r[0])
	}
	for _, r := range sets["val"] {
		s.test[r[1]] = append(s.test[r[1]], r[0])
	}
	for _, name := range []string{"oos_train", "oos_val"} {
		for _, r := range sets[name] {
			s.apart = append(s.apart, r[0])
		}
	}
	return s, domains, nil
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("public data: %w", err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// readDogo reads customers' turns of one business; rows without six columns
// are damaged, and are left out.
func readDogo(folder, name string) (publicSet, error) {
	s := publicSet{family: "multidogo", learn: map[string][]string{}, test: map[string][]string{}}
	for file, into := range map[string]map[string][]string{"train.tsv": s.learn, "dev.tsv": s.test} {
		path := filepath.Join(folder, "multidogo", name, file)
		data, err := os.ReadFile(path)
		if err != nil {
			return s, fmt.Errorf("public data: %w", err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(data)) {
			r := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
			if len(r) == 6 && r[5] != "intent" && !seen[r[3]] && strings.ContainsFunc(r[3], unicode.IsLetter) {
				seen[r[3]] = true
				into[r[5]] = append(into[r[5]], r[3])
			}
		}
	}
	return s, nil
}

// drawn are at most n of a list, drawn by chance.
func drawn[T any](rng *rand.Rand, list []T, n int) []T {
	list = slices.Clone(list)
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(n, len(list))]
}

// site makes one: labels are its entries with so many examples each; of those
// kept out only messages come in.
func (s publicSet) site(name string, rng *rand.Rand, labels, out []string, examples, messages int, live bool) PublicSite {
	p := PublicSite{Name: name, Family: s.family, Live: live}
	for _, l := range labels {
		p.Articles = append(p.Articles, triage.Article{ID: l, Title: l, Desk: string(s.desk[l])})
		texts := drawn(rng, s.learn[l], len(s.learn[l]))
		test := s.test[l]
		if s.test == nil { // a quarter is kept back
			test, texts = texts[:len(texts)/4], texts[len(texts)/4:]
		}
		for _, t := range texts[:min(examples, len(texts))] {
			p.Questions = append(p.Questions, triage.Question{Article: l, Text: t})
		}
		p.add(drawn(rng, test, messages), l, s.deskOf(l))
	}
	for _, l := range out {
		p.add(drawn(rng, append(slices.Clone(s.test[l]), s.learn[l]...), messages), "", "")
	}
	return p
}

func (s publicSet) deskOf(label string) triage.Desk {
	if !s.sure[label] {
		return ""
	}
	return s.desk[label]
}

func (p *PublicSite) add(texts []string, entry string, desk triage.Desk) {
	for _, t := range texts {
		p.Messages = append(p.Messages, PublicMessage{ID: fmt.Sprintf("%s-%d", p.Name, len(p.Messages)), Text: t, Entry: entry, Desk: desk})
	}
}

// shopSites are six draws of a shop: by chance a third of the entries is kept out.
func (s publicSet) shopSites() []PublicSite {
	var out []PublicSite
	for n := range 6 {
		rng := rand.New(rand.NewPCG(11, uint64(n)))
		labels := drawn(rng, slices.Sorted(maps.Keys(s.learn)), len(s.learn))
		cut := len(labels) / 3
		out = append(out, s.site(fmt.Sprintf("curekart-%d", n+1), rng, labels[cut:], labels[:cut], 1000, 40, true))
	}
	return out
}

// clincSites are a site a domain, a third of its intents kept out, and one of
// all 150 intents with twenty examples each against everything else.
func (s publicSet) clincSites(domains map[string][]string) []PublicSite {
	var out []PublicSite
	examples := []int{5, 10, 20, 40}
	for n, d := range slices.Sorted(maps.Keys(domains)) {
		rng := rand.New(rand.NewPCG(12, uint64(n)))
		labels := drawn(rng, slices.Sorted(slices.Values(domains[d])), len(domains[d]))
		cut := len(labels) / 3
		out = append(out, s.site("clinc-"+d, rng, labels[cut:], labels[:cut], examples[n%len(examples)], 20, true))
	}
	all := s.site("clinc150", rand.New(rand.NewPCG(13, 0)), slices.Sorted(maps.Keys(s.test)), nil, 20, 20, false)
	all.add(s.apart, "", "")
	return append(out, all)
}

// bankSites are four sizes of a bank, with as many intents more kept out as a
// third of its entries.
func (s publicSet) bankSites() []PublicSite {
	var out []PublicSite
	for n, size := range []int{20, 30, 45, 58} {
		rng := rand.New(rand.NewPCG(14, uint64(n)))
		labels := drawn(rng, slices.Sorted(maps.Keys(s.learn)), len(s.learn))
		out = append(out, s.site(fmt.Sprintf("banking-%d", size), rng, labels[:size], labels[size:size+size/3], []int{5, 10, 20, 40}[n], 12, true))
	}
	return out
}

// dogoSite is a business of multidogo: its matters with examples enough, a
// quarter of them kept out as far as three stay, against these and what its own labels call out of
// its domain.
func (s publicSet) dogoSite(name string) PublicSite {
	rng := rand.New(rand.NewPCG(15, uint64(len(name))))
	var labels []string
	for _, l := range slices.Sorted(maps.Keys(s.desk)) {
		if s.desk[l] != triage.None && len(s.learn[l]) >= 30 {
			labels = append(labels, l)
		}
	}
	labels = drawn(rng, labels, len(labels))
	cut := min(max(1, len(labels)/4), max(0, len(labels)-3)) // a list has three entries
	p := s.site("dogo-"+name, rng, labels[cut:], labels[:cut], 20, 40, true)
	p.add(drawn(rng, s.test["outofdomain"], 40), "", "")
	return p
}
