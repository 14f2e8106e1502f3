package agent

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// plain writes turns down for comparison.
func plain(turns []Turn) string {
	var b strings.Builder
	for _, t := range turns {
		fmt.Fprintf(&b, "%s %q", t.Role, t.Text)
		for _, c := range t.Calls {
			fmt.Fprintf(&b, " call %s %s %s", c.ID, c.Name, c.Arguments)
		}
		if t.CallID != "" {
			fmt.Fprintf(&b, " of %s", t.CallID)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Whatever a history has been through, each call that is sent has one result
// right behind it, and no two calls have one id: a provider that refused one
// such history would refuse all that follow it.
func TestCallsAndResultsArePaired(t *testing.T) {
	call := func(ids ...string) Turn {
		turn := Turn{Role: RoleAssistant}
		for _, id := range ids {
			turn.Calls = append(turn.Calls, ToolCall{ID: id, Name: "f", Arguments: "{}"})
		}
		return turn
	}
	result := func(id, text string) Turn { return Turn{Role: RoleTool, CallID: id, Text: text} }
	user := Turn{Role: RoleUser, Text: "go on"}
	tests := map[string]struct {
		turns []Turn
		want  string
	}{
		"in order": {
			[]Turn{call("a", "b"), result("a", "1"), result("b", "2")},
			"assistant \"\" call a f {} call b f {}\ntool \"1\" of a\ntool \"2\" of b\n",
		},
		"out of order": {
			[]Turn{call("a", "b"), result("b", "2"), result("a", "1")},
			"assistant \"\" call a f {} call b f {}\ntool \"1\" of a\ntool \"2\" of b\n",
		},
		"a result is missing": {
			[]Turn{call("a", "b"), result("b", "2"), user},
			fmt.Sprintf("assistant \"\" call a f {} call b f {}\ntool %q of a\ntool \"2\" of b\nuser \"go on\"\n", noResult),
		},
		"a call is missing": {
			[]Turn{user, result("a", "1")},
			"user \"go on\"\nuser " + fmt.Sprintf("%q", retoldResult(result("a", "1"))) + "\n",
		},
		"a result comes twice": {
			[]Turn{call("a"), result("a", "1"), result("a", "2")},
			"assistant \"\" call a f {}\ntool \"1\" of a\nuser " + fmt.Sprintf("%q", retoldResult(result("", "2"))) + "\n",
		},
		"ids come again": {
			[]Turn{call("call_0"), result("call_0", "1"), call("call_0"), result("call_0", "2")},
			"assistant \"\" call call_0 f {}\ntool \"1\" of call_0\nassistant \"\" call call00001 f {}\ntool \"2\" of call00001\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := plain(paired(tt.turns)); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// Turns that were given are not changed: they are the caller's.
func TestPairingLeavesItsInput(t *testing.T) {
	in := []Turn{{Role: RoleAssistant, Calls: []ToolCall{{Name: "a b", Arguments: "x"}}}, {Role: RoleUser, Text: "hi"}}
	before := plain(in)
	retold(paired(in))
	if plain(in) != before {
		t.Errorf("got %s", plain(in))
	}
}

// A tool's schema reaches strict providers as an object without a choice at
// its top, and is otherwise the author's own.
func TestToolSchema(t *testing.T) {
	tests := map[string]string{
		``:                  `{"properties":{},"type":"object"}`,
		`null`:              `{"properties":{},"type":"object"}`,
		`true`:              `{"properties":{},"type":"object"}`,
		`{"type":"object"}`: `{"properties":{},"type":"object"}`,
		`{"type":"object","required":["b"],"properties":{"b":{},"a":{}}}`:                       `{"type":"object","required":["b"],"properties":{"b":{},"a":{}}}`,
		`{"$schema":"x","type":["object","null"],"properties":{"a":{"anyOf":[]}},"anyOf":[{}]}`: `{"properties":{"a":{"anyOf":[]}},"type":"object"}`,
	}
	for in, want := range tests {
		if got := string(toolSchema(json.RawMessage(in))); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// Names are cut and cleaned for the narrowest provider.
func TestToolName(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "unnamed",
		"files__read":            "files__read",
		"a.b c/ü":                "a_b_c__",
		strings.Repeat("x", 100): strings.Repeat("x", 64),
	} {
		if got := toolName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Thoughts that came in pieces, details, and the signature beside a call go
// back to the model that gave them, and to no other.
func TestChatHandsBackThoughts(t *testing.T) {
	const stream = `data: {"choices":[{"delta":{"reasoning_content":"Hm"}}]}
data: {"choices":[{"delta":{"reasoning_content":".","reasoning_details":[{"type":"reasoning.text","index":0,"text":"Hm"}]}}]}
data: {"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","index":0,"text":".","signature":"S"},{"type":"reasoning.encrypted","index":1,"data":"E"}]}}]}
data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"G"}}}]},"finish_reason":"tool_calls"}]}
data: [DONE]
`
	d := chatWire{}.decoder(Request{Model: "m"}, reading{emit: func(Delta) error { return nil }})
	res, err := (&body{d: d}).readAll(strings.NewReader(stream), func() {})
	if err != nil {
		t.Fatal(err)
	}
	turns := []Turn{{Role: RoleAssistant, Calls: res.Calls, Raw: res.Raw}, {Role: RoleTool, CallID: "a", Text: "ok"}}
	back := sent(t, chatWire{}, Request{Model: "m", Turns: turns}, demand{raw: true})
	for _, want := range []string{
		`"reasoning_content":"Hm."`, `"extra_content":{"google":{"thought_signature":"G"}}`,
		`"reasoning_details":[{"index":0,"signature":"S","text":"Hm.","type":"reasoning.text"},{"type":"reasoning.encrypted","index":1,"data":"E"}]`,
	} {
		if !strings.Contains(back, want) {
			t.Errorf("no %s in %s", want, back)
		}
	}
	if other := sent(t, chatWire{}, Request{Model: "n", Turns: turns}, demand{raw: true}); strings.Contains(other, "Hm") || strings.Contains(other, "extra") {
		t.Errorf("another model is sent %s", other)
	}
}
