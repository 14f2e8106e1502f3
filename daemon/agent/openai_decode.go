package agent

import (
	"encoding/json"
	"errors"
)

// chunk is a streamed piece and a whole JSON answer alike: the one has Delta,
// the other Message.
type chunk struct {
	Choices []struct {
		Delta        *chunkMessage `json:"delta"`
		Message      *chunkMessage `json:"message"`
		FinishReason string        `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		PromptDetails    struct {
			Cached int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	Error  json.RawMessage `json:"error"`
	Object string          `json:"object"`
	Detail json.RawMessage `json:"detail"`
}

type chunkMessage struct {
	Content          content           `json:"content"`
	Refusal          content           `json:"refusal"`
	Reasoning        content           `json:"reasoning"`
	ReasoningContent content           `json:"reasoning_content"`
	ReasoningDetails []json.RawMessage `json:"reasoning_details"`
	ToolCalls        []callPart        `json:"tool_calls"`
}

// content is text that may come as a string, as null, or as a list of parts.
type content string

// UnmarshalJSON takes what is text and leaves the rest; it never fails.
func (c *content) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*c = content(s)
		return nil
	}
	var parts []struct {
		Text string `json:"text"`
	}
	*c = ""
	if err := json.Unmarshal(raw, &parts); err == nil || isTypeError(err) {
		for _, p := range parts {
			*c += content(p.Text)
		}
	}
	return nil
}

// isTypeError reports whether a decoding error concerns only a field of an
// unexpected type. Unmarshal has then filled in all the others.
func isTypeError(err error) bool {
	var t *json.UnmarshalTypeError
	return errors.As(err, &t)
}

// chatDecoder implements [decoder].
type chatDecoder struct {
	reading
	model string
	calls callAssembler
	think thinkSplitter
	back  chatRaw
}

func (d *chatDecoder) event(data []byte) error {
	if isDone(data) {
		d.ended = true
		return errEnd
	}
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil && !isTypeError(err) {
		return errUnreadable()
	}
	if e := c.reported(data); e != nil {
		return d.fail(e.Status, *e)
	}
	if c.Usage.PromptTokens+c.Usage.CompletionTokens > 0 {
		d.usage = Usage{Input: c.Usage.PromptTokens, Output: c.Usage.CompletionTokens, Cached: c.Usage.PromptDetails.Cached}
	}
	if len(c.Choices) == 0 {
		return nil
	}
	ch := c.Choices[0] // Hark never asks for more than one
	if ch.FinishReason != "" {
		d.finish = ch.FinishReason
	}
	if ch.FinishReason == "error" {
		return d.fail(0, apiError{Message: "it ended with an error"})
	}
	for _, m := range []*chunkMessage{ch.Delta, ch.Message} {
		if m == nil {
			continue
		}
		if err := d.message(m); err != nil {
			return err
		}
	}
	return nil
}

// reported returns the error that a chunk carries, or nil.
func (c *chunk) reported(data []byte) *apiError {
	raw := c.Error
	if c.Object == "error" || (len(c.Choices) == 0 && len(c.Detail) > 0) {
		raw = data
	}
	if len(raw) == 0 || string(raw) == "null" || string(raw) == "{}" {
		return nil
	}
	e := parseAPIError(raw)
	return &e
}

func (d *chatDecoder) message(m *chunkMessage) error {
	for _, p := range m.ToolCalls {
		if err := d.grow(len(p.Function.Arguments) + len(p.ExtraContent)); err != nil {
			return err
		}
		d.calls.add(p)
	}
	// Some servers send the same thought under both names.
	reasoning := string(m.ReasoningContent)
	if reasoning == "" {
		reasoning = string(m.Reasoning)
	}
	if err := d.keep(m); err != nil {
		return err
	}
	text, more := d.think.split(string(m.Content) + string(m.Refusal))
	return d.send(Delta{Text: text, Reasoning: reasoning + more})
}

// result closes the answer.
func (d *chatDecoder) result() (Result, error) {
	if !d.whole() {
		return Result{}, errCut()
	}
	text, reasoning := d.think.rest()
	if err := d.send(Delta{Text: text, Reasoning: reasoning}); err != nil {
		return Result{}, err
	}
	r := Result{Calls: d.calls.done(), Usage: d.usage, Finish: FinishStop}
	switch {
	case d.finish == "length" || d.finish == "max_tokens":
		r.Finish = FinishLength
	case d.finish == "content_filter":
		r.Finish = FinishFiltered
	case len(r.Calls) > 0:
		r.Finish = FinishTools
		r.Raw = d.raw(r.Calls)
	}
	return r, nil
}
