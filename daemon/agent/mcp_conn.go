package agent

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// closeTime bounds the polite end of a session over HTTP.
	closeTime = time.Second
	// httpRetries is how often a broken line is taken up again before the server
	// counts as lost: some five seconds.
	httpRetries = 3
)

// mcpConn is one connection to a server.
type mcpConn struct {
	session     *mcp.ClientSession
	proc        *process // nil over HTTP
	began       time.Time
	lost        chan error // what ended it, once
	listChanged chan struct{}

	mu     sync.Mutex
	calls  int
	doomed bool // no more calls: the process ends with the last that runs
	over   bool // it is lost; the supervisor hears of it
}

// reach connects to the server.
func (s *mcpServer) reach(ctx context.Context, spec MCPServer, limit time.Duration) (*mcpConn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errSlowStart)
	defer cancel()
	c := &mcpConn{began: time.Now(), lost: make(chan error, 1), listChanged: make(chan struct{}, 1)}
	var transport mcp.Transport
	if spec.Command != "" {
		p, err := startProcess(ctx, spec, &s.tail)
		if err != nil {
			return nil, err
		}
		c.proc = p
		transport = &mcp.IOTransport{Reader: p.stdout, Writer: p.stdin}
		// What is stuck in a pipe does not notice that ctx has ended.
		defer context.AfterFunc(ctx, p.stop)()
	} else {
		transport = &mcp.StreamableClientTransport{Endpoint: spec.URL, HTTPClient: headerClient(spec.Headers), MaxRetries: httpRetries}
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "hark", Version: "1"}, &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{},
		Logger:       slog.New(slog.DiscardHandler),
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) {
			select {
			case c.listChanged <- struct{}{}:
			default:
			}
		},
	})
	session, err := client.Connect(ctx, transport, nil)
	if err != nil {
		return nil, c.startFailed(ctx, err)
	}
	c.session = session
	go func() { c.lose(c.ended(session.Wait())) }()
	if c.proc != nil {
		go func() {
			<-c.proc.exited
			c.lose(c.ended(nil))
		}()
	}
	return c, nil
}

// startFailed ends what was begun, and finds the telling reason.
func (c *mcpConn) startFailed(ctx context.Context, err error) error {
	slow := ctx.Err() != nil
	if c.proc != nil {
		select {
		case <-c.proc.exited: // by itself, so how it ended says more
			if !slow {
				err = c.ended(err)
			}
		case <-time.After(pipeDelay):
		}
		c.proc.stop()
	}
	if slow {
		return context.Cause(ctx)
	}
	return err
}

// ended says how the process ended, if it did; else err.
func (c *mcpConn) ended(err error) error {
	if c.proc != nil {
		select {
		case <-c.proc.exited:
			if st := c.proc.cmd.ProcessState; st != nil {
				return &exec.ExitError{ProcessState: st}
			}
		default:
		}
	}
	if err == nil {
		return errors.New("it closed the connection")
	}
	return err
}

// lose tells the supervisor that the connection is of no more use.
func (c *mcpConn) lose(err error) {
	c.mu.Lock()
	c.over = true
	if c.doomed {
		err = errCallStopped
	}
	c.mu.Unlock()
	select {
	case c.lost <- err:
	default:
	}
}

// close ends the connection, and the process if it is ours.
func (c *mcpConn) close() {
	if c.proc != nil {
		c.proc.stop()
	}
	done := make(chan struct{})
	go func() {
		_ = c.session.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(closeTime):
	}
}

// headerClient sends headers with each request, and follows no redirect, which
// could carry them elsewhere.
func headerClient(headers map[string]string) *http.Client {
	return &http.Client{
		Transport: &headerTransport{headers: headers, base: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: dialTimeout,
			ForceAttemptHTTP2:   true,
			IdleConnTimeout:     90 * time.Second,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type headerTransport struct {
	headers map[string]string
	base    http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *headerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for k, v := range t.headers {
		r.Header.Set(k, v)
	}
	return t.base.RoundTrip(r)
}

// schemaOf returns a tool's input schema as JSON.
func schemaOf(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil || v == nil {
		return json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return raw
}
