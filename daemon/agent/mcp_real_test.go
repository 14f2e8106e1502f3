package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// realServer returns how to start one of the servers of testdata/mcp. They are
// installed as its package-lock.json says, if they are not there.
func realServer(t *testing.T, name string, args ...string) MCPServer {
	t.Helper()
	dir, err := filepath.Abs("testdata/mcp")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "node_modules", "@modelcontextprotocol", "server-"+name, "dist", "index.js")
	if _, err := os.Stat(script); err != nil {
		cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm ci in %s: %v\n%s", dir, err, out)
		}
	}
	return MCPServer{Command: "node", Args: append([]string{script}, args...)}
}

func callOf(t *testing.T, m *MCP, tool, args string) Output {
	t.Helper()
	out, err := toolOf(m, tool).Call(t.Context(), Call{Key: "turn/1", Args: json.RawMessage(args)})
	if err != nil {
		t.Fatalf("%s: %v; %+v", tool, err, m.Status())
	}
	return out
}

// The servers that everybody begins with work side by side.
func TestMCPRealServers(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	memory := realServer(t, "memory")
	memory.Env = map[string]string{"MEMORY_FILE_PATH": filepath.Join(dir, "memory.jsonl")}
	m := runMCP(t, map[string]MCPServer{
		"everything": realServer(t, "everything", "stdio"), "files": realServer(t, "filesystem", dir), "memory": memory,
	})
	for _, st := range m.Status() {
		if st.State != MCPReady || len(st.Tools) == 0 {
			t.Fatalf("status %+v", st)
		}
	}
	if out := callOf(t, m, "everything__echo", `{"message":"hi"}`); out.Text != "Echo: hi" || out.IsError {
		t.Errorf("echo: %+v", out)
	}
	if out := callOf(t, m, "everything__get-tiny-image", `{}`); !strings.Contains(out.Text, "[image, image/png, ") {
		t.Errorf("image: %+v", out)
	}
	if out := callOf(t, m, "everything__echo", `{}`); !out.IsError {
		t.Errorf("a missing argument: %+v", out)
	}
	file := filepath.Join(dir, "a.txt")
	args, err := json.Marshal(map[string]string{"path": file, "content": "kept"})
	if err != nil {
		t.Fatal(err)
	}
	callOf(t, m, "files__write_file", string(args))
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "kept" {
		t.Errorf("the file holds %q, %v", raw, err)
	}
	if out := callOf(t, m, "files__read_text_file", string(args)); out.Text != "kept" {
		t.Errorf("read: %+v", out)
	}
	if out := callOf(t, m, "files__read_text_file", `{"path":"/etc/hostname"}`); !out.IsError {
		t.Errorf("outside its folder: %+v", out)
	}
	callOf(t, m, "memory__create_entities", `{"entities":[{"name":"Ana","entityType":"person","observations":["likes tea"]}]}`)
	if out := callOf(t, m, "memory__read_graph", `{}`); !strings.Contains(out.Text, "likes tea") {
		t.Errorf("memory: %+v", out)
	}
	if r := toolOf(m, "files__read_text_file").Replay; r != ReadOnly {
		t.Errorf("reading a file is %v", r)
	}
	if r := toolOf(m, "files__move_file").Replay; r != Once {
		t.Errorf("moving a file is %v", r)
	}
}

const longCall = `{"duration":60,"steps":60}`

// A real server is stopped in the middle of a call, with the shell and the
// runner that it was started by, and comes back.
func TestMCPRealServerIsStopped(t *testing.T) {
	real := realServer(t, "everything", "stdio")
	// As npx does it: a shell, and the server as its child.
	spec := MCPServer{Command: "/bin/sh", Args: append([]string{"-c", `"$@"; exit $?`, "sh", real.Command}, real.Args...)}
	m := runMCP(t, map[string]MCPServer{"e": spec})
	s := m.servers[0]
	conn, err := s.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	group := conn.proc.cmd.Process.Pid
	conn.release(false)
	child := childOf(t, group)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	wish := errors.New("stopped")
	done := make(chan error, 1)
	go func() {
		_, err := toolOf(m, "e__trigger-long-running-operation").Call(ctx, Call{Args: json.RawMessage(longCall)})
		done <- err
	}()
	until(t, "the call", func() bool { return callsOf(s) == 1 })
	start := time.Now()
	cancel(wish)
	if err := <-done; !errors.Is(err, wish) || time.Since(start) > 1500*time.Millisecond {
		t.Errorf("ended with %v after %s", err, time.Since(start))
	}
	for _, pid := range []int{group, child} {
		until(t, "the end of the process", func() bool { return !running(pid) })
	}
	if out := callOf(t, m, "e__echo", `{"message":"again"}`); out.Text != "Echo: again" {
		t.Errorf("afterwards: %+v", out)
	}
}

func childOf(t *testing.T, parent int) (pid int) {
	t.Helper()
	until(t, "the child", func() bool {
		out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			var p, pp int
			if _, err := fmt.Sscan(line, &p, &pp); err == nil && pp == parent {
				pid = p
			}
		}
		return pid != 0
	})
	return pid
}

// A real server over HTTP answers, is killed in the middle of a call, which
// ends at once with its outcome unknown, and is found again when it is back.
func TestMCPRealServerOverHTTP(t *testing.T) {
	t.Parallel() // it waits for the line to be given up
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	_ = free.Close()
	spec := realServer(t, "everything", "streamableHttp")
	var server *exec.Cmd
	var log tail
	start := func() {
		server = exec.Command(spec.Command, spec.Args...)
		server.Env, server.Stdout = append(os.Environ(), "PORT="+port), &log
		stderr, err := server.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stderr)
		for lines.Scan() && !strings.Contains(lines.Text(), "listening") {
		}
	}
	start()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	m := runMCP(t, map[string]MCPServer{"e": {URL: "http://" + addr + "/mcp"}})
	if out := callOf(t, m, "e__echo", `{"message":"hi"}`); out.Text != "Echo: hi" {
		t.Errorf("echo: %+v", out)
	}
	done := make(chan error, 1)
	posts := func() int { return strings.Count(log.text(strings.NewReplacer()), "POST") }
	before := posts()
	long := toolOf(m, "e__trigger-long-running-operation")
	go func() {
		_, err := long.Call(t.Context(), Call{Args: json.RawMessage(longCall)})
		done <- err
	}()
	until(t, "the call", func() bool {
		return callsOf(m.servers[0]) == 1 && posts() > before
	})
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the call has succeeded")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the call goes on without its server")
	}
	start()
	until(t, "the server's return", func() bool {
		out, err := toolOf(m, "e__echo").Call(t.Context(), Call{Args: json.RawMessage(`{"message":"back"}`)})
		return err == nil && out.Text == "Echo: back"
	})
}
