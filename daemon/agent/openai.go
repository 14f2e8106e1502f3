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
	"sync/atomic"
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

// OpenAIConfig says how to reach a server that speaks the chat completions
// wire: Ollama, llama.cpp, LM Studio, vLLM, OpenRouter, OpenAI, and others.
type OpenAIConfig struct {
	URL string // with or without /v1; see HARK_MODEL_URL
	Key string // may be empty

	FirstByte time.Duration     // until the first event of an answer; 0 is 10 min
	Idle      time.Duration     // between two signs of life; 0 is 2 min
	Transport http.RoundTripper // nil is one fit for the job
}

// OpenAI is a client of the chat completions wire. It is safe for concurrent
// use. It tries again, at most twice and only before the first delta, after
// 408, 429, 5xx and failed connections. It never puts the key into an error.
type OpenAI struct {
	end     endpoint
	key     string
	first   time.Duration
	idle    time.Duration
	pause   time.Duration // before the second try; doubled before the third
	http    *http.Client
	noUsage atomic.Bool // the server refuses stream_options
}

// NewOpenAI returns a client. An address that can't be read is an [*Error].
func NewOpenAI(c OpenAIConfig) (*OpenAI, error) {
	end, err := parseEndpoint(c.URL)
	if err != nil {
		return nil, err
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	return &OpenAI{
		end: end, key: strings.TrimSpace(c.Key),
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
func (c *OpenAI) Stream(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
	start := time.Now()
	for try := 1; ; {
		res, begun, err := c.once(ctx, req, emit)
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

// once makes one request, or two when the first is refused for its
// stream_options. begun reports whether any of the answer has arrived.
func (c *OpenAI) once(ctx context.Context, req Request, emit func(Delta) error) (res Result, begun bool, err error) {
	usage := !c.noUsage.Load()
	ctx2, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dog := newWatchdog(c.first, c.slow(), cancel)
	defer dog.stop()

	resp, err := c.post(ctx2, req, usage)
	if err != nil {
		return res, false, c.cause(ctx, ctx2, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		raw, rerr := io.ReadAll(io.LimitReader(resp.Body, maxErrBody))
		if rerr != nil && ctx2.Err() != nil {
			return res, false, c.cause(ctx, ctx2, rerr)
		}
		if usage && refusesUsage(resp.StatusCode, raw) {
			c.noUsage.Store(true)
			return c.once(ctx, req, emit)
		}
		return res, false, c.failed(resp, raw, req.Model)
	}

	d := &decoder{emit: emit, fail: func(status int, e apiError) *Error { return c.explain(req.Model, status, e) }}
	res, err = (&body{d: d}).readAll(resp.Body, func() { c.heard(d, dog) })
	if err == nil {
		return res, true, nil
	}
	var line *lineError
	if ctx2.Err() == nil && errors.As(err, &line) {
		return res, d.begun, errCut()
	}
	return res, d.begun, c.cause(ctx, ctx2, err)
}

// heard feeds the watchdog after a sign of life. Comments count only once the
// answer has begun: a queue that says nothing else is not an answer.
func (c *OpenAI) heard(d *decoder, dog *watchdog) {
	switch {
	case d.whole():
		dog.feed(afterFinish, errCut())
	case d.begun:
		dog.feed(c.idle, c.stalled())
	}
}

func (c *OpenAI) post(ctx context.Context, req Request, usage bool) (*http.Response, error) {
	raw, err := encodeRequest(req, usage)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.end.chat(), bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("User-Agent", "hark")
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	return c.http.Do(r)
}

// cause finds out why a request failed: the caller's wish, a watchdog, our own
// side, or the connection.
func (c *OpenAI) cause(parent, ctx context.Context, err error) error {
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

func (c *OpenAI) failed(resp *http.Response, raw []byte, model string) *Error {
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

func (c *OpenAI) redirected(resp *http.Response) *Error {
	e := c.noChat("sends Hark on to another one")
	if to, err := resp.Location(); err == nil {
		shown := url.URL{Scheme: to.Scheme, Host: to.Host, Path: strings.TrimSuffix(to.Path, chatPath)}
		e.Detail = "The address " + c.end.String() + " sends Hark on to " + quote(shown.String(), c.key) +
			". If that is the model server, set that address (HARK_MODEL_URL)."
	}
	return e
}

func refusesUsage(status int, raw []byte) bool {
	return (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity) &&
		(bytes.Contains(raw, []byte("stream_options")) || bytes.Contains(raw, []byte("include_usage")))
}

func (c *OpenAI) slow() *Error {
	return &Error{
		Code: CodeSlow, Retryable: true,
		Detail: fmt.Sprintf("The model server gave no answer for %s. It may be overloaded, or the model too large for it.", c.first),
	}
}

func (c *OpenAI) stalled() *Error {
	return &Error{
		Code: CodeStalled, Retryable: true,
		Detail: fmt.Sprintf("The answer stopped in the middle: the model server was silent for %s. Ask again.", c.idle),
	}
}
