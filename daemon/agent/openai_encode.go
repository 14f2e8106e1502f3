package agent

import "encoding/json"

// The request's wire. Fields that an old server may refuse are left out unless
// they are needed.
type (
	wireRequest struct {
		Model         string       `json:"model"`
		Messages      []wireTurn   `json:"messages"`
		Tools         []wireTool   `json:"tools,omitempty"`
		Stream        bool         `json:"stream"`
		StreamOptions *wireOptions `json:"stream_options,omitempty"`
	}
	wireOptions struct {
		IncludeUsage bool `json:"include_usage"`
	}
	wireTurn struct {
		Role      Role       `json:"role"`
		Content   string     `json:"content"`
		ToolCalls []wireCall `json:"tool_calls,omitempty"`
		CallID    string     `json:"tool_call_id,omitempty"`

		Reasoning        string            `json:"reasoning,omitempty"`
		ReasoningContent string            `json:"reasoning_content,omitempty"`
		ReasoningDetails []json.RawMessage `json:"reasoning_details,omitempty"`
	}
	wireCall struct {
		ID       string       `json:"id"`
		Type     string       `json:"type"`
		Function wireFunction `json:"function"`

		ExtraContent json.RawMessage `json:"extra_content,omitempty"`
	}
	wireTool struct {
		Type     string       `json:"type"`
		Function wireFunction `json:"function"`
	}
	wireFunction struct {
		Name        string          `json:"name"`
		Arguments   string          `json:"arguments,omitempty"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
	}
)

func (chatWire) encode(req Request, a demand) ([]byte, error) {
	w := wireRequest{Model: req.Model, Stream: true, Messages: make([]wireTurn, 0, len(req.Turns))}
	if a.usage {
		w.StreamOptions = &wireOptions{IncludeUsage: true}
	}
	for _, t := range req.Turns {
		m := wireTurn{Role: t.Role, Content: t.Text, CallID: t.CallID}
		for _, c := range t.Calls {
			m.ToolCalls = append(m.ToolCalls, wireCall{
				ID: c.ID, Type: "function", Function: wireFunction{Name: c.Name, Arguments: c.Arguments},
			})
		}
		if a.raw {
			m.handBack(t.Raw, req.Model)
		}
		w.Messages = append(w.Messages, m)
	}
	for _, t := range req.Tools {
		w.Tools = append(w.Tools, wireTool{Type: "function", Function: wireFunction{
			Name: t.Name, Description: t.Description, Parameters: toolSchema(t.Parameters),
		}})
	}
	return json.Marshal(w)
}
