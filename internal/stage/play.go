package stage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Play is one run of scenarios.
type Play struct {
	Base    string   `json:"base"`    // address of the server
	Control string   `json:"control"` // where it takes orders; "": it takes none
	Set     string   `json:"set"`     // which scenarios, from the stage
	Out     string   `json:"out"`     // folder for pictures; "": one of the test's own
	Only    string   `json:"only"`    // part of the names of those to play; "": all
	Env     []string `json:"-"`       // for the driver, beside the test's own
}

// result is what run.mjs says about one scenario.
type result struct {
	Name   string `json:"name"`
	Error  string `json:"error"`
	Millis int    `json:"millis"`
}

// Run plays a set of scenarios and makes each a subtest.
func (with Tools) Run(t *testing.T, p Play) {
	t.Helper()
	if p.Out == "" {
		p.Out = t.TempDir()
	}
	var err error
	if p.Out, err = filepath.Abs(p.Out); err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(struct {
		Play
		Chromium string `json:"chromium"`
	}{p, with.chromium})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), with.node, "run.mjs")
	cmd.Dir = with.dir
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// Told to end, it ends its browser too, which has a process group of its own.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start node: %v", err)
	}
	played := 0
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Logf("node: %s", lines.Text())
			continue
		}
		played++
		t.Run(r.Name, func(t *testing.T) {
			t.Logf("%d ms", r.Millis)
			if r.Error != "" {
				t.Error(r.Error)
			}
		})
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("node: %v\n%s", err, stderr.String())
	}
	if played == 0 && p.Only == "" {
		t.Errorf("no scenario was played\n%s", stderr.String())
	}
}
