package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime/debug"
	"strings"

	"hark/daemon"
)

// memoryGoal makes the collector work harder rather than take more from a
// small machine. It is a goal and not a limit: what is needed is taken.
const memoryGoal = 128 << 20

func serveVerb() verb {
	return verb{name: "serve", short: "start Hark, until Ctrl-C", raw: (*cli).serve}
}

// serve runs the daemon until ctx ends or it fails.
func (c *cli) serve(ctx context.Context, args []string) error {
	cfg, err := daemon.ParseConfig(args, c.getenv)
	if errors.Is(err, flag.ErrHelp) {
		_, err = fmt.Fprint(c.out, daemon.Usage(c.getenv))
		return err
	} else if err != nil {
		return usageError{"serve", strings.TrimPrefix(err.Error(), "hark serve: ")}
	}
	if c.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	cfg.Version, cfg.Out, cfg.Log = version, c.out, cfg.NewLogger(c.err)
	d, err := daemon.New(cfg)
	if err != nil {
		return err
	}
	return d.Run(ctx)
}
