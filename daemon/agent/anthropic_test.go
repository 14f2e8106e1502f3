package agent

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// thinkingRaw is what a turn with a thought and a call hands back.
const thinkingRaw = `{"wire":"messages","model":"m","content":[` +
	`{"type":"thinking","thinking":"Hm.","signature":"S"},` +
	`{"type":"tool_use","id":"a","name":"f","input":{"x":1}}]}`

func toolTurns(raw string) []Turn {
	return []Turn{
		{Role: RoleSystem, Text: "Be brief."},
		{Role: RoleUser, Text: "hi"},
		{Role: RoleAssistant, Text: "I look.", Calls: []ToolCall{{ID: "a", Name: "f", Arguments: `{"x":1}`}}, Raw: json.RawMessage(raw)},
		{Role: RoleTool, CallID: "a", Text: "gone", IsError: true},
		{Role: RoleUser, Text: "and now?"},
	}
}

func sent(t *testing.T, w wire, req Request, a demand) string {
	t.Helper()
	req.Turns = paired(req.Turns)
	raw, err := w.encode(req, a)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The request is what the messages wire wants, with the provider's own blocks
// handed back word for word and at most four marks for its cache.
func TestMessagesRequest(t *testing.T) {
	tools := []Tool{
		{Name: "e"},
		{Name: "f", Description: "d", Parameters: json.RawMessage(`{"type":"object","properties":{"x":{"type":"number"}}}`)},
	}
	all := demand{thinking: true, raw: true, maxTokens: 9}
	const head = `{"model":"m","max_tokens":9,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"messages":[`
	const hi = `{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]},`
	const last = `{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"gone","is_error":true},` +
		`{"type":"text","text":"and now?","cache_control":{"type":"ephemeral"}}]}],`
	const tail = `"tools":[{"name":"e","input_schema":{"properties":{},"type":"object"}},` +
		`{"name":"f","description":"d","input_schema":{"type":"object","properties":{"x":{"type":"number"}}},"cache_control":{"type":"ephemeral"}}],`
	const thinking = `"thinking":{"type":"adaptive","display":"summarized"},"stream":true}`
	own := `{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"S"},{"type":"tool_use","id":"a","name":"f","input":{"x":1}}]},`
	plain := `{"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"a","name":"f","input":{"x":1}}]},`
	tests := map[string]struct {
		raw, model string
		a          demand
		want       string
	}{
		"its own blocks":            {thinkingRaw, "m", all, head + hi + own + last + tail + thinking},
		"blocks of another model":   {strings.Replace(thinkingRaw, `"m"`, `"n"`, 1), "m", all, head + hi + plain + last + tail + thinking},
		"blocks of another wire":    {`{"wire":"chat","model":"m"}`, "m", all, head + hi + plain + last + tail + thinking},
		"blocks for other calls":    {strings.Replace(thinkingRaw, `"id":"a"`, `"id":"z"`, 1), "m", all, head + hi + plain + last + tail + thinking},
		"blocks that were refused":  {thinkingRaw, "m", demand{thinking: true, maxTokens: 9}, head + hi + plain + last + tail + thinking},
		"thinking that was refused": {thinkingRaw, "m", demand{raw: true, maxTokens: 9}, head + hi + own + last + tail + `"stream":true}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := sent(t, messagesWire{}, Request{Model: tt.model, Turns: toolTurns(tt.raw), Tools: tools}, tt.a)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// What the wire would refuse is not sent: empty texts, a beginning that is not
// the owner's, ids with other signs than it knows.
func TestMessagesRequestIsTidy(t *testing.T) {
	got := sent(t, messagesWire{}, Request{Model: "m", Turns: []Turn{
		{Role: RoleAssistant, Text: "  ", Calls: []ToolCall{{ID: "functions.f:0", Name: "f.x", Arguments: "{"}}},
		{Role: RoleTool, CallID: "functions.f:0", Text: ""},
		{Role: RoleUser, Text: " "},
		{Role: RoleAssistant, Text: "Done. "},
	}}, demand{maxTokens: 1})
	want := `{"model":"m","max_tokens":1,"messages":[` +
		`{"role":"user","content":[{"type":"text","text":"[The beginning was left out.]","cache_control":{"type":"ephemeral"}}]},` +
		`{"role":"assistant","content":[{"type":"tool_use","id":"functions_f_0","name":"f_x","input":{"unreadable":"{"}}]},` +
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"functions_f_0","cache_control":{"type":"ephemeral"}}]},` +
		`{"role":"assistant","content":[{"type":"text","text":"Done."}]}],"stream":true}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The key goes where each server looks for it, and the version with it, also
// when the models are listed.
func TestMessagesKey(t *testing.T) {
	var headers []http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header)
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"data":[{"id":"claude-x","type":"model"}],"has_more":false}`)
			return
		}
		_, _ = io.WriteString(w, `{"type":"message","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}`)
	}))
	defer srv.Close()
	p, err := Open(Model{Kind: "anthropic", URL: srv.URL + "/v1/messages", Key: " k "})
	if err != nil {
		t.Fatal(err)
	}
	if text, _, _, err := collect(t.Context(), p, Request{Model: "m"}); text != "Hi" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	models, err := p.(*Anthropic).Models(t.Context())
	if err != nil || len(models) != 1 || models[0] != "claude-x" {
		t.Errorf("got %v, %v", models, err)
	}
	for _, h := range headers {
		if h.Get("X-Api-Key") != "k" || h.Get("Authorization") != "Bearer k" || h.Get("Anthropic-Version") != messagesVersion {
			t.Errorf("sent %v", h)
		}
	}
	own, err := NewAnthropic(ClientConfig{Key: "k"})
	if err != nil || own.end.with(messagesPath) != "https://api.anthropic.com/v1/messages" {
		t.Fatalf("got %v, %v", own.end, err)
	}
	h := http.Header{}
	messagesWire{}.sign(h, own.client)
	if h.Get("Authorization") != "" || h.Get("X-Api-Key") != "k" {
		t.Errorf("Anthropic itself is sent %v", h)
	}
}
