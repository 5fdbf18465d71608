package pgvec

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// A process that is killed leaves its generation Building and lets go of the
// lock; here by going through the same calls up to some point.
func TestIngest_KilledAtEveryStageLeavesTheOldOne(t *testing.T) {
	t.Parallel()
	for stages := range 5 {
		t.Run(fmt.Sprintf("after %d stages", stages), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			site := b.site("shop")
			b.ingest(site, article("kettle", "the old lid"))
			killed, err := New(b.pool)
			if err != nil {
				t.Fatal(err)
			}
			k := &killedStore{Store: killed, left: stages}
			in, err := retrieval.NewIngester(retrieval.IngestDeps{Store: k, Split: paragraphs{}, Terms: plainTerms, Detect: english, Embedder: b.embedder},
				retrieval.IngestConfig{BM25: testBM25()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := in.Ingest(b.ctx, site, []retrieval.Article{article("kettle", "the new lid")}, retrieval.IngestOptions{}); !errors.Is(err, errKilled) {
				t.Fatalf("%v", err)
			}
			if got := b.find(b.needle(site, "lid")); got.Generation != 1 || got.List[0].Text != "the old lid" {
				t.Errorf("readers see generation %d", got.Generation)
			}
			r := b.ingest(site, article("kettle", "the new lid"))
			if got := b.find(b.needle(site, "lid")); got.Generation != r.Generation || got.List[0].Text != "the new lid" {
				t.Errorf("the next ingest shows generation %d", got.Generation)
			}
			for _, table := range knowledgeTables() {
				var n int
				q := "SELECT count(*) FROM " + table + " WHERE generation NOT IN (1, $1)"
				if err := b.pool.QueryRow(b.ctx, q, r.Generation).Scan(&n); err != nil || n > 0 {
					t.Errorf("%s: %d rows left behind, %v", table, n, err)
				}
			}
		})
	}
}

var errKilled = errors.New("killed")

// killedStore does nothing more after so many writes, not even mark a failure.
type killedStore struct {
	*Store
	mu   sync.Mutex
	left int
}

func (k *killedStore) alive() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.left--
	return k.left >= 0
}

func (k *killedStore) Begin(ctx context.Context, site retrieval.SiteID, h []byte) (int, error) {
	if !k.alive() {
		return 0, errKilled
	}
	return k.Store.Begin(ctx, site, h)
}

func (k *killedStore) Fill(ctx context.Context, site retrieval.SiteID, g int, d *retrieval.Draft) error {
	if !k.alive() {
		return errKilled
	}
	return k.Store.Fill(ctx, site, g, d)
}

func (k *killedStore) TakeOver(ctx context.Context, site retrieval.SiteID, g int, m retrieval.Model, c []retrieval.DraftChunk) ([]int, error) {
	if !k.alive() {
		return nil, errKilled
	}
	return k.Store.TakeOver(ctx, site, g, m, c)
}

func (k *killedStore) PutVectors(ctx context.Context, site retrieval.SiteID, g int, m retrieval.Model, v []retrieval.ChunkVector) error {
	if !k.alive() {
		return errKilled
	}
	return k.Store.PutVectors(ctx, site, g, m, v)
}

func (k *killedStore) Publish(context.Context, retrieval.SiteID, int, retrieval.GenerationStats) (retrieval.Diff, error) {
	return retrieval.Diff{}, errKilled
}

func (k *killedStore) Fail(context.Context, retrieval.SiteID, int) error { return errKilled }

// Postgres says 53100 from inside a COPY when its disk is full; a trigger says
// the same at the same place, after so many rows of each table in turn.
func TestIngest_DiskFullLeavesTheOldOneAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"articles", "chunks", "terms", "chunk_words", "word_postings", "article_words", "chunk_vectors", "article_vectors"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			site := b.site("shop")
			b.ingest(site, article("kettle", "the old lid"))
			_, err := b.pool.Exec(b.ctx, `
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER disk_full BEFORE INSERT ON `+table+` FOR EACH ROW EXECUTE FUNCTION disk_full()`)
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.ingester.Ingest(b.ctx, site, []retrieval.Article{article("kettle", "the new lid")}, retrieval.IngestOptions{})
			if f, ok := fault.As(err); !ok || f.Code != "disk_full" || f.Kind != fault.Unavailable {
				t.Errorf("%v, want disk_full", err)
			}
			if got := b.find(b.needle(site, "lid")); got.Generation != 1 || got.List[0].Text != "the old lid" {
				t.Errorf("readers see generation %d", got.Generation)
			}
			if _, err := b.pool.Exec(b.ctx, `DROP FUNCTION disk_full CASCADE`); err != nil {
				t.Fatal(err)
			}
			b.ingest(site, article("kettle", "the new lid"))
			if got := b.find(b.needle(site, "lid")); got.List[0].Text != "the new lid" {
				t.Errorf("with room again readers see %q", got.List[0].Text)
			}
		})
	}
}
