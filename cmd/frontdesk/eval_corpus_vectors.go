package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
)

// keptEmbedder keeps the vectors of what a measurement embeds in a file a
// model, by the text's hash, so that the next measurement computes only what
// is new. The first run gets vectors rounded as the file rounds them: both runs
// print the same numbers.
type keptEmbedder struct {
	retrieval.Embedder
	folder   string
	patience time.Duration // with an embedder that is away or slow; 0: none

	depths  bool     // questions are wanted with what inner layers make of them; what is shipped has none
	shipped []string // files of vectors that are looked into first, where they are there

	mu    sync.Mutex
	model retrieval.Model
	kept  *vectorShelf           // what is known of the model; nil before it is known
	deep  *vectorShelf           // of depths, what is known of the model; nil: nobody wants any, or it gives none
	given givenVectors           // what is shipped
	fresh map[[32]byte]freshText // what the file on disk lacks
	asked map[[32]byte]bool      // what anybody asked for but shipped passages; nil: nobody wants to know
	made  int                    // texts that had to be computed
}

// freshText is a text that the file on disk lacks: as it came, and as the file will
// give it back. What is rounded once more is not always what it was.
type freshText struct{ came, kept retrieval.Encoded }

// givenVectors are what files that are shipped hold: of texts by what they are
// asked as, with their tokens' numbers, and of passages by their words alone.
type givenVectors struct{ asked, passages []*vectorShelf }

var _ retrieval.TokenEmbedder = (*keptEmbedder)(nil)

// saveEvery is how many new vectors are written at once: what an interrupted
// run loses at most.
const saveEvery = 200

// idBytes is what a token's number takes in front of its row in the file.
const idBytes = 4

// Embed is the inner embedder's, asked for what is not kept only.
func (k *keptEmbedder) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	list, err := k.EmbedTokens(ctx, kind, texts)
	if err != nil {
		return nil, err
	}
	return retrieval.Pooled(list), nil
}

// TokenDims is the inner embedder's.
func (k *keptEmbedder) TokenDims() int { return retrieval.TokenDims(k.Embedder) }

// EmbedTokens is Embed with the tokens of each text, where there are any.
func (k *keptEmbedder) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	if err := k.load(); err != nil {
		return nil, err
	}
	if kind == retrieval.EmbedQuery {
		for _, t := range texts {
			tallyOf(ctx).embed(k, t)
		}
	}
	hashes := make([][32]byte, len(texts))
	out := make([]retrieval.Encoded, len(texts))
	var missing []string
	var at []int
	k.mu.Lock()
	for i, t := range texts {
		hashes[i] = keptHash(kind, t)
		var ok bool
		if out[i], ok = k.known(kind, t, hashes[i]); !ok {
			missing, at = append(missing, t), append(at, i)
		}
	}
	k.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	list, err := k.ask(ctx, kind, missing)
	if t, ok := errors.AsType[*embed.TextError](err); ok && t.Index < len(at) {
		named := *t
		named.Index = at[t.Index] // its place among all texts
		return nil, &named
	}
	if err != nil {
		return nil, err
	}
	if err := k.load(); err != nil { // a model may say its name with its first answer
		return nil, err
	}
	came := slices.Clone(list)
	if err := roundAll(k.Model(), list); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.made += len(list)
	for i, e := range list {
		out[at[i]] = e
		k.fresh[hashes[at[i]]] = freshText{came: came[i], kept: e}
	}
	if len(k.fresh) >= saveEvery {
		return out, k.save(ctx)
	}
	return out, nil
}

// keptHash is what a text is kept by: asked as a question it has another vector
// than as a passage.
func keptHash(kind retrieval.EmbedKind, text string) [32]byte {
	return sha256.Sum256([]byte(string(kind) + "\x00" + text))
}

// known is a text that is shipped, kept or fresh. The lock is held.
func (k *keptEmbedder) known(kind retrieval.EmbedKind, text string, hash [32]byte) (e retrieval.Encoded, ok bool) {
	if kind == retrieval.EmbedPassage {
		plain := sha256.Sum256([]byte(text))
		for _, s := range k.given.passages {
			if e, ok := s.get(plain); ok {
				return e, true
			}
		}
	}
	if k.asked != nil {
		k.asked[hash] = true
	}
	return k.held(kind, hash)
}

// held is a text that is shipped as it was asked, kept or fresh. The lock is held.
func (k *keptEmbedder) held(kind retrieval.EmbedKind, hash [32]byte) (e retrieval.Encoded, ok bool) {
	if t, ok := k.fresh[hash]; ok {
		return t.kept, true
	}
	if e, ok = k.plain(kind, hash); !ok || k.deep == nil || kind != retrieval.EmbedQuery {
		return e, ok
	}
	d, ok := k.deep.get(hash)
	e.Depths = d.Vec
	return e, ok
}

// plain is held, without depths and what is fresh. The lock is held.
func (k *keptEmbedder) plain(kind retrieval.EmbedKind, hash [32]byte) (e retrieval.Encoded, ok bool) {
	for _, s := range k.given.asked {
		if e, ok := s.get(hash); ok {
			return unpacked(e, s.width-idBytes), true
		}
	}
	if k.kept == nil {
		return e, false
	}
	e, ok = k.kept.get(hash)
	if kind == retrieval.EmbedPassage && len(e.Rows) > 0 && len(e.Places) == 0 { // kept before tokens had places
		return e, false
	}
	return unpacked(e, k.kept.width-idBytes), ok
}

// putPacked adds a text to a file, its tokens' numbers in front of their rows.
func putPacked(f *retrieval.VectorFile, hash [32]byte, e retrieval.Encoded) {
	f.Put(hash, e.Vec)
	if len(e.Tokens) == 0 {
		return
	}
	dims := len(e.Rows) / len(e.Tokens)
	packed := make([]int8, 0, len(e.Rows)+idBytes*len(e.Tokens))
	for i, t := range e.Tokens {
		for _, b := range binary.BigEndian.AppendUint32(nil, uint32(t)) {
			packed = append(packed, int8(b))
		}
		packed = append(packed, e.Rows[i*dims:(i+1)*dims]...)
	}
	f.TokenDims = dims + idBytes
	f.PutRows(hash, packed, e.Places)
}

// unpacked is a text as put had it.
func unpacked(e retrieval.Encoded, dims int) retrieval.Encoded {
	packed := e.Rows
	e.Rows = nil
	for ; len(packed) > 0; packed = packed[idBytes+dims:] {
		var id uint32
		for _, b := range packed[:idBytes] {
			id = id<<8 | uint32(byte(b))
		}
		e.Tokens, e.Rows = append(e.Tokens, int32(id)), append(e.Rows, packed[idBytes:idBytes+dims]...)
	}
	return e
}

// ask is the inner embedder's, again and again while it is only away or slow: it
// works behind everything else on the machine, and a measurement can wait.
func (k *keptEmbedder) ask(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	deadline := time.Now().Add(k.patience)
	for pause := time.Second; ; pause = min(2*pause, 10*time.Second) {
		list, err := retrieval.Encode(ctx, k.Embedder, kind, texts)
		passing := fault.KindOf(err) == fault.Unavailable || fault.KindOf(err) == fault.Timeout
		if err == nil || !passing || time.Now().Add(pause).After(deadline) {
			return list, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// load looks into the files of the model as soon as the model is known.
func (k *keptEmbedder) load() (err error) {
	m := k.Model()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fresh != nil && k.model == m {
		return nil
	}
	if err := k.letGo(); err != nil {
		return err
	}
	k.model, k.fresh = m, map[[32]byte]freshText{}
	if m.Dims == 0 {
		return nil
	}
	if k.kept, err = openShelf(k.path(), m, k.width()); err != nil {
		return err
	}
	if dims := k.DepthDims(); k.depths && dims > 0 {
		if k.deep, err = openShelf(k.path()+".depths", depthsOf(m, dims), 0); err != nil {
			return err
		}
	}
	for _, path := range k.shipped {
		for _, as := range []struct {
			list  *[]*vectorShelf
			width int
		}{{&k.given.asked, k.width()}, {&k.given.passages, k.TokenDims()}} {
			s, err := openShelf(path, m, as.width)
			if err != nil {
				return err
			}
			*as.list = append(*as.list, s)
		}
	}
	return nil
}

// width is that of a token's row with its number in front.
func (k *keptEmbedder) width() int {
	if n := k.TokenDims(); n > 0 {
		return n + idBytes
	}
	return 0
}

func (k *keptEmbedder) path() string {
	sum := sha256.Sum256([]byte(k.model.Name))
	return filepath.Join(k.folder, "vectors-"+hex.EncodeToString(sum[:6])+".bin")
}

// save adds what is new to the file. The lock is held.
func (k *keptEmbedder) save(ctx context.Context) error {
	if len(k.fresh) == 0 || k.kept == nil {
		return nil
	}
	f := retrieval.NewVectorFile(k.model)
	f.TokenDims = k.width()
	for hash, t := range k.fresh {
		putPacked(f, hash, t.came)
	}
	if err := k.kept.add(ctx, f); err != nil {
		return err
	}
	if k.deep != nil {
		f := retrieval.NewVectorFile(k.deep.model)
		for hash, t := range k.fresh {
			if len(t.came.Depths) == k.deep.model.Dims {
				f.Put(hash, t.came.Depths)
			}
		}
		if err := k.deep.add(ctx, f); err != nil {
			return err
		}
	}
	clear(k.fresh)
	return nil
}

// export is what was asked for, for others to begin with, as the file of a path:
// without what shipped files hold that are looked into before it.
func (k *keptEmbedder) export(path string) (*retrieval.VectorFile, error) {
	if err := k.load(); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	before, err := k.shippedBefore(path)
	if err != nil {
		return nil, err
	}
	f := retrieval.NewVectorFile(k.model)
	f.TokenDims = k.width()
	for hash := range k.asked {
		if slices.ContainsFunc(before, func(s *vectorShelf) bool { return s.has(hash) }) {
			continue
		}
		e, ok := k.held(retrieval.EmbedQuery, hash)
		if !ok {
			return nil, fmt.Errorf("the vectors of a text of %s are gone: run it again", k.model.Name)
		}
		putPacked(f, hash, e)
	}
	return f, nil
}

// shippedBefore are the shelves of the shipped files that stand before the file of
// a path; none where it is not one of them. The lock is held.
func (k *keptEmbedder) shippedBefore(path string) ([]*vectorShelf, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	for i, s := range k.shipped {
		if s, err = filepath.Abs(s); err != nil {
			return nil, err
		}
		if s == path && i < len(k.given.asked) {
			return k.given.asked[:i], nil
		}
	}
	return nil, nil
}

// Close writes what is not written yet, and lets the files go.
func (k *keptEmbedder) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	err := errors.Join(k.save(ctx), k.letGo())
	k.fresh = nil // used again, it begins anew
	return err
}

// letGo closes the files. The lock is held.
func (k *keptEmbedder) letGo() error {
	var errs []error
	for _, s := range slices.Concat(k.given.asked, k.given.passages, []*vectorShelf{k.kept, k.deep}) {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	k.kept, k.deep, k.given = nil, nil, givenVectors{}
	return errors.Join(errs...)
}

// DepthDims is how many numbers the inner embedder gives of inner layers; 0: none.
func (k *keptEmbedder) DepthDims() int { return retrieval.DepthDims(k.Embedder) }

// depthsOf names what inner layers of a model make of questions.
func depthsOf(m retrieval.Model, dims int) retrieval.Model {
	return retrieval.Model{Name: m.Name + "+depths", Dims: dims}
}

// roundAll gives texts the vectors that a file of vectors gives back.
func roundAll(m retrieval.Model, list []retrieval.Encoded) error {
	f := retrieval.NewVectorFile(m)
	key := func(i int) [32]byte { return [32]byte{byte(i >> 16), byte(i >> 8), byte(i)} }
	var deep *retrieval.VectorFile
	for i, e := range list {
		f.Put(key(i), e.Vec)
		if len(e.Depths) > 0 && deep == nil {
			deep = retrieval.NewVectorFile(depthsOf(m, len(e.Depths)))
		}
		if deep != nil && len(e.Depths) == deep.Model.Dims {
			deep.Put(key(i), e.Depths)
		}
	}
	back, err := reread(f)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Vec, _ = back.Get(m.Name, key(i))
	}
	if deep == nil {
		return nil
	}
	if back, err = reread(deep); err != nil {
		return err
	}
	for i := range list {
		list[i].Depths, _ = back.Get(deep.Model.Name, key(i))
	}
	return nil
}

// reread is a file as it is read after it was written.
func reread(f *retrieval.VectorFile) (*retrieval.VectorFile, error) {
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		return nil, err
	}
	return retrieval.ReadVectorFile(b.Bytes())
}
