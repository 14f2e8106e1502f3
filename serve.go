package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"hark/daemon"
)

// memoryGoal makes the collector work harder rather than take more from a
// small machine. It is a goal and not a limit: what is needed is taken. The
// store needs some 180 MB while it takes thousands of messages a second; a goal
// below that would have the collector run all the time.
const memoryGoal = 256 << 20

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
	logs, err := cfg.LogTo(c.err)
	if err != nil {
		return err
	}
	cfg.Version, cfg.Out, cfg.Log = version, c.out, cfg.NewLogger(logs)
	cfg.CheckStore = checkInChild
	return daemon.RunService(ctx, cfg.Log, die, func(ctx context.Context) error {
		d, err := daemon.New(cfg)
		if err != nil {
			cfg.Log.Error("start", "err", err)
			return err
		}
		go giveBack(ctx)
		return d.Run(ctx)
	})
}

// giveBack returns memory to the system soon after a burst of work, such as
// the store's tidying at start or a client that reads everything. Left alone,
// the runtime collects an idle program every two minutes and gives back after
// that, a little at a time.
func giveBack(ctx context.Context) {
	const (
		pause  = 5 * time.Second
		quiet  = 1 << 20 // allocated in one pause: nothing much goes on
		worked = 8 << 20 // allocated since the last time: worth a collection
	)
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for before, done := uint64(0), uint64(0); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		metrics.Read(allocated)
		now := allocated[0].Value.Uint64()
		if now-before < quiet && now-done > worked {
			debug.FreeOSMemory()
			done = now
		}
		before = now
	}
}
