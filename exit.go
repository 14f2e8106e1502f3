package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Exit statuses. They are part of what scripts rely on: a number is never
// given a second meaning, and "hark help exit" explains them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitRefused     = 4
	exitNotFound    = 5
	exitLater       = 6
	exitConfig      = 78 // EX_CONFIG of sysexits.h, which service managers know
	exitInterrupted = 130
)

// usageError is a command line that can't be carried out as it stands.
type usageError struct{ verb, msg string }

func (e usageError) Error() string { return e.msg }

// unreachable means that no answer came, so it is not known whether Hark is
// running. msg says where it was looked for and what to do.
type unreachable struct {
	msg   string
	cause error
}

func (e *unreachable) Error() string { return e.msg }
func (e *unreachable) Unwrap() error { return e.cause }

// status reports err to the user and returns the exit status that stands for it.
func (c *cli) status(err error) int {
	var usage usageError
	var away *unreachable
	var refused *problem
	var answered outcome
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &answered):
		return int(answered)
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage) && usage.verb == "serve" && c.getenv("NOTIFY_SOCKET") != "":
		fmt.Fprintf(c.err, "hark serve: %s\n", usage.msg)
		return exitConfig
	case errors.As(err, &usage):
		name := "hark"
		if usage.verb != "" {
			name += " " + usage.verb
		}
		fmt.Fprintf(c.err, "%s: %s\n%s\n", name, usage.msg, strings.TrimSpace("See: hark help "+usage.verb))
		return exitUsage
	case errors.As(err, &away):
		fmt.Fprintln(c.err, away.msg)
		return exitUnreachable
	case errors.As(err, &refused):
		fmt.Fprintln(c.err, refused.Error())
		return refused.exit()
	}
	fmt.Fprintf(c.err, "hark: %v\n", err)
	return exitFailed
}

// exit is the exit status for an answer of Hark that is an error.
func (p *problem) exit() int {
	switch p.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return exitRefused
	case http.StatusNotFound, http.StatusGone:
		return exitNotFound
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInsufficientStorage:
		return exitLater
	}
	return exitFailed
}
