package pgtriage

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fault"
	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// bundle is a database of a test's own with two sites.
type bundle struct {
	t        *testing.T
	pool     *pgxpool.Pool
	store    *Store
	one, two retrieval.SiteID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, pool: pgtest.New(t)}
	var err error
	if b.store, err = New(b.pool, func() time.Time { return time.Unix(1700000000, 0) }); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]*retrieval.SiteID{"one": &b.one, "two": &b.two} {
		if err := b.pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ($1) RETURNING site_id`, name).Scan(id); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

// publish makes a generation of articles, two ways to ask each.
func (b *bundle) publish(site retrieval.SiteID, generation int, ids ...string) {
	b.t.Helper()
	b.exec(`INSERT INTO generations (site_id, generation, state, source_hash) VALUES ($1, $2, 'published', '')`, site, generation)
	for i, id := range ids {
		b.exec(`INSERT INTO articles (site_id, generation, article, article_id, title, body, content_hash, desk) VALUES ($1, $2, $3, $4, $4, 'body', '', 'service')`, site, generation, i+1, id)
		for q := range 2 {
			b.exec(`INSERT INTO chunks (site_id, generation, chunk, article, kind, section, span_from, span_to, body, words, embed_hash) VALUES ($1, $2, $3, $4, 1, 1, 0, 0, $5, 2, '')`,
				site, generation, 2*i+q+1, i+1, id+" how")
		}
	}
	b.exec(`UPDATE sites SET published = $2 WHERE site_id = $1`, site, generation)
}

func (b *bundle) settled(site retrieval.SiteID) triage.Site {
	b.t.Helper()
	s, err := b.store.Settled(b.t.Context(), site)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bundle) stamp(site retrieval.SiteID) triage.Stamp {
	b.t.Helper()
	s, err := b.store.Stamp(b.t.Context(), site)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func TestStore_LabelsSurviveANewGenerationAndBelongToTheirSite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	b.publish(b.one, 1, "a", "b")
	before := b.stamp(b.one)
	if before.Version != 0 || before.Generation != 1 {
		t.Errorf("%+v", before)
	}
	if err := b.store.Settle(ctx, b.one, []triage.Label{{Article: "a", Desk: triage.Support, Topic: "faults", Product: "kettle"}, {Article: "b", Topic: "x"}}); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Suggest(ctx, b.one, []triage.Label{{Article: "b", DeskP: triage.Desks{Service: .25, Support: .75}, Topic: "t", TopicP: .5, Why: "because"}}); err != nil {
		t.Fatal(err)
	}
	settled := b.stamp(b.one)
	if settled.Version <= before.Version {
		t.Errorf("the version stays at %+v", settled)
	}
	b.publish(b.one, 2, "a", "c")
	s := b.settled(b.one)
	if got := s.Settled["a"]; got.Desk != triage.Support || got.Topic != "faults" || got.Product != "kettle" {
		t.Errorf("%+v", got)
	}
	if got := s.Suggested["b"]; got.DeskP.Support != .75 || got.Desk != triage.Support || got.Why != "because" {
		t.Errorf("%+v", got)
	}
	if now := b.stamp(b.one); now.Generation != 2 || now.Version != settled.Version {
		t.Errorf("%+v", now)
	}
	if other := b.settled(b.two); len(other.Settled)+len(other.Suggested) > 0 || b.stamp(b.two).Version != 0 {
		t.Errorf("another site sees %+v", other)
	}
	if err := b.store.Settle(ctx, b.one, []triage.Label{{Article: "a"}}); err != nil {
		t.Fatal(err)
	}
	if _, still := b.settled(b.one).Settled["a"]; still {
		t.Error("what was taken back is still settled")
	}
	if err := b.store.Settle(ctx, b.one, []triage.Label{{Article: "a", Desk: triage.Support}, {Article: "a", Desk: triage.Service}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("two desks of one article: %v", err)
	}
	b.exec(`DELETE FROM generations WHERE site_id = $1`, b.one)
	b.exec(`DELETE FROM sites WHERE site_id = $1`, b.one)
	var left int
	if err := b.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM article_labels) + (SELECT count(*) FROM label_suggestions) + (SELECT count(*) FROM triage_sites)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows of a site that is gone, %v", left, err)
	}
}

func TestStore_PublishedArticlesAndTheirQuestions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(b.one, 1, "old")
	b.publish(b.one, 2, "a", "b")
	articles, err := b.store.Articles(t.Context(), b.one)
	if err != nil || len(articles) != 2 || articles[0].ID != "a" || articles[0].Desk != "service" {
		t.Errorf("%+v, %v", articles, err)
	}
	questions, err := b.store.Questions(t.Context(), b.one)
	if err != nil || len(questions) != 4 || questions[0].Article != "a" || questions[0].Text != "a how" {
		t.Errorf("%+v, %v", questions, err)
	}
	texts, err := b.store.Texts(t.Context(), b.one)
	if err != nil || len(texts) != 2 || texts[0].Vec != nil || texts[0].Body != "body" {
		t.Errorf("%+v, %v", texts, err)
	}
	if _, err := b.store.Stamp(t.Context(), 9999); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no such site: %v", err)
	}
}

func TestStore_ExamplesKeepTheirVectorsAndContradictionsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	add := func(site retrieval.SiteID, vec []float32, list ...triage.Example) error {
		v := triage.Embedded{Model: retrieval.Model{Name: "m/2", Dims: 2}}
		for range list {
			v.Vecs = append(v.Vecs, vec)
		}
		return b.store.AddExamples(ctx, site, list, triage.Policy{}, []triage.Embedded{v})
	}
	if err := add(b.one, []float32{1, 0}, triage.Example{ID: "x", Text: "it leaks", Desk: triage.Support}, triage.Example{ID: "y", Text: "my parcel", Desk: triage.Service}); err != nil {
		t.Fatal(err)
	}
	if err := add(b.one, []float32{0, 1}, triage.Example{ID: "x", Text: "it drips", Desk: triage.Support}); err != nil {
		t.Fatal(err)
	}
	version := b.stamp(b.one).Version
	err := add(b.one, []float32{0, 1}, triage.Example{ID: "z", Text: "MY PARCEL", Desk: triage.Support})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "contradict") || b.stamp(b.one).Version != version {
		t.Errorf("one that contradicts another: %v", err)
	}
	x := b.settled(b.one).Examples
	if x == nil || len(x.List) != 2 || x.List[0].Text != "it drips" || x.Models["m/2"].Data[1] != 1 || x.Models["m/2"].Data[2] != 1 {
		t.Fatalf("%+v", x)
	}
	if b.settled(b.two).Examples != nil {
		t.Error("another site has them, too")
	}
	if n, err := b.store.RemoveExamples(ctx, b.two, []string{"x"}); err != nil || n != 0 {
		t.Errorf("another site removed %d, %v", n, err)
	}
	if n, err := b.store.RemoveExamples(ctx, b.one, []string{"x", "none"}); err != nil || n != 1 {
		t.Errorf("removed %d, %v", n, err)
	}
	list, err := b.store.Examples(ctx, b.one)
	if err != nil || len(list) != 1 || list[0].ID != "y" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestStore_PolicyAndListAreKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	if err := b.store.SetPolicy(ctx, b.one, triage.Policy{Topics: []triage.Topic{{Topic: "faults", Desk: triage.Support}}}); err != nil {
		t.Fatal(err)
	}
	if p := b.settled(b.one).Policy; len(p.Topics) != 1 || p.Topics[0].Desk != triage.Support {
		t.Errorf("%+v", p)
	}
	if err := b.store.KeepList(ctx, b.one, []byte("key"), []byte("list")); err != nil {
		t.Fatal(err)
	}
	if err := b.store.KeepList(ctx, b.one, []byte("key2"), []byte("list2")); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"key": "", "key2": "list2"} {
		if got, err := b.store.List(ctx, b.one, []byte(key)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", key, got, err)
		}
	}
	if got, err := b.store.List(ctx, b.two, []byte("key2")); err != nil || got != nil {
		t.Errorf("another site: %q, %v", got, err)
	}
}

func TestStore_WithoutADatabaseSaysWhatKindOfErrorItIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.pool.Close()
	if _, err := b.store.Settled(context.Background(), b.one); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
}

func TestQueries_AllPrepare(t *testing.T) {
	t.Parallel()
	b := setup(t)
	conn, err := b.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for i, sql := range []string{
		sqlStamp, sqlSite, sqlMove, sqlPolicy, sqlSettled, sqlSettle, sqlUnsettle, sqlSuggested, sqlForget, sqlSuggest, sqlExamples,
		sqlAddExample, sqlRemoveExamples, sqlVectors, sqlModel, sqlDropVectors, sqlPutVector, sqlArticles, sqlQuestions, sqlList, sqlKeepList, sqlTexts,
	} {
		if _, err := conn.Conn().Prepare(t.Context(), "", sql); err != nil {
			t.Errorf("%d: %v\n%s", i, err, sql)
		}
	}
}
