package proc

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func acquire(t *testing.T, h *Home, want ...string) *Hold {
	t.Helper()
	hold, err := Acquire(t.Context(), h, HoldConfig{Client: "test", Want: want, Supervisor: testSupervisor(h.Dir)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hold.Close)
	return hold
}

func supervisorPID(t *testing.T, h *Home) int {
	t.Helper()
	st, err := h.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.PID
}

func get(url string) (string, error) {
	c := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get(strings.TrimSuffix(url, "/v1"))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func TestSupervisor_StopsEverythingWhenTheLastHoldCloses(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	a, b := acquire(t, h, "web"), acquire(t, h, "web")
	supervisor, child := supervisorPID(t, h), a.State("web").PID
	if child == 0 || child != b.State("web").PID {
		t.Fatalf("two holds share one child, got %d and %d", child, b.State("web").PID)
	}
	a.Close()
	if _, err := get(b.Endpoint("web")); err != nil {
		t.Fatalf("the part went while it was held: %v", err)
	}
	b.Close()
	eventually(t, "child and supervisor end", func() bool { return !alive(child) && !alive(supervisor) })
}

func TestSupervisor_StopsWhenItsClientIsKilled(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	c := startClient(t, h.Dir, nil, "web")
	st, err := h.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the supervisor ends", func() bool { return !alive(st.PID) })
	eventually(t, "the part ends", func() bool { return len(childrenOf(t, h)) == 0 })
}

// childrenOf finds the fake children of a home by the port files they were
// given.
func childrenOf(t *testing.T, h *Home) []int {
	t.Helper()
	var pids []int
	files, err := filepath.Glob(filepath.Join(h.runDir(), "*.port"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		arg := strings.TrimSuffix(filepath.Base(f), ".port") + ":" + string(b)
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			c, err := os.ReadFile(line)
			if err != nil || !strings.Contains(string(c), arg) {
				continue
			}
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(line))); err == nil && alive(pid) {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func TestSupervisor_StartsAKilledPartAgainAtTheSameAddress(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	hold := acquire(t, h, "web")
	before := hold.State("web")
	kill(t, before.PID, syscall.SIGKILL)
	eventually(t, "another child is ready", func() bool {
		e := hold.State("web")
		return e.State == StateReady && e.PID != before.PID
	})
	if hold.Endpoint("web") != before.Endpoint {
		t.Fatalf("the address moved from %s to %s", before.Endpoint, hold.Endpoint("web"))
	}
}

func TestSupervisor_ReplacesAPartThatStopsAnswering(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	hold := acquire(t, h, "web")
	before := hold.State("web").PID
	kill(t, before, syscall.SIGSTOP)
	eventually(t, "another child is ready", func() bool {
		e := hold.State("web")
		return e.State == StateReady && e.PID != before
	})
	if alive(before) {
		t.Fatal("the part that hung is still there")
	}
}

func TestSupervisor_GivesUpOnAPartThatNeverStartsAndNamesItsLog(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	_, err := Acquire(t.Context(), h, HoldConfig{Client: "test", Want: []string{"crash"}, Supervisor: testSupervisor(h.Dir)})
	if err == nil || !strings.Contains(err.Error(), filepath.Join(h.logDir(), "crash.log")) {
		t.Fatalf("want an error that names the log, got %v", err)
	}
	b, err := os.ReadFile(filepath.Join(h.logDir(), "crash.log"))
	if err != nil || !strings.Contains(string(b), "this child never starts") {
		t.Fatalf("the log should hold what the child said: %q, %v", b, err)
	}
}

func TestSupervisor_RefusesAPartItDoesNotHave(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	_, err := Acquire(t.Context(), h, HoldConfig{Client: "test", Want: []string{"llm"}, Supervisor: testSupervisor(h.Dir)})
	if err == nil || !strings.Contains(err.Error(), "llm") {
		t.Fatalf("want an error that names the part, got %v", err)
	}
}

func TestSupervisor_KilledTakesItsChildrenAlongAndIsReplaced(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	hold := acquire(t, h, "web")
	for range 3 {
		supervisor, child := supervisorPID(t, h), hold.State("web").PID
		kill(t, supervisor, syscall.SIGKILL)
		eventually(t, "the orphan ends", func() bool { return !alive(child) })
		eventually(t, "the part is back by itself", func() bool {
			e := hold.State("web")
			return e.State == StateReady && e.PID != child
		})
		if _, err := get(hold.Endpoint("web")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSupervisor_ClosingOneAndNewHoldsNeverMiss(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	// Holds that come and go around the moment the supervisor closes: each must
	// get its part.
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 8 {
				hold, err := Acquire(t.Context(), h, HoldConfig{Client: "test", Want: []string{"web"}, Supervisor: testSupervisor(h.Dir)})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := get(hold.Endpoint("web")); err != nil {
					t.Error(err)
				}
				hold.Close()
				time.Sleep(time.Duration(150+20*(i+j)%100) * time.Millisecond) // around the grace of 200 ms
			}
		})
	}
	wg.Wait()
}

func TestSupervisor_OnlyOneAtATime(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	acquire(t, h, "web")
	first := supervisorPID(t, h)
	cmd, err := testSupervisor(h.Dir)()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("a second supervisor leaves well: %v %s", err, out)
	}
	if supervisorPID(t, h) != first {
		t.Fatal("the first supervisor was replaced")
	}
}

func TestSupervisor_StopsAPartNobodyHoldsWhileOthersRun(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	web := acquire(t, h, "web")
	quiet := acquire(t, h, "quiet")
	pid := quiet.State("quiet").PID
	quiet.Close()
	eventually(t, "the part nobody holds ends", func() bool { return !alive(pid) })
	if _, err := get(web.Endpoint("web")); err != nil {
		t.Fatal(err)
	}
	again := acquire(t, h, "quiet")
	if _, err := get(again.Endpoint("quiet")); err != nil {
		t.Fatal(err)
	}
}

func TestSupervisor_RunsAnIdlePartBehindEverything(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	hold := acquire(t, h, "quiet")
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", hold.State("quiet").PID))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	const nice, policy = 16, 38 // counted from the state, see proc(5)
	if fields[nice] != "19" || fields[policy] != "5" {
		t.Fatalf("want nice 19 and SCHED_IDLE (5), got nice %s, policy %s", fields[nice], fields[policy])
	}
}

func TestSupervisor_CapsLogs(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	acquire(t, h, "loud") // writes a megabyte; the cap is 64 KiB and one more file
	files, err := filepath.Glob(filepath.Join(h.logDir(), "loud.log*"))
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	if len(files) != 2 || sum > 2*64<<10 {
		t.Fatalf("want two files of at most 64 KiB, got %d with %d bytes", len(files), sum)
	}
}

func TestSupervisor_HoldsOfTwoHomesAreApart(t *testing.T) {
	t.Parallel()
	a, b := testHome(t), testHome(t)
	holdA, holdB := acquire(t, a, "web"), acquire(t, b, "web")
	if supervisorPID(t, a) == supervisorPID(t, b) || holdA.Endpoint("web") == holdB.Endpoint("web") {
		t.Fatal("two homes share a supervisor or a part")
	}
}

func TestSupervisor_WorksInOddPlaces(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	private := filepath.Join(base, "only mine")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, dir string }{
		{"spaces, quotes and umlauts", filepath.Join(base, `my shop "ä" 'x'`, "home")},
		{"a folder only its owner can enter", filepath.Join(private, "home")},
		{"a path longer than a socket may have", filepath.Join(base, strings.Repeat("long/", 40), "home")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := testHomeAt(t, c.dir)
			hold := acquire(t, h, "web")
			if _, err := get(hold.Endpoint("web")); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestSupervisor_NothingRunsAsRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("not root: there is nothing to give up")
	}
	h := testHome(t)
	hold := acquire(t, h, "web")
	uid, err := get(hold.Endpoint("web"))
	if err != nil {
		t.Fatal(err)
	}
	if uid == "0" {
		t.Fatal("the part runs as root")
	}
	info, err := os.Stat(fmt.Sprintf("/proc/%d", supervisorPID(t, h)))
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", supervisorPID(t, h)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(status), "Uid:\t"+uid+"\t"+uid+"\t"+uid) {
		t.Fatalf("the supervisor has another user than its part (%s): %v\n%s", uid, info.Name(), status)
	}
}

// Root's data lies elsewhere; a folder that is moved keeps it all the same, and
// a copy does not take it away.
func TestHome_MovedKeepsItsDataAndACopyTakesNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := OpenHome(filepath.Join(dir, "first"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(first.DataDir(), "kept"), []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(first.Dir, filepath.Join(dir, "second")); err != nil {
		t.Fatal(err)
	}
	second := testHomeAt(t, filepath.Join(dir, "second"))
	if _, err := os.Stat(filepath.Join(second.DataDir(), "kept")); err != nil {
		t.Fatalf("its data did not come along: %v", err)
	}
	if os.Geteuid() != 0 {
		return // the data lies in the folder itself, and a copy has a copy of it
	}
	if _, err := os.Stat(first.Base); err == nil {
		t.Error("something is left where the data was")
	}
	copied := filepath.Join(dir, "copy")
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", second.Dir, copied).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	third := testHomeAt(t, copied)
	if _, err := os.Stat(filepath.Join(third.DataDir(), "kept")); err == nil {
		t.Error("a copy took the data")
	}
	if _, err := os.Stat(filepath.Join(second.DataDir(), "kept")); err != nil {
		t.Errorf("a copy took the data away: %v", err)
	}
}

func TestSupervisor_AsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("not root: every other test here runs as an ordinary user")
		return
	}
	nobody, err := lookupUser("nobody")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "proc-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chown(dir, nobody.UID, nobody.GID); err != nil {
		t.Fatal(err)
	}
	c := startClient(t, filepath.Join(dir, "home"), nobody, "web", "quiet")
	if _, err := os.Stat(filepath.Join(dir, "home", "run", "supervisor.json")); err != nil {
		t.Fatalf("an ordinary user's parts lie in the home itself: %v", err)
	}
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the supervisor ends", func() bool {
		_, err := os.Stat(filepath.Join(dir, "home", "run", "supervisor.json"))
		return err != nil
	})
}

func TestRemove_RefusesWhileHeldAndLeavesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	hold := acquire(t, h, "web")
	say := func(string, ...any) {}
	err := Remove(t.Context(), h.Dir, say)
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Fatalf("want a refusal that names who holds, got %v", err)
	}
	mine := filepath.Join(h.Dir, "notes.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	hold.Close()
	if err := Remove(t.Context(), h.Dir, say); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(h.Dir)
	if err != nil || len(left) != 1 || left[0].Name() != "notes.txt" {
		t.Fatalf("want only what is not ours left, got %v, %v", left, err)
	}
	if _, err := os.Stat(h.dataDir()); err == nil {
		t.Fatalf("%s is still there", h.dataDir())
	}
}

func kill(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

func TestSupervisor_StopsWhatOnlyTheLastHoldWantedWhenAnotherComesInTime(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	both := acquire(t, h, "web", "quiet")
	quiet := both.State("quiet").PID
	both.Close()
	eventually(t, "nobody holds", func() bool {
		st, err := h.Status(t.Context())
		return err != nil || len(st.Clients) == 0
	})
	acquire(t, h, "web") // within the grace, mostly: then the supervisor stays
	eventually(t, "the part nobody holds any more ends", func() bool { return !alive(quiet) })
}
