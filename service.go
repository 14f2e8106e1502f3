package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"hark/daemon"
)

const serviceIntro = `  sudo hark service install          for the whole machine
  hark service install --user        for you alone (Linux, macOS)
  hark service status

The service starts with the machine and again after a crash. On Linux the one
of the whole machine runs as a user of its own that sees no home folder and
keeps its data in /var/lib/hark; settings go into /etc/default/hark as HARK_*
lines. Tools of yours that must reach your files need --user.
`

// serviceVerbs are install, uninstall, start, stop, restart, status and unit.
func serviceVerbs() []verb {
	change := func(name, short, said string, do func(*daemon.Service) error) verb {
		return serviceVerb(name, short, func(c *cli, _ context.Context, s *daemon.Service) error {
			if err := do(s); err != nil {
				return err
			}
			return c.sayService(s, said)
		})
	}
	return []verb{
		serviceVerb("install", "have Hark start with the machine", (*cli).installService),
		change("uninstall", "undo it; data stays", "Hark is no service any more. Its data stays where it was.", (*daemon.Service).Uninstall),
		change("start", "start the service", "Hark runs.", (*daemon.Service).Start),
		change("stop", "stop the service", "Hark has stopped.", (*daemon.Service).Stop),
		change("restart", "stop and start the service", "Hark runs anew.", (*daemon.Service).Restart),
		serviceVerb("status", "say whether it is installed and runs", func(c *cli, _ context.Context, s *daemon.Service) error {
			return c.serviceStatus(s)
		}),
		unitVerb(),
	}
}

func unitVerb() verb {
	return verb{
		name: "service unit", short: "print the systemd unit, for packages",
		intro: "  hark service unit --path /usr/bin/hark >hark.service\n",
		setup: func(c *cli, fs *flag.FlagSet) action {
			user := fs.Bool("user", false, "the unit of a user's service")
			path := fs.String("path", "/usr/bin/hark", "where the program will be, as a `FILE`")
			return func(_ context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words"}
				}
				_, err := io.WriteString(c.out, daemon.Unit(*user, *path))
				return err
			}
		},
	}
}

func serviceVerb(name, short string, do func(*cli, context.Context, *daemon.Service) error) verb {
	return verb{name: "service " + name, short: short, intro: serviceIntro, setup: func(c *cli, fs *flag.FlagSet) action {
		opt := daemon.ServiceOptions{}
		fs.BoolVar(&opt.User, "user", false, "the service of this user alone")
		if name == "install" {
			fs.StringVar(&opt.Addr, "addr", "", "listen on this `HOST:PORT`")
		}
		return func(ctx context.Context, words []string) error {
			if len(words) > 0 {
				return usageError{msg: "it takes no words"}
			}
			if opt.Data = c.data; opt.Data != "" && name != "install" {
				return usageError{msg: "the data folder is said once, to hark service install"}
			}
			s, err := daemon.NewService(opt, c.getenv)
			if err != nil {
				return err
			}
			return do(c, ctx, s)
		}
	}}
}

func (c *cli) installService(ctx context.Context, s *daemon.Service) error {
	notes, err := s.Install(ctx)
	for _, note := range notes {
		fmt.Fprintln(c.err, note)
	}
	if err != nil {
		return err
	}
	return c.sayService(s, "Hark is installed and runs. Open it with: hark open")
}

func (c *cli) sayService(s *daemon.Service, said string) error {
	if c.json {
		return c.printJSON(s.Status())
	}
	_, err := fmt.Fprintln(c.out, said)
	return err
}

// errNotRunning gives "hark service status" an exit status that scripts can ask.
var errNotRunning = errors.New("the service does not run")

func (c *cli) serviceStatus(s *daemon.Service) error {
	st := s.Status()
	if c.json {
		if err := c.printJSON(st); err != nil {
			return err
		}
	} else {
		state := "not installed; hark service install does that"
		switch {
		case st.Running:
			state = "installed and runs"
		case st.Installed:
			state = "installed and does not run; hark service start starts it"
		}
		if st.Fault != "" {
			state += " (" + st.Fault + ")"
		}
		fmt.Fprintf(c.out, "%s: %s\n", st.Manager, state)
	}
	if !st.Running {
		return &unreachable{errNotRunning.Error(), errNotRunning}
	}
	return nil
}
