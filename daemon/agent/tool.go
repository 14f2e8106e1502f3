package agent

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"hark/store"
)

// Replay says what may be done about a call that had begun when the process
// died, and whether the owner is asked before a call.
type Replay int

// The classes of tools, the most careful one first: a tool of which nothing is
// known is Once.
const (
	// Once: the call may change the world and must not be repeated without a
	// human's decision.
	Once Replay = iota
	// Idempotent: the call may change the world, and a second one with the same
	// [Call.Key] changes nothing more.
	Idempotent
	// ReadOnly: the call changes nothing. It is not asked about, unless it may carry
	// away what a tainted turn has read: see [Tool.Sends] and [Tool.Open].
	ReadOnly
)

// String names the class as the HTTP surface does.
func (r Replay) String() string {
	switch r {
	case ReadOnly:
		return "read_only"
	case Idempotent:
		return "idempotent"
	default:
		return "once"
	}
}

// Tool is something that a model may have done. Name (at most 64 of
// [A-Za-z0-9_-]) is unique among all tools; Parameters is a JSON schema of an
// object. Exactly one of Call and CallTx is set where the tool can be run; a
// provider looks at name, description and parameters alone.
type Tool struct {
	Name        string
	Description string
	Parameters  json.RawMessage
	Replay      Replay
	// External: what the tool returns was written by others, so it may hold
	// instructions that are not the owner's. It taints the turn.
	External bool
	// Sends: the call reaches a server of which the argument url is the address,
	// and so may carry there what the turn has read. A tainted turn asks about it,
	// unless the address stands in what the owner or others wrote: there is then
	// nothing of the turn's own in it.
	Sends bool
	// Open: the call reaches others in a way that is not known, with its arguments
	// (openWorldHint of MCP). A tainted turn asks about each that has any.
	Open bool
	// Timeout ends a call; 0 is a minute.
	Timeout time.Duration
	// Call runs the tool and returns soon after ctx has ended, having stopped
	// what it began. An error means that the tool has not answered: unless it
	// wraps [ErrNotRun], it is not known whether the call took effect. What the
	// tool itself has to say against a call is an [Output] with IsError.
	Call func(ctx context.Context, c Call) (Output, error)
	// CallTx runs a built-in tool inside the transaction that records its
	// result: the effect and the record are both there after a crash, or
	// neither. It must not do I/O or wait. An error undoes what it wrote.
	CallTx func(tx *store.Tx, c Call) (Output, error)
	// Done, if set, is called after the transaction of a CallTx is on disk.
	Done func()
}

// Call is one use of a tool.
type Call struct {
	Turn string // message id of the reply
	Step int
	// Key is "turn/step": the same whenever this call is repeated, across
	// restarts, and never that of another call.
	Key          string
	Args         json.RawMessage // a valid JSON object, not checked against the schema
	Conversation string
	Zone         string // IANA zone of the owner's clock
}

// Output is what a tool has answered, for the model and for the owner.
type Output struct {
	Text    string
	IsError bool
	// External: others wrote this text, as if the tool were External.
	External bool
}

// Toolbox is a source of tools. Tools answers at once with what is there now;
// it is asked before each request to a model. The tools of one box are told to
// the model in the order given.
type Toolbox interface {
	Tools(ctx context.Context) []Tool
}

// ErrNotRun marks an error of [Tool.Call] after which it is certain that the
// call had no effect: the tool was never reached.
var ErrNotRun = errors.New("the tool was not run")
