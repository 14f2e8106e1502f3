package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// fakeMode in the environment makes the test program an MCP server.
const fakeMode = "FAKE_MCP"

// fake returns how to start this test program as a server.
func fake(mode string, env ...string) MCPServer {
	s := MCPServer{Command: os.Args[0], Args: []string{"-test.run=^TestAsMCPServer$"}, Env: map[string]string{fakeMode: mode}}
	for i := 0; i+1 < len(env); i += 2 {
		s.Env[env[i]] = env[i+1]
	}
	return s
}

// This is no promise: it is the server of the tests below, when they start the
// test program anew.
func TestAsMCPServer(*testing.T) {
	switch os.Getenv(fakeMode) {
	case "":
		return
	case "dead":
		fmt.Fprintln(os.Stderr, "no licence, token was", os.Getenv("TOKEN"))
		os.Exit(7)
	case "silent":
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "noisy":
		fmt.Println("Welcome to the server!\n[INFO] it listens")
		runFake(&mcp.StdioTransport{})
	case "owner": // a Hark that is going to be killed
		m := NewMCP(MCPConfig{Servers: map[string]MCPServer{"f": fake("ok")}})
		m.Start(context.Background())
		_ = m.Settled(context.Background())
		go func() { _, _ = toolOf(m, "f__hang").Call(context.Background(), Call{}) }()
		select {}
	default:
		runFake(&mcp.StdioTransport{})
	}
	os.Exit(0)
}

type noArgs struct{}

func runFake(t mcp.Transport) { _ = newFake().Run(context.Background(), t) }

func newFake() *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "fake", Version: "1"}, nil)
	say := func(text string) *mcp.CallToolResult {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}
	}
	type handler = func(context.Context, *mcp.CallToolRequest, noArgs) (*mcp.CallToolResult, any, error)
	add := func(name string, a *mcp.ToolAnnotations, h handler) {
		mcp.AddTool(s, &mcp.Tool{Name: name, Description: "does " + name, Annotations: a}, h)
	}
	add("key", &mcp.ToolAnnotations{ReadOnlyHint: true}, func(_ context.Context, r *mcp.CallToolRequest, _ noArgs) (*mcp.CallToolResult, any, error) {
		return say(fmt.Sprint(r.Params.Meta[idempotencyKey])), nil, nil
	})
	closed := false
	add("env", &mcp.ToolAnnotations{IdempotentHint: true, OpenWorldHint: &closed}, func(context.Context, *mcp.CallToolRequest, noArgs) (*mcp.CallToolResult, any, error) {
		return say(strings.Join(os.Environ(), "\n")), nil, nil
	})
	add("refuse", nil, func(context.Context, *mcp.CallToolRequest, noArgs) (*mcp.CallToolResult, any, error) {
		return nil, nil, errors.New("not today")
	})
	add("crash", nil, func(context.Context, *mcp.CallToolRequest, noArgs) (*mcp.CallToolResult, any, error) {
		os.Exit(3)
		return nil, nil, nil
	})
	add("grow", nil, func(context.Context, *mcp.CallToolRequest, noArgs) (*mcp.CallToolResult, any, error) {
		add("more", nil, func(context.Context, *mcp.CallToolRequest, noArgs) (*mcp.CallToolResult, any, error) {
			return say("more"), nil, nil
		})
		return say("grown"), nil, nil
	})
	// hang has a child, tells both their numbers, and listens to nobody.
	add("hang", nil, func(context.Context, *mcp.CallToolRequest, noArgs) (*mcp.CallToolResult, any, error) {
		child := exec.Command("sleep", "600")
		if err := child.Start(); err != nil {
			return nil, nil, err
		}
		pids := fmt.Sprintf("pids %d %d\n", os.Getpid(), child.Process.Pid)
		fmt.Fprint(os.Stderr, pids)
		if list := os.Getenv("PIDS"); list != "" {
			_ = os.WriteFile(list, []byte(pids), 0o600)
		}
		select {}
	})
	return s
}

// runMCP reaches servers and waits for their first attempt.
func runMCP(t *testing.T, servers map[string]MCPServer) *MCP {
	t.Helper()
	m := NewMCP(MCPConfig{Servers: servers})
	m.Start(t.Context())
	t.Cleanup(m.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := m.Settled(ctx); err != nil {
		t.Fatal(err)
	}
	return m
}

// toolOf finds a tool by name; one that is not there fails its calls.
func toolOf(m *MCP, name string) Tool {
	for _, t := range m.Tools(context.Background()) {
		if t.Name == name {
			return t
		}
	}
	return Tool{Call: func(context.Context, Call) (Output, error) { return Output{}, fmt.Errorf("no tool %s", name) }}
}

// until waits for what a server or the system does in its own time.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("it never came to pass: %s", what)
		}
	}
}

// pidsIn reads the line that hang writes, if it is there.
func pidsIn(text string) (pids []int) {
	for line := range strings.Lines(text) {
		var server, child int
		if n, _ := fmt.Sscanf(line, "pids %d %d", &server, &child); n == 2 {
			pids = []int{server, child}
		}
	}
	return pids
}

// running reports whether a process lives. One that is dead and that nobody
// has buried does not.
func running(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", fmt.Sprint(pid)).Output()
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// fakeHTTP is the fake server over streamable HTTP.
func fakeHTTP(stateless bool) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return newFake() },
		&mcp.StreamableHTTPOptions{Stateless: stateless})
}

// callsOf is how many calls a server is working on.
func callsOf(s *mcpServer) int {
	s.mu.Lock()
	c := s.conn
	s.mu.Unlock()
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}
