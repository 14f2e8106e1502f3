package agent

import (
	"bytes"
	"encoding/json"
	"strings"
)

const messagesWireName = "messages"

// messagesRaw is [Result.Raw] of the messages wire: the answer's own blocks,
// in order. A model that thinks refuses to go on without them.
type messagesRaw struct {
	Wire    string            `json:"wire"`
	Model   string            `json:"model"`
	Content []json.RawMessage `json:"content"`
}

func (d *messagesDecoder) result() (Result, error) {
	if !d.whole() {
		return Result{}, errCut()
	}
	text, reasoning := d.think.rest()
	if err := d.send(Delta{Text: text, Reasoning: reasoning}); err != nil {
		return Result{}, err
	}
	r := Result{Calls: d.calls(), Usage: d.usage, Finish: FinishStop}
	switch {
	case d.finish == "max_tokens" || d.finish == "model_context_window_exceeded":
		r.Finish = FinishLength
	case d.finish == "refusal":
		r.Finish = FinishFiltered
	case len(r.Calls) > 0:
		r.Finish = FinishTools
		r.Raw = d.raw(r.Calls)
	}
	return r, nil
}

// calls returns the calls in order, through the same checks as on the chat
// wire.
func (d *messagesDecoder) calls() []ToolCall {
	var a callAssembler
	for _, b := range d.blocks {
		if b.Type != "tool_use" {
			continue
		}
		c := &openCall{index: -1, id: b.ID, name: b.Name}
		if args := strings.TrimSpace(b.args.String()); args != "" {
			c.args.WriteString(args)
		} else if in := bytes.TrimSpace(b.Input); len(in) > 0 && string(in) != "null" {
			c.args.Write(in)
		}
		a.calls = append(a.calls, c)
	}
	return a.done()
}

// raw returns the blocks to hand back; nil if there is nothing in them that
// text and calls don't say.
func (d *messagesDecoder) raw(calls []ToolCall) json.RawMessage {
	r := messagesRaw{Wire: messagesWireName, Model: d.model}
	thought := false
	for _, b := range d.blocks {
		var v any
		switch b.Type {
		case "thinking":
			thought = true
			v = map[string]string{"type": b.Type, "thinking": b.Thinking, "signature": b.Signature}
		case "redacted_thinking":
			thought = true
			v = map[string]string{"type": b.Type, "data": b.Data}
		case "text":
			if strings.TrimSpace(b.Text) == "" {
				continue
			}
			v = &messagesBlock{Type: b.Type, Text: b.Text}
		case "tool_use":
			c := calls[0]
			calls = calls[1:]
			v = &messagesBlock{Type: b.Type, ID: c.ID, Name: toolName(c.Name), Input: json.RawMessage(argumentObject(c.Arguments))}
		default:
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return nil
		}
		r.Content = append(r.Content, raw)
	}
	if !thought {
		return nil
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return nil
	}
	return raw
}
