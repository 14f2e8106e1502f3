package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"hark/app"
	"hark/daemon"
)

// startTime is how long a Hark that was started for a page may take to answer.
const startTime = 20 * time.Second

func openVerb() verb {
	return verb{
		name:  "open",
		short: "open Hark in a window, or in the browser",
		intro: `  hark open
  hark open --browser
  hark open --hidden               in the tray, as at the start of a session

If no Hark runs on this machine, one is started, and goes on when the window is
closed. The page is let in by a link that works once, so there is nothing to
type. A build without a window opens the browser. On a machine without a display
a link is printed, to be opened elsewhere.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			o := &opener{cli: c}
			fs.BoolVar(&o.browser, "browser", false, "in the browser, also where there could be a window")
			fs.BoolVar(&o.hidden, "hidden", false, "begin without a window, in the tray")
			return o.open
		},
	}
}

// opener is one run of "hark open".
type opener struct {
	*cli
	browser, hidden bool
}

func (o *opener) open(ctx context.Context, words []string) error {
	if len(words) > 0 {
		return usageError{msg: "it takes no words"}
	}
	if !app.Display() {
		return o.elsewhere(ctx, app.ErrNoDisplay)
	}
	place, err := o.find(ctx)
	if away := (*unreachable)(nil); errors.As(err, &away) && !o.remote() {
		if err = o.start(ctx); err == nil {
			place, err = o.find(ctx)
		}
	}
	window := app.Windowed && !o.browser
	if bad := (usageError{}); errors.As(err, &bad) || err != nil && !window {
		return err // a window shows the rest, and goes on when it is mended
	}
	if o.json {
		if err := o.printJSON(map[string]string{"url": place.URL}); err != nil {
			return err
		}
	}
	if !window {
		if err := app.Browse(ctx, place); err != nil {
			return o.elsewhere(ctx, err)
		}
		return nil
	}
	return app.Run(ctx, o.options())
}

func (o *opener) options() app.Options {
	opt := app.Options{
		Find: o.find, Start: o.start, Hidden: o.hidden, ID: cmp.Or(o.address(), o.dataFolder()),
	}
	if o.remote() {
		opt.Start = nil
	}
	if dir, err := os.UserConfigDir(); err == nil {
		opt.State = filepath.Join(dir, "hark", "window.json")
	}
	return opt
}

// elsewhere prints a link, where nothing could be opened here.
func (o *opener) elsewhere(ctx context.Context, why error) error {
	p, err := o.newPairing(ctx, false)
	if err != nil {
		return err
	}
	if o.json {
		if err := o.printJSON(p); err != nil {
			return err
		}
	}
	if errors.Is(why, app.ErrNoDisplay) {
		return fmt.Errorf("%w; open this link elsewhere: %s", why, p.URL)
	}
	return fmt.Errorf("%w; open this link yourself: %s", why, p.URL)
}

// address is what --url or HARK_URL names, and remote reports whether one does:
// such a Hark is another's to start.
func (o *opener) address() string {
	if o.url == "" && o.data == "" {
		return o.getenv("HARK_URL")
	}
	return o.url
}

func (o *opener) remote() bool { return o.address() != "" }

// find returns where Hark is and has answered just now: what it announced may
// be from before a crash. It is safe for concurrent use.
func (o *opener) find(ctx context.Context) (app.Place, error) {
	h, err := o.connect()
	if err != nil {
		return app.Place{}, err
	}
	h.patience = 5 * time.Second
	req, err := h.request(ctx, http.MethodGet, "/healthz", nil)
	if err != nil {
		return app.Place{}, err
	}
	return app.Place{URL: h.base, Token: h.token}, h.send(req, nil)
}

// start starts the service, if that is how Hark runs here, and else Hark as a
// process of its own, which outlives this one. It returns when Hark answers.
func (o *opener) start(ctx context.Context) error {
	dir := o.dataFolder()
	name := filepath.Join(dir, "hark.log")
	if done, err := o.startService(); err != nil {
		return err
	} else if done {
		return o.await(ctx, nil, "its journal")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// What goes wrong before the log is open is said to standard error.
	log, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), self, "serve", "--data", dir, "--log-file", name)
	cmd.Stderr = log
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start Hark: %w", err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // its log says why
	return o.await(ctx, ended, name)
}

// await waits until Hark answers. A process that has ended may have found
// another one at work, so that is looked for once more.
func (o *opener) await(ctx context.Context, ended <-chan struct{}, log string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for last := false; ; {
		_, err := o.find(ctx)
		switch {
		case err == nil:
			return nil
		case last:
			return fmt.Errorf("the Hark that was started does not answer: %s says why", log)
		}
		select {
		case <-ended:
			last = true
		case <-ctx.Done():
			last = true
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// startService reports false if there is no service, or if it runs and does not
// answer, which starting would not mend. A data folder that was named is not
// the service's.
func (o *opener) startService() (bool, error) {
	if o.data != "" || o.getenv("HARK_DATA") != "" {
		return false, nil
	}
	for _, user := range []bool{true, false} {
		s, err := daemon.NewService(daemon.ServiceOptions{User: user}, o.getenv)
		if err != nil {
			continue // no service manager, no service
		}
		st := s.Status()
		switch {
		case !st.Installed || st.Running:
		case user:
			return true, s.Start()
		default:
			return false, errors.New("the service of Hark is installed and does not run; start it with: sudo hark service start")
		}
	}
	return false, nil
}
