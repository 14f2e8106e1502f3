package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"time"

	"hark/daemon"
)

// mcpRetry is how long a tool's request is tried again while Hark is away, as it
// is while it restarts.
const mcpRetry = 30 * time.Second

func mcpVerb() verb {
	return verb{
		name:  "mcp",
		short: "let another agent reach you (MCP on stdin and stdout)",
		intro: `  claude mcp add hark -- hark mcp
  {"mcpServers": {"hark": {"command": "hark", "args": ["mcp"]}}}

An agent that speaks the Model Context Protocol starts this by itself. Its tools
are fire, ask, remind, list_reminders and search, as far as the token may; with
the Hark of this machine, all of them. ask waits for your answer, which is its
result. Hark may be restarted meanwhile.

For a Hark on another machine, with a token for the agent alone:

  {"mcpServers": {"hark": {"command": "hark", "args": ["mcp", "--url", "https://hark.example"],
                           "env": {"HARK_TOKEN": "hark_..."}}}}

Agents that speak MCP over HTTP need no program: the address is
https://hark.example/mcp, with the header Authorization: Bearer hark_...
`,
		setup: func(c *cli, _ *flag.FlagSet) action {
			return func(ctx context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words"}
				}
				if _, err := c.connect(); errors.As(err, new(usageError)) {
					return err // an address without a token gets no better by waiting
				}
				return c.serveMCP(ctx)
			}
		},
	}
}

// serveMCP serves until the input ends or the user does not want it any more.
func (c *cli) serveMCP(ctx context.Context) error {
	pipe := daemon.MCPPipe{In: io.NopCloser(c.in), Out: openOutput{c.out}, API: c.mcpAPI, Version: version}
	if err := pipe.Serve(ctx); err != nil || ctx.Err() == nil {
		return err
	}
	return context.Canceled
}

// openOutput is an output that is closed by the end of the process.
type openOutput struct{ io.Writer }

func (openOutput) Close() error { return nil }

// mcpAPI carries a request of a tool to Hark, again while Hark is away if that
// does no harm.
func (c *cli) mcpAPI(ctx context.Context, q daemon.MCPRequest) (status int, body []byte, err error) {
	patience := time.Duration(0)
	if q.Method == http.MethodGet || q.Key != "" {
		patience = mcpRetry
	}
	err = retrying(ctx, patience, func() (fault error) {
		status, body, fault = c.mcpOnce(ctx, q)
		return fault
	})
	if err != nil && body != nil && ctx.Err() == nil {
		err = nil // Hark's own words, after all the waiting
	}
	return status, body, err
}

func (c *cli) mcpOnce(ctx context.Context, q daemon.MCPRequest) (int, []byte, error) {
	h, err := c.connect() // it may come back on another port, with another token
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askWait+answerTime)
	defer cancel()
	req, err := h.request(ctx, q.Method, q.Path, q.Body)
	if err != nil {
		return 0, nil, err
	}
	if q.Key != "" {
		req.Header.Set("Idempotency-Key", q.Key)
	}
	resp, err := h.http.Do(req)
	if err != nil {
		return 0, nil, &unreachable{"Hark does not answer at " + h.base + " (" + plainCause(err) + "). Is it running? Start it with: hark serve", err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, nil, &unreachable{"The line to Hark broke in the middle of its answer (" + plainCause(err) + ").", err}
	}
	if resp.StatusCode >= 300 && !json.Valid(bytes.TrimSpace(body)) {
		return 0, nil, &problem{Title: "Is it really Hark that answers at " + h.base + "?"}
	}
	if resp.StatusCode == http.StatusServiceUnavailable || resp.StatusCode == http.StatusUnauthorized && h.announced {
		return resp.StatusCode, body, &problem{passing: true}
	}
	return resp.StatusCode, body, nil
}
