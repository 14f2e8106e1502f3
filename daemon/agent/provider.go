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
}

// ToolCall is a model's wish to have a tool run. ID is never empty and unique
// within one answer. Arguments is meant to be a JSON object, but comes from a
// model: check it before use.
type ToolCall struct {
	ID        string
	Name      string
	Arguments string
}

// Tool describes a tool to a model. Parameters is a JSON schema.
type Tool struct {
	Name        string
	Description string
	Parameters  json.RawMessage
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
	Input  int
	Output int
}

// Result is what is known of an answer beyond its text.
type Result struct {
	Finish Finish
	Calls  []ToolCall
	Usage  Usage
}
