package agent

import (
	"context"
	"encoding/json"
)

// Provider answers one request by streaming text.
//
// Stream calls emit from its own goroutine only, in order, and never after it
// has returned. A nil error means that the answer is whole: an answer that was
// cut off is an [*Error] even when the connection ended politely. When emit
// fails, Stream stops and returns emit's error. When ctx ends first, Stream
// returns context.Cause(ctx) within a second. Every other failure is an
// [*Error].
type Provider interface {
	Stream(ctx context.Context, req Request, emit func(Delta) error) (Result, error)
}

// Role says who speaks in a request.
type Role string

// The roles of the chat completions wire.
const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool"
)

// Turn is one entry of the history that a model is given.
type Turn struct {
	Role   Role
	Text   string
	Calls  []ToolCall // of an assistant's entry
	CallID string     // of a tool's entry: the call that it answers

	// IsError marks a tool's entry whose Text says why the tool failed.
	IsError bool
	// Raw is [Result.Raw] of the answer that this assistant's entry is, or nil.
	// A provider that does not know it, or gave it for another model, leaves it
	// aside: Text and Calls must be set as well.
	Raw json.RawMessage
}

// ToolCall is a model's wish to have a tool run. ID is never empty and unique
// within one answer. Arguments is meant to be a JSON object, but comes from a
// model: check it before use.
type ToolCall struct {
	ID        string
	Name      string
	Arguments string
}

// Request is what a model is asked, oldest entry first.
type Request struct {
	Model string
	Turns []Turn
	Tools []Tool
}

// Delta is a piece of an answer as it arrives. Both texts are valid UTF-8.
// Reasoning is what the model thinks aloud; it is no part of the answer.
type Delta struct {
	Text      string
	Reasoning string
}

// Finish says why a whole answer ended.
type Finish string

// Why an answer ended. A server may say "stop" and yet ask for tools, so the
// presence of calls decides.
const (
	FinishStop     Finish = "stop"
	FinishTools    Finish = "tools"
	FinishLength   Finish = "length"   // the model ran into its length limit
	FinishFiltered Finish = "filtered" // the provider withheld the rest
)

// Usage counts tokens; zero means that the server did not say.
type Usage struct {
	Input  int // all that was read, Cached included
	Output int // thinking included
	Cached int // of Input, what came from the provider's cache at a lower price
}

// Result is what is known of an answer beyond its text.
type Result struct {
	Finish Finish
	Calls  []ToolCall
	Usage  Usage

	// Raw holds what the provider wants back word for word with the next
	// request, above all the signatures of its thinking; nil when it wants
	// nothing. It is a JSON object that only its provider reads. Keep it with
	// the answer, and hand it back in [Turn.Raw] for as long as the answer's
	// calls are being worked on.
	Raw json.RawMessage
	// WithoutTools says that the model can't use tools: it was asked again
	// without them, and this is that answer.
	WithoutTools bool
}
