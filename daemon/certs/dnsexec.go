package certs

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"time"
)

// execHook has a program of the owner change the record, called as
//
//	COMMAND present|cleanup FQDN VALUE
//
// which is how lego calls one too: there are many.
type execHook struct{ command string }

const hookTime = 2 * time.Minute

func (h execHook) set(ctx context.Context, _, name, value string) error {
	return h.run(ctx, "present", name, value)
}

func (h execHook) remove(ctx context.Context, _, name, value string) error {
	return h.run(ctx, "cleanup", name, value)
}

func (h execHook) run(ctx context.Context, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, hookTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.command, args...)
	cmd.WaitDelay = time.Second // what it started may hold its output open
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrPermission):
		return problem("dns_hook", "Give the whole path of a program that Hark may run.", "The DNS hook %s can't be started.", h.command)
	case err != nil:
		return problem("dns_hook", "Run it by hand with these words and look.", "The DNS hook failed at %s (%v): %s", args[0], err, firstLine(out))
	}
	return nil
}
