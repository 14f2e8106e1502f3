package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Offer is what Hark offers to other programs through the Model Context
// Protocol: the other direction of [MCP].
type Offer struct {
	Version      string // of Hark
	Instructions string // when to use which tool, for a model
	Tools        []Offered
	Log          *slog.Logger // nil is silence
}

// Offered is a tool that another program's model may call. Parameters is a
// JSON schema of an object.
type Offered struct {
	Name, Title, Description string
	Parameters               json.RawMessage
	// Replay is told to the caller as hints: a tool that is not ReadOnly adds
	// something, and takes nothing away.
	Replay Replay
	// Call runs the tool and returns soon after ctx has ended. What the tool has
	// to say against a call is a Reply with IsError. An error, or a panic, is
	// logged; the caller is told that something went wrong here, and not what.
	Call func(ctx context.Context, c Order) (Reply, error)
}

// Order is one use of an [Offered] tool.
type Order struct {
	// Args is what came as arguments: JSON, not checked against the schema. It is
	// {} where nothing came.
	Args json.RawMessage
	// Tell tells a caller who wants to know how far the call is: done only grows,
	// and total is 0 if it is not known. It may be called as often as one likes,
	// by one goroutine, while the call runs.
	Tell func(done, total float64, text string)
}

// Reply is the answer of an [Offered] tool: Text for the model and, where not
// nil, Data with the same for programs, which must be a JSON object.
type Reply struct {
	Text    string
	Data    any
	IsError bool
}

// ServeMCP answers requests over streamable HTTP, one [Offer] for each. No
// session is kept, so any request may come to another process than the one
// before it, and a call whose caller hangs up ends. Who may call, from which
// page, and under which name is for the caller of ServeMCP to check first.
func ServeMCP(offer func(*http.Request) Offer) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(r *http.Request) *mcp.Server {
		return newMCPOffer(r.Context(), offer(r), new(sync.RWMutex))
	}, &mcp.StreamableHTTPOptions{
		Stateless: true, PropagateRequestCancellation: true,
		// The guard of the daemon knows by which names it goes; the SDK does not.
		DisableLocalhostProtection: true,
	})
}

// ServeMCPPipe answers the requests that come over in, one a line, to out, until
// in ends or ctx does. It returns when the calls that ran then, which are given
// up, have ended.
func ServeMCPPipe(ctx context.Context, o Offer, in io.ReadCloser, out io.WriteCloser) error {
	var running sync.RWMutex // read-locked by each call
	life, end := context.WithCancel(ctx)
	over := make(chan error, 1)
	go func() { over <- newMCPOffer(life, o, &running).Run(ctx, &mcp.IOTransport{Reader: in, Writer: out}) }()
	var err error
	select {
	case err = <-over:
	case <-ctx.Done(): // a read of in may go on: not every input can be closed under its reader
	}
	end()
	running.Lock()
	defer running.Unlock()
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || errors.Is(err, mcp.ErrConnectionClosed) {
		return nil
	}
	return err
}

// newMCPOffer makes a server of an offer, whose calls end with the life at the
// latest, and hold running for reading.
func newMCPOffer(life context.Context, o Offer, running *sync.RWMutex) *mcp.Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := mcp.NewServer(
		&mcp.Implementation{Name: "hark", Title: "Hark", Version: o.Version},
		&mcp.ServerOptions{
			Instructions: o.Instructions,
			Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}},
			// Which tools there are depends on who asks.
			SetCacheable: func(_ context.Context, _ mcp.Request, c *mcp.Cacheable) { c.CacheScope = "private" },
		})
	for _, t := range o.Tools {
		yes, no := true, false
		s.AddTool(&mcp.Tool{
			Name: t.Name, Title: t.Title, Description: t.Description, InputSchema: t.Parameters,
			Annotations: &mcp.ToolAnnotations{
				ReadOnlyHint: t.Replay == ReadOnly, IdempotentHint: t.Replay != Once, DestructiveHint: &no, OpenWorldHint: &yes,
			},
		}, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ctx, end := context.WithCancel(ctx)
			defer end()
			defer context.AfterFunc(life, end)()
			running.RLock()
			defer running.RUnlock()
			return t.serve(ctx, r)
		})
	}
	s.AddReceivingMiddleware(survivePanics(o.Log))
	return s
}

// serve runs the tool for one request.
func (t *Offered) serve(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	order := Order{Args: r.Params.Arguments, Tell: func(float64, float64, string) {}}
	if len(order.Args) == 0 {
		order.Args = json.RawMessage("{}")
	}
	if token := r.Params.GetProgressToken(); token != nil {
		order.Tell = func(done, total float64, text string) {
			// Who does not hear how far it is still gets the answer.
			_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
				ProgressToken: token, Progress: done, Total: total, Message: text,
			})
		}
	}
	reply, err := t.Call(ctx, order)
	if err != nil {
		return nil, fmt.Errorf("tool %s: %w", t.Name, err)
	}
	return &mcp.CallToolResult{
		Content:           []mcp.Content{&mcp.TextContent{Text: reply.Text}},
		StructuredContent: reply.Data, IsError: reply.IsError,
	}, nil
}

// survivePanics keeps what goes wrong in one request from ending the process:
// the SDK runs handlers in goroutines of its own, where nobody else would catch
// it.
func survivePanics(log *slog.Logger) mcp.Middleware {
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, r mcp.Request) (result mcp.Result, err error) {
			defer func() {
				if p := recover(); p != nil {
					log.Error("MCP request panicked", "method", method, "panic", p, "stack", string(debug.Stack()))
					result, err = nil, wentWrong()
				}
			}()
			result, err = next(ctx, method, r)
			if wire := (*jsonrpc.Error)(nil); err != nil && !errors.As(err, &wire) {
				if ctx.Err() == nil {
					log.Error("MCP request failed", "method", method, "err", err)
				}
				err = wentWrong()
			}
			return result, err
		}
	}
}

func wentWrong() error {
	return &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "Something went wrong inside Hark. Its log says what."}
}
