// Package app shows a running Hark to the person at this machine.
//
// It is told where a daemon is and never opens the daemon's database, so it can
// start, fail and end without any effect on what Hark remembers.
//
// [Run] shows a window in a build with the tag desktop, and else the default
// browser. Either is let in by a ticket that works once and for thirty seconds:
// there is nothing to type. On a machine without a display nothing is started
// and the error is [ErrNoDisplay], so that the caller can print an address.
//
// # The window
//
// There is one for each [Options.ID]: a second Run brings the first to the front
// and ends. Closing it puts it into the tray, where there is one. While it is
// out of sight, what Hark says shows as notifications of the system. It shows
// the app from the daemon's own address, so pages have there what they have in
// a browser; nothing of this program is bound into them.
//
// A daemon that goes away takes nothing with it: the window says so and goes on
// by itself when it is back.
package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// ErrNoDisplay reports that this machine has no screen that a window could be
// shown on: a server, a container, or a plain SSH session.
var ErrNoDisplay = errors.New("this machine has no display to open a window on")

// patience is how long an opener may take to say that it failed. Some become
// the browser themselves and end with it, so there is no waiting for them.
const patience = 3 * time.Second

// Display reports whether this machine has a screen to show anything on.
func Display() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// Browse opens the default browser at a daemon, which lets it in. A browser that
// is known to the daemon already stays who it is there.
func Browse(ctx context.Context, place Place) error {
	in, err := place.ticket(ctx, "")
	if err != nil {
		return err
	}
	return Open(ctx, in.URL)
}

// Open shows the web address in the default browser. Anything but an absolute
// http or https address is refused, for the system would run other things as
// gladly. The error is a sentence for people; it wraps [ErrNoDisplay] where
// that is the reason. Cancelling ctx does not close what was opened.
func Open(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%q is not a web address", address)
	}
	if !Display() {
		return ErrNoDisplay
	}
	name, args := opener(runtime.GOOS)
	cmd := exec.CommandContext(context.WithoutCancel(ctx), name, append(args, u.String())...)
	if err := cmd.Start(); errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s is missing, so no browser could be opened", name)
	} else if err != nil {
		return fmt.Errorf("the browser could not be started: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("the browser could not be opened (%s: %w)", name, err)
		}
	case <-time.After(patience):
	case <-ctx.Done():
	}
	return nil
}

// opener is the command that opens an address as a double click would. None of
// them is a shell, so nothing in an address is ever interpreted.
func opener(goos string) (name string, args []string) {
	switch goos {
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	case "darwin":
		return "open", nil
	default:
		return "xdg-open", nil
	}
}
