package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/fakemodel"
)

// start runs an ingest in a process of its own.
func (k *knowledge) start() (*exec.Cmd, *bytes.Buffer) {
	k.t.Helper()
	var env []string
	for name, v := range k.env {
		env = append(env, name+"="+v)
	}
	cmd := program(k.t, nil, env, "ingest", "--site", "shop", k.folder)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	return cmd, &errs
}

// shows waits for nothing: what do readers see at this moment?
func (k *knowledge) shows(want string) {
	k.t.Helper()
	out, _ := k.run(0, "", "search", "--site", "shop", "--k", "1", "lid version")
	contains(k.t, "search", out, want)
}

func (k *knowledge) version(v string, articles int) {
	for i := range articles {
		k.write(fmt.Sprintf("a%d.md", i), fmt.Sprintf("# Lid %d\n\nThe lid in version %s, number %d.\n", i, v, i))
	}
}

// leftovers counts rows of generations that readers cannot get at.
func (k *knowledge) leftovers() int {
	k.t.Helper()
	n := 0
	for _, table := range []string{"articles", "chunks", "chunk_vectors", "article_vectors", "terms", "chunk_words", "article_words", "word_postings"} {
		var rows int
		q := "SELECT count(*) FROM " + table + " t WHERE NOT EXISTS (SELECT 1 FROM generations g WHERE g.site_id = t.site_id AND g.generation = t.generation AND g.state IN ('published', 'retired'))"
		if err := k.pool.QueryRow(k.t.Context(), q).Scan(&rows); err != nil {
			k.t.Fatal(err)
		}
		n += rows
	}
	return n
}

func TestIngest_KilledAtAnyMomentLeavesTheOldAndTheNextGoesOn(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	const articles = 60
	k.version("one", articles)
	k.ingest(0)
	k.version("two", articles)
	// Killed when the embedder has been called so often (its width, then four
	// batches), and at moments by chance.
	for _, calls := range []int{0, 1, 2, 3, 0, 4, 0} {
		before := k.model.Calls()
		k.model.Always(fakemodel.Delay(10 * time.Millisecond))
		cmd, _ := k.start()
		if calls > 0 {
			if err := k.model.WaitCalls(t.Context(), before+calls); err != nil {
				t.Fatal(err)
			}
		} else {
			time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond) // any moment at all
		}
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		k.model.Heal()
		k.shows("version one")
	}
	k.ingest(0)
	k.shows("version two")
	if n := k.leftovers(); n != 0 {
		t.Errorf("%d rows were left behind", n)
	}
}

func TestIngest_InterruptedEndsCleanlyAndKeepsWhatWasEmbedded(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	const articles = 40
	k.version("one", articles)
	k.ingest(0)
	k.version("two", articles)
	k.model.Always(fakemodel.Delay(10 * time.Millisecond))
	before := k.model.Calls()
	cmd, errs := k.start()
	if err := k.model.WaitCalls(t.Context(), before+2); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("%v: %s", err, errs)
	}
	k.model.Heal()
	k.shows("version one")
	out, _ := k.ingest(0)
	contains(t, "the next ingest", out, "40 changed")
	k.shows("version two")
}

func TestIngest_TwoAtOnceBothSucceed(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.version("one", 10)
	k.model.Always(fakemodel.Delay(20 * time.Millisecond))
	first, _ := k.start()
	second, errs := k.start()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan error, 2)
	for _, cmd := range []*exec.Cmd{first, second} {
		go func() { done <- cmd.Wait() }()
	}
	for range 2 {
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%v: %s", err, errs)
			}
		case <-ctx.Done():
			t.Fatal("one of them never ended")
		}
	}
	var generations int
	if err := k.pool.QueryRow(t.Context(), "SELECT count(*) FROM generations").Scan(&generations); err != nil || generations != 1 {
		t.Errorf("%d generations of the same articles, %v", generations, err)
	}
}

func TestIngest_PostgresCutInMidRunLeavesTheOld(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.version("one", 10)
	k.ingest(0)
	k.version("two", 10)
	release := make(chan struct{})
	k.model.Always(fakemodel.Hang(release))
	before := k.model.Calls()
	cmd, errs := k.start()
	if err := k.model.WaitCalls(t.Context(), before+1); err != nil {
		t.Fatal(err)
	}
	if _, err := k.pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'frontdesk ingest'"); err != nil {
		t.Fatal(err)
	}
	k.model.Heal()
	close(release)
	if err := cmd.Wait(); err != nil {
		// It may well fail: its lock is gone. What counts is what readers see.
		if errs.Len() == 0 {
			t.Error("it failed without a word")
		}
		k.shows("version one")
	}
	k.ingest(0)
	k.shows("version two")
	if n := k.leftovers(); n != 0 {
		t.Errorf("%d rows were left behind", n)
	}
}
