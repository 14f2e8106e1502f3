package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"hark/store"
)

// tokenWire sends a token with each request.
type tokenWire string

func (t tokenWire) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(t))
	return http.DefaultTransport.RoundTrip(r)
}

// mcpClient connects as another program's model would.
func (r *rig) mcpClient(secret string, o *mcp.ClientOptions) *mcp.ClientSession {
	r.t.Helper()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, o).Connect(context.Background(), &mcp.StreamableClientTransport{
		Endpoint: r.url + "/mcp", HTTPClient: &http.Client{Transport: tokenWire(secret)}, MaxRetries: -1,
	}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// use calls a tool and returns its text.
func use(t testing.TB, c *mcp.ClientSession, tool string, args map[string]any) (text string, isError bool) {
	t.Helper()
	out, err := c.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return out.Content[0].(*mcp.TextContent).Text, out.IsError
}

// A token's scopes decide which tools there are.
func TestMCPTools(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct{ scopes, tools []string }{
		{[]string{"fire"}, []string{"ask", "fire"}},
		{[]string{"read"}, []string{"list_reminders", "search"}},
		{[]string{"chat"}, []string{"list_reminders", "remind", "search"}},
		{[]string{"fire", "chat"}, []string{"ask", "fire", "list_reminders", "remind", "search"}},
		{[]string{"admin"}, []string{"ask", "fire", "list_reminders", "remind", "search"}},
	} {
		list, err := r.mcpClient(r.token(c.scopes...), nil).ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{}
		for _, tool := range list.Tools {
			names = append(names, tool.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, c.tools) {
			t.Errorf("scopes %q: %q", c.scopes, names)
		}
	}
}

// A browser's cookie opens nothing: a page could send it along.
func TestMCPTakesNoCookie(t *testing.T) {
	r := newRig(t, nil)
	r.fails(401, "unauthorized", "POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, as(r.device()))
}

// A token's bounds hold for its tools as they do for its fires.
func TestMCPBounds(t *testing.T) {
	r := newRig(t, nil)
	secret := r.token("fire")
	var list struct{ Tokens []store.Token }
	r.call(200, &list, "GET", "/api/tokens", "")
	r.call(200, nil, "PATCH", "/api/tokens/"+list.Tokens[0].ID, `{"rate":1,"max_priority":2}`)
	c := r.mcpClient(secret, nil)
	if text, bad := use(t, c, "fire", map[string]any{"text": "a", "priority": 5}); bad || !strings.Contains(text, "at most 2") {
		t.Errorf("%s", text)
	}
	if text, bad := use(t, c, "fire", map[string]any{"text": "b"}); !bad || !strings.Contains(text, "more often than it may") {
		t.Errorf("%s", text)
	}
}

// What one tool does, the others find, and nobody is told wrong what was not done.
func TestMCPUse(t *testing.T) {
	r := newRig(t, nil)
	c := r.mcpClient(r.token("fire", "chat"), nil)
	steps := []struct {
		tool, args string
		bad        bool
		want       string
	}{
		{"list_reminders", `{}`, false, "No reminders are set."},
		{"search", `{"query":"oven"}`, false, "Nothing was found."},
		{"fire", `{"text":"The oven is hot","title":"Kitchen","tags":["food"],"click":"https://e.example"}`, false, "Delivered, as "},
		{"fire", `{"text":"Later","at":"2h"}`, false, "It will be delivered at "},
		{"fire", `{"text":"Once","key":"k"}`, false, "Delivered, as "},
		{"fire", `{"text":"Once","key":"k"}`, false, "This was delivered before, as "},
		{"fire", `{"text":"Twice","key":"k"}`, true, "The key came before with different content."},
		{"fire", `{"text":" "}`, true, "There is no text."},
		{"fire", `{"text":"a","priority":"high"}`, true, "priority must not be a string."},
		{"search", `{"query":"oven"}`, false, "script: Kitchen: The oven is hot"},
		{"search", `{"query":""}`, true, "Say what to look for"},
		{"remind", `{"text":"Water the plants","when":"every friday at 9","zone":"Europe/Berlin"}`, false, "Set, as "},
		{"remind", `{"text":"Pills","when":"30 8 * * 1-5"}`, false, "Set, as "},
		{"remind", `{"text":"Pills","when":"whenever you like"}`, true, ""},
		{"remind", `{"text":"Pills","when":"at 9","zone":"Mars/Olympus"}`, true, "is no IANA time zone"},
		{"list_reminders", `{}`, false, "Water the plants"},
	}
	for _, s := range steps {
		var args map[string]any
		if err := json.Unmarshal([]byte(s.args), &args); err != nil {
			t.Fatal(err)
		}
		if text, bad := use(t, c, s.tool, args); bad != s.bad || !strings.Contains(text, s.want) {
			t.Errorf("%s %s: %v %s", s.tool, s.args, bad, text)
		}
	}
	if text, _ := use(t, c, "list_reminders", nil); strings.Contains(text, "Later") {
		t.Errorf("a message that is still to come is no reminder: %s", text)
	}
}

// The owner's answer is the result, and who asks hears that it is waited.
func TestMCPAsk(t *testing.T) {
	r := newRig(t, nil)
	waits := make(chan *mcp.ProgressNotificationParams, 10)
	c := r.mcpClient(r.token("fire"), &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, n *mcp.ProgressNotificationClientRequest) { waits <- n.Params },
	})
	var said string
	over := make(chan error)
	go func() {
		p := &mcp.CallToolParams{Name: "ask", Arguments: map[string]any{"text": "Which branch?", "free_text": true}}
		p.SetProgressToken("p")
		out, err := c.CallTool(context.Background(), p)
		if err == nil {
			said = out.Content[0].(*mcp.TextContent).Text
		}
		over <- err
	}()
	if n := <-waits; n.Total != askWaits || !strings.HasPrefix(n.Message, "Waiting") {
		t.Errorf("%+v", n)
	}
	r.call(200, nil, "POST", "/api/messages/"+r.question().ID+"/answer", `{"answer":"main"}`)
	if err := <-over; err != nil || said != "main" {
		t.Errorf("%q, %v", said, err)
	}
}

// question waits for the one open question.
func (r *rig) question() (m store.Message) {
	r.t.Helper()
	for over := time.Now().Add(20 * time.Second); time.Now().Before(over); <-time.After(5 * time.Millisecond) {
		var list struct{ Conversations []store.Conversation }
		r.call(200, &list, "GET", "/api/conversations", "")
		if len(list.Conversations) == 0 {
			continue
		}
		var page struct{ Messages []store.Message }
		r.call(200, &page, "GET", "/api/conversations/"+list.Conversations[0].ID+"/messages", "")
		for _, m := range page.Messages {
			if m.Ask != nil && m.Ask.State == store.AskOpen {
				return m
			}
		}
	}
	r.t.Fatal("nothing is asked")
	return m
}

// A question outlives a call that only waits for a while: the next call waits on.
func TestMCPAskAgain(t *testing.T) {
	r := newRig(t, nil)
	c := r.mcpClient(r.token("fire"), nil)
	text, bad := use(t, c, "ask", map[string]any{"text": "Deploy?", "wait": 0})
	m := r.question()
	if bad || !strings.Contains(text, m.ID) {
		t.Errorf("%s", text)
	}
	r.call(200, nil, "POST", "/api/messages/"+m.ID+"/answer", `{"answer":"yes"}`)
	if text, _ := use(t, c, "ask", map[string]any{"question": m.ID}); text != "Yes" {
		t.Errorf("%s", text)
	}
	if text, bad := use(t, c, "ask", map[string]any{"question": "none"}); !bad || !strings.Contains(text, "nothing with this id") {
		t.Errorf("%s", text)
	}
	if text, bad := use(t, c, "ask", nil); !bad || !strings.Contains(text, "Say what to ask") {
		t.Errorf("%s", text)
	}
}

// When the time of a question is up, its default is told as what it is.
func TestMCPAskTimesOut(t *testing.T) {
	r := newRig(t, nil).begin()
	c := r.mcpClient(r.token("fire"), nil)
	if text, _ := use(t, c, "ask", map[string]any{"text": "Deploy?", "timeout": "1s", "default": "No"}); text != `Nobody answered in time: it counts as "No".` {
		t.Errorf("%s", text)
	}
}

// A question whose caller gives up is taken back, unless it can be found again
// by its key.
func TestMCPAskGivenUp(t *testing.T) {
	r := newRig(t, nil)
	c := r.mcpClient(r.token("fire"), nil)
	for _, key := range []string{"", "k"} {
		ctx, giveUp := context.WithCancel(t.Context())
		over := make(chan error)
		go func() {
			_, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "ask", Arguments: map[string]any{"text": "Deploy?", "key": key}})
			over <- err
		}()
		m := r.question()
		giveUp()
		if err := <-over; err == nil {
			t.Error("given up, and answered")
		}
		gone := func() bool { return r.send("GET", "/api/messages/"+m.ID, "").StatusCode == http.StatusNotFound }
		if key == "" {
			for over := time.Now().Add(20 * time.Second); !gone() && time.Now().Before(over); <-time.After(5 * time.Millisecond) {
			}
		}
		if gone() != (key == "") {
			t.Errorf("key %q: taken back is %v", key, gone())
		}
	}
}

// No body has the server of MCP panic or answer that it is at fault.
func FuzzMCP(f *testing.F) {
	for _, s := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fire","arguments":{"text":"a","tags":[1],"priority":1e9}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask","arguments":{"text":"a","wait":0,"choices":[]}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"remind","arguments":{"text":"a","when":"tomorrow"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":null}}`, `[]`, `{`, `null`,
	} {
		f.Add(s)
	}
	db, err := store.Open("", nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	d, err := newDaemon(configFor(f.TempDir()), db)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond) // ask may wait, as asked
		defer cancel()
		q := httptest.NewRequestWithContext(ctx, "POST", "http://localhost/mcp", strings.NewReader(body))
		q.Header.Set("Authorization", "Bearer "+d.admin)
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Accept", "application/json, text/event-stream")
		kept := &keptAnswer{header: http.Header{}}
		d.handler.ServeHTTP(kept, q)
		if ctx.Err() == nil && (kept.status >= 500 || strings.Contains(kept.body.String(), "-32603")) {
			t.Fatalf("%d %s", kept.status, kept.body.String())
		}
	})
}
