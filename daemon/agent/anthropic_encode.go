package agent

import (
	"encoding/json"
	"strings"
)

// The request's wire. Empty texts are refused, so they are never sent.
type (
	messagesRequest struct {
		Model     string            `json:"model"`
		MaxTokens int               `json:"max_tokens"`
		System    []*messagesBlock  `json:"system,omitempty"`
		Messages  []*messagesTurn   `json:"messages"`
		Tools     []*messagesTool   `json:"tools,omitempty"`
		Thinking  *messagesThinking `json:"thinking,omitempty"`
		Stream    bool              `json:"stream"`
	}
	messagesThinking struct {
		Type    string `json:"type"`
		Display string `json:"display"`
	}
	messagesTurn struct {
		Role    Role  `json:"role"`
		Content []any `json:"content"` // *messagesBlock, or the provider's own as json.RawMessage
	}
	messagesBlock struct {
		Type      string          `json:"type"`
		Text      string          `json:"text,omitempty"`
		ID        string          `json:"id,omitempty"`
		Name      string          `json:"name,omitempty"`
		Input     json.RawMessage `json:"input,omitempty"`
		ToolUseID string          `json:"tool_use_id,omitempty"`
		Content   string          `json:"content,omitempty"`
		IsError   bool            `json:"is_error,omitempty"`
		Cache     *cacheMark      `json:"cache_control,omitempty"`
	}
	messagesTool struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Schema      json.RawMessage `json:"input_schema"`
		Cache       *cacheMark      `json:"cache_control,omitempty"`
	}
	cacheMark struct {
		Type string `json:"type"`
	}
)

// cachedTurns is how many of the owner's last entries are marked: the one
// before the last finds what the request before this one has stored. With
// tools and system that makes four marks, and no more are allowed.
const cachedTurns = 2

func ephemeral() *cacheMark { return &cacheMark{Type: "ephemeral"} }

func (messagesWire) encode(req Request, a demand) ([]byte, error) {
	w := &messagesRequest{Model: req.Model, MaxTokens: a.maxTokens, Messages: []*messagesTurn{}, Stream: true}
	if a.thinking {
		// Some models think unseen unless they are asked to show it.
		w.Thinking = &messagesThinking{Type: "adaptive", Display: "summarized"}
	}
	ids := safeIDs{}
	for _, t := range req.Turns {
		switch t.Role {
		case RoleSystem:
			if t.Text != "" {
				w.System = append(w.System, &messagesBlock{Type: "text", Text: t.Text})
			}
		case RoleAssistant:
			w.add(RoleAssistant, assistantBlocks(t, req.Model, a, ids)...)
		case RoleTool:
			w.add(RoleUser, &messagesBlock{Type: "tool_result", ToolUseID: ids.of(t.CallID), Content: t.Text, IsError: t.IsError})
		default:
			w.add(RoleUser, textBlock(t.Text)...)
		}
	}
	for _, t := range req.Tools {
		w.Tools = append(w.Tools, &messagesTool{Name: t.Name, Description: t.Description, Schema: toolSchema(t.Parameters)})
	}
	w.mark()
	return json.Marshal(w)
}

// add appends blocks; entries of one role in a row become one.
func (w *messagesRequest) add(role Role, blocks ...any) {
	if len(blocks) == 0 {
		return
	}
	last := len(w.Messages) - 1
	if last < 0 && role != RoleUser { // the owner has to begin
		w.Messages = append(w.Messages, &messagesTurn{Role: RoleUser, Content: textBlock("[The beginning was left out.]")})
		last = 0
	}
	if last < 0 || w.Messages[last].Role != role {
		w.Messages = append(w.Messages, &messagesTurn{Role: role})
		last++
	}
	w.Messages[last].Content = append(w.Messages[last].Content, blocks...)
}

// mark sets the marks of the cache.
func (w *messagesRequest) mark() {
	if n := len(w.Tools); n > 0 {
		w.Tools[n-1].Cache = ephemeral()
	}
	if n := len(w.System); n > 0 {
		w.System[n-1].Cache = ephemeral()
	}
	left := cachedTurns
	for i := len(w.Messages) - 1; i >= 0 && left > 0; i-- {
		t := w.Messages[i]
		if b, ok := t.Content[len(t.Content)-1].(*messagesBlock); ok && t.Role == RoleUser {
			b.Cache = ephemeral()
			left--
		}
	}
}

func textBlock(s string) []any {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return []any{&messagesBlock{Type: "text", Text: s}}
}

// assistantBlocks returns the provider's own blocks where the same model gave
// them, and else what the entry says.
func assistantBlocks(t Turn, model string, a demand, ids safeIDs) []any {
	var out []any
	if own := ownBlocks(t, model); a.raw && own != nil {
		for _, b := range own {
			out = append(out, b)
		}
		return out
	}
	out = textBlock(strings.TrimRight(t.Text, " \t\r\n"))
	for _, c := range t.Calls {
		out = append(out, &messagesBlock{
			Type: "tool_use", ID: ids.of(c.ID), Name: c.Name, Input: json.RawMessage(c.Arguments),
		})
	}
	return out
}

// ownBlocks returns the blocks of t.Raw if they are this model's, and hold the
// calls under the ids that their results have.
func ownBlocks(t Turn, model string) []json.RawMessage {
	var r messagesRaw
	if len(t.Raw) == 0 || json.Unmarshal(t.Raw, &r) != nil || r.Wire != messagesWireName || r.Model != model {
		return nil
	}
	n := 0
	for _, raw := range r.Content {
		var b messagesBlock
		if json.Unmarshal(raw, &b) != nil {
			return nil
		}
		if b.Type != "tool_use" {
			continue
		}
		if n == len(t.Calls) || b.ID != t.Calls[n].ID {
			return nil
		}
		n++
	}
	if n != len(t.Calls) {
		return nil
	}
	return r.Content
}

// safeIDs maps the ids of calls to such as this wire takes: letters, digits,
// _ and -. Other models, which may have made them, allow more.
type safeIDs map[string]string

func (s safeIDs) of(id string) string {
	if got, ok := s[id]; ok {
		return got
	}
	safe := toolName(id)
	for _, taken := range s {
		if taken == safe {
			used := map[string]bool{}
			for _, t := range s {
				used[t] = true
			}
			safe = freshID("", used)
			break
		}
	}
	s[id] = safe
	return safe
}
