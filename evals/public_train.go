package evals

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"frontdesk/triage"
	"frontdesk/triage/model"
)

// ScorePublic scores each site, then all that were drawn as sites have their
// entries.
func ScorePublic(sites []PublicSite, by map[string][]TriageCase) []TriageScores {
	var out []TriageScores
	var live []TriageCase
	for _, s := range sites {
		out = append(out, ScoreTriage(s.Name, by[s.Name]))
		if s.Live {
			live = append(live, by[s.Name]...)
		}
	}
	return append(out, ScoreTriage("all but clinc150", live))
}

// PublicFound is a message of a public site with what triage goes by, and its
// decision.
type PublicFound struct {
	Site     PublicSite
	Message  PublicMessage
	Features map[string]float64
	Decision triage.Decision
}

// listFeatures are the features of a list's two regressions.
func listFeatures() (desk, scope []string) {
	desk = []string{"sv", "vb", "vn", "k_sv", "k_none", "k_both", "w_sv", "w_none", "w_both", "lw", "faq", "hasn", "q_sv", "q_k_sv", "q_w_sv", "u_es", "u_lse"}
	return desk, []string{"u_es", "u_lse", "u_lp"}
}

// listScope is what part of a list's messages is in scope, as the scope's bias
// has it: three in five. Real chats of shops that were published have between
// two and seven in ten out of scope.
const listScope = 0.6

// TrainLists fits the desk and the scope of lists of example questions. Each
// family of sets weighs the same, and so do messages in and out of scope, before
// the bias is moved to listScope. The desk is fitted beside the corpus' messages,
// which keep it from forgetting how "none" is said. corpus may be nil.
// Deterministic.
func TrainLists(found []PublicFound, corpus []DeskSample, without string) (desk, scope model.Softmax, err error) {
	deskF, scopeF := listFeatures()
	type group struct {
		family string
		in     bool
	}
	inGroup, deskIn := map[group]float64{}, map[string]float64{}
	use := func(f PublicFound) bool { return f.Site.Live && f.Site.Family != without }
	for _, f := range found {
		if use(f) {
			inGroup[group{f.Site.Family, f.Message.Entry != ""}]++
			if f.Message.Desk != "" {
				deskIn[f.Site.Family]++
			}
		}
	}
	var deskS, scopeS []model.Sample
	for _, f := range found {
		if !use(f) {
			continue
		}
		in := f.Message.Entry != ""
		s := sample(f.Features, scopeF, one(in))
		s.Weight = evenWeight / inGroup[group{f.Site.Family, in}]
		scopeS = append(scopeS, s)
		if f.Message.Desk != "" {
			d := sample(f.Features, deskF, max(0, slices.Index(desks(), string(f.Message.Desk))))
			d.Weight = evenWeight / deskIn[f.Site.Family]
			deskS = append(deskS, d)
		}
	}
	for _, c := range corpus {
		d := sample(c.Features, deskF, max(0, slices.Index(desks(), string(c.Desk))))
		d.Weight = 2 * evenWeight / float64(len(corpus))
		deskS = append(deskS, d)
	}
	if len(scopeS) == 0 || len(deskS) == 0 {
		return desk, scope, fmt.Errorf("train lists: nothing to learn from without %s", without)
	}
	const pull, digits = 1, 4
	if desk, err = model.Fit(deskS, desks(), deskF, pull); err != nil {
		return desk, scope, err
	}
	if scope, err = model.Fit(scopeS, []string{"out", "in"}, scopeF, pull); err != nil {
		return desk, scope, err
	}
	scope.Bias[1] += math.Log(listScope / (1 - listScope))
	return desk.Rounded(digits), scope.Rounded(digits), nil
}

// evenWeight is what all messages of a family weigh together, so that the pull
// towards 0 is felt alike however many there are.
const evenWeight = 1000

// DeskSample is a message with a desk and the features it is told by.
type DeskSample struct {
	Desk     triage.Desk
	Features map[string]float64
}

// ScoreLists decides anew about what was found, each family by weights that
// have not seen it.
func ScoreLists(found []PublicFound, corpus []DeskSample) ([]TriageScores, error) {
	deskF, scopeF := listFeatures()
	families := map[string]bool{}
	by := map[string][]TriageCase{}
	var sites []PublicSite
	for _, f := range found {
		families[f.Site.Family] = true
		if by[f.Site.Name] == nil {
			by[f.Site.Name] = []TriageCase{}
			sites = append(sites, f.Site)
		}
	}
	for _, family := range slices.Sorted(maps.Keys(families)) {
		desk, scope, err := TrainLists(found, corpus, family)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.Site.Family != family {
				continue
			}
			d := f.Decision
			d.InScopeP = scope.P(sample(f.Features, scopeF, 0).X)[1]
			p := desk.P(sample(f.Features, deskF, 0).X)
			d.DeskP = triage.Desks{Service: p[0], Support: p[1], Both: p[2], None: p[3]}
			d.Desk, _ = d.DeskP.Best()
			by[f.Site.Name] = append(by[f.Site.Name], f.Message.Case(f.Site.Name, d))
		}
	}
	return ScorePublic(sites, by), nil
}

// CorpusDesks are the corpus' messages with the features that channels give
// them which have not seen their business.
func CorpusDesks(found []TriageFound, progress func(string)) ([]DeskSample, error) {
	rows, err := unseenRows(found, progress)
	if err != nil {
		return nil, err
	}
	out := make([]DeskSample, 0, len(rows))
	for _, r := range rows {
		out = append(out, DeskSample{Desk: triage.Desk(desks()[max(0, slices.Index(desks(), r.found.Message.Desk))]), Features: r.f})
	}
	return out, nil
}
