package agent

import (
	"encoding/json"
	"strconv"
	"strings"
)

// callPart is one fragment of a tool call on the wire.
type callPart struct {
	Index    *int   `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"` // a string, or an object from some servers
	} `json:"function"`
	// ExtraContent is where Gemini keeps the signature of its thinking.
	ExtraContent json.RawMessage `json:"extra_content"`
}

// callAssembler puts tool calls together from their fragments. The index that
// should tell calls apart is missing on some servers and always 0 on others;
// ids are missing, names repeated. So an index is a hint, and a new id, a new
// name, or a name after finished arguments begins a new call.
type callAssembler struct {
	calls []*openCall
}

type openCall struct {
	index int // as the server gave it; -1 when it gave none
	id    string
	name  string
	args  strings.Builder
	extra json.RawMessage
}

func (a *callAssembler) add(p callPart) {
	args, whole := argumentText(p.Function.Arguments)
	c := a.find(p)
	if c == nil || begins(c, p, args) {
		if p.ID == "" && p.Function.Name == "" && args == "" {
			return
		}
		c = &openCall{index: -1}
		if p.Index != nil {
			c.index = *p.Index
		}
		a.calls = append(a.calls, c)
	}
	if c.id == "" {
		c.id = p.ID
	}
	if c.name == "" {
		c.name = p.Function.Name
	}
	if len(p.ExtraContent) > 0 {
		c.extra = p.ExtraContent
	}
	if whole {
		c.args.Reset()
	}
	c.args.WriteString(args)
}

// find returns the call that p most likely goes on with, or nil.
func (a *callAssembler) find(p callPart) *openCall {
	for i := len(a.calls) - 1; i >= 0; i-- {
		c := a.calls[i]
		if p.Index != nil && c.index == *p.Index {
			return c
		}
		if p.Index == nil && (p.ID == "" || c.id == p.ID) {
			return c
		}
	}
	return nil
}

// begins reports whether p is the start of another call than c.
func begins(c *openCall, p callPart, args string) bool {
	if p.ID != "" && c.id != "" {
		return p.ID != c.id
	}
	if p.Function.Name == "" {
		return false
	}
	if c.name != "" && c.name != p.Function.Name {
		return true
	}
	return args != "" && json.Valid([]byte(c.args.String()))
}

// argumentText returns the text of a fragment's arguments, and whether it came
// as a JSON value that is whole by itself.
func argumentText(raw json.RawMessage) (text string, whole bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", false
	}
	if json.Unmarshal(raw, &text) == nil {
		return text, false
	}
	return string(raw), true
}

// done returns the calls in order, each with an id of its own and arguments
// that are at least an empty object.
func (a *callAssembler) done() []ToolCall {
	var out []ToolCall
	taken := map[string]bool{}
	for _, c := range a.calls {
		taken[c.id] = true
	}
	used := map[string]bool{"": true}
	for i, c := range a.calls {
		id := c.id
		for n := i; used[id]; n++ {
			if id = "call_" + strconv.Itoa(n); taken[id] {
				id = ""
			}
		}
		used[id] = true
		args := strings.TrimSpace(c.args.String())
		if args == "" {
			args = "{}"
		}
		out = append(out, ToolCall{ID: id, Name: c.name, Arguments: args})
	}
	return out
}
