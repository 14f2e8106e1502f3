package store

import (
	"strings"
	"time"
)

// Time is an instant that is written as RFC 3339 in UTC with milliseconds.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// At returns t as a Time, cut to the millisecond, without a monotonic part.
func At(t time.Time) Time { return Time{t.UTC().Round(0).Truncate(time.Millisecond)} }

// MarshalJSON writes the instant in UTC with exactly three decimals.
func (t Time) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, len(timeLayout)+2)
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, timeLayout)
	return append(b, '"'), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (t *Time) UnmarshalJSON(b []byte) error {
	v, err := time.Parse(time.RFC3339Nano, strings.Trim(string(b), `"`))
	if err != nil {
		return err
	}
	*t = At(v)
	return nil
}

// Role is who speaks in a message.
type Role string

// The two sides of a conversation.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Status is where a message stands. It moves forward only, except that a
// retry starts again at Pending with a higher Attempt.
type Status string

// The four states of a message.
const (
	Pending   Status = "pending"   // accepted; nothing written yet
	Streaming Status = "streaming" // text is growing
	Done      Status = "done"
	Failed    Status = "error" // Message.Error says why; text is kept
)

// Open reports whether the message is still going to change by itself.
func (s Status) Open() bool { return s == Pending || s == Streaming }

// Reasons refine a Status for people.
const (
	Queued       = "queued"           // pending: another reply is running first
	WaitApproval = "waiting_approval" // pending: the owner is to decide about a step
	WaitingModel = "waiting_model"    // pending or streaming: the model has been asked
	Resuming     = "resuming"         // pending: goes on after a restart
	Stopped      = "stopped"          // done: the owner stopped it; text kept
	Interrupted  = "interrupted"      // error: the process died; text kept
	Late         = "late"             // done: a reminder that fired after its time
)

// Source tells what made a message.
type Source struct {
	Kind string `json:"kind"`           // chat, fire, reminder or, of the answer to one, command
	Name string `json:"name,omitempty"` // the token's or reminder's name
	ID   string `json:"id,omitempty"`   // the token's or reminder's id
	Icon string `json:"icon,omitempty"` // the token's, an emoji
}

// Failure says why a message ended in error and what can be done about it.
type Failure struct {
	Code      string `json:"code"`   // stable, for programs
	Detail    string `json:"detail"` // one or two sentences, for people
	Retryable bool   `json:"retryable"`
	Resumable bool   `json:"resumable,omitempty"` // the turn can go on from its last finished step
}

// Step is one tool call of a turn.
type Step struct {
	N      int    `json:"n"` // grows within the message; not every number is a step
	Kind   string `json:"kind"`
	Tool   string `json:"tool"`
	Args   string `json:"args"`
	Replay string `json:"replay,omitempty"` // read_only, idempotent or once
	Status string `json:"status"`           // one of the Step constants
	Result string `json:"result,omitempty"`
	// Size is the length of the whole result in bytes, if Result is only its
	// beginning.
	Size     int       `json:"size,omitempty"`
	At       int       `json:"at"` // length of the text, in UTF-16 units, when called
	Ms       int64     `json:"ms"`
	Started  *Time     `json:"started,omitempty"` // when it began to run
	Approval *Approval `json:"approval,omitempty"`
	External bool      `json:"external,omitempty"` // the result was written by others
	Denied   bool      `json:"denied,omitempty"`   // the owner did not allow it
}

// Where a step stands.
const (
	StepWaiting = "waiting" // until it is its turn, or, with an Approval, allowed
	StepRunning = "running"
	StepDone    = "done"
	StepError   = "error"   // Result says why; also when it was not allowed
	StepUnknown = "unknown" // it had begun, and nobody knows whether it took effect
)

// Approval is what the owner is asked about a step: to allow it, or, of an
// unknown one, what became of it.
type Approval struct {
	Risk    string `json:"risk"` // first_use, outside (the turn has read what others wrote) or unknown
	Expires Time   `json:"expires"`
}

// Message is what one side of a conversation said.
type Message struct {
	ID           string   `json:"id"`
	Conversation string   `json:"conversation"`
	Role         Role     `json:"role"`
	Status       Status   `json:"status"`
	Reason       string   `json:"reason,omitempty"`
	Title        string   `json:"title,omitempty"`
	Text         string   `json:"text"`
	Format       string   `json:"format,omitempty"` // "plain", or empty for Markdown
	Source       Source   `json:"source"`
	Steps        []Step   `json:"steps,omitempty"`
	Reasoning    string   `json:"reasoning,omitempty"`  // what the model thought aloud; no part of the answer
	ThoughtMs    int64    `json:"thought_ms,omitempty"` // how long it thought aloud, in all
	Thinking     *Time    `json:"thinking,omitempty"`   // since when it thinks aloud now, beside ThoughtMs
	Outside      bool     `json:"outside,omitempty"`    // a reply whose model had read what others wrote, and may repeat it
	Note         string   `json:"note,omitempty"`       // what the reader should know of how the answer came about
	Usage        *Usage   `json:"usage,omitempty"`
	Error        *Failure `json:"error,omitempty"`
	Priority     int      `json:"priority,omitempty"` // 1 (lowest) to 5; 0 means 3
	Silent       bool     `json:"silent,omitempty"`   // no push: it only counts as unread
	Tags         []string `json:"tags,omitempty"`
	Click        string   `json:"click,omitempty"` // URL to open
	Actions      []Action `json:"actions,omitempty"`
	Ask          *Ask     `json:"ask,omitempty"`
	Answer       *Answer  `json:"answer,omitempty"`
	ReplyTo      string   `json:"reply_to,omitempty"`
	BranchOf     string   `json:"branch_of,omitempty"` // the first version of this message, which it takes the place of
	Versions     []string `json:"versions,omitempty"`  // of a first version: the ids of the later ones
	Zone         string   `json:"zone,omitempty"`      // IANA zone of the writer's clock
	Attempt      int      `json:"attempt"`             // from 1; each retry adds one
	Created      Time     `json:"created"`
	Updated      Time     `json:"updated"`
}

// Action is a button below a message.
type Action struct {
	ID    string `json:"id"`   // stands for it within the message
	Kind  string `json:"kind"` // open or http
	Label string `json:"label"`
	URL   string `json:"url,omitempty"` // open: where the button leads
	// State says what became of the call of an http action: empty before the
	// first, then running, done or failed, and Detail why.
	State  string `json:"state,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// Ask is a question that a message puts to the owner. It is open until Answer
// is set or Expires has come; the first answer counts.
type Ask struct {
	Choices []string `json:"choices,omitempty"` // what may be answered
	Text    bool     `json:"text,omitempty"`    // or any text
	Default string   `json:"default,omitempty"` // counts when the time is up
	Expires *Time    `json:"expires,omitempty"` // nil: waits for ever
	State   string   `json:"state"`             // one of the Ask constants
}

// Where an Ask stands.
const (
	AskOpen     = "open"
	AskAnswered = "answered"
	AskExpired  = "expired" // the time is up; Answer holds the default, if there is one
)

// Answer is what the owner decided about a message.
type Answer struct {
	Value string `json:"value"`        // done or snoozed, of a reminder; of an Ask the choice or text
	By    string `json:"by,omitempty"` // the device's or token's name
	At    Time   `json:"at"`
	Until *Time  `json:"until,omitempty"` // snoozed: when it comes again
}

// Conversation is a thread of messages. Unread, LastMessage, LastAt and
// Preview are kept by the store.
type Conversation struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Inbox       bool   `json:"inbox"`
	Unread      int    `json:"unread"`
	LastMessage string `json:"last_message,omitempty"` // message id
	LastAt      Time   `json:"last_at"`                // when that message came
	Preview     string `json:"preview,omitempty"`      // its beginning, plain, ≤ 160 characters
	ReadUpto    string `json:"read_upto,omitempty"`    // newest message id the owner has read
	Archived    bool   `json:"archived"`
	Muted       bool   `json:"muted"`
	Model       string `json:"model,omitempty"` // id of the model that answers here; empty: the default
	Created     Time   `json:"created"`
	Updated     Time   `json:"updated"`
}

// Reminder is something to say, or to have the assistant do, at a time.
// Schedule is in the scheduler's grammar and means wall time in Zone.
type Reminder struct {
	ID           string      `json:"id"`
	Text         string      `json:"text"`
	Schedule     string      `json:"schedule"`
	Zone         string      `json:"zone"`           // IANA name
	Next         *Time       `json:"next,omitempty"` // the next regular occurrence
	State        string      `json:"state"`          // active, paused or done
	Kind         string      `json:"kind"`           // message, prompt or fire
	Misfire      string      `json:"misfire"`        // late, once or skip: what becomes of an occurrence that was missed
	Grace        int64       `json:"grace_s,omitempty"`
	Nag          *Nag        `json:"nag,omitempty"`
	Conversation string      `json:"conversation,omitempty"` // empty: the inbox
	Priority     int         `json:"priority,omitempty"`
	Say          string      `json:"say"` // the schedule and its zone as a sentence
	Recurring    bool        `json:"recurring"`
	Snoozed      *Time       `json:"snoozed,omitempty"` // when the last occurrence comes again
	Nagging      *Nagging    `json:"nagging,omitempty"`
	Last         *Occurrence `json:"last,omitempty"`
	Failures     int         `json:"failures,omitempty"` // of a prompt, in a row
	Held         *Time       `json:"held,omitempty"`     // to when quiet hours have put Next off
	UID          string      `json:"uid,omitempty"`      // of the calendar entry it was imported from
	Post         *Message    `json:"post,omitempty"`     // of a fire: the message as it will be; it takes the reminder's id
	Created      Time        `json:"created"`
	Updated      Time        `json:"updated"`
}

// Nag has an occurrence repeated until it is done, at most Max times.
type Nag struct {
	Every int `json:"every_s"`
	Max   int `json:"max"`
}

// Nagging is an occurrence that repeats: Left times more, next At.
type Nagging struct {
	Message string `json:"message"` // the first message of the occurrence
	Due     Time   `json:"due"`
	Left    int    `json:"left"`
	At      Time   `json:"at"`
}

// Occurrence is what became of one time of a reminder. Wall is its name, the
// local time in the reminder's zone; two occurrences never share one.
type Occurrence struct {
	Due     Time     `json:"due"`
	At      Time     `json:"at"`    // when State became so
	State   string   `json:"state"` // fired, late, missed, snoozed, done, skipped or failed
	Message string   `json:"message,omitempty"`
	Wall    string   `json:"wall"`
	Repeats []string `json:"repeats,omitempty"` // further messages of it
}

// Device is a browser that was paired. Its cookie is kept as a hash only.
type Device struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Agent    string `json:"agent,omitempty"` // User-Agent at pairing
	LastSeen Time   `json:"last_seen"`       // to the hour
	// Push is how notifications to it do; nil if it never asked for any. The
	// store and the sender keep it.
	Push    *PushState   `json:"push,omitempty"`
	Quiet   *DeviceQuiet `json:"quiet,omitempty"`
	Private bool         `json:"private,omitempty"` // pushes to it carry no text
	Mutes   []string     `json:"mutes,omitempty"`   // names of sources that don't push to it
	Created Time         `json:"created"`
	Updated Time         `json:"updated"`
}

// PushState says whether pushes reach a device. It is public; the subscription
// itself is a secret.
type PushState struct {
	State        string `json:"state"` // one of the Push constants
	Detail       string `json:"detail,omitempty"`
	Since        Time   `json:"since"`                   // when State became so
	LastAccepted *Time  `json:"last_accepted,omitempty"` // by the push service, to the minute
	LastShown    *Time  `json:"last_shown,omitempty"`    // as the device itself has said
}

// States of a [PushState].
const (
	PushOn            = "on"
	PushSilent        = "silent"        // the push service takes pushes, and the device never shows them
	PushMisconfigured = "misconfigured" // the push service refuses them; Detail says why
	PushOff           = "off"           // there is no subscription any more
)

// DeviceQuiet are a device's own quiet hours, as wall times "22:00" in Zone
// (IANA; empty: the owner's). What is below priority 4 waits for their end.
type DeviceQuiet struct {
	From string `json:"from"`
	To   string `json:"to"`
	Zone string `json:"zone,omitempty"`
}

// Token lets a program call. It is not part of the feed.
type Token struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Scopes   []string `json:"scopes"`              // fire, read, chat, admin
	LastUsed *Time    `json:"last_used,omitempty"` // to the hour
	Rotated  int      `json:"rotated,omitempty"`   // how often it was given a new secret
	Created  Time     `json:"created"`
	TokenOptions
}

// TokenOptions are what the owner allows the messages of a token.
type TokenOptions struct {
	Icon         string `json:"icon,omitempty"`         // an emoji that its messages are shown with
	Conversation string `json:"conversation,omitempty"` // where they go that name no other; empty: the inbox
	MaxPriority  int    `json:"max_priority,omitempty"` // 1 to 5; 0: any
	Rate         int    `json:"rate,omitempty"`         // messages a minute; 0: the limit of the settings
	// Callbacks are the hosts that actions of its fires may call: HOST, at a
	// public address only, or HOST:PORT, also in the owner's own network.
	Callbacks  []string `json:"callbacks,omitempty"`
	MutedUntil *Time    `json:"muted_until,omitempty"` // until then its messages make no sound
}
