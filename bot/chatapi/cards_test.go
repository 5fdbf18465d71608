package chatapi

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// stored is every row of the database as text.
func (b *bench) stored(tb testing.TB) string {
	tb.Helper()
	rows, err := b.pool.Query(tb.Context(), `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`)
	if err != nil {
		tb.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		tb.Fatal(err)
	}
	var all strings.Builder
	for _, table := range tables {
		var text string
		err := b.pool.QueryRow(tb.Context(), fmt.Sprintf(`SELECT coalesce(string_agg(t::text, E'\n'), '') FROM %s t`, pgx.Identifier{table}.Sanitize())).Scan(&text)
		if err != nil {
			tb.Fatal(err)
		}
		all.WriteString(text)
	}
	return all.String()
}

// Not only in messages: wherever a customer or their page may put one.
func TestCards_AreMaskedWhereverTheyArePut(t *testing.T) {
	t.Parallel()
	const card = "4111 1111 1111 1111"
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, map[string]any{"page": map[string]string{
		"url": "https://shop.example/pay?number=4111111111111111", "title": "Pay with " + card, "referrer": "https://shop.example/4111-1111-1111-1111",
	}})
	asked := v.say(t, "My card is "+card)
	v.sent(t, url.PathEscape("card "+card+".txt"), []byte("a text"))
	for _, c := range []struct{ path, body string }{
		{"/feedback", fmt.Sprintf(`{"message":%q,"helpful":false,"comment":"no: %s"}`, asked.Messages[0].ID, card)},
		{"/human", fmt.Sprintf(`{"text":"charge %s","contact":"card %s or +49 1512 3456787"}`, card, card)},
		{"/wait", fmt.Sprintf(`{"contact":"card %s or +49 1512 3456787"}`, card)},
	} {
		if r := v.do(t, "POST", c.path, c.body); r.status != 200 && r.status != 204 {
			t.Fatalf("%s: %d %s", c.path, r.status, r.body)
		}
	}
	all := b.stored(t)
	for _, form := range []string{card, "4111111111111111", "4111-1111-1111-1111"} {
		if at := strings.Index(all, form); at >= 0 {
			t.Errorf("stored: %s", all[max(0, at-120):min(len(all), at+60)])
		}
	}
	if !strings.Contains(all, "card •••• 1111 or +49 1512 3456787") {
		t.Error("what the customer is reached by is not there as they left it")
	}
}
