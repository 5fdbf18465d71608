package proc

import "errors"

// Services are all that the home's supervisor runs, as far as they are set up:
// Postgres by the function given, the embedder, and the one for ingest, of so
// many workers each.
func (h *Home) Services(socketDir string, postgres func(h *Home, socketDir string) (Service, error), workers int) ([]Service, error) {
	makers := []func() (Service, error){
		func() (Service, error) { return postgres(h, socketDir) },
		func() (Service, error) { return h.EmbedderService(Embedder, workers) },
		func() (Service, error) { return h.EmbedderService(IngestEmbedder, workers) },
	}
	var out []Service
	for _, make := range makers {
		s, err := make()
		if errors.Is(err, ErrNotSetUp) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
