package retrieval

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"frontdesk/internal/fault"
)

// ingestSpace is a model that a generation gets vectors of.
type ingestSpace struct {
	Space
	model     Model
	tokenDims int // 0: it gives no token vectors
}

// version stands for everything that changes what is stored.
func (s ingestSpace) version() string {
	return s.model.Name + " tokens and places " + strconv.Itoa(s.tokenDims)
}

// spaces are the models, as they say they are.
func (in *Ingester) spaces(ctx context.Context) ([]ingestSpace, error) {
	var out []ingestSpace
	for _, s := range append([]Space{{Embedder: in.deps.Embedder}}, in.deps.More...) {
		m, err := identity(ctx, s.Embedder)
		if err != nil {
			return nil, err
		}
		out = append(out, ingestSpace{Space: s, model: m, tokenDims: TokenDims(s.Embedder)})
	}
	return out, nil
}

// identity is the embedder's model. One that nothing is known about says its
// width with its first answer only.
func identity(ctx context.Context, e Embedder) (Model, error) {
	m := e.Model()
	if m.Dims > 0 {
		return m, nil
	}
	if _, err := e.Embed(ctx, EmbedPassage, []string{"width"}); err != nil {
		return Model{}, fmt.Errorf("ask embedder for its width: %w", err)
	}
	m = e.Model()
	if m.Dims <= 0 {
		return Model{}, fault.New(fault.Invalid, "embedder_width", "The embedder does not say how wide its vectors are.")
	}
	return m, nil
}

// vectors finds or makes the vectors of every chunk, one model after another.
func (in *Ingester) vectors(ctx context.Context, site SiteID, generation int, d *Draft, spaces []ingestSpace, opt IngestOptions, report *IngestReport) error {
	runs := make([]*embedRun, 0, len(spaces))
	total := 0
	for _, s := range spaces {
		d.Stats.Models = append(d.Stats.Models, s.model.Name)
		run := &embedRun{in: in, space: s, site: site, generation: generation, progress: opt.Progress}
		if err := in.prepare(ctx, run, d, opt, report); err != nil {
			return err
		}
		runs = append(runs, run)
		total += len(run.jobs)
	}
	done := 0
	var busy float64
	for _, run := range runs {
		run.before, run.total = done, total
		if s, ok := run.space.Embedder.(starter); ok && len(run.jobs) > 0 {
			if err := s.Start(ctx); err != nil {
				return fmt.Errorf("start embedder: %w", err)
			}
		}
		if err := run.run(ctx); err != nil {
			return err
		}
		done += len(run.jobs)
		report.EmbedTook += run.took
		busy += run.busy * run.took.Seconds()
		for _, j := range run.blamed {
			report.Embedded--
			for _, c := range j.chunks {
				report.Unembedded = append(report.Unembedded, d.Articles[d.Chunks[c.Chunk-1].ArticleNo-1].ID)
			}
		}
	}
	if took := report.EmbedTook.Seconds(); took > 0 {
		report.Busy = busy / took
	}
	slices.Sort(report.Unembedded)
	report.Unembedded = slices.Compact(report.Unembedded)
	return nil
}

// prepare takes over the vectors that are there already, and makes jobs of the
// texts that have to be embedded.
func (in *Ingester) prepare(ctx context.Context, run *embedRun, d *Draft, opt IngestOptions, report *IngestReport) error {
	model := run.space.model
	chunks := d.Chunks
	if len(run.space.Langs) > 0 {
		chunks = slices.DeleteFunc(slices.Clone(chunks), func(c DraftChunk) bool { return !run.space.takes(d.Articles[c.ArticleNo-1].Lang) })
	}
	missing, err := in.deps.Store.TakeOver(ctx, run.site, run.generation, model, chunks)
	if err != nil {
		return fmt.Errorf("take over vectors: %w", err)
	}
	report.TakenOver += len(chunks) - len(missing)
	bare := map[[32]byte]bool{} // texts without token vectors
	if run.space.tokenDims > 0 {
		hashes := make([][32]byte, len(chunks))
		for i, c := range chunks {
			hashes[i] = c.Hash
		}
		list, err := in.deps.Store.WithoutTokens(ctx, run.site, model, hashes)
		if err != nil {
			return fmt.Errorf("look for token vectors: %w", err)
		}
		for _, h := range list {
			bare[h] = true
		}
	}
	need := map[int]bool{} // of a vector
	for _, no := range missing {
		need[no] = true
	}
	file := fileOf(opt.Vectors, model)
	fits := file != nil && file.TokenDims == run.space.tokenDims // rows of another width are none, and so are those without places
	var found []ChunkVector
	byHash := map[[32]byte]int{}
	for _, c := range chunks {
		if !need[c.No] && !bare[c.Hash] {
			continue
		}
		v := ChunkVector{Chunk: c.No, Audience: c.Audience, Hash: c.Hash}
		if e, ok := file.Encoded(model.Name, c.Hash); ok && (!bare[c.Hash] || fits && len(e.Places) > 0) {
			if need[c.No] {
				v.Vec = e.Vec
			}
			if bare[c.Hash] {
				v.Rows, v.Places = e.Rows, e.Places
			}
			found = append(found, v)
			continue
		}
		i, seen := byHash[c.Hash]
		if !seen {
			i = len(run.jobs)
			byHash[c.Hash] = i
			run.jobs = append(run.jobs, embedJob{text: c.Embedded})
		}
		if need[c.No] {
			run.jobs[i].chunks = append(run.jobs[i].chunks, v)
		} else {
			run.jobs[i].bare = append(run.jobs[i].bare, v) // its vector is there, its tokens are not
		}
	}
	report.FromFile += len(found)
	report.Embedded += len(run.jobs)
	if len(found) > 0 {
		if err := in.deps.Store.PutVectors(ctx, run.site, run.generation, model, found); err != nil {
			return fmt.Errorf("write vectors from file: %w", err)
		}
	}
	return nil
}

// fileOf is the file with a model's vectors, nil where there is none.
func fileOf(files []*VectorFile, m Model) *VectorFile {
	for _, f := range files {
		if f != nil && f.Model.Name == m.Name {
			return f
		}
	}
	return nil
}
