package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
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

	mu    sync.Mutex
	model retrieval.Model
	file  *retrieval.VectorFile          // what is known of the model
	fresh map[[32]byte]retrieval.Encoded // what the file on disk lacks
}

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
	hashes := make([][32]byte, len(texts))
	out := make([]retrieval.Encoded, len(texts))
	var missing []string
	var at []int
	k.mu.Lock()
	for i, t := range texts {
		hashes[i] = sha256.Sum256([]byte(string(kind) + "\x00" + t))
		e, ok := k.file.Encoded(k.model.Name, hashes[i])
		if !ok || kind == retrieval.EmbedPassage && len(e.Rows) > 0 && len(e.Places) == 0 { // kept before tokens had places
			missing, at = append(missing, t), append(at, i)
		}
		out[i] = unpacked(e, k.file.TokenDims-idBytes)
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
	if err := roundAll(k.Model(), list); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, e := range list {
		out[at[i]] = e
		k.put(k.file, hashes[at[i]], e)
		k.fresh[hashes[at[i]]] = e
	}
	if len(k.fresh) >= saveEvery {
		return out, k.save()
	}
	return out, nil
}

// put adds a text to a file, its tokens' numbers in front of their rows.
func (k *keptEmbedder) put(f *retrieval.VectorFile, hash [32]byte, e retrieval.Encoded) {
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

// load reads the file of the model as soon as the model is known.
func (k *keptEmbedder) load() error {
	m := k.Model()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file != nil && k.model == m {
		return nil
	}
	k.model, k.file, k.fresh = m, retrieval.NewVectorFile(m), map[[32]byte]retrieval.Encoded{}
	if m.Dims == 0 {
		return nil
	}
	var err error
	k.file, err = k.onDisk()
	return err
}

// onDisk is what the model's file holds by now. One that was cut short, or is
// another's, holds nothing: it is made again.
func (k *keptEmbedder) onDisk() (*retrieval.VectorFile, error) {
	data, err := os.ReadFile(k.path())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if f, err := retrieval.ReadVectorFile(data); err == nil && f.Model == k.model && (k.TokenDims() == 0 || f.TokenDims == k.TokenDims()+idBytes) {
		return f, nil
	}
	return retrieval.NewVectorFile(k.model), nil
}

func (k *keptEmbedder) path() string {
	sum := sha256.Sum256([]byte(k.model.Name))
	return filepath.Join(k.folder, "vectors-"+hex.EncodeToString(sum[:6])+".bin")
}

// save adds what is new to what the file holds by now: another run may have
// added to it meanwhile. The lock is held.
func (k *keptEmbedder) save() error {
	if len(k.fresh) == 0 {
		return nil
	}
	if err := os.MkdirAll(k.folder, 0o755); err != nil {
		return err
	}
	all, err := k.onDisk()
	if err != nil {
		return err
	}
	for hash, e := range k.fresh {
		k.put(all, hash, e)
	}
	if err := writeVectors([]*retrieval.VectorFile{all}, k.path()); err != nil {
		return err
	}
	clear(k.fresh)
	return nil
}

// Close writes what is not written yet.
func (k *keptEmbedder) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.save()
}

// roundAll gives texts the vectors that a file of vectors gives back.
func roundAll(m retrieval.Model, list []retrieval.Encoded) error {
	f := retrieval.NewVectorFile(m)
	key := func(i int) [32]byte { return [32]byte{byte(i >> 16), byte(i >> 8), byte(i)} }
	for i, e := range list {
		f.Put(key(i), e.Vec)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		return err
	}
	back, err := retrieval.ReadVectorFile(b.Bytes())
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Vec, _ = back.Get(m.Name, key(i))
	}
	return nil
}

// keptModels are the models that knowledge and questions are embedded by, each
// with what it has embedded before.
type keptModels struct {
	lazy  lazyEmbedders
	first *keptEmbedder
	more  []retrieval.Space
	all   []*keptEmbedder
}

func (a *app) keepModels() *keptModels {
	k := &keptModels{lazy: a.newLazyEmbedders()}
	keep := func(e retrieval.Embedder) *keptEmbedder {
		one := &keptEmbedder{Embedder: e, folder: filepath.Join(a.config.Home, "evals")}
		if a.config.EmbeddingsURL == "" {
			one.patience = askPatience // the private one gets only what others leave of the machine
		}
		k.all = append(k.all, one)
		return one
	}
	k.first = keep(k.lazy.first)
	for _, s := range k.lazy.more() {
		s.Embedder = keep(s.Embedder)
		k.more = append(k.more, s)
	}
	return k
}

// Close writes what is not written yet and lets the embedder go.
func (k *keptModels) Close() error {
	var errs []error
	for _, e := range k.all {
		errs = append(errs, e.Close())
	}
	k.lazy.Close()
	return errors.Join(errs...)
}
