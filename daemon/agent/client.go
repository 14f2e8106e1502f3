package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// defaultFirst allows for a large prompt that a CPU reads token by token.
	defaultFirst = 10 * time.Minute
	defaultIdle  = 2 * time.Minute
	// afterFinish is how long the token counts may lag behind the answer's end.
	afterFinish = 5 * time.Second

	maxTries    = 3
	firstPause  = 500 * time.Millisecond
	loadPause   = 2 * time.Second
	maxErrBody  = 64 << 10
	dialTimeout = 10 * time.Second
)

// ClientConfig says how to reach a model server.
type ClientConfig struct {
	URL string // with or without /v1; see HARK_MODEL_URL
	Key string // may be empty

	FirstByte time.Duration     // until the first event of an answer; 0 is 10 min
	Idle      time.Duration     // between two signs of life; 0 is 2 min
	Transport http.RoundTripper // nil is one fit for the job
}

// wire is what tells one protocol from another.
type wire interface {
	// path is where a request goes, below the version.
	path() string
	// sign sets the headers that belong to the protocol and the key.
	sign(h http.Header, c *client)
	encode(req Request, a demand) ([]byte, error)
	decoder(req Request, r reading) decoder
}

// client is what all wires share: tries, watchdogs, and errors in words.
type client struct {
	wire    wire
	end     endpoint
	key     string
	first   time.Duration
	idle    time.Duration
	pause   time.Duration // before the second try; doubled before the third
	http    *http.Client
	demands demands
}

func newClient(w wire, c ClientConfig) (*client, error) {
	end, err := parseEndpoint(c.URL)
	if err != nil {
		return nil, err
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	return &client{
		wire: w, end: end, key: strings.TrimSpace(c.Key),
		first: orDefault(c.FirstByte, defaultFirst), idle: orDefault(c.Idle, defaultIdle), pause: firstPause,
		http: &http.Client{
			Transport: c.Transport,
			// A redirect turns a POST into a GET and may carry the key elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		DisableCompression:     true, // it would hold tokens back
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Stream implements [Provider].
func (c *client) Stream(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
	start := time.Now()
	for try := 1; ; {
		res, begun, err := c.once(ctx, req, c.demands.of(req), emit)
		var e *Error
		if err == nil || begun || ctx.Err() != nil || !errors.As(err, &e) || !e.again {
			return res, err
		}
		pause := c.pause << (try - 1)
		if e.loading {
			pause = loadPause
		} else if try++; try > maxTries {
			return res, err
		}
		if e.after > maxRetryAfter || time.Since(start) > c.first {
			return res, err
		}
		// Jitter keeps many waiting turns from coming back at the same moment.
		pause = max(pause+rand.N(pause), e.after)
		select {
		case <-ctx.Done():
			return res, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// once makes one request, and further ones that ask for less when the server
// refuses a part of it. begun reports whether any of the answer has arrived.
func (c *client) once(ctx context.Context, req Request, a demand, emit func(Delta) error) (res Result, begun bool, err error) {
	ctx2, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dog := newWatchdog(c.first, c.slow(), cancel)
	defer dog.stop()

	resp, err := c.post(ctx2, req, a)
	if err != nil {
		return res, false, c.cause(ctx, ctx2, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		raw, rerr := io.ReadAll(io.LimitReader(resp.Body, maxErrBody))
		if rerr != nil && ctx2.Err() != nil {
			return res, false, c.cause(ctx, ctx2, rerr)
		}
		if less, ok := a.relent(resp.StatusCode, raw); ok {
			c.demands.learn(req.Model, a, less)
			return c.once(ctx, req, less, emit)
		}
		return res, false, c.failed(resp, raw, req.Model)
	}

	fail := func(status int, e apiError) *Error { return c.explain(req.Model, status, e) }
	d := c.wire.decoder(req, reading{emit: emit, fail: fail})
	res, err = (&body{d: d}).readAll(resp.Body, func() { c.heard(d.state(), dog) })
	if err == nil {
		res.WithoutTools = len(req.Tools) > 0 && !a.tools
		return res, true, nil
	}
	var line *lineError
	if ctx2.Err() == nil && errors.As(err, &line) {
		return res, d.state().begun, errCut()
	}
	return res, d.state().begun, c.cause(ctx, ctx2, err)
}

// heard feeds the watchdog after a sign of life. Comments count only once the
// answer has begun: a queue that says nothing else is not an answer.
func (c *client) heard(a *reading, dog *watchdog) {
	switch {
	case a.whole():
		dog.feed(afterFinish, errCut())
	case a.begun:
		dog.feed(c.idle, c.stalled())
	}
}

func (c *client) post(ctx context.Context, req Request, a demand) (*http.Response, error) {
	req.Turns = paired(req.Turns)
	if !a.tools {
		req.Tools, req.Turns = nil, retold(req.Turns)
	}
	raw, err := c.wire.encode(req, a)
	if err != nil {
		return nil, fmt.Errorf("encode model request: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.end.with(c.wire.path()), bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("User-Agent", "hark")
	c.wire.sign(r.Header, c)
	return c.http.Do(r)
}

// cause finds out why a request failed: the caller's wish, a watchdog, our own
// side, or the connection.
func (c *client) cause(parent, ctx context.Context, err error) error {
	if parent.Err() != nil {
		return context.Cause(parent)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var conn *url.Error // nothing else has this mark
	if errors.As(err, &conn) {
		return c.unreachable(err)
	}
	return err
}

func (c *client) failed(resp *http.Response, raw []byte, model string) *Error {
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return c.redirected(resp)
	}
	e := parseAPIError(raw)
	if resp.StatusCode < 500 && looksLikePage(resp.Header.Get("Content-Type"), raw) &&
		resp.StatusCode != http.StatusUnauthorized {
		e.Type = "html"
	}
	out := c.explain(model, resp.StatusCode, e)
	out.after = retryAfter(resp.Header, time.Now())
	if out.after > maxRetryAfter {
		out.again = false
		out.Detail = fmt.Sprintf("The model server asks to wait for %s. Ask again then, or choose another model.", out.after.Round(time.Minute))
	}
	return out
}

func (c *client) redirected(resp *http.Response) *Error {
	e := c.noChat("sends Hark on to another one")
	if to, err := resp.Location(); err == nil {
		shown := url.URL{Scheme: to.Scheme, Host: to.Host, Path: strings.TrimSuffix(to.Path, c.wire.path())}
		e.Detail = "The address " + c.end.String() + " sends Hark on to " + quote(shown.String(), c.key) +
			". If that is the model server, set that address (HARK_MODEL_URL)."
	}
	return e
}

func (c *client) slow() *Error {
	return &Error{
		Code: CodeSlow, Retryable: true,
		Detail: fmt.Sprintf("The model server gave no answer for %s. It may be overloaded, or the model too large for it.", c.first),
	}
}

func (c *client) stalled() *Error {
	return &Error{
		Code: CodeStalled, Retryable: true,
		Detail: fmt.Sprintf("The answer stopped in the middle: the model server was silent for %s. Ask again.", c.idle),
	}
}
