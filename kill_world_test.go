package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/daemon"
	"hark/store"
)

// buildHark builds the program as make does, with tags.
func buildHark(t *testing.T, tags string) (bin string) {
	t.Helper()
	bin = filepath.Join(t.TempDir(), "hark")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-tags="+tags, "-o", bin, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// world is what outlives a process: the data folder, the model's server, and a
// server of tools, over HTTP, whose tool has an effect that is counted. class is
// the tool's, or "model" (it is not called) or "builtin" (remind is).
type world struct {
	ctx             context.Context
	bin, dir, class string
	pause           time.Duration // between the pieces of an answer, and before and after the effect
	model, tools    *httptest.Server

	mu      sync.Mutex
	asked   map[string]int // by who spoke last and the question
	effects map[string]int // by key
}

func newWorld(t *testing.T, bin, class string, pause time.Duration) *world {
	t.Helper()
	w := &world{
		ctx: t.Context(), bin: bin, dir: t.TempDir(), class: class, pause: pause,
		asked: map[string]int{}, effects: map[string]int{},
	}
	w.model, w.tools = httptest.NewServer(http.HandlerFunc(w.answer)), httptest.NewServer(http.HandlerFunc(w.mcp))
	t.Cleanup(w.model.Close)
	t.Cleanup(w.tools.Close)
	config := `{"mcpServers":{"tools":{"url":"` + w.tools.URL + `/mcp"}}}`
	if err := os.WriteFile(filepath.Join(w.dir, "mcp.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// tool is the name of the tool that the model calls.
func (w *world) tool() string {
	if w.class == "builtin" {
		return "remind"
	}
	return "tools__effect"
}

// answer speaks the chat completions wire: it calls the tool once, then answers.
func (w *world) answer(rw http.ResponseWriter, r *http.Request) {
	var req struct {
		Messages []struct{ Role, Content string }
	}
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&req) != nil || len(req.Messages) == 0 {
		http.Error(rw, `{"error":{"message":"what?"}}`, http.StatusNotFound)
		return
	}
	last, question := req.Messages[len(req.Messages)-1], ""
	for _, m := range req.Messages {
		if m.Role == "user" {
			question = m.Content[strings.LastIndex(m.Content, "] ")+2:] // after the time at which it was said
		}
	}
	w.mu.Lock()
	w.asked[last.Role+" "+question]++
	w.mu.Unlock()
	say := func(choice string) {
		fmt.Fprintf(rw, "data: {\"choices\":[%s]}\n\n", choice)
		_ = http.NewResponseController(rw).Flush()
		<-time.After(w.pause)
	}
	defer func() { fmt.Fprint(rw, "data: [DONE]\n\n") }()
	if last.Role == "tool" || w.class == "model" || question == "next" {
		say(`{"delta":{"content":"Done with "}}`)
		say(`{"delta":{"content":"` + question + `"}}`)
		say(`{"delta":{},"finish_reason":"stop"}`)
		return
	}
	args := `{\"text\":\"live\",\"when\":\"tomorrow at 9\"}`
	say(`{"delta":{"content":"Let me see."}}`)
	say(`{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"` + w.tool() + `","arguments":"` + args + `"}}]}}`)
	say(`{"delta":{},"finish_reason":"tool_calls"}`)
}

// mcp speaks streamable HTTP, without a stream.
func (w *world) mcp(rw http.ResponseWriter, r *http.Request) {
	var req struct {
		ID     json.RawMessage
		Method string
		Params struct {
			ProtocolVersion string
			Meta            struct{ IdempotencyKey string } `json:"_meta"`
		}
	}
	if r.Method != http.MethodPost {
		http.Error(rw, "no stream", http.StatusMethodNotAllowed)
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.ID == nil {
		rw.WriteHeader(http.StatusAccepted)
		return
	}
	result := `{}`
	switch req.Method {
	case "initialize":
		result = `{"protocolVersion":"` + req.Params.ProtocolVersion + `","capabilities":{"tools":{}},"serverInfo":{"name":"world","version":"1"}}`
	case "tools/list":
		hints := map[string]string{"read_only": `{"readOnlyHint":true}`, "idempotent": `{"idempotentHint":true}`}[w.class]
		if hints == "" {
			hints = `{}`
		}
		result = `{"tools":[{"name":"effect","inputSchema":{"type":"object"},"annotations":` + hints + `}]}`
	case "tools/call":
		<-time.After(w.pause)
		w.mu.Lock()
		w.effects[req.Params.Meta.IdempotencyKey]++
		w.mu.Unlock()
		<-time.After(w.pause)
		result = `{"content":[{"type":"text","text":"ok"}]}`
	}
	rw.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(rw, `{"jsonrpc":"2.0","id":%s,"result":%s}`, req.ID, result)
}

// life is one process.
type life struct {
	w     *world
	cmd   *exec.Cmd
	local daemon.Local
	gone  chan struct{} // it has ended
}

// start starts the program, to be killed at point if that is not empty.
func (w *world) start(point string) (*life, error) {
	l := &life{w: w, gone: make(chan struct{})}
	l.cmd = exec.CommandContext(w.ctx, w.bin, "serve", "--addr", "127.0.0.1:0", "--data", w.dir, "--log-level", "error")
	l.cmd.Env = append(os.Environ(), "HARK_KILL_AT="+point, "HARK_MODEL_KIND=openai", "HARK_MODEL=m", "HARK_MODEL_URL="+w.model.URL+"/v1")
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "hark: listening on ") {
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = l.cmd.Wait()
		close(l.gone)
	}()
	l.local, err = daemon.ReadLocal(w.dir)
	return l, err
}

// kill ends the process as a power cut would.
func (l *life) kill() {
	_ = l.cmd.Process.Kill()
	<-l.gone
}

// call asks the process for something, as its owner, and decodes the answer.
func (l *life) call(method, path, body string, out any) error {
	r, err := http.NewRequestWithContext(l.w.ctx, method, l.local.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+l.local.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", body) // each is sent until it is answered, and meant once
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= 300:
		return fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, raw)
	case out == nil:
		return nil
	}
	return json.Unmarshal(raw, out)
}

// accepted is the answer to a message.
type accepted struct {
	Conversation string
	Reply        string `json:"assistant_message"`
}

// send writes a message; sent again, it is the same one.
func (l *life) send(text, conversation string) (out accepted, err error) {
	return out, l.call("POST", "/api/assistant/chat", fmt.Sprintf(`{"text":%q,"conversation":%q}`, text, conversation), &out)
}

func (l *life) message(id string) (m store.Message, err error) {
	return m, l.call("GET", "/api/messages/"+id, "", &m)
}

// ready waits until the tool is there, and, if allowed, lets it run unasked.
func (l *life) ready(allowed bool) error {
	err := eventually("the tool", func() (bool, error) {
		var list struct{ Tools []struct{ Name string } }
		err := l.call("GET", "/api/tools", "", &list)
		for _, t := range list.Tools {
			if t.Name == "tools__effect" {
				return true, nil
			}
		}
		return false, err
	})
	if err != nil || !allowed {
		return err
	}
	return l.call("PUT", "/api/tools/"+l.w.tool(), `{"allowed":true}`, nil)
}

// settled waits until a reply has ended, or waits for the owner.
func (l *life) settled(id string) (m store.Message, err error) {
	return m, eventually("the end of a reply", func() (bool, error) {
		m, err = l.message(id)
		return !m.Status.Open() || m.Reason == store.WaitApproval, err
	})
}

// eventually asks until the answer is yes, or it has taken too long.
func eventually(what string, fn func() (bool, error)) error {
	for over := time.After(2 * time.Minute); ; {
		if ok, err := fn(); ok || err != nil {
			return err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-over:
			return errors.New(what + " did not come")
		}
	}
}
