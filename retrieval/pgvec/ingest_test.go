package pgvec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestIngest_NothingChangedBuildsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	first := b.ingest(site, article("kettle", "the lid opens"), article("parcel", "it is late"))
	calls := b.embedder.calls
	second := b.ingest(site, article("kettle", "the lid opens"), article("parcel", "it is late"))
	if !second.Unchanged || second.Generation != first.Generation || second.Articles != 2 || second.Chunks != 2 {
		t.Errorf("second ingest: %+v", second)
	}
	if b.embedder.calls != calls {
		t.Error("an unchanged ingest asked the embedder")
	}
	if n := b.count("generations", site); n != 1 {
		t.Errorf("%d generations, want 1", n)
	}
}

func TestIngest_TakesOverVectorsOfEqualTextsAndRetiresWhatVanished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "the lid opens\n\nit boils"), article("parcel", "it is late"), article("old", "gone soon"))
	r := b.ingest(site, article("kettle", "the lid opens\n\nit boils over"), article("parcel", "it is late"), article("new", "just in"))
	want := retrieval.Diff{Added: 1, Changed: 1, Removed: 1}
	if r.Diff != want || r.TakenOver != 2 || r.Embedded != 2 || r.Chunks != 4 {
		t.Errorf("%+v, want %+v with 2 taken over and 2 embedded of 4 chunks", r, want)
	}
	for _, k := range b.find(b.needle(site, "lid")).List {
		if k.ArticleID == "old" {
			t.Error("an article that vanished is still found")
		}
	}
	// What was taken over is what would have been embedded.
	got := b.find(b.needle(site, "it is late"))
	for _, k := range got.List {
		want := dot(b.needle(site, "it is late").Vecs[0].Vec, bag("About "+k.ArticleID+"\n"+k.Text, 16))
		if !same(k.Cosine, want) {
			t.Errorf("%s: cosine %g, want %g", k.ArticleID, k.Cosine, want)
		}
	}
}

func TestIngest_AVectorFileSavesTheEmbedder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := []retrieval.Article{article("kettle", "the lid opens\n\nit boils"), article("parcel", "it is late")}
	first := b.ingest(b.site("one"), list...)
	file := retrieval.NewVectorFile(b.embedder.model)
	if err := b.store.Vectors(b.ctx, b.site("one"), first.Generation, b.embedder.model, file.Put); err != nil {
		t.Fatal(err)
	}
	b.embedder.fail = func([]string) error { return errors.New("asked") }
	r, err := b.ingester.Ingest(b.ctx, b.site("two"), list, retrieval.IngestOptions{Vectors: []*retrieval.VectorFile{file}})
	if err != nil || r.FromFile != 3 || r.Embedded != 0 {
		t.Errorf("%+v, %v; want 3 from the file", r, err)
	}
}

func TestIngest_KeepsThreeGenerationsAndRollsBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	for i := range 5 {
		b.ingest(site, article("kettle", fmt.Sprintf("version %d", i+1)))
	}
	list, err := b.store.Generations(b.ctx, site)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, g := range list {
		numbers = append(numbers, g.Number)
	}
	if !slices.Equal(numbers, []int{5, 4, 3}) {
		t.Fatalf("kept %v, want 5, 4 and 3", numbers)
	}
	for _, table := range knowledgeTables() {
		var old int
		if err := b.pool.QueryRow(b.ctx, "SELECT count(*) FROM "+table+" WHERE generation < 3").Scan(&old); err != nil || old > 0 {
			t.Errorf("%s: %d rows of collected generations, %v", table, old, err)
		}
	}
	shown := func() string { return b.find(b.needle(site, "version")).List[0].Text }
	for _, step := range []struct {
		to, shows int
		text      string
	}{{0, 4, "version 4"}, {3, 3, "version 3"}, {5, 5, "version 5"}} {
		n, err := b.store.Rollback(b.ctx, site, step.to)
		if err != nil || n != step.shows || shown() != step.text {
			t.Errorf("rollback to %d: shows %d %q, %v", step.to, n, shown(), err)
		}
	}
	if _, err := b.store.Rollback(b.ctx, site, 1); !errors.Is(err, retrieval.ErrNoGeneration) {
		t.Errorf("rollback to a collected one: %v", err)
	}
	// A number is never given twice, also after a rollback.
	if r := b.ingest(site, article("kettle", "version 6")); r.Generation != 6 {
		t.Errorf("generation %d, want 6", r.Generation)
	}
}

func TestIngest_AFailureLeavesTheOldOneAndTheNextCollectsAndGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "the old lid"))
	var list []retrieval.Article
	for i := range 20 {
		list = append(list, article(name(i), fmt.Sprintf("new text %d", i)))
	}
	calls := 0
	var mu sync.Mutex
	b.embedder.fail = func([]string) error {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls > 12 {
			// Texts are written beside the embedding; a real one takes longer.
			for deadline := time.Now().Add(30 * time.Second); b.count("chunks", site) < 21 && time.Now().Before(deadline); {
				time.Sleep(5 * time.Millisecond)
			}
			return errors.New("burnt out")
		}
		return nil
	}
	if _, err := b.ingester.Ingest(b.ctx, site, list, retrieval.IngestOptions{}); err == nil {
		t.Fatal("the ingest went through without its embedder")
	}
	if got := b.find(b.needle(site, "lid")); got.Generation != 1 || got.List[0].Text != "the old lid" {
		t.Errorf("readers see generation %d", got.Generation)
	}
	b.embedder.fail = nil
	r := b.ingest(site, list...)
	if r.TakenOver == 0 || r.TakenOver+r.Embedded != 20 {
		t.Errorf("%d taken over and %d embedded: what the failed ingest had embedded was lost", r.TakenOver, r.Embedded)
	}
	if n := b.count("generations", site); n != 2 {
		t.Errorf("%d generations, want the new and the old one", n)
	}
}

func TestIngest_TheSecondAtOnceSaysSoAndWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	unlock, err := b.store.Lock(b.ctx, site, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting, done := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := b.ingester.Ingest(b.ctx, site, []retrieval.Article{article("kettle", "lid")}, retrieval.IngestOptions{Waiting: func() { close(waiting) }})
		done <- err
	}()
	select {
	case <-waiting:
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	}
	// Another site's ingest waits for nobody.
	b.ingest(b.site("other"), article("kettle", "lid"))
	unlock()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestIngest_WaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	unlock, err := b.store.Lock(b.ctx, site, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(b.ctx)
	if _, err := b.store.Lock(ctx, site, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want Canceled", err)
	}
}

func TestIngest_AnIngestThatLostItsLockCannotPublish(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	lost, err := b.store.Begin(b.ctx, site, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	b.ingest(site, article("kettle", "lid")) // collects what it takes for a leftover
	if _, err := b.store.Publish(b.ctx, site, lost, retrieval.GenerationStats{}); !errors.Is(err, retrieval.ErrOvertaken) {
		t.Errorf("publish: %v, want ErrOvertaken", err)
	}
	if err := b.store.PutVectors(b.ctx, site, lost, b.embedder.model, []retrieval.ChunkVector{{Chunk: 1, Vec: bag("x", 16)}}); err != nil {
		t.Fatal(err)
	}
	b.ingest(site, article("kettle", "another lid"))
	var n int
	if err := b.pool.QueryRow(b.ctx, "SELECT count(*) FROM chunk_vectors WHERE generation = $1", lost).Scan(&n); err != nil || n > 0 {
		t.Errorf("%d rows of an overtaken ingest stay, %v", n, err)
	}
}

func TestPutVectors_RefusesWhatIsNoDirection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	nan := bag("x", 16)
	nan[3] = float32(math.NaN())
	inf := bag("x", 16)
	inf[0] = float32(math.Inf(1))
	for name, v := range map[string][]float32{
		"zero": make([]float32, 16), "NaN": nan, "infinite": inf, "short": bag("x", 15), "long": bag("x", 17),
		"not of unit length": slices.Repeat([]float32{0.5}, 16), "empty": {},
	} {
		err := b.store.PutVectors(b.ctx, site, 1, b.embedder.model, []retrieval.ChunkVector{{Chunk: 1, Vec: v}})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	if n := b.count("chunk_vectors", site); n != 0 {
		t.Errorf("%d vectors went in", n)
	}
}

func TestIngest_AModelOfAnotherWidthUnderTheSameNameIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "lid"))
	in := b.newIngester(b.store, &bagEmbedder{model: retrieval.Model{Name: "bag/16", Dims: 8}})
	_, err := in.Ingest(b.ctx, site, []retrieval.Article{article("kettle", "another lid")}, retrieval.IngestOptions{})
	if f, ok := fault.As(err); !ok || f.Code != "model_dims" {
		t.Errorf("%v, want model_dims", err)
	}
}

func TestIngest_AnotherModelBuildsAnotherGenerationWithItsOwnVectors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "lid"))
	other := &bagEmbedder{model: retrieval.Model{Name: "bag/8", Dims: 8}}
	r, err := b.newIngester(b.store, other).Ingest(b.ctx, site, []retrieval.Article{article("kettle", "lid")}, retrieval.IngestOptions{})
	if err != nil || r.Unchanged || r.TakenOver != 0 || r.Embedded != 1 {
		t.Fatalf("%+v, %v: vectors of two models met", r, err)
	}
	if got := b.find(b.needle(site, "lid")); got.HasVectors || len(got.List) != 1 {
		t.Errorf("a search by the old model found vectors: %+v", got)
	}
}

func TestIngest_PublishingAndCollectingHoldNoLockThatAReaderNotices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "lid 1"))
	// All writes of publishing and collecting in one transaction that stays
	// open: a reader that took any lock they hold would wait until its timeout.
	tx, err := b.pool.Begin(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(b.ctx)
	for _, sql := range []string{
		"SELECT published FROM sites WHERE site_id = $1 FOR NO KEY UPDATE",
		"UPDATE generations SET state = 'retired' WHERE site_id = $1",
		"UPDATE sites SET published = published WHERE site_id = $1",
		"DELETE FROM chunk_vectors WHERE site_id = $1", "DELETE FROM article_vectors WHERE site_id = $1",
		"DELETE FROM terms WHERE site_id = $1", "DELETE FROM chunk_words WHERE site_id = $1", "DELETE FROM word_postings WHERE site_id = $1", "DELETE FROM article_words WHERE site_id = $1", "DELETE FROM chunks WHERE site_id = $1",
		"DELETE FROM articles WHERE site_id = $1", "DELETE FROM generations WHERE site_id = $1",
	} {
		if _, err := tx.Exec(b.ctx, sql, site); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	got, err := b.store.Find(ctx, b.needle(site, "lid"))
	if err != nil || len(got.List) != 1 {
		t.Errorf("%+v, %v: the reader waited or saw what is not committed", got, err)
	}
}

func TestPublish_TellsThePlannerWhatIsThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ingest(b.site("shop"), article("kettle", "lid\n\nspout"))
	var known float64
	if err := b.pool.QueryRow(b.ctx, "SELECT reltuples FROM pg_class WHERE oid = 'chunk_vectors'::regclass").Scan(&known); err != nil || known != 2 {
		t.Errorf("the planner knows of %g vectors, %v", known, err)
	}
}

func TestFind_SeesOneGenerationWholeWhileOthersArePublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	version := func(v int) []retrieval.Article {
		var list []retrieval.Article
		for i := range 8 {
			list = append(list, article(name(i), fmt.Sprintf("lid version %d of %d", v, i)))
		}
		return list
	}
	b.ingest(site, version(0)...)
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	var wg sync.WaitGroup
	seen := make(chan string, 4)
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				c, err := b.store.Find(ctx, b.needle(site, "lid version"))
				if ctx.Err() != nil {
					return
				}
				if err != nil || len(c.List) != 8 {
					seen <- fmt.Sprintf("%d candidates, %v", len(c.List), err)
					return
				}
				for i, k := range c.List {
					var v, of int
					if _, err := fmt.Sscanf(k.Text, "lid version %d of %d", &v, &of); err != nil || v != c.Generation-1 {
						seen <- fmt.Sprintf("generation %d holds %q at %d", c.Generation, k.Text, i)
						return
					}
				}
			}
		})
	}
	for v := 1; v <= 12; v++ {
		b.ingest(site, version(v)...)
	}
	stop()
	wg.Wait()
	select {
	case s := <-seen:
		t.Error(s)
	default:
	}
}
