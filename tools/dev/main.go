// Command dev does what the Makefile needs and a portable make recipe can't
// say: the same words work in sh and in cmd.exe.
//
//	browser [COMMAND...]  find or install a Chromium; run COMMAND with CHROME naming it
//	fuzz TIME [TARGET]    run one fuzz target, or each in turn, for TIME
//	mailserver            find or install the mail server that the tests run
//	pushing COMMAND...    the same, with Firefox and what it takes to be notified
//	remove PATH...        delete files and folders
//	senders               find or install the programs that speak to Hark in the tests
//	services              find or install what looks at systemd's units
//	soaking COMMAND...    find or install what makes a Debian and a Windows; run COMMAND
//	windowing COMMAND...  find or install what a window is built and tested with; run COMMAND
//	vuln                  look for known vulnerabilities in what Hark can reach
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		// A command that failed has said why itself.
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
			fmt.Fprintln(os.Stderr, "dev:", err)
		}
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	// Started as `go -C tools run ./dev`; every path below is from the root.
	if err := os.Chdir(".."); err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("which of browser, fuzz, mailserver, pushing, remove, senders, services, soaking, vuln, windowing?")
	}
	verb, args := args[0], args[1:]
	switch verb {
	case "browser":
		return browser(ctx, args)
	case "fuzz":
		return fuzz(ctx, args)
	case "mailserver":
		return mailServer(ctx)
	case "pushing":
		return pushing(ctx, args)
	case "remove":
		return remove(args)
	case "senders":
		return senders(ctx)
	case "services":
		return services(ctx)
	case "soaking":
		return soaking(ctx, args)
	case "vuln":
		return vuln(ctx)
	case "windowing":
		return windowing(ctx, args)
	}
	return fmt.Errorf("unknown verb %q", verb)
}

func remove(paths []string) error {
	for _, p := range paths {
		if err := os.RemoveAll(p); err != nil {
			return err
		}
	}
	return nil
}

// command runs name on this terminal, with env added to our environment.
func command(ctx context.Context, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = slices.Concat(os.Environ(), env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
