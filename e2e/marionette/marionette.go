// Package marionette starts Firefox and drives it by the remote protocol that is built into it,
// so that no further driver is needed. Clicks are real: they count as the person's own.
//
// It is a test double: no shipped package imports it.
package marionette

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	startTime   = 90 * time.Second // a first start on a busy machine
	commandTime = 60 * time.Second
	quitTime    = 15 * time.Second
)

// Options say how Firefox is started.
type Options struct {
	Binary  string         // path or name of Firefox
	Profile string         // a folder; made if it is not there, and also the browser's HOME
	Prefs   map[string]any // bool, int or string
	Env     []string       // further NAME=VALUE
	Log     io.Writer      // what Firefox prints; nil drops it
}

// Firefox is a running browser. One command runs at a time; several goroutines may call.
type Firefox struct {
	cmd    *exec.Cmd
	exited chan struct{}
	conn   net.Conn
	in     *bufio.Reader
	mu     sync.Mutex
	last   int
}

// Start starts Firefox without a window and opens a session. It ends with [Firefox.Quit]. The
// same profile can be started again after that.
func Start(ctx context.Context, o Options) (*Firefox, error) {
	if err := writeProfile(o); err != nil {
		return nil, err
	}
	port := filepath.Join(o.Profile, "MarionetteActivePort")
	if err := os.Remove(port); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The system access lets a test set what a person would in about:preferences.
	cmd := exec.CommandContext(ctx, o.Binary, "--headless", "--no-remote", "--marionette",
		"--remote-allow-system-access", "--profile", o.Profile, "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+o.Profile, "LANG=C.UTF-8", "LANGUAGE=en", "MOZ_CRASHREPORTER_DISABLE=1", "MOZ_DISABLE_AUTO_SAFE_MODE=1")
	cmd.Env = append(cmd.Env, o.Env...)
	cmd.Stdout, cmd.Stderr = o.Log, o.Log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Firefox: %w", err)
	}
	f := &Firefox{cmd: cmd, exited: make(chan struct{})}
	go func() {
		defer close(f.exited)
		f.cmd.Wait() // the exit status of a browser says nothing
	}()
	if err := f.connect(ctx, port); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to Firefox: %w", err), f.Quit())
	}
	return f, nil
}

func writeProfile(o Options) error {
	if err := os.MkdirAll(o.Profile, 0o700); err != nil {
		return err
	}
	prefs := &strings.Builder{}
	prefs.WriteString("user_pref(\"marionette.port\", 0);\n")
	for name, value := range o.Prefs {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		fmt.Fprintf(prefs, "user_pref(%q, %s);\n", name, text)
	}
	return os.WriteFile(filepath.Join(o.Profile, "user.js"), []byte(prefs.String()), 0o600)
}

// connect waits for the port, which Firefox writes into its profile.
func (f *Firefox) connect(ctx context.Context, portFile string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for f.conn == nil {
		select {
		case <-poll.C:
		case <-f.exited:
			return errors.New("it ended")
		case <-ctx.Done():
			return ctx.Err()
		}
		port, err := os.ReadFile(portFile)
		if err != nil || len(port) == 0 {
			continue
		}
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strings.TrimSpace(string(port))))
		if err == nil {
			f.conn, f.in = conn, bufio.NewReader(conn)
		}
	}
	if err := f.conn.SetDeadline(time.Now().Add(startTime)); err != nil {
		return err
	}
	if _, err := f.read(); err != nil {
		return fmt.Errorf("its greeting: %w", err)
	}
	return f.Do("WebDriver:NewSession", map[string]any{
		"capabilities": map[string]any{"alwaysMatch": map[string]any{"acceptInsecureCerts": false}},
	}, nil)
}

// Quit closes Firefox as a person does, and waits until it has ended.
func (f *Firefox) Quit() error {
	if f.conn != nil {
		// It may close the line before it has answered.
		_ = f.Do("Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}}, nil)
		f.conn.Close()
	} else {
		f.cmd.Process.Kill()
	}
	select {
	case <-f.exited:
		return nil
	case <-time.After(quitTime):
		f.cmd.Process.Kill()
		<-f.exited
		return errors.New("quit Firefox: it did not end and was killed")
	}
}

// Do runs one command of the protocol and reads its result into out, unless that is nil.
func (f *Firefox) Do(command string, params, out any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if params == nil {
		params = struct{}{}
	}
	f.last++
	text, err := json.Marshal([]any{0, f.last, command, params})
	if err != nil {
		return err
	}
	if err := f.conn.SetDeadline(time.Now().Add(commandTime)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f.conn, "%d:%s", len(text), text); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	answer, err := f.read()
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return decode(command, answer, out)
}

// read reads one frame: its length in decimal, a colon, JSON.
func (f *Firefox) read() ([]byte, error) {
	length, err := f.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil || n < 0 || n > 64<<20 {
		return nil, fmt.Errorf("frame of length %q", length)
	}
	frame := make([]byte, n)
	_, err = io.ReadFull(f.in, frame)
	return frame, err
}

// decode reads [1, id, error, result]. Most results are wrapped in a value.
func decode(command string, answer []byte, out any) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(answer, &parts); err != nil || len(parts) != 4 {
		return fmt.Errorf("%s: not an answer: %s", command, answer)
	}
	if string(parts[2]) != "null" {
		var failure struct{ Error, Message string }
		if err := json.Unmarshal(parts[2], &failure); err != nil {
			return fmt.Errorf("%s: %s", command, parts[2])
		}
		return fmt.Errorf("%s: %s: %s", command, failure.Error, failure.Message)
	}
	if out == nil {
		return nil
	}
	var wrapped struct{ Value json.RawMessage }
	if json.Unmarshal(parts[3], &wrapped) == nil && wrapped.Value != nil {
		return json.Unmarshal(wrapped.Value, out)
	}
	return json.Unmarshal(parts[3], out)
}
