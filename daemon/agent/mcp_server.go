package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// reachTime bounds one attempt to reach a server. A command may have to be
	// downloaded by its runner first, so later attempts may take longer.
	reachTime     = 10 * time.Second
	reachTimeLong = time.Minute
	relist        = 5 * time.Minute
	firstBackoff  = time.Second
	maxBackoff    = time.Minute
	// stable is how long a server has to run for its failures to be forgotten.
	stable = time.Minute
)

var (
	errSlowStart   = errors.New("it did not answer in time")
	errCallStopped = errors.New("it was ended, because a call had to be stopped")
)

// mcpServer is one server and its supervisor.
type mcpServer struct {
	name string
	spec MCPServer
	log  *slog.Logger
	tail tail

	mu      sync.Mutex
	now     ServerStatus
	secrets *strings.Replacer
	tools   []Tool // names are the server's own
	conn    *mcpConn
	changed chan struct{} // closed at the next change
}

func newMCPServer(name string, spec MCPServer, log *slog.Logger) *mcpServer {
	s := &mcpServer{
		name: name, spec: spec, log: log.With("mcp", name), secrets: spec.secrets(), changed: make(chan struct{}),
	}
	s.now = ServerStatus{Name: name, Transport: spec.transport(), State: MCPStarting, Since: time.Now()}
	if spec.Disabled {
		s.now.State = MCPDisabled
	}
	return s
}

// run keeps the server reachable until ctx ends.
func (s *mcpServer) run(ctx context.Context) {
	if s.spec.Disabled {
		return
	}
	spec, err := s.spec.resolve()
	if err != nil {
		s.gone(false, "This server is not used: "+err.Error()+".", time.Time{})
		return
	}
	s.mu.Lock()
	s.secrets = spec.secrets()
	s.mu.Unlock()
	backoff, limit := firstBackoff, reachTime
	for ctx.Err() == nil {
		began, was := time.Now(), false
		err := s.safely(func() (err error) {
			was, err = s.serve(ctx, spec, limit)
			return err
		})
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > stable {
			backoff, limit = firstBackoff, reachTime
		}
		if errors.Is(err, errCallStopped) {
			continue
		}
		pause := time.Duration(float64(backoff) * (0.8 + 0.4*rand.Float64()))
		s.gone(was, s.explain(spec, err), time.Now().Add(pause))
		backoff = min(2*backoff, maxBackoff)
		if spec.Command != "" {
			limit = reachTimeLong
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	s.set(func() { s.conn, s.tools = nil, nil })
}

// safely keeps a fault in one server's handling from ending the daemon.
func (s *mcpServer) safely(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("MCP client panicked", "panic", r)
			err = fmt.Errorf("a fault of Hark's own; the log says more")
		}
	}()
	return fn()
}

// serve reaches the server and keeps its tools up to date until it is lost.
// It reports whether the server was there.
func (s *mcpServer) serve(ctx context.Context, spec MCPServer, limit time.Duration) (was bool, err error) {
	s.set(func() {
		s.now.State, s.now.Retry, s.now.Since = MCPStarting, time.Time{}, time.Now()
		s.now.Starts++
	})
	c, err := s.reach(ctx, spec, limit)
	if err != nil {
		return false, err
	}
	defer c.close()
	defer s.set(func() { s.conn = nil })
	again := time.NewTicker(relist)
	defer again.Stop()
	for {
		if err := s.list(ctx, c); err != nil {
			return was, err
		}
		was = true
		select {
		case <-ctx.Done():
			return was, nil
		case err := <-c.lost:
			return was, err
		case <-c.listChanged:
		case <-again.C:
		}
	}
}

// list asks for the tools, and offers them.
func (s *mcpServer) list(ctx context.Context, c *mcpConn) error {
	ctx, cancel := context.WithTimeoutCause(ctx, reachTime, errSlowStart)
	defer cancel()
	var tools []Tool
	known := c.session.InitializeResult()
	if known == nil || known.Capabilities == nil || known.Capabilities.Tools == nil {
		s.offerFrom(c, nil)
		return nil
	}
	for t, err := range c.session.Tools(ctx, nil) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("list tools: %w", err)
		}
		tools = append(tools, s.tool(t))
	}
	s.offerFrom(c, tools)
	return nil
}

// offerFrom makes the tools of a connection known.
func (s *mcpServer) offerFrom(c *mcpConn, tools []Tool) {
	s.set(func() {
		s.tools, s.conn = tools, c
		if s.now.State != MCPReady {
			s.now.State, s.now.Since, s.now.Detail = MCPReady, time.Now(), ""
			s.log.Info("MCP server ready", "tools", len(tools), "took", time.Since(c.began).Round(time.Millisecond))
		}
		if r := c.session.InitializeResult(); r != nil && r.ServerInfo != nil {
			s.now.Version = strings.TrimSpace(r.ServerInfo.Name + " " + r.ServerInfo.Version)
		}
	})
}

// set changes what others see, and wakes who waits for it.
func (s *mcpServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// gone notes why the server can't be used. One that was there until now keeps
// its tools on offer until the next attempt has failed as well.
func (s *mcpServer) gone(was bool, detail string, retry time.Time) {
	s.log.Warn("MCP server can't be used", "detail", detail)
	s.set(func() {
		s.conn, s.now.Since, s.now.Detail, s.now.Retry = nil, time.Now(), detail, retry
		if s.now.State = MCPStarting; !was {
			s.now.State, s.tools = MCPFailed, nil
		}
	})
}

// explain puts into words why a server can't be used.
func (s *mcpServer) explain(spec MCPServer, err error) string {
	said := quote(s.secrets.Replace(fmt.Sprint(err)), "")
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return "The command " + quote(spec.Command, "") + " was not found. Install it, or write its full path."
	case errors.As(err, &exit):
		return "The server ended by itself (" + exit.String() + "). What it wrote last is shown below."
	case errors.Is(err, errSlowStart):
		return "The server did not answer in time. Hark goes on trying."
	case strings.Contains(said, "Unauthorized"), strings.Contains(said, "Forbidden"):
		return "The server does not let Hark in. Check the headers that are set for it. It said: " + said + "."
	case spec.URL != "":
		return "The server can't be used. Check that it runs and that its url is right. The reason: " + said + "."
	}
	return "The server can't be used: " + said + ". What it wrote last is shown below."
}

func (s *mcpServer) status() ServerStatus {
	s.mu.Lock()
	st, secrets := s.now, s.secrets
	s.mu.Unlock()
	st.Stderr = s.tail.text(secrets)
	return st
}

func (s *mcpServer) offer() []Tool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tools
}

// settled reports whether the first attempt to reach the server is over.
func (s *mcpServer) settled() (bool, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.State != MCPStarting || s.now.Starts > 1 || !s.now.Retry.IsZero(), s.changed
}

// tool describes one of the server's tools to the loop.
func (s *mcpServer) tool(t *mcp.Tool) Tool {
	out := Tool{
		Name: t.Name, Description: t.Description, Parameters: schemaOf(t.InputSchema),
		Replay: Once, External: true, Open: true, Timeout: s.spec.timeout(t.Name),
	}
	if out.Description == "" {
		out.Description = t.Title
	}
	if a := t.Annotations; a != nil {
		switch {
		case a.ReadOnlyHint:
			out.Replay = ReadOnly
		case a.IdempotentHint:
			out.Replay = Idempotent
		}
		out.Open = a.OpenWorldHint == nil || *a.OpenWorldHint
	}
	name := t.Name
	out.Call = func(ctx context.Context, c Call) (Output, error) { return s.call(ctx, name, c) }
	return out
}
