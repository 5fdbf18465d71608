package pgvec

import (
	"fmt"
	"testing"
)

func TestQueries_AllPrepare(t *testing.T) {
	t.Parallel()
	b := setup(t)
	queries := map[string]string{
		"current": sqlCurrent, "generations": sqlGenerations, "begin": sqlBegin, "filled": sqlFilled, "model": sqlModel,
		"take over": sqlTakeOver, "middles": sqlMiddles, "diff": sqlDiff, "lock site": sqlLockSite, "retire": sqlRetire,
		"publish": sqlPublish, "show": sqlShow, "fail": sqlFail, "kept": sqlKept, "collect vectors": sqlCollectVectors,
		"collect middles": sqlCollectMiddles, "collect terms": sqlCollectTerms, "collect words": sqlCollectWords, "collect postings": sqlCollectPostings, "collect wholes": sqlCollectWholes, "collect chunks": sqlCollectChunks,
		"collect articles": sqlCollectArticles, "collect generations": sqlCollectGenerations, "previous": sqlPrevious,
		"site": sqlSite, "sites": sqlSites, "site add": sqlSiteAdd, "site settings": sqlSiteSettings, "site remove": sqlSiteRemove,
		"site default": sqlSiteDefault, "vectors": sqlVectors, "needs analyze": sqlNeedsAnalyze,
		"chunks": sqlChunks, "models of": sqlModelsOf, "indexed": sqlIndexed, "large tables": sqlLargeTables,
	}
	queries["without tokens"], queries["put tokens"], queries["tokens"], queries["collect tokens"] = sqlWithoutTokens, sqlPutTokens, sqlTokens, sqlCollectTokens
	for v := range 3 {
		for f := range 2 {
			queries[fmt.Sprintf("search vectors %d filter %d", v, f)] = wanting(searchSQL(v, f == 1, false), 30, 15)
			queries[fmt.Sprintf("search vectors %d filter %d, texts held", v, f)] = wanting(searchSQL(v, f == 1, true), 30, 15)
		}
	}
	conn, err := b.pool.Acquire(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for name, sql := range queries {
		if _, err := conn.Conn().Prepare(b.ctx, name, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
