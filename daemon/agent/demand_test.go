package agent

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// What a server or a model refuses is left out, the answer comes all the same,
// and the lesson is kept where it is one about the model.
func TestLessIsAskedFor(t *testing.T) {
	const chat, messages = 0, 1
	refusal := func(status int, text string) string { return fmt.Sprintf("%d %s", status, text) }
	tests := map[string]struct {
		wire     int
		mark     string // of the request that is refused
		refusal  string
		without  bool // tools
		forgets  bool
		contains string // of the request that goes through
	}{
		"token counts":     {chat, "stream_options", refusal(400, `{"error":{"message":"Unrecognized request argument supplied: stream_options"}}`), false, false, "c1"},
		"tools, Ollama":    {chat, `"tools"`, refusal(400, `{"error":{"message":"registry.ollama.ai/library/gemma3:1b does not support tools","type":"api_error"}}`), true, true, "called f with"},
		"tools, vLLM":      {chat, `"tools"`, refusal(400, `{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}`), true, true, "[result of a tool"},
		"tools, llama.cpp": {chat, `"tools"`, refusal(500, `{"error":{"code":500,"message":"tools param requires --jinja flag"}}`), true, true, ""},
		"tools, a router":  {chat, `"tools"`, refusal(404, `{"error":{"code":404,"message":"No endpoints found that support tool use."}}`), true, true, ""},
		"thoughts":         {chat, "reasoning_content", refusal(400, `{"error":{"message":"reasoning_content is not permitted here"}}`), false, true, "c1"},
		"thinking":         {messages, `"thinking":{`, refusal(400, `{"type":"error","error":{"type":"invalid_request_error","message":"adaptive thinking is not supported on this model"}}`), false, false, "c1"},
		"a signature":      {messages, `"signature"`, refusal(400, `{"error":{"message":"messages.1.content.0: Invalid `+"`signature`"+` in `+"`thinking`"+` block"}}`), false, true, "c1"},
		"a lower limit":    {messages, `"max_tokens":32000`, refusal(400, `{"error":{"message":"max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for x"}}`), false, false, `"max_tokens":8192`},
		"room":             {messages, `"max_tokens":32000`, refusal(400, `{"error":{"message":"input length and `+"`max_tokens`"+` exceed context limit: 180000 + 32000 > 200000"}}`), false, true, `"max_tokens":4096`},
		"tools, messages":  {messages, `"tools"`, refusal(400, `{"error":{"message":"this model does not support tools"}}`), true, true, "[called f with"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sp := speakers()[tt.wire]
				raw := map[int]string{
					chat:     `{"wire":"chat","model":"m","reasoning_content":"Hm."}`,
					messages: strings.ReplaceAll(thinkingRaw, `"a"`, `"c1"`),
				}[tt.wire]
				var refused []bool
				var through string
				p := serveFor(t, sp, func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					no := strings.Contains(string(body), tt.mark)
					if refused = append(refused, no); no {
						var status int
						_, _ = fmt.Sscan(tt.refusal, &status)
						w.WriteHeader(status)
						_, _ = io.WriteString(w, tt.refusal[4:])
						return
					}
					through = string(body)
					say(w, sp.say("Hi")+sp.finish)
				})
				req := Request{Model: "m", Tools: []Tool{{Name: "f"}}, Turns: []Turn{
					{Role: RoleUser, Text: "hi"},
					{Role: RoleAssistant, Calls: []ToolCall{{ID: "c1", Name: "f", Arguments: `{"x":1}`}}, Raw: json.RawMessage(raw)},
					{Role: RoleTool, CallID: "c1", Text: "ok"},
				}}
				for range 2 {
					text, _, res, err := collect(t.Context(), p, req)
					if text != "Hi" || err != nil || res.WithoutTools != tt.without {
						t.Fatalf("got %q, %+v, %v", text, res, err)
					}
				}
				want := []bool{true, false, false}
				if tt.forgets {
					want = []bool{true, false, true, false}
				}
				if !slices.Equal(refused, want) || !strings.Contains(through, tt.contains) {
					t.Errorf("refused %v, want %v; went through: %s", refused, want, through)
				}
			})
		})
	}
}

// A server that refuses whatever it is sent is asked a few times, not for ever,
// and a fault in a tool's schema is told as what it is.
func TestRefusalsEnd(t *testing.T) {
	for _, text := range []string{
		"thinking signature reasoning stream_options max_tokens: 32000 > 8192 tools are not supported",
		"tools.0.input_schema does not support oneOf",
	} {
		for _, sp := range speakers() {
			synctest.Test(t, func(t *testing.T) {
				hits := 0
				p := serveFor(t, sp, func(w http.ResponseWriter, _ *http.Request) {
					hits++
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, text)
				})
				_, _, res, err := collect(t.Context(), p, Request{Model: "m", Tools: []Tool{{Name: "f"}}})
				if err == nil || hits > 6 || res.WithoutTools {
					t.Errorf("%s: got %v after %d requests", sp.name, err, hits)
				}
			})
		}
	}
}
