package pgtest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/pgtest"
)

func TestNew_DatabasesAreMigratedAndApart(t *testing.T) {
	t.Parallel()
	a, b := pgtest.New(t), pgtest.New(t)
	const add = "INSERT INTO sites (name) VALUES ('shop')"
	if _, err := a.Exec(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := b.QueryRow(t.Context(), "SELECT count(*) FROM sites WHERE name = 'shop'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Fatalf("another test's database shows: %d rows", n)
	}
}

func TestEmbedder_AnswersWithVectors(t *testing.T) {
	t.Parallel()
	e := pgtest.Embedder(t)
	body := strings.NewReader(`{"model":"` + e.Model + `","input_type":"query","input":["How do I descale the kettle?"]}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.BaseURL+"/embeddings", body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Data []struct {
			Embedding []float64 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Data) != 1 || len(answer.Data[0].Embedding) != 384 {
		t.Fatalf("want one vector of 384, got %d", len(answer.Data))
	}
}
