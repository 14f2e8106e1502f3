package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// faulty is an offer of tools that do what a tool must not do.
func faulty(log io.Writer) Offer {
	object := json.RawMessage(`{"type":"object"}`)
	return Offer{Version: "test", Log: slog.New(slog.NewTextHandler(log, nil)), Tools: []Offered{
		{Name: "panic", Parameters: object, Call: func(context.Context, Order) (Reply, error) {
			var none []int
			return Reply{Text: string(rune(none[0]))}, nil
		}},
		{Name: "fail", Parameters: object, Call: func(context.Context, Order) (Reply, error) {
			return Reply{}, errors.New("open /home/owner/secret: denied")
		}},
		{Name: "fine", Parameters: object, Replay: ReadOnly, Call: func(_ context.Context, o Order) (Reply, error) {
			return Reply{Text: string(o.Args)}, nil
		}},
	}}
}

// checkFaulty has everything go wrong, and then wants the server to be there.
func checkFaulty(t *testing.T, c *mcp.ClientSession, log *guarded) {
	t.Helper()
	for _, name := range []string{"panic", "fail", "panic"} {
		_, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: name})
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "Something went wrong inside Hark") {
			t.Errorf("%s: the caller is told %v", name, err)
		}
	}
	out, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "fine"})
	if err != nil || out.IsError || out.Content[0].(*mcp.TextContent).Text != "{}" {
		t.Errorf("after that: %+v, %v", out, err)
	}
	if told := log.String(); !strings.Contains(told, "index out of range") || !strings.Contains(told, "secret") {
		t.Errorf("the log does not say what went wrong: %s", told)
	}
}

type guarded struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (g *guarded) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.b.Write(b)
}

func (g *guarded) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.b.String()
}

// A tool that panics or fails over HTTP ends its own call and nothing else, and
// the caller does not learn what the log says.
func TestServeMCPSurvivesPanics(t *testing.T) {
	log := &guarded{}
	srv := httptest.NewServer(ServeMCP(func(*http.Request) Offer { return faulty(log) }))
	defer srv.Close()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "c"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: srv.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	checkFaulty(t, c, log)
}

// The same holds over a pipe, whose server ends when its input does.
func TestServeMCPPipeSurvivesPanics(t *testing.T) {
	log := &guarded{}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	over := make(chan error, 1)
	go func() { over <- ServeMCPPipe(t.Context(), faulty(log), inR, outW) }()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "c"}, nil).Connect(t.Context(), &mcp.IOTransport{Reader: outR, Writer: inW}, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkFaulty(t, c, log)
	_ = c.Close()
	if err := <-over; err != nil {
		t.Errorf("the end of the input is no error: %v", err)
	}
}

// A call over HTTP whose caller hangs up ends, in old versions of the protocol
// as in new ones.
func TestServeMCPEndsWithItsCaller(t *testing.T) {
	for _, version := range []string{"2025-06-18", "2026-07-28"} {
		began, ended := make(chan bool), make(chan bool)
		srv := httptest.NewServer(ServeMCP(func(*http.Request) Offer {
			return Offer{Tools: []Offered{{Name: "wait", Parameters: json.RawMessage(`{"type":"object"}`), Call: func(ctx context.Context, _ Order) (Reply, error) {
				close(began)
				<-ctx.Done()
				close(ended)
				return Reply{}, ctx.Err()
			}}}}
		}))
		ctx, hangUp := context.WithCancel(t.Context())
		body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"` + version +
			`","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}`
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("MCP-Protocol-Version", version)
		r.Header.Set("Mcp-Method", "tools/call")
		r.Header.Set("Mcp-Name", "wait")
		go func() {
			if resp, err := http.DefaultClient.Do(r); err == nil {
				b, _ := io.ReadAll(resp.Body)
				t.Logf("%s: %d %s", version, resp.StatusCode, b)
				_ = resp.Body.Close()
			}
		}()
		<-began
		hangUp()
		<-ended
		srv.Close()
	}
}
