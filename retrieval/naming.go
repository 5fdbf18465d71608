package retrieval

import (
	"slices"

	"frontdesk/retrieval/variant"
)

// knownSite is what a search wants to know of a site beforehand.
type knownSite struct {
	Generation
	names *variant.Site
}

// nameThem finds out which of the site's names the question holds, and marks the
// candidates that carry them, or others in their place.
func (f *Found) nameThem(names *variant.Site, question string) {
	f.names, f.said = names, names.Asked(question)
	if len(f.said) == 0 {
		return
	}
	place := map[int]int{}
	var titles []variant.Title
	for i := range f.List {
		c := &f.List[i]
		if _, seen := place[c.ArticleNo]; !seen {
			place[c.ArticleNo] = len(titles)
			titles = append(titles, names.Title(c.Title, c.Product))
		}
	}
	marks := f.said.Marks(titles)
	for i := range f.List {
		m := marks[place[f.List[i].ArticleNo]]
		f.List[i].Named, f.List[i].Other = m.Named, m.Other
	}
}

// namedFirst moves an article that carries another name than the question's
// behind its twin that carries this one, where both were found: of "Descaling the
// S2" and "Descaling the S3" no score can say better which is asked for.
func (f *Found) namedFirst(list []ranked) []ranked {
	if len(f.said) == 0 {
		return list
	}
	for j := range list {
		if list[j].lead.Named < 1 {
			continue
		}
		named := f.names.Title(list[j].lead.Title, "")
		i := slices.IndexFunc(list[:j], func(r ranked) bool {
			return r.lead.Other > 0 && r.lead.Lang == list[j].lead.Lang && named.Twins(f.names.Title(r.lead.Title, ""))
		})
		if i >= 0 {
			asked := list[j]
			copy(list[i+1:j+1], list[i:j])
			list[i] = asked
		}
	}
	return list
}

// meant leaves out, where the first article carries what the question names,
// those that carry another name in its place: that there is an S2 does not make
// it less sure what was asked about the S3.
func (f *Found) meant(list []ranked) []ranked {
	if len(list) == 0 || list[0].lead.Named < 1 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(r ranked) bool { return r.lead.Other > 0 })
}

// tellApart says of the first hit and its near-twins which name tells each from
// the others, where the question does not.
func (f *Found) tellApart(hits []Hit) {
	if len(hits) < 2 {
		return
	}
	group := []int{0}
	titles := []variant.Title{f.names.Title(hits[0].Title, "")}
	for i := 1; i < len(hits) && len(group) < mostVariants; i++ {
		h := &hits[i]
		near := closeTwins
		if hits[0].Named && h.Named { // "my Brisa": it says of which family, and not which
			near = closeNamesakes
		}
		if h.Lang != hits[0].Lang || h.Superseded != "" || hits[0].Score-h.Score > near {
			continue
		}
		more := append(slices.Clone(titles), f.names.Title(h.Title, ""))
		if variant.Between(more) != nil {
			titles, group = more, append(group, i)
		}
	}
	names := variant.Between(titles)
	if names == nil || hits[0].Superseded != "" || f.said.Tells(titles) {
		return
	}
	for k, i := range group {
		hits[i].Variant = names[k]
	}
}

const (
	// mostVariants is how many twins a question back tells apart.
	mostVariants = 3
	// closeTwins is how far behind the first hit a twin may be to be meant as
	// well, in nats: at 1.5, of 3,700 messages of the training businesses and the
	// demo shop 20 that could mean two things are asked back about and 15 that an
	// article answers, 9 of them with it among the names; at 1.0 14 and 10, at 2.5
	// 20 and 22.
	closeTwins = 1.5
	// closeNamesakes is the same where the question names what both are called
	// ("my Brisa"): one of them may have been written about in just these words.
	closeNamesakes = 6.0
)
