package agent

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A server's tools are offered under its name, with the care that it asks for,
// and a call carries its key.
func TestMCPTools(t *testing.T) {
	t.Setenv("HARK_MODEL_KEY", "sk-secret")
	m := runMCP(t, map[string]MCPServer{"my files": fake("noisy", "TOKEN", "t-secret")})
	replay := map[string]Replay{}
	for _, tool := range m.Tools(t.Context()) {
		replay[tool.Name] = tool.Replay
		if !tool.External || tool.Timeout != time.Minute || tool.Description == "" || !json.Valid(tool.Parameters) {
			t.Errorf("offered as %+v", tool)
		}
		if closed := tool.Name == "my_files__env"; tool.Open == closed {
			t.Errorf("%s: open %v; only what says that it reaches nobody is not", tool.Name, tool.Open)
		}
	}
	for name, want := range map[string]Replay{"my_files__key": ReadOnly, "my_files__env": Idempotent, "my_files__crash": Once} {
		if got, ok := replay[name]; !ok || got != want {
			t.Errorf("%s: got %v, %v, want %v", name, got, ok, want)
		}
	}
	out, err := toolOf(m, "my_files__key").Call(t.Context(), Call{Key: "turn/3", Args: json.RawMessage(`{}`)})
	if err != nil || out.Text != "turn/3" || out.IsError {
		t.Errorf("got %+v, %v", out, err)
	}
	out, err = toolOf(m, "my_files__refuse").Call(t.Context(), Call{})
	if err != nil || !out.IsError || !strings.Contains(out.Text, "not today") {
		t.Errorf("a refusal is %+v, %v", out, err)
	}
	out, err = toolOf(m, "my_files__env").Call(t.Context(), Call{})
	if err != nil || !strings.Contains(out.Text, "TOKEN=t-secret") || strings.Contains(out.Text, "HARK_") {
		t.Errorf("the server sees %q, %v", out.Text, err)
	}
	st := m.Status()[0]
	if st.State != MCPReady || st.Version != "fake 1" || !strings.Contains(st.Stderr, "Welcome") || len(st.Tools) != len(replay) {
		t.Errorf("status %+v", st)
	}
}

// Arguments that the server's schema refuses are an answer, not a failure.
func TestMCPBadArguments(t *testing.T) {
	m := runMCP(t, map[string]MCPServer{"f": fake("ok")})
	out, err := toolOf(m, "f__key").Call(t.Context(), Call{Args: json.RawMessage(`{"more":1}`)})
	if err != nil || !out.IsError || out.Text == "" {
		t.Errorf("got %+v, %v", out, err)
	}
}

// A tool that appears later is offered without a restart.
func TestMCPListChanges(t *testing.T) {
	m := runMCP(t, map[string]MCPServer{"f": fake("ok")})
	if _, err := toolOf(m, "f__grow").Call(t.Context(), Call{}); err != nil {
		t.Fatal(err)
	}
	until(t, "the new tool", func() bool { return slices.Contains(m.Status()[0].Tools, "f__more") })
}

// A call that is given up has really ended when it returns, within a second:
// the server and its children are gone, and the next call finds a new server.
func TestMCPStopReallyStops(t *testing.T) {
	slow := fake("ok")
	slow.Seconds = 0.3
	slowest := fake("ok")
	slowest.Timeouts = map[string]float64{"hang": 0.3}
	tests := map[string]struct {
		server MCPServer
		stop   bool
	}{"by its owner": {fake("ok"), true}, "by its server's time-out": {slow, false}, "by its own time-out": {slowest, false}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := runMCP(t, map[string]MCPServer{"f": tt.server})
			wish := errors.New("stopped")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			done := make(chan error, 1)
			go func() {
				_, err := toolOf(m, "f__hang").Call(ctx, Call{})
				done <- err
			}()
			until(t, "the call", func() bool { return pidsIn(m.Status()[0].Stderr) != nil })
			pids := pidsIn(m.Status()[0].Stderr)
			start := time.Now()
			if tt.stop {
				cancel(wish)
			}
			err := <-done
			if took := time.Since(start); took > 1500*time.Millisecond {
				t.Errorf("it took %s", took)
			}
			if tt.stop && !errors.Is(err, wish) || !tt.stop && !strings.Contains(err.Error(), "no answer within") || errors.Is(err, ErrNotRun) {
				t.Errorf("ended with %v", err)
			}
			for _, pid := range pids {
				until(t, "the end of the process", func() bool { return !running(pid) })
			}
			if out, err := toolOf(m, "f__key").Call(t.Context(), Call{Key: "k"}); err != nil || out.Text != "k" {
				t.Errorf("afterwards: %+v, %v", out, err)
			}
		})
	}
}

// A call that is given up takes no other call down with it.
func TestMCPStopSparesOtherCalls(t *testing.T) {
	m := runMCP(t, map[string]MCPServer{"f": fake("ok")})
	s := m.servers[0]
	other, err := s.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	conn, err := s.acquire(t.Context())
	if err != nil || conn != other {
		t.Fatal(err)
	}
	conn.release(ctx.Err() != nil)
	select {
	case <-other.proc.exited:
		t.Error("the other call's server is gone")
	default:
	}
	other.release(false)
	<-other.proc.exited
}

// A server that dies during a call leaves the outcome unknown, nothing behind,
// and comes back.
func TestMCPServerDies(t *testing.T) {
	m := runMCP(t, map[string]MCPServer{"f": fake("ok")})
	_, err := toolOf(m, "f__crash").Call(t.Context(), Call{})
	if err == nil || errors.Is(err, ErrNotRun) || !strings.Contains(err.Error(), "went away") {
		t.Errorf("got %v", err)
	}
	if out, err := toolOf(m, "f__key").Call(t.Context(), Call{Key: "k"}); err != nil || out.Text != "k" {
		t.Errorf("afterwards: %+v, %v", out, err)
	}
}

// When Hark is killed in the middle of a call, no process of its servers is
// left.
func TestMCPKillLeavesNoOrphan(t *testing.T) {
	owner := exec.Command(os.Args[0], "-test.run=^TestAsMCPServer$")
	owner.Env = append(os.Environ(), fakeMode+"=owner")
	// The server's stderr is read by its owner, so the numbers come by a file.
	list := filepath.Join(t.TempDir(), "pids")
	owner.Env = append(owner.Env, "PIDS="+list)
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	until(t, "the call", func() bool {
		raw, _ := os.ReadFile(list)
		pids = pidsIn(string(raw))
		return pids != nil
	})
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	for _, pid := range pids {
		until(t, "the end of the process", func() bool { return !running(pid) })
	}
}

// Each way not to reach a server is told, without its secrets, and holds up
// neither the others nor the start.
func TestMCPFailures(t *testing.T) {
	locked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t-secret" {
			t.Errorf("the header is %q", r.Header.Get("Authorization"))
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer locked.Close()
	servers := map[string]MCPServer{
		"gone":     {Command: "no-such-command-here"},
		"dead":     fake("dead", "TOKEN", "t-secret"),
		"locked":   {URL: locked.URL + "?key=t-secret", Headers: map[string]string{"Authorization": "Bearer t-secret"}},
		"nothing":  {},
		"both":     {Command: "x", URL: "http://x"},
		"old":      {URL: "http://x", Type: "sse"},
		"variable": {Command: "${NO_SUCH_VARIABLE}"},
		"off":      {Command: "x", Disabled: true},
		"good":     fake("ok"),
	}
	wants := map[string]string{
		"gone": "was not found", "dead": "exit status 7", "locked": "does not let Hark in", "nothing": "neither a command nor a url",
		"both": "only one of them", "old": "streamable HTTP", "variable": "NO_SUCH_VARIABLE is not set", "off": "", "good": "",
	}
	for _, st := range runMCP(t, servers).Status() {
		want := wants[st.Name]
		if !strings.Contains(st.Detail, want) || (want == "") != (st.Detail == "") || (want != "") != (st.State == MCPFailed) {
			t.Errorf("%s is %s: %q", st.Name, st.State, st.Detail)
		}
		if strings.Contains(st.Detail+st.Stderr, "t-secret") {
			t.Errorf("%s tells a secret: %q %q", st.Name, st.Detail, st.Stderr)
		}
		if st.Name == "dead" && !strings.Contains(st.Stderr, "no licence") {
			t.Errorf("stderr is %q", st.Stderr)
		}
	}
}

// A server that never answers holds up nothing but itself.
func TestMCPSilentServer(t *testing.T) {
	m := NewMCP(MCPConfig{Servers: map[string]MCPServer{"f": fake("silent")}})
	m.Start(t.Context())
	s := m.servers[0]
	until(t, "the attempt", func() bool { return s.status().Starts == 1 })
	if tools := m.Tools(t.Context()); len(tools) != 0 || m.Status()[0].State != MCPStarting {
		t.Errorf("got %v", tools)
	}
	start := time.Now()
	m.Close()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("closing took %s", took)
	}
}

// A server that can't be reached is tried again after 1, 2, 4, … 60 seconds,
// give or take a fifth, for as long as it takes.
func TestMCPBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMCP(MCPConfig{Servers: map[string]MCPServer{"f": {Command: "no-such-command-here"}}})
		m.Start(t.Context())
		defer m.Close()
		time.Sleep(100 * time.Second)
		// 1+2+4+8+16+32 = 63 s, then 60 s: the seventh try at 51 to 76 s.
		if n := m.Status()[0].Starts; n != 7 && n != 8 {
			t.Errorf("%d tries in 100 s", n)
		}
		before := m.Status()[0].Starts
		time.Sleep(10 * time.Minute)
		if n := m.Status()[0].Starts - before; n < 8 || n > 13 {
			t.Errorf("%d tries in 10 min", n)
		}
	})
}

// Names are unique and fit for every model, and stay what they are.
func TestMCPNames(t *testing.T) {
	taken := map[string]bool{}
	long := strings.Repeat("x", 80)
	var names []string
	for _, tool := range []string{"a.b", "a b", long, long + "y", "ok"} {
		name := mcpToolName("srv", tool, taken)
		if taken[name] || len(name) > maxToolName || name != toolName(name) {
			t.Errorf("%s is called %s", tool, name)
		}
		taken[name] = true
		names = append(names, name)
	}
	if names[0] != "srv__a_b" || names[4] != "srv__ok" || mcpToolName("srv", long, nil) != names[2] {
		t.Errorf("got %v", names)
	}
}

// Streamable HTTP does the same, with and without sessions; after a restart of
// the server a call finds it again by itself.
func TestMCPOverHTTP(t *testing.T) {
	for name, stateless := range map[string]bool{"with sessions": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			h := fakeHTTP(stateless)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
			t.Cleanup(func() {
				srv.CloseClientConnections()
				srv.Close()
			})
			m := runMCP(t, map[string]MCPServer{"f": {URL: srv.URL}})
			for i := range 2 {
				out, err := toolOf(m, "f__key").Call(t.Context(), Call{Key: "k"})
				if err != nil || out.Text != "k" {
					t.Fatalf("call %d: %+v, %v; %+v", i, out, err, m.Status())
				}
				h = fakeHTTP(stateless) // it knows no session of before
			}
		})
	}
}

// mcp.json is read as others write it, and its mistakes are told with the line.
func TestReadMCP(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		path := filepath.Join(dir, "mcp.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if got, err := ReadMCP(filepath.Join(dir, "none.json")); got != nil || err != nil {
		t.Errorf("no file: %v, %v", got, err)
	}
	t.Setenv("MCP_TEST_TOKEN", "t-secret")
	got, err := ReadMCP(write(`{"mcpServers":{"a":{"command":"npx","args":["-y","x","${MCP_TEST_TOKEN}"],"autoApprove":[]},` +
		`"b":{"type":"http","url":"https://x/${MCP_TEST_NONE:-mcp}","headers":{"Authorization":"Bearer ${MCP_TEST_TOKEN}"},"timeout":2.5,"timeouts":{"slow":600}}}}`))
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	a, errA := got["a"].resolve()
	b, errB := got["b"].resolve()
	if errA != nil || errB != nil || a.Args[2] != "t-secret" || b.URL != "https://x/mcp" || b.Headers["Authorization"] != "Bearer t-secret" ||
		b.timeout("x") != 2500*time.Millisecond || b.timeout("slow") != 10*time.Minute || a.timeout("x") != time.Minute || a.transport() != "stdio" || b.transport() != "http" {
		t.Errorf("got %+v %v, %+v %v", a, errA, b, errB)
	}
	for text, want := range map[string]string{
		"{\n\"mcpServers\": {\n,}}":              "line 3",
		`{"servers":{"a":{}}}`:                   `no "mcpServers"`,
		`{"mcpServers":{"a":{"command":["x"]}}}`: "correct the file",
	} {
		if _, err := ReadMCP(write(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
