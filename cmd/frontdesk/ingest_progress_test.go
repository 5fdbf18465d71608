package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestIngestProgress_SaysHowFarHowFastAndHowLongYet(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newIngestProgress(&out)
	p.every = 0
	p.tell(retrieval.Progress{Done: 3, Total: 10, Rate: 3.5, Remaining: 2 * time.Second})
	p.tell(retrieval.Progress{Done: 10, Total: 10})
	p.end()
	if want := "embedding 3 of 10, 3.5 a second, about 2s left\nembedding 10 of 10\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestIngestProgress_IsQuietBetweenItsLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newIngestProgress(&out)
	p.every = time.Hour
	for done := range 1000 {
		p.tell(retrieval.Progress{Done: done, Total: 1000})
	}
	if out.Len() != 0 {
		t.Errorf("within one pause: %q", out.String())
	}
}

func TestIngestProgress_ATerminalHasOneLineThatIsRewritten(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newIngestProgress(&out)
	p.terminal, p.every = true, 0
	p.tell(retrieval.Progress{Done: 1, Total: 2})
	p.tell(retrieval.Progress{Done: 2, Total: 2})
	p.end()
	p.end()
	if got := out.String(); strings.Count(got, "\r") != 2 || strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "embedding 2 of 2\n") {
		t.Errorf("got %q", got)
	}
}

func TestIngestProgress_TroubleIsSaidOnceInPublicWords(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newIngestProgress(&out)
	p.every = time.Hour
	away := fault.Wrap(errTest, fault.Unavailable, "x", "The embeddings server cannot be reached.")
	for range 3 {
		p.tell(retrieval.Progress{Done: 1, Total: 9, Trouble: away})
	}
	p.tell(retrieval.Progress{Done: 2, Total: 9})
	p.tell(retrieval.Progress{Done: 2, Total: 9, Trouble: away})
	const line = "embedder: The embeddings server cannot be reached. Trying again.\n"
	if got := out.String(); got != line+line {
		t.Errorf("got %q", got)
	}
}
