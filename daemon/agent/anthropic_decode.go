package agent

import (
	"encoding/json"
	"strings"
)

// messagesEvent is a streamed event and a whole JSON answer alike.
type messagesEvent struct {
	Type    string           `json:"type"`
	Index   *int             `json:"index"`
	Message *messagesMessage `json:"message"` // of message_start
	Block   *answerBlock     `json:"content_block"`
	Delta   *answerDelta     `json:"delta"`
	Error   json.RawMessage  `json:"error"`
	Choices json.RawMessage  `json:"choices"` // the mark of the chat wire
	messagesMessage
}

type messagesMessage struct {
	Content    []answerBlock  `json:"content"`
	StopReason string         `json:"stop_reason"`
	Usage      *messagesUsage `json:"usage"`
}

type messagesUsage struct {
	Input      int `json:"input_tokens"`
	Output     int `json:"output_tokens"`
	CacheWrite int `json:"cache_creation_input_tokens"`
	CacheRead  int `json:"cache_read_input_tokens"`
}

// answerBlock is a block as it begins. In a stream it is usually empty, and
// deltas fill it.
type answerBlock struct {
	Type      string          `json:"type"`
	Text      string          `json:"text"`
	Thinking  string          `json:"thinking"`
	Signature string          `json:"signature"`
	Data      string          `json:"data"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Input     json.RawMessage `json:"input"`

	index int
	args  strings.Builder
}

type answerDelta struct {
	Type       string          `json:"type"`
	Text       string          `json:"text"`
	Thinking   string          `json:"thinking"`
	Signature  string          `json:"signature"`
	JSON       json.RawMessage `json:"partial_json"`
	StopReason string          `json:"stop_reason"`
}

// messagesDecoder implements [decoder].
type messagesDecoder struct {
	reading
	model  string
	blocks []*answerBlock
	think  thinkSplitter
	in     messagesUsage
	wrote  bool // the answer has text
}

func (d *messagesDecoder) event(data []byte) error {
	if isDone(data) {
		return errEnd // of another wire; whether the answer is whole is told elsewhere
	}
	var e messagesEvent
	if err := json.Unmarshal(data, &e); err != nil && !isTypeError(err) {
		return errUnreadable()
	}
	if e.Type == "error" || len(e.Error) > 0 && string(e.Error) != "null" {
		err := parseAPIError(data)
		return d.fail(err.Status, err)
	}
	if len(e.Choices) > 0 {
		return d.fail(0, apiError{Type: "foreign"})
	}
	if err := d.take(&e); err != nil {
		return err
	}
	d.count(e.Usage)
	if e.StopReason != "" {
		d.finish = e.StopReason
	}
	if e.Type == "message_stop" {
		d.ended = d.finish != "" || d.begun
		return errEnd
	}
	return nil
}

// take reads what an event adds. Events and blocks that are not known, pings
// among them, add nothing.
func (d *messagesDecoder) take(e *messagesEvent) error {
	switch e.Type {
	case "message_start":
		if e.Message != nil {
			d.count(e.Message.Usage)
		}
	case "content_block_start":
		if e.Block != nil {
			return d.start(*e.Block, e.Index)
		}
	case "content_block_delta":
		if e.Delta != nil {
			return d.add(e.Delta, e.Index)
		}
	case "message_delta":
		if e.Delta != nil && e.Delta.StopReason != "" {
			d.finish = e.Delta.StopReason
		}
	case "message": // the server does not stream
		for _, b := range e.Content {
			if err := d.start(b, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *messagesDecoder) start(b answerBlock, index *int) error {
	b.index = -1
	if index != nil {
		b.index = *index
	}
	text, thinking := b.Text, b.Thinking
	b.Text, b.Thinking = "", ""
	if err := d.grow(len(b.Input) + len(b.Signature) + len(b.Data)); err != nil {
		return err
	}
	d.blocks = append(d.blocks, &b)
	if text+thinking == "" {
		return nil
	}
	return d.add(&answerDelta{Text: text, Thinking: thinking}, index)
}

// add goes on with a block. A delta whose block never began, as some servers
// send it, begins one.
func (d *messagesDecoder) add(delta *answerDelta, index *int) error {
	b := d.block(index)
	if b == nil {
		typ := map[string]string{"thinking_delta": "thinking", "input_json_delta": "tool_use"}[delta.Type]
		if typ == "" {
			typ = "text"
		}
		if err := d.start(answerBlock{Type: typ}, index); err != nil {
			return err
		}
		b = d.blocks[len(d.blocks)-1]
	}
	args, whole := argumentText(delta.JSON)
	if err := d.grow(len(args) + len(delta.Signature)); err != nil {
		return err
	}
	if whole {
		b.args.Reset()
	}
	b.args.WriteString(args)
	b.Signature += delta.Signature
	b.Text += delta.Text
	b.Thinking += delta.Thinking
	if b.Type != "text" && b.Type != "thinking" {
		return nil
	}
	text, reasoning := d.think.split(delta.Text)
	if text != "" && d.wrote && b.Text == delta.Text && d.follows(b) {
		text = "\n\n" + text
	}
	d.wrote = d.wrote || text != ""
	return d.send(Delta{Text: text, Reasoning: delta.Thinking + reasoning})
}

// block returns the last block with an index; without one, the last block.
func (d *messagesDecoder) block(index *int) *answerBlock {
	for i := len(d.blocks) - 1; i >= 0; i-- {
		if index == nil || d.blocks[i].index == *index {
			return d.blocks[i]
		}
	}
	return nil
}

// follows reports whether text block b comes after something else than text,
// so that it would otherwise stick to the text before it.
func (d *messagesDecoder) follows(b *answerBlock) bool {
	n := len(d.blocks)
	return n > 1 && d.blocks[n-1] == b && d.blocks[n-2].Type != "text"
}

// count keeps the largest of each number: they grow, and some servers send
// zeros first or last.
func (d *messagesDecoder) count(u *messagesUsage) {
	if u == nil {
		return
	}
	d.in.Input = max(d.in.Input, u.Input)
	d.in.CacheRead = max(d.in.CacheRead, u.CacheRead)
	d.in.CacheWrite = max(d.in.CacheWrite, u.CacheWrite)
	d.usage = Usage{
		Input: d.in.Input + d.in.CacheRead + d.in.CacheWrite, Output: max(d.usage.Output, u.Output), Cached: d.in.CacheRead,
	}
}
