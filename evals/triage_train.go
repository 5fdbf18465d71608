package evals

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"frontdesk/retrieval"
	"frontdesk/triage"
	"frontdesk/triage/model"
)

// TriageFound is a message of the corpus with what triage went by.
type TriageFound struct {
	Business string
	Message  Message
	Reading  triage.Reading
	Evidence retrieval.Evidence
}

// ArticleFound is an article of the corpus with its mean vector.
type ArticleFound struct {
	Business string
	Desk     string
	Vec      []float32
}

// TriageReport is what a fit is worth on businesses left out of it.
type TriageReport struct {
	Scores   []TriageScores // by business, then all
	Articles Interval       // suggested desks that are the owner's
}

// complaints are topics whose messages complain or praise.
func complaints() *regexp.Regexp { return regexp.MustCompile(`^(compl|feedback)`) }

// labelled is a message as the general channel learns from it.
func (f TriageFound) labelled() model.Labelled {
	m := f.Message
	l := model.Labelled{Text: f.Reading.Query, Vec: triage.LocalVector(f.Evidence), Unsaid: m.Expect == ExpectNone}
	l.Marks = uint8(max(0, slices.Index(desks(), m.Desk)))
	if m.Expect == ExpectAccount {
		l.Marks |= model.MarkAccount
	}
	if m.Expect == ExpectNotCovered {
		l.Marks |= model.MarkUncovered
	}
	if complaints().MatchString(m.Topic) {
		l.Marks |= model.MarkComplaint
	}
	return l
}

func desks() []string { return []string{"service", "support", "both", "none"} }

// trained is one message with the features that channels gave it which had not
// seen its business.
type trained struct {
	found TriageFound
	f     map[string]float64
}

// TrainTriage fits the general channel, the desk, the scope, the account and
// the suggested desks of articles to the corpus. All features come from channels
// that have not seen the business; what is reported comes from weights that have
// not, either. Weights for lists of example questions are kept as they are.
// Deterministic.
func TrainTriage(found []TriageFound, articles []ArticleFound, start *model.Learned, progress func(string)) (*model.Learned, TriageReport, error) {
	rows, err := unseenRows(found, progress)
	if err != nil {
		return nil, TriageReport{}, err
	}
	found = make([]TriageFound, 0, len(rows))
	for _, r := range rows {
		found = append(found, r.found)
	}
	out := *start
	progress("all weights")
	if out.Channel, err = channelOf(found, ""); err != nil {
		return nil, TriageReport{}, err
	}
	if out.Desk, out.Scope, out.Account, err = fitAll(rows, "", start); err != nil {
		return nil, TriageReport{}, err
	}
	if out.General, err = fitGeneral(rows); err != nil {
		return nil, TriageReport{}, err
	}
	report := TriageReport{}
	if out.Articles, report.Articles, err = fitArticles(articles); err != nil {
		return nil, report, err
	}
	report.Scores, err = scoreLeftOut(rows, start)
	return &out, report, err
}

// unseenRows are the messages that can be learned from, each with features of a
// channel that has not seen its business: business by business.
func unseenRows(found []TriageFound, progress func(string)) ([]trained, error) {
	found = slices.DeleteFunc(slices.Clone(found), func(f TriageFound) bool { return f.Message.Is(KindTwo) || triage.LocalVector(f.Evidence) == nil })
	groups := map[string]bool{}
	for _, f := range found {
		if slices.Contains(frozenNames(), f.Business) {
			return nil, fmt.Errorf("train: %s is frozen: it is measured on, never learned from", f.Business)
		}
		groups[f.Business] = true
	}
	if len(groups) < 2 {
		return nil, fmt.Errorf("train: messages of %d businesses; to leave one out takes two", len(groups))
	}
	var rows []trained
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		progress("the general channel without " + g)
		channel, err := channelOf(found, g)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.Business == g {
				rows = append(rows, trained{f, triage.Features(channel, f.Reading, f.Evidence)})
			}
		}
	}
	return rows, nil
}

// channelOf fits the general channel to all businesses but one.
func channelOf(found []TriageFound, without string) (*model.Channel, error) {
	var list []model.Labelled
	for _, f := range found {
		if f.Business != without {
			list = append(list, f.labelled())
		}
	}
	return model.FitChannel(list)
}

// featuresOf are the features of each regression, in their order.
func featuresOf() (desk, scope, account []string) {
	desk = []string{"sv", "vb", "k_sv", "k_none", "k_both", "w_sv", "w_none", "w_both", "lw"}
	scope = []string{"e5", "mi", "en", "ms", "msx", "gap", "pt", "lw", "asked", "q", "dig", "k_none", "w_none", "e_uncovered", "w_uncovered", "k_uncovered"}
	account = []string{"e_account", "k_account", "w_account", "lw", "q", "dig", "e5", "pt"}
	return desk, scope, account
}

// fitAll fits the three regressions to all businesses but one.
func fitAll(rows []trained, without string, _ *model.Learned) (desk, scope, account model.Softmax, err error) {
	deskF, scopeF, accountF := featuresOf()
	var deskS, scopeS, accountS []model.Sample
	for _, r := range rows {
		if r.found.Business == without {
			continue
		}
		m := r.found.Message
		deskS = append(deskS, sample(r.f, deskF, max(0, slices.Index(desks(), m.Desk))))
		accountS = append(accountS, sample(r.f, accountF, one(m.Expect == ExpectAccount)))
		scopeS = append(scopeS, sample(r.f, scopeF, one(m.Expect != ExpectNotCovered && m.Expect != ExpectNone)))
	}
	const pull, digits = 1, 4
	if desk, err = model.Fit(deskS, desks(), deskF, pull); err != nil {
		return desk, scope, account, err
	}
	if scope, err = model.Fit(scopeS, []string{"out", "in"}, scopeF, pull); err != nil {
		return desk, scope, account, err
	}
	account, err = model.Fit(accountS, []string{"no", "yes"}, accountF, pull)
	return desk.Rounded(digits), scope.Rounded(digits), account.Rounded(digits), err
}

// fitGeneral fits the desk to the general channel alone.
func fitGeneral(rows []trained) (model.Softmax, error) {
	names := []string{"k_sv", "k_none", "k_both", "w_sv", "w_none", "w_both", "lw"}
	var list []model.Sample
	for _, r := range rows {
		list = append(list, sample(r.f, names, max(0, slices.Index(desks(), r.found.Message.Desk))))
	}
	const pull, digits = 1, 4
	m, err := model.Fit(list, desks(), names, pull)
	return m.Rounded(digits), err
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func sample(f map[string]float64, names []string, class int) model.Sample {
	s := model.Sample{X: make([]float64, len(names)), Class: class, Weight: 1}
	for i, n := range names {
		s.X[i] = f[n]
	}
	return s
}

// scoreLeftOut scores each business by weights that have not seen it.
func scoreLeftOut(rows []trained, start *model.Learned) ([]TriageScores, error) {
	groups := map[string]bool{}
	for _, r := range rows {
		groups[r.found.Business] = true
	}
	var all []TriageCase
	var out []TriageScores
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		desk, scope, account, err := fitAll(rows, g, start)
		if err != nil {
			return nil, err
		}
		var cases []TriageCase
		for _, r := range rows {
			if r.found.Business != g {
				continue
			}
			d := triage.Decision{InScopeP: pOf(scope, r.f)[1], OwnDataP: pOf(account, r.f)[1]}
			p := pOf(desk, r.f)
			d.DeskP = triage.Desks{Service: p[0], Support: p[1], Both: p[2], None: p[3]}
			d.Desk, _ = d.DeskP.Best()
			cases = append(cases, r.found.Message.TriageCase(g, d))
		}
		out = append(out, ScoreTriage(g, cases))
		all = append(all, cases...)
	}
	return append(out, ScoreTriage("all", all)), nil
}

func pOf(m model.Softmax, f map[string]float64) []float64 {
	x := make([]float64, len(m.Features))
	for i, n := range m.Features {
		x[i] = f[n]
	}
	return m.P(x)
}

// fitArticles fits the desk of an article to its mean vector, and says how often
// that is right on businesses left out.
func fitArticles(list []ArticleFound) (model.Softmax, Interval, error) {
	groups := map[string]bool{}
	for _, a := range list {
		groups[a.Business] = true
	}
	classes := desks()[:3]
	fit := func(without string) (model.Softmax, error) {
		var s []model.Sample
		var names []string
		for _, a := range list {
			c := slices.Index(classes, a.Desk)
			if a.Business == without || c < 0 {
				continue
			}
			x := make([]float64, len(a.Vec))
			for i, v := range a.Vec {
				x[i] = float64(v)
			}
			s = append(s, model.Sample{X: x, Class: c, Weight: 1})
		}
		for i := range list[0].Vec {
			names = append(names, fmt.Sprintf("v%d", i))
		}
		// In units of their spread the numbers are about twenty times as large.
		const pull = 100
		m, err := model.Fit(s, classes, names, pull)
		return m.Rounded(3), err
	}
	right, n := 0, 0
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		m, err := fit(g)
		if err != nil {
			return m, Interval{}, err
		}
		for _, a := range list {
			if a.Business != g || !slices.Contains(classes, a.Desk) {
				continue
			}
			f := map[string]float64{}
			for i, v := range a.Vec {
				f[m.Features[i]] = float64(v)
			}
			p := pOf(m, f)
			n++
			if a.Desk == classes[slices.Index(p, slices.Max(p))] {
				right++
			}
		}
	}
	m, err := fit("")
	return m, Rate(right, n), err
}
