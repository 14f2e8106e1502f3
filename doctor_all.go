package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"

	"hark/daemon"
)

func doctorVerb() verb {
	return verb{
		name:  "doctor",
		short: "look at everything Hark depends on, and say what to do",
		intro: `  hark doctor
  hark doctor --no-model --json | jq -r '.checks[] | select(.ok|not).cure'

The store, backups, the disk, the clock, the model, notifications, HTTPS and the
service are looked at. Each line is ok, or comes with a cure. The exit status is
0 if all is well, 1 if something is not, and 3 if Hark does not run: then its
data folder is looked at as it lies there, and nothing in it is changed. The model
is asked to say one word; --no-model leaves that out. "hark doctor push" looks
closely at the way to each phone.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			var noModel bool
			fs.BoolVar(&noModel, "no-model", false, "don't ask the model")
			return func(ctx context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words; `hark doctor push` looks at notifications"}
				}
				return c.doctor(ctx, !noModel)
			}
		},
	}
}

func (c *cli) doctor(ctx context.Context, model bool) error {
	checks := []check{}
	away := (*unreachable)(nil)
	h, err := c.connect()
	if err == nil {
		h.patience = serviceTime
		path := "/api/doctor"
		if !model {
			path += "?model=no"
		}
		var found struct{ Checks []check }
		if err = h.call(ctx, http.MethodGet, path, nil, &found); err == nil {
			checks = append([]check{{Name: "hark", OK: true, Say: "Hark answers at " + h.base + "."}}, found.Checks...)
		}
	}
	switch {
	case errors.As(err, &away) && c.isHere():
		checks = c.examineStopped(away)
	case errors.As(err, &away):
		checks = []check{{Name: "hark", Say: away.msg}}
	case err != nil:
		return err
	}
	if c.url == "" {
		checks = append(checks, c.serviceCheck())
	}
	if err := c.prescribe(checks); err != nil {
		return err
	}
	if away != nil {
		return outcome(exitUnreachable)
	}
	if slices.ContainsFunc(checks, func(k check) bool { return !k.OK }) {
		return outcome(exitFailed)
	}
	return nil
}

// serviceCheck asks the service manager of this machine: first for this user's
// service, then for the machine's.
func (c *cli) serviceCheck() check {
	var st daemon.ServiceStatus
	for _, user := range []bool{true, false} {
		s, err := daemon.NewService(daemon.ServiceOptions{User: user}, c.getenv)
		if err != nil {
			return check{Name: "service", OK: true, Say: "This machine has no service manager that Hark knows."}
		}
		if st = s.Status(); st.Installed {
			break
		}
	}
	switch {
	case !st.Installed:
		return check{Name: "service", OK: true, Say: "Hark is no service here and does not start by itself; hark service install changes that."}
	case st.Fault != "":
		return check{Name: "service", Say: "The service manager says: " + trimStop(st.Fault) + ".", Cure: "Read its log, then: hark service restart"}
	case !st.Running:
		return check{Name: "service", Say: "The service is installed and does not run.", Cure: "hark service start"}
	}
	return check{Name: "service", OK: true, Say: "The service runs (" + st.Manager + ")."}
}

func (c *cli) prescribe(checks []check) error {
	if c.json {
		return c.printJSON(map[string]any{
			"ok": !slices.ContainsFunc(checks, func(k check) bool { return !k.OK }), "checks": checks,
		})
	}
	return printChecks(c.out, checks)
}

// printChecks writes a line for each check, and below it the cure.
func printChecks(w io.Writer, checks []check) error {
	for _, k := range checks {
		mark := "FAULT"
		switch {
		case k.OK:
			mark = "ok   "
		case k.Unknown:
			mark = "?    "
		}
		if _, err := fmt.Fprintf(w, "%s  %-8s  %s\n", mark, k.Name, k.Say); err != nil {
			return err
		}
		if k.Cure != "" {
			if _, err := fmt.Fprintf(w, "       %-8s  → %s\n", "", k.Cure); err != nil {
				return err
			}
		}
	}
	return nil
}
