package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
)

func versionVerb() verb {
	return verb{
		name:  "version",
		short: "say which Hark this is",
		intro: "  hark version\n",
		setup: func(c *cli, _ *flag.FlagSet) action {
			return func(context.Context, []string) error {
				if c.json {
					return c.printJSON(map[string]string{
						"version": version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
					})
				}
				_, err := fmt.Fprintf(c.out, "hark %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			}
		},
	}
}
