//go:build bench

package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hark/daemon"
)

// served is a running Hark, and what it takes to call it.
type served struct {
	*bench
	cmd   *exec.Cmd
	local daemon.Local
	ready time.Duration // from exec to the line that says it listens
}

// serve starts the program on a data folder, with the model at an address or,
// without one, with none.
func (b *bench) serve(data string, model ...string) *served {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), b.bin, "serve", "--addr", "127.0.0.1:0", "--data", data,
		"--streams-per-device", "2000", "--log-level", "error")
	cmd.Env = append(os.Environ(), "HARK_MODEL_KIND=builtin")
	if len(model) > 0 {
		cmd.Env = append(os.Environ(), "HARK_MODEL_KIND=openai", "HARK_MODEL_URL="+model[0]+"/v1", "HARK_MODEL=m")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	b.check(err)
	began := time.Now()
	b.check(cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "hark: listening on ") {
	}
	s := &served{bench: b, cmd: cmd, ready: time.Since(began)}
	go func() {
		for lines.Scan() { // so that it never waits for us to read
		}
	}()
	s.local, err = daemon.ReadLocal(data)
	b.check(err)
	return s
}

func (s *served) stop() {
	s.Helper()
	s.check(s.cmd.Process.Signal(syscall.SIGTERM))
	s.check(s.cmd.Wait())
}

// rss is the resident memory of the process in bytes, where the system tells it
// in the manner of Linux; elsewhere 0.
func (s *served) rss() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			s.check(err)
			return kb * 1024
		}
	}
	return 0
}

// cpu is the time that the process has spent on a CPU so far, where the system
// tells it in the manner of Linux; elsewhere 0. Unlike the clock on the wall it
// does not depend much on what else the machine does.
func (s *served) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var ticks time.Duration
	for _, field := range strings.Fields(string(text))[13:15] { // utime and stime, proc(5)
		n, err := strconv.Atoi(field)
		s.check(err)
		ticks += time.Duration(n)
	}
	return ticks * 10 * time.Millisecond
}

// rest lets the program come to rest and give back the memory of its work.
func rest() { <-time.After(12 * time.Second) }

// line is one connection that speaks HTTP/1.1 with as little work as can be:
// the load must not be what is measured.
type line struct {
	net.Conn
	r    *bufio.Reader
	head string
}

func (s *served) dial() *line {
	s.Helper()
	c, err := net.Dial("tcp", s.local.Addr)
	s.check(err)
	return &line{c, bufio.NewReaderSize(c, 8<<10), " HTTP/1.1\r\nHost: " + s.local.Addr + "\r\nAuthorization: Bearer " + s.local.Token + "\r\n"}
}

// fire posts text and returns the cursor of the answer.
func (l *line) fire(text, key string) (cursor string, err error) {
	return l.post("/api/assistant/fire", text, key)
}

// post posts text and returns the cursor of the answer.
func (l *line) post(path, text, key string) (cursor string, err error) {
	body := `{"text":"` + text + `"}`
	if key != "" {
		key = "Idempotency-Key: " + key + "\r\n"
	}
	_, err = fmt.Fprintf(l, "POST %s%sContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", path, l.head, key, len(body), body)
	if err != nil {
		return "", err
	}
	resp, err := http.ReadResponse(l.r, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct{ Cursor, Detail string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", err
	}
	if resp.StatusCode >= 300 {
		return "", fmt.Errorf("%s: %s: %s", path, resp.Status, answer.Detail)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return answer.Cursor, err
}

// follow opens the stream and returns its lines.
func (l *line) follow(since string) (*bufio.Scanner, error) {
	if since != "" {
		since = "?since=" + since
	}
	if _, err := fmt.Fprintf(l, "GET /api/assistant/stream%s%s\r\n", since, l.head); err != nil {
		return nil, err
	}
	head := textproto.NewReader(l.r)
	status, err := head.ReadLine()
	if err != nil {
		return nil, err
	}
	if !strings.Contains(status, " 200 ") {
		return nil, fmt.Errorf("stream: %s", status)
	}
	if _, err := head.ReadMIMEHeader(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(httputil.NewChunkedReader(l.r))
	lines.Buffer(make([]byte, 0, 4<<10), 1<<20)
	return lines, nil
}

// until reads lines up to one that begins so.
func until(lines *bufio.Scanner, prefix string) error {
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return nil
		}
	}
	return fmt.Errorf("the stream ended before %q: %w", prefix, io.ErrUnexpectedEOF)
}

const (
	fsyncs = "machine: fsyncs/s"
	sums   = "machine: SHA-256 of one CPU"
)

// machine measures what the disk and one CPU can do right now.
func (b *bench) machine() {
	f, err := os.Create(filepath.Join(b.TempDir(), "fsync"))
	b.check(err)
	defer f.Close()
	record, n := make([]byte, 300), 0.0
	began := time.Now()
	for ; time.Since(began) < time.Second; n++ {
		_, err := f.Write(record)
		b.check(err)
		b.check(f.Sync())
	}
	b.note(fsyncs, "/s", n/time.Since(began).Seconds())
	block := make([]byte, 1<<20)
	n, began = 0, time.Now()
	for ; time.Since(began) < 200*time.Millisecond; n++ {
		sha256.Sum256(block)
	}
	b.note(sums, "MB/s", n/time.Since(began).Seconds())
}
