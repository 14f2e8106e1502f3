package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
)

func healthVerb() verb {
	return verb{
		name:  "health",
		short: "say whether Hark is ready, for containers and scripts",
		intro: `  hark health || echo "Hark is away"

The exit status says it; "hark help exit" explains the numbers.
`,
		setup: func(c *cli, _ *flag.FlagSet) action { return c.health },
	}
}

func (c *cli) health(ctx context.Context, words []string) error {
	if len(words) > 0 {
		return usageError{msg: "it takes no words"}
	}
	h, err := c.connect()
	if err != nil {
		return err
	}
	var state struct {
		Status string `json:"status"`
	}
	if err := h.call(ctx, http.MethodGet, "/readyz", nil, &state); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(state)
	}
	_, err = fmt.Fprintln(c.out, state.Status)
	return err
}
