package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"hark/app"
)

func openVerb() verb {
	return verb{
		name:  "open",
		short: "open Hark in the browser of this machine",
		intro: `  hark open

The browser is let in by a one-time link, so there is nothing to type. On a
machine without a display the link is printed, to be opened elsewhere.
`,
		setup: func(c *cli, _ *flag.FlagSet) action { return c.open },
	}
}

func (c *cli) open(ctx context.Context, words []string) error {
	if len(words) > 0 {
		return usageError{msg: "it takes no words"}
	}
	p, err := c.newPairing(ctx, false)
	if err != nil {
		return err
	}
	if c.json {
		if err := c.printJSON(p); err != nil {
			return err
		}
	}
	if err := app.Open(ctx, p.URL); errors.Is(err, app.ErrNoDisplay) {
		return fmt.Errorf("%w; open this link elsewhere: %s", err, p.URL)
	} else if err != nil {
		return fmt.Errorf("%w; open this link yourself: %s", err, p.URL)
	}
	return nil
}
