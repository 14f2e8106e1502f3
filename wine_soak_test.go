//go:build soak && linux

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wine is a Windows that is good enough to run the program.
type wine struct {
	t      *testing.T
	dir    string // holds the prefix and the program
	server *exec.Cmd
	local  struct{ URL, Token string }
}

func (w *wine) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "WINEPREFIX="+filepath.Join(w.dir, "prefix"), "WINEDEBUG=-all")
	return cmd
}

func (w *wine) do(name string, args ...string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	// A file and not a pipe: Wine's server stays, and would hold a pipe open.
	out, err := os.CreateTemp(w.dir, "out")
	if err != nil {
		w.t.Fatal(err)
	}
	defer out.Close()
	cmd := w.command(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	said, readErr := os.ReadFile(out.Name())
	if err != nil || readErr != nil {
		w.t.Fatalf("%s %s: %v %v\n%s", name, strings.Join(args, " "), err, readErr, said)
	}
	return string(said)
}

// primitives is a library that Go's programs ask for and Wine 8 lacks.
const primitives = "LIBRARY bcryptprimitives.dll\nEXPORTS\nProcessPrng = advapi32.SystemFunction036\n"

// oldWindows has Go's RemoveAll delete as on old versions of Windows: Wine 8
// lacks the newer way, and says so in words that Go does not expect.
func (w *wine) oldWindows() (overlay string) {
	w.t.Helper()
	root, err := exec.CommandContext(w.t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		w.t.Fatal(err)
	}
	theirs := filepath.Join(strings.TrimSpace(string(root)), "src/internal/syscall/windows/at_windows.go")
	source, err := os.ReadFile(theirs)
	if err != nil {
		w.t.Fatal(err)
	}
	const newer, older = "\nvar TestDeleteatFallback bool\n", "\nvar TestDeleteatFallback = true\n"
	if !strings.Contains(string(source), newer) {
		w.t.Fatalf("%s has changed: see whether Wine can delete now", theirs)
	}
	ours := filepath.Join(w.dir, "at_windows.go")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {theirs: ours}})
	if err != nil {
		w.t.Fatal(err)
	}
	overlay = filepath.Join(w.dir, "overlay.json")
	for path, b := range map[string][]byte{ours: []byte(strings.Replace(string(source), newer, older, 1)), overlay: list} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	return overlay
}

func newWine(t *testing.T) *wine {
	t.Helper()
	w := &wine{t: t, dir: t.TempDir()}
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-overlay", w.oldWindows(), "-o", filepath.Join(w.dir, "hark.exe"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=windows", "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	t.Cleanup(w.end)
	w.do("wine", "wineboot", "-i")
	if err := os.WriteFile(filepath.Join(w.dir, "p.def"), []byte(primitives), 0o600); err != nil {
		t.Fatal(err)
	}
	w.do("x86_64-w64-mingw32-dlltool", "-d", "p.def", "-e", "p.o")
	w.do("x86_64-w64-mingw32-ld", "-shared", "-e", "0", "p.o", "-o", "prefix/drive_c/windows/system32/bcryptprimitives.dll")
	return w
}

// end kills all that runs in this Windows, as a power cut does. Wine's own way
// leaves its device drivers behind.
func (w *wine) end() {
	begin := time.Now()
	for w.kill() > 0 {
		if time.Since(begin) > 30*time.Second {
			w.t.Error("Wine does not end")
			break
		}
	}
	if w.server != nil {
		_ = w.server.Wait()
		w.server = nil
	}
}

// kill returns how many it has killed.
func (w *wine) kill() (n int) {
	mine := []byte("WINEPREFIX=" + filepath.Join(w.dir, "prefix"))
	processes, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		w.t.Error(err)
	}
	for _, path := range processes {
		env, err := os.ReadFile(path)
		if err != nil || !slices.ContainsFunc(bytes.Split(env, []byte{0}), func(v []byte) bool { return bytes.Equal(v, mine) }) {
			continue // someone else's, or gone by now
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
			n++
		}
	}
	return n
}

// serve starts the daemon and waits for its first line.
func (w *wine) serve() {
	w.t.Helper()
	w.server = w.command(context.Background(), "wine", "hark.exe", "serve", "--addr", "127.0.0.1:0", "--data", `C:\harkdata`)
	out, err := w.server.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	w.server.Stderr = w.server.Stdout
	if err := w.server.Start(); err != nil {
		w.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	said := ""
	for !strings.Contains(said, "hark: data in") {
		if !lines.Scan() {
			w.t.Fatalf("it ended: %s", said)
		}
		said += lines.Text() + "\n"
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	b, err := os.ReadFile(filepath.Join(w.dir, "prefix", "drive_c", "harkdata", "local.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(b, &w.local); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wine) request(method, path, body string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.local.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.local.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// The Windows program serves, takes a fire, streams it, and after a kill still
// has it.
func TestKillUnderWine(t *testing.T) {
	w := newWine(t)
	w.serve()
	stream := w.request("GET", "/api/assistant/stream", "")
	if out := w.do("wine", "hark.exe", "fire", "--data", `C:\harkdata`, "--key", "one", "said on Windows"); len(strings.TrimSpace(out)) != 26 {
		t.Errorf("fire printed %q", out)
	}
	seen := false
	for events := bufio.NewScanner(stream.Body); !seen && events.Scan(); {
		seen = strings.Contains(events.Text(), "said on Windows")
	}
	if !seen {
		t.Error("the stream ended without the message")
	}
	w.end()
	w.serve()
	b, err := io.ReadAll(w.request("POST", "/api/assistant/fire?", `{"text":"said on Windows","key":"one"}`).Body)
	if err != nil || !strings.Contains(string(b), `"message"`) {
		t.Errorf("after the kill: %v %s", err, b)
	}
	b, err = io.ReadAll(w.request("GET", "/api/search?q=Windows", "").Body)
	if err != nil || !strings.Contains(string(b), "said on Windows") {
		t.Errorf("what was said before the kill is gone: %v %s", err, b)
	}
	if out := w.do("wine", "hark.exe", "health", "--data", `C:\harkdata`); !strings.Contains(out, "ready") {
		t.Errorf("health: %q", out)
	}
}
