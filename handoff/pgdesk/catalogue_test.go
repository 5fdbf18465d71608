package pgdesk

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"frontdesk/handoff"
	"frontdesk/handoff/packet"
)

// asked keeps what packets were made from.
type asked struct{ catalogues []*packet.Catalogue }

func (a *asked) Make(in packet.Input) packet.Packet {
	a.catalogues = append(a.catalogues, in.Catalogue)
	return packet.Packet{Version: packet.Version}
}

// catalogued is a desk with a published catalogue that makes packets of it.
func catalogued(t *testing.T, cfg Config) (s *scene, d *Desk, a *asked, log *bytes.Buffer) {
	t.Helper()
	s, a, log = scenery(t), &asked{}, &bytes.Buffer{}
	s.exec(t, `INSERT INTO generations (site_id, generation, state, source_hash) VALUES ($1, 1, 'published', '')`, s.site)
	s.exec(t, `UPDATE sites SET published = 1 WHERE site_id = $1`, s.site)
	s.exec(t, `
INSERT INTO articles (site_id, generation, article, article_id, title, product, audience, body, content_hash) VALUES
($1, 1, 1, 'contact', 'How to reach us', '', 0, 'Write to help@kettlewick.example.', ''),
($1, 1, 2, 'range', 'What we sell', '', 0, E'| Model | Price |\n|---|---|\n| Wick K2 | 49 |\n| Wick K3 | 59 |\n', ''),
($1, 1, 3, 'inside', 'Mill 40', 'mill', 1, 'Not for customers.', '')`, s.site)
	deps := s.desk.Deps
	deps.Packer, deps.Logger = a, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d, err := NewDesk(deps, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, d, a, log
}

func TestPacket_NamesComeFromArticlesOfNoProductToo(t *testing.T) {
	t.Parallel()
	s, d, a, _ := catalogued(t, Config{WaitForNames: true})
	key, visitor := s.conversation(t, s.site)
	if _, err := d.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked}); err != nil {
		t.Fatal(err)
	}
	// A process that does one thing has the names in its first packet.
	if len(a.catalogues) != 1 || a.catalogues[0].Names() == 0 {
		t.Errorf("no names in the first packet: %v", a.catalogues)
	}
}

func TestPacket_NamesAreNotReadForWhoHasGone(t *testing.T) {
	t.Parallel()
	s, d, _, log := catalogued(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, wait := range []bool{true, false} {
		if c := d.shelves.get(ctx, d, s.site, 1, wait); c != nil {
			t.Errorf("waiting %v: read all the same", wait)
		}
	}
	if log.Len() != 0 {
		t.Errorf("said: %s", log)
	}
	d.shelves.load(ctx, d, s.site, 1) // it went while they were read
	if out := log.String(); strings.Contains(out, "WARN") || !strings.Contains(out, "level=DEBUG") {
		t.Errorf("said: %s", out)
	}
	if c := d.shelves.get(t.Context(), d, s.site, 1, true); c.Names() == 0 {
		t.Error("no names for who is there")
	}
}
