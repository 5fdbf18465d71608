package pgvec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/retrieval"
)

// largeFrom is how many chunks make a generation large: one that gets indexes,
// since reading all of it takes longer than a search may. Exact search of
// 10,000 chunks by two models and by words takes some 10 ms.
const largeFrom = 10_000

// How a large generation is searched, chosen on 50,000 chunks (doc.go).
const (
	chunksInList  = 50   // of an index over vectors: so many chunks share a list
	mostDims      = 4000 // that pgvector indexes at half precision
	mostLists     = 1000 // building one takes lists × sampled texts × 4 bytes: 200 MB
	sampledOf     = 50   // texts that pgvector looks at for each list
	probedOf      = 15   // a search reads one list in so many,
	leastProbed   = 60   // and at least so many
	nearerOf      = 2    // and compares exactly twice as many as are wanted: the index rounds
	matchedChunks = 5000 // the rarest terms are looked up, until they add up to so many chunks
)

func nearTable(site retrieval.SiteID, generation int, model int16) string {
	return fmt.Sprintf("large_%d_%d_near_%d", site, generation, model)
}

func wordTable(site retrieval.SiteID, generation int) string {
	return fmt.Sprintf("large_%d_%d_words", site, generation)
}

// copyLargeWords writes the words of a large generation once more, with their
// places as an array that can be indexed. The table is the generation's own:
// no other site's or generation's rows are in the way, and it goes as a whole.
func copyLargeWords(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, list []retrieval.WordVector) error {
	table := wordTable(site, generation)
	_, err := tx.Exec(ctx, fmt.Sprintf(`
CREATE TABLE %[1]s (audience smallint NOT NULL, chunk int NOT NULL, words sparsevec NOT NULL, dims int[] NOT NULL);
ALTER TABLE %[1]s ALTER COLUMN words SET STORAGE MAIN, ALTER COLUMN dims SET STORAGE MAIN`, table))
	if err != nil {
		return err
	}
	var rows [][]any
	for _, w := range list {
		if w.Doc > 0 {
			rows = append(rows, []any{w.Audience, w.Doc, sparse(w), w.Dims})
		}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{table}, []string{"audience", "chunk", "words", "dims"}, pgx.CopyFromRows(rows))
	if err == nil {
		_, err = tx.Exec(ctx, fmt.Sprintf(`CREATE INDEX ON %s USING gin (dims) WITH (fastupdate = off)`, table))
	}
	return err
}

// listsOf is how many lists the index over a generation's vectors has.
func listsOf(chunks int) int { return min(max(chunks/chunksInList, 1), mostLists) }

// index makes a large generation's indexes, before it is published; nothing
// for one that is not large, and again for one where it was broken off.
func (s *Store) index(ctx context.Context, site retrieval.SiteID, generation int) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var chunks int
		err := tx.QueryRow(ctx, sqlChunks, site, generation).Scan(&chunks)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && chunks < s.largeFrom {
			return nil // where it has been collected, publishing says so
		}
		if err != nil {
			return err
		}
		// As long as it takes: nobody waits for a table that nobody knows yet.
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlModelsOf, site, generation)
		if err != nil {
			return err
		}
		type model struct{ ID, Dims, Chunks int }
		models, err := pgx.CollectRows(rows, pgx.RowToStructByPos[model])
		if err != nil {
			return err
		}
		indexed := []int16{}
		for _, m := range models {
			if m.Dims > mostDims {
				continue // read exactly
			}
			if err := indexVectors(ctx, tx, site, generation, int16(m.ID), m.Dims, listsOf(m.Chunks)); err != nil {
				return fmt.Errorf("model %d: %w", m.ID, err)
			}
			indexed = append(indexed, int16(m.ID))
		}
		_, err = tx.Exec(ctx, sqlIndexed, site, generation, indexed)
		return err
	})
	return classify("index generation", err)
}

// indexVectors makes one model's table and index. Half precision halves what a
// search reads; what it finds is compared exactly afterwards. By inner product,
// whose lists are by direction: by distance, a question, which lies apart from
// all texts, is nearest to the widest lists.
func indexVectors(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, model int16, dims, lists int) error {
	table := nearTable(site, generation, model)
	// pgvector refuses to build in less: the sample and its distances to all lists.
	memory := (sampledOf*lists*(4*lists+2*dims))>>20 + 64
	for _, sql := range []string{
		fmt.Sprintf(`SET LOCAL maintenance_work_mem = '%dMB'`, memory),
		fmt.Sprintf(`DROP TABLE IF EXISTS %s`, table),
		fmt.Sprintf(`CREATE TABLE %s (audience smallint NOT NULL, chunk int NOT NULL, vec halfvec(%d) NOT NULL)`, table, dims),
		fmt.Sprintf(`ALTER TABLE %s ALTER COLUMN vec SET STORAGE MAIN`, table),
		fmt.Sprintf(`INSERT INTO %s SELECT audience, chunk, vec::halfvec(%d) FROM chunk_vectors WHERE site_id = %d AND generation = %d AND model_id = %d`,
			table, dims, site, generation, model),
		fmt.Sprintf(`CREATE INDEX ON %s USING ivfflat (vec halfvec_ip_ops) WITH (lists = %d)`, table, lists),
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// dropLarge drops the tables of a site's generations but those that are kept.
func dropLarge(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, kept []int32) error {
	rows, err := tx.Query(ctx, sqlLargeTables, fmt.Sprintf("^large_%d_[0-9]+_(words|near_[0-9]+)$", site))
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, table := range tables {
		var of retrieval.SiteID
		var generation int32
		if _, err := fmt.Sscanf(table, "large_%d_%d_", &of, &generation); err != nil || of != site || slices.Contains(kept, generation) {
			continue
		}
		if _, err := tx.Exec(ctx, "DROP TABLE "+pgx.Identifier{table}.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}

// large is what is known of sites whose published generation has indexes, by
// the last search of each. It may lag: the statement asks the database again,
// and reads everything where the published generation is another one.
type large struct {
	mu    sync.RWMutex
	sites map[retrieval.SiteID]largeSite
}

type largeSite struct {
	generation int
	chunks     int
	models     map[string]int16 // those with an index, by name; 0: it has none
}

// knows says how to search a site's large generation by a needle's models; ok
// is false where it has none, and where nothing is known of a model yet.
func (l *large) knows(n retrieval.Needle) (site largeSite, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	site, ok = l.sites[n.Site]
	for _, v := range n.Vecs {
		ok = ok && site.models[v.Model] > 0
	}
	return site, ok
}

// learn takes in what an answer said.
func (l *large) learn(n retrieval.Needle, a *answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.sites[n.Site]
	if a.indexed == nil {
		if ok {
			delete(l.sites, n.Site)
		}
		return
	}
	next := largeSite{generation: a.generation, chunks: a.chunks, models: map[string]int16{}}
	if known.generation == a.generation {
		for name, id := range known.models {
			next.models[name] = id
		}
	}
	for i, id := range []int16{a.model, a.model2} {
		if i < len(n.Vecs) && slices.Contains(a.indexed, id) {
			next.models[n.Vecs[i].Model] = id
		}
	}
	if l.sites == nil {
		l.sites = map[retrieval.SiteID]largeSite{}
	}
	l.sites[n.Site] = next
}

func (l *large) forget(site retrieval.SiteID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sites, site)
}

// tableGone says whether a statement named a table that has been dropped: its
// generation was collected since the last search.
func tableGone(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "42P01"
}

// sql is the statement for a large generation.
func (l largeSite) sql(n retrieval.Needle) string {
	near := [2]string{sqlNoNear, sqlNoNear2}
	for i, v := range n.Vecs {
		near[i] = strings.NewReplacer(
			"<near>", []string{"near", "near2"}[i], "<vec>", []string{"$7", "$12"}[i], "<model>", []string{"model", "model2"}[i],
			"<table>", nearTable(n.Site, l.generation, l.models[v.Model]), "<generation>", strconv.Itoa(l.generation),
			"<dims>", strconv.Itoa(len(v.Vec)), "<nearer>", strconv.Itoa(nearerOf*n.Near),
		).Replace(sqlLargeNear)
	}
	word := strings.NewReplacer(
		"<table>", wordTable(n.Site, l.generation), "<generation>", strconv.Itoa(l.generation), "<matched>", strconv.Itoa(matchedChunks),
	).Replace(sqlLargeWords)
	probes := max(listsOf(l.chunks)/probedOf, leastProbed)
	return sqlGen + fmt.Sprintf(sqlTuned, probes) + sqlNoScope + near[0] + near[1] + sqlRare + word + sqlFound
}
