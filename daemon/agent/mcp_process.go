package agent

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// politeStop is how long a server may take to end by itself; together with
	// the rest it keeps a stop within a second.
	politeStop = 300 * time.Millisecond
	// pipeDelay bounds the wait for who still holds a dead server's stderr.
	pipeDelay = 200 * time.Millisecond
)

// process is a server of ours, with all the processes that it starts.
type process struct {
	cmd    *exec.Cmd
	group  *processGroup
	stdin  io.WriteCloser
	stdout io.ReadCloser // lines of JSON only; the rest goes to the tail
	exited chan struct{}
	once   sync.Once
}

// startProcess starts the command of s. The process lives until stop, whatever
// becomes of ctx.
func startProcess(ctx context.Context, s MCPServer, noise *tail) (*process, error) {
	ctx = context.WithoutCancel(ctx)
	cmd := exec.CommandContext(ctx, s.Command, s.Args...)
	cmd.Dir, cmd.Stderr, cmd.WaitDelay = s.Cwd, noise, pipeDelay
	cmd.Env = serverEnv(os.Environ(), s.Env)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	// Not StdoutPipe: Wait would close it under the reader.
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	defer func() { _ = in.Close() }()
	cmd.Stdout = in
	group, err := startInGroup(ctx, cmd)
	if err != nil {
		_ = out.Close()
		_ = stdin.Close()
		return nil, err
	}
	p := &process{
		cmd: cmd, group: group, stdin: stdin, stdout: &jsonLines{r: out, noise: noise}, exited: make(chan struct{}),
	}
	go func() {
		_ = cmd.Wait() // ProcessState tells how it went
		close(p.exited)
	}()
	return p, nil
}

// serverEnv is what a server gets to see: our own settings and keys are none
// of its business.
func serverEnv(ours []string, its map[string]string) []string {
	env := slices.DeleteFunc(slices.Clone(ours), func(kv string) bool {
		return strings.HasPrefix(kv, "HARK_") || strings.HasPrefix(kv, "CREDENTIALS_DIRECTORY=") ||
			strings.HasPrefix(kv, "NOTIFY_SOCKET=") || strings.HasPrefix(kv, "LISTEN_")
	})
	for k, v := range its {
		env = append(env, k+"="+v)
	}
	return env
}

// stop ends the process and all that it has started, politely at first. It
// returns when they are gone.
func (p *process) stop() {
	p.once.Do(func() {
		_ = p.stdin.Close()
		p.group.terminate()
		select {
		case <-p.exited:
		case <-time.After(politeStop):
		}
		p.group.kill()
		_ = p.cmd.Process.Kill() // it may have left the group
		<-p.exited
		_ = p.stdout.Close()
	})
}

// tailSize is how much of a server's stderr is kept.
const tailSize = 4 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// Write implements [io.Writer]; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	// Twice the size is kept, so that no secret is cut before it is blanked out.
	if over := len(t.buf) - 2*tailSize; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

// text returns the tail without secrets.
func (t *tail) text(secrets *strings.Replacer) string {
	t.mu.Lock()
	s := string(t.buf)
	t.mu.Unlock()
	s = secrets.Replace(strings.ToValidUTF8(s, "\uFFFD"))
	if over := len(s) - tailSize; over > 0 {
		s = strings.ToValidUTF8(s[over:], "")
	}
	return strings.TrimSpace(s)
}

// jsonLines reads the lines that can be messages. Many servers greet, or log,
// on their standard output; one such line would end the connection.
type jsonLines struct {
	r     io.ReadCloser
	noise io.Writer
	in    lineKind
}

type lineKind int

const (
	lineStart lineKind = iota
	lineMessage
	lineNoise
)

// Read implements [io.Reader].
func (j *jsonLines) Read(p []byte) (int, error) {
	for {
		n, err := j.r.Read(p)
		if kept := j.sift(p[:n]); kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

// sift moves what belongs to messages to the front of p.
func (j *jsonLines) sift(p []byte) (kept int) {
	var noise []byte
	for _, b := range p {
		switch {
		case b == '\n':
			if j.in == lineNoise {
				noise = append(noise, b)
			} else {
				p[kept] = b
				kept++
			}
			j.in = lineStart
			continue
		case j.in == lineStart && b == '{':
			j.in = lineMessage
		case j.in == lineStart && b != ' ' && b != '\t' && b != '\r':
			j.in = lineNoise
		}
		if j.in == lineNoise {
			noise = append(noise, b)
			continue
		}
		p[kept] = b
		kept++
	}
	_, _ = j.noise.Write(noise)
	return kept
}

func (j *jsonLines) Close() error { return j.r.Close() }
