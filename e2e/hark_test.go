//go:build e2e

// Package e2e keeps the promises that only real browsers can keep: the built program pushes, through
// a push service of ours, to Firefox and Chromium with their own push stacks, and a desktop of ours
// clicks what they show. `make e2e` builds the program and finds the browsers.
package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take that normally takes well under a second.
const patience = 30 * time.Second

// hark is the built program, serving from a data folder of its own.
type hark struct {
	t           *testing.T
	binary      string
	data        string
	pairing     string // the link for the first browser
	URL, Token  string
	environment []string
}

// startHark runs `hark serve` with further NAME=VALUE in its environment until the test is over.
func startHark(t *testing.T, env ...string) *hark {
	t.Helper()
	binary, err := filepath.Abs(filepath.Join("..", "bin", "hark"))
	if err != nil {
		t.Fatal(err)
	}
	h := &hark{t: t, binary: binary, data: t.TempDir()}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "HARK_") {
			h.environment = append(h.environment, v)
		}
	}
	h.environment = append(h.environment, env...)
	cmd := h.command(context.WithoutCancel(t.Context()), "serve", "--addr", "127.0.0.1:0")
	printed := &text{}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = printed
	if err := cmd.Start(); err != nil {
		t.Fatalf("the program is not built (make build): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			t.Logf("hark printed:\n%s", printed)
		}
	})
	lines := bufio.NewScanner(out)
	for h.pairing == "" && lines.Scan() {
		if _, link, ok := strings.Cut(lines.Text(), "pair a browser: "); ok {
			h.pairing = link
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	local, err := os.ReadFile(filepath.Join(h.data, "local.json"))
	if err != nil {
		t.Fatalf("hark is not up: %v\n%s", err, printed)
	}
	if err := json.Unmarshal(local, h); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hark) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, h.binary, append(args, "--data", h.data)...)
	cmd.Env = h.environment
	return cmd
}

// run runs a verb of the program and reads its JSON into out.
func (h *hark) run(out any, args ...string) {
	h.t.Helper()
	cmd := h.command(h.t.Context(), append(args, "--json")...)
	printed := &bytes.Buffer{}
	cmd.Stderr = printed
	answer, err := cmd.Output()
	if err != nil {
		h.t.Fatalf("hark %s: %v\n%s", strings.Join(args, " "), err, printed)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		h.t.Fatalf("hark %s: %v\n%s", strings.Join(args, " "), err, answer)
	}
}

// fired is a message as `hark fire` tells it.
type fired struct{ Message, Conversation string }

// fire runs `hark fire` with a title, a text and further flags.
func (h *hark) fire(title, body string, flags ...string) (f fired) {
	h.t.Helper()
	h.run(&f, append([]string{"fire", "-t", title, body}, flags...)...)
	return f
}

// call asks the program's API as the machine's owner and reads the answer into out.
func (h *hark) call(method, path string, body, out any) error {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.URL+path, in)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+h.Token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// eventually waits until check returns nil, and fails the test with its last error if that takes
// longer than anything may.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	limit := time.After(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-poll.C:
		case <-limit:
			t.Fatalf("waited %v for %s: %v", patience, what, err)
		case <-t.Context().Done():
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// timeout is the test's context for as long as anything may take.
func timeout(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), patience)
}
