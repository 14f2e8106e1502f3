// Package chromium starts Chromium, Chrome or Edge and drives it over the debugging pipe of the
// DevTools protocol, so that no port is open and no further driver is needed. Clicks are real:
// they count as the person's own.
//
// It is a test double: no shipped package imports it. Pipes are handed over as files 3 and 4,
// which Windows can't do.
package chromium

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

const (
	commandTime = 45 * time.Second
	quitTime    = 15 * time.Second
)

// flags make a browser that stays by itself and asks nothing.
var flags = []string{
	"--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
}

// Options say how Chromium is started.
type Options struct {
	Binary string    // path or name
	Home   string    // a folder: HOME, with the profile and the certificates in it
	Args   []string  // further switches
	Env    []string  // further NAME=VALUE
	Log    io.Writer // what Chromium prints; nil drops it
}

// Browser is a running Chromium. Its methods may be called from several goroutines.
type Browser struct {
	cmd    *exec.Cmd
	exited chan struct{}
	out    *os.File // commands to Chromium

	mu      sync.Mutex
	last    int
	waiting map[int]chan answer
	err     error // why the pipe has ended
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// Start starts Chromium without a window. It ends with [Browser.Quit]. The same home can be
// started again after that.
func Start(ctx context.Context, o Options) (*Browser, error) {
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirIn.Close()
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, ourOut.Close())
	}
	defer theirOut.Close()
	args := append([]string{"--user-data-dir=" + filepath.Join(o.Home, "profile")}, flags...)
	cmd := exec.CommandContext(ctx, o.Binary, append(append(args, o.Args...), "about:blank")...)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	cmd.Env = append(append(os.Environ(), "HOME="+o.Home, "LANG=C.UTF-8", "LANGUAGE=en"), o.Env...)
	cmd.Stdout, cmd.Stderr = o.Log, o.Log
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start Chromium: %w", err), ourOut.Close(), ourIn.Close())
	}
	b := &Browser{cmd: cmd, exited: make(chan struct{}), out: ourOut, waiting: map[int]chan answer{}}
	go b.read(ourIn)
	go func() {
		defer close(b.exited)
		b.cmd.Wait() // the exit status of a browser says nothing
	}()
	if err := b.Call(ctx, "", "Browser.getVersion", nil, nil); err != nil {
		return nil, errors.Join(err, b.Quit(ctx))
	}
	return b, nil
}

// read takes messages, each ended by a NUL, until Chromium ends. Events are not listened to.
func (b *Browser) read(in *os.File) {
	defer in.Close()
	r := bufio.NewReader(in)
	for {
		text, err := r.ReadBytes(0)
		if err != nil {
			b.end(fmt.Errorf("the pipe to Chromium: %w", err))
			return
		}
		var m struct {
			ID int
			answer
		}
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			b.end(err)
			return
		}
		b.mu.Lock()
		if c := b.waiting[m.ID]; c != nil {
			delete(b.waiting, m.ID)
			c <- m.answer
		}
		b.mu.Unlock()
	}
}

// end fails every call that waits and every later one.
func (b *Browser) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	for id, c := range b.waiting {
		delete(b.waiting, id)
		close(c)
	}
}

// Call runs a method of the protocol in a session (empty: in the browser) and reads its result
// into out, unless that is nil.
func (b *Browser) Call(ctx context.Context, session, method string, params, out any) error {
	if params == nil {
		params = struct{}{}
	}
	c := make(chan answer, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	text, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	if session != "" {
		text, err = json.Marshal(map[string]any{"id": id, "method": method, "params": params, "sessionId": session})
	}
	if err = errors.Join(err, b.err); err == nil {
		b.waiting[id] = c
		_, err = b.out.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	late := time.NewTimer(commandTime)
	defer late.Stop()
	select {
	case a, ok := <-c:
		if !ok {
			return fmt.Errorf("%s: Chromium has ended", method)
		}
		if a.Error != nil {
			return fmt.Errorf("%s: %s", method, a.Error.Message)
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(a.Result, out)
	case <-late.C:
		return fmt.Errorf("%s: no answer in %v", method, commandTime)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// Quit closes Chromium as a person does, and waits until it has ended.
func (b *Browser) Quit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, quitTime)
	defer cancel()
	// It may close the pipe before it has answered.
	_ = b.Call(ctx, "", "Browser.close", nil, nil)
	defer b.out.Close()
	select {
	case <-b.exited:
		return nil
	case <-ctx.Done():
		b.cmd.Process.Kill()
		<-b.exited
		return errors.New("quit Chromium: it did not end and was killed")
	}
}

// Allow sets a permission of an origin, as a person does in the site settings. The name is the
// protocol's, such as "notifications"; the setting is granted, denied or prompt.
func (b *Browser) Allow(ctx context.Context, origin, name, setting string) error {
	return b.Call(ctx, "", "Browser.setPermission", map[string]any{
		"origin": origin, "permission": map[string]any{"name": name}, "setting": setting,
	}, nil)
}
