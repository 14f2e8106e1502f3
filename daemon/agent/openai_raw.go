package agent

import (
	"bytes"
	"encoding/json"
	"maps"
)

const chatWireName = "chat"

// chatRaw is [Result.Raw] of the chat wire. Models that think between calls
// want their thoughts back, under the names and with the signatures that they
// came with: DeepSeek, Kimi and vLLM as text, OpenRouter as details, Gemini
// beside each call.
type chatRaw struct {
	Wire             string                     `json:"wire"`
	Model            string                     `json:"model"`
	Reasoning        string                     `json:"reasoning,omitempty"`
	ReasoningContent string                     `json:"reasoning_content,omitempty"`
	ReasoningDetails []json.RawMessage          `json:"reasoning_details,omitempty"`
	Extra            map[string]json.RawMessage `json:"extra,omitempty"` // by call id
}

// keep notes what a piece of an answer holds of that.
func (d *chatDecoder) keep(m *chunkMessage) error {
	d.back.Reasoning += string(m.Reasoning)
	d.back.ReasoningContent += string(m.ReasoningContent)
	for _, part := range m.ReasoningDetails {
		if err := d.grow(len(part)); err != nil {
			return err
		}
		d.back.detail(part)
	}
	return nil
}

// detail adds a fragment. Fragments of one thought come one after the other,
// with the same type and index.
func (b *chatRaw) detail(part json.RawMessage) {
	last := len(b.ReasoningDetails) - 1
	var was, is map[string]json.RawMessage
	if last < 0 || json.Unmarshal(b.ReasoningDetails[last], &was) != nil || json.Unmarshal(part, &is) != nil ||
		!bytes.Equal(was["type"], is["type"]) || !bytes.Equal(was["index"], is["index"]) {
		b.ReasoningDetails = append(b.ReasoningDetails, bytes.Clone(part))
		return
	}
	for _, name := range []string{"text", "summary", "data"} {
		var head, tail string
		if json.Unmarshal(was[name], &head) == nil && json.Unmarshal(is[name], &tail) == nil {
			if joined, err := json.Marshal(head + tail); err == nil {
				is[name] = joined
			}
		}
	}
	maps.DeleteFunc(is, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
	maps.Copy(was, is)
	if joined, err := json.Marshal(was); err == nil {
		b.ReasoningDetails[last] = joined
	}
}

// raw returns what to hand back with calls, or nil.
func (d *chatDecoder) raw(calls []ToolCall) json.RawMessage {
	b := d.back
	for i, c := range d.calls.calls {
		if len(c.extra) == 0 || string(c.extra) == "null" {
			continue
		}
		if b.Extra == nil {
			b.Extra = map[string]json.RawMessage{}
		}
		b.Extra[calls[i].ID] = c.extra
	}
	if b.Reasoning == "" && b.ReasoningContent == "" && len(b.ReasoningDetails) == 0 && len(b.Extra) == 0 {
		return nil
	}
	b.Wire, b.Model = chatWireName, d.model
	raw, err := json.Marshal(b)
	if err != nil {
		return nil // only a server's own broken JSON could do this, and that was read before
	}
	return raw
}

// handBack puts into m what the same model gave with it.
func (m *wireTurn) handBack(raw json.RawMessage, model string) {
	var b chatRaw
	if len(raw) == 0 || json.Unmarshal(raw, &b) != nil || b.Wire != chatWireName || b.Model != model {
		return
	}
	m.Reasoning, m.ReasoningContent, m.ReasoningDetails = b.Reasoning, b.ReasoningContent, b.ReasoningDetails
	for i, c := range m.ToolCalls {
		m.ToolCalls[i].ExtraContent = b.Extra[c.ID]
	}
}
