package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// callWait is how long a call waits for a server that is being reached.
	callWait = 10 * time.Second
	// maxToolText bounds what is kept of one result; models read far less.
	maxToolText = 256 << 10
	// idempotencyKey is where in _meta a call's key stands.
	idempotencyKey = "idempotencyKey"
)

// call runs a tool. See [Tool.Call] for what its error means.
func (s *mcpServer) call(ctx context.Context, tool string, c Call) (out Output, err error) {
	timeout := s.spec.timeout(tool)
	late := fmt.Errorf("%s gave no answer within %s, so Hark stopped it", tool, plainly(timeout))
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	for try := 1; ; try++ {
		conn, err := s.acquire(ctx)
		if err != nil {
			return Output{}, err
		}
		var res *mcp.CallToolResult
		err = s.safely(func() (err error) {
			res, err = conn.session.CallTool(ctx, callParams(tool, c))
			return err
		})
		if err == nil {
			conn.release(false)
			return mcpOutput(res), nil
		}
		conn.release(ctx.Err() != nil)
		var said *jsonrpc.Error
		switch {
		case ctx.Err() != nil:
			return Output{}, context.Cause(ctx)
		case errors.As(err, &said) && !isLocal(said.Code) && !errors.Is(err, mcp.ErrConnectionClosed):
			return Output{Text: clip(said.Message, maxToolText), IsError: true}, nil
		}
		conn.lose(conn.ended(err))
		why := quote(s.secret(err.Error()), "")
		switch {
		case !neverRan(err):
			return Output{}, fmt.Errorf("%s: the server went away during the call: %s", tool, why)
		case try == 2:
			return Output{}, fmt.Errorf("%w: the server does not take the call: %s", ErrNotRun, why)
		}
		// It was restarted and knows no session of before: it is reached anew.
	}
}

// isLocal reports whether a code is one that the SDK's client makes up itself
// when the line is closed. Whether the call has run is then not known.
func isLocal(code int64) bool { return code <= -32003 && code >= -32005 }

// neverRan reports whether a call has certainly not been run: nobody took it,
// or the server's front door turned it away.
func neverRan(err error) bool {
	var op *net.OpError
	if errors.Is(err, mcp.ErrSessionMissing) || errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests,
	} {
		if strings.HasSuffix(err.Error(), ": "+http.StatusText(status)) { // the SDK gives no more than this
			return true
		}
	}
	return false
}

func (s *mcpServer) secret(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secrets.Replace(text)
}

func callParams(tool string, c Call) *mcp.CallToolParams {
	p := &mcp.CallToolParams{Name: tool}
	if len(c.Args) > 0 {
		p.Arguments = c.Args
	}
	if c.Key != "" {
		p.Meta = mcp.Meta{idempotencyKey: c.Key}
	}
	return p
}

// acquire returns the connection for one call, and waits for it if the server
// is being reached. Its errors wrap [ErrNotRun].
func (s *mcpServer) acquire(ctx context.Context) (*mcpConn, error) {
	wait := time.NewTimer(callWait)
	defer wait.Stop()
	for {
		s.mu.Lock()
		conn, state, detail, changed := s.conn, s.now.State, s.now.Detail, s.changed
		s.mu.Unlock()
		if conn != nil && conn.take() {
			return conn, nil
		}
		if state == MCPFailed || state == MCPDisabled {
			return nil, fmt.Errorf("%w: the server %s is not there. %s", ErrNotRun, s.name, detail)
		}
		select {
		case <-changed:
		case <-wait.C:
			return nil, fmt.Errorf("%w: the server %s is not there yet. Try again in a minute", ErrNotRun, s.name)
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrNotRun, context.Cause(ctx))
		}
	}
}

func (c *mcpConn) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doomed || c.over {
		return false
	}
	c.calls++
	return true
}

// release ends the use of the connection for one call. A call that was given
// up may still be at work behind our back, whatever the protocol says, and a
// server may not listen: its process ends, as soon as no other call needs it.
func (c *mcpConn) release(givenUp bool) {
	c.mu.Lock()
	c.calls--
	c.doomed = c.doomed || givenUp && c.proc != nil
	end := c.doomed && c.calls == 0
	c.mu.Unlock()
	if end {
		c.proc.stop()
	}
}

// mcpOutput tells a result as text. What is no text is named.
func mcpOutput(res *mcp.CallToolResult) Output {
	var parts []string
	for _, content := range res.Content {
		switch v := content.(type) {
		case *mcp.TextContent:
			parts = append(parts, v.Text)
		case *mcp.ImageContent:
			parts = append(parts, binary("image", v.MIMEType, len(v.Data)))
		case *mcp.AudioContent:
			parts = append(parts, binary("sound", v.MIMEType, len(v.Data)))
		case *mcp.ResourceLink:
			parts = append(parts, fmt.Sprintf("[link to %s: %s]", v.Name, v.URI))
		case *mcp.EmbeddedResource:
			parts = append(parts, embedded(v.Resource))
		}
	}
	if len(parts) == 0 && res.StructuredContent != nil {
		if raw, err := json.Marshal(res.StructuredContent); err == nil {
			parts = append(parts, string(raw))
		}
	}
	text := strings.ToValidUTF8(strings.Join(parts, "\n"), "\uFFFD")
	if len(text) > maxToolText {
		text = clip(text, maxToolText) + fmt.Sprintf("\n[%d more bytes were left out]", len(text)-maxToolText)
	}
	return Output{Text: text, IsError: res.IsError}
}

func embedded(r *mcp.ResourceContents) string {
	switch {
	case r == nil:
		return "[nothing]"
	case r.Text != "":
		return r.Text
	}
	return binary("file "+r.URI, r.MIMEType, len(r.Blob))
}

func binary(what, mime string, size int) string {
	return fmt.Sprintf("[%s, %s, %d bytes, not shown here]", what, mime, size)
}
