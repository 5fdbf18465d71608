package main

import (
	"bytes"
	"context"
	"crypto/sha256"
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
	file  *retrieval.VectorFile  // what is known of the model
	fresh map[[32]byte][]float32 // what the file on disk lacks
}

// saveEvery is how many new vectors are written at once: what an interrupted
// run loses at most.
const saveEvery = 200

// Embed is the inner embedder's, asked for what is not kept only.
func (k *keptEmbedder) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	if err := k.load(); err != nil {
		return nil, err
	}
	hashes := make([][32]byte, len(texts))
	out := make([][]float32, len(texts))
	var missing []string
	var at []int
	k.mu.Lock()
	for i, t := range texts {
		hashes[i] = sha256.Sum256([]byte(string(kind) + "\x00" + t))
		v, ok := k.file.Get(k.model.Name, hashes[i])
		if !ok {
			missing, at = append(missing, t), append(at, i)
		}
		out[i] = v
	}
	k.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	vecs, err := k.ask(ctx, kind, missing)
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
	if vecs, err = rounded(k.Model(), vecs); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, v := range vecs {
		out[at[i]] = v
		k.file.Put(hashes[at[i]], v)
		k.fresh[hashes[at[i]]] = v
	}
	if len(k.fresh) >= saveEvery {
		return out, k.save()
	}
	return out, nil
}

// ask is the inner embedder's, again and again while it is only away or slow: it
// works behind everything else on the machine, and a measurement can wait.
func (k *keptEmbedder) ask(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	deadline := time.Now().Add(k.patience)
	for pause := time.Second; ; pause = min(2*pause, 10*time.Second) {
		vecs, err := k.Embedder.Embed(ctx, kind, texts)
		passing := fault.KindOf(err) == fault.Unavailable || fault.KindOf(err) == fault.Timeout
		if err == nil || !passing || time.Now().Add(pause).After(deadline) {
			return vecs, err
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
	k.model, k.file, k.fresh = m, retrieval.NewVectorFile(m), map[[32]byte][]float32{}
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
	if f, err := retrieval.ReadVectorFile(data); err == nil && f.Model == k.model {
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
	for hash, v := range k.fresh {
		all.Put(hash, v)
	}
	if err := writeVectors(all, k.path()); err != nil {
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

// rounded gives vectors as a file of vectors gives them back.
func rounded(m retrieval.Model, vecs [][]float32) ([][]float32, error) {
	f := retrieval.NewVectorFile(m)
	key := func(i int) [32]byte { return [32]byte{byte(i >> 16), byte(i >> 8), byte(i)} }
	for i, v := range vecs {
		f.Put(key(i), v)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		return nil, err
	}
	back, err := retrieval.ReadVectorFile(b.Bytes())
	if err != nil {
		return nil, err
	}
	out := make([][]float32, len(vecs))
	for i := range vecs {
		out[i], _ = back.Get(m.Name, key(i))
	}
	return out, nil
}
