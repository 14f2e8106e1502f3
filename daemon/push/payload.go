package push

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"hark/store"
)

const (
	// maxPayload is the largest payload in bytes, smallPayload that for a service
	// which finds the usual body too large.
	maxPayload   = 1900
	smallPayload = 900

	titleBytes  = 120
	bodyBytes   = 400
	textBytes   = 1200
	labelBytes  = 40
	linkBytes   = 300
	choiceBytes = 100
	maxActions  = 2 // that platforms show
)

// declarative marks the JSON as a Declarative Web Push: where the worker can't
// run, the browser shows the notification by itself.
const declarative = 8030

// note is the payload. The same JSON serves browsers that read it themselves
// and those that hand it to the worker.
type note struct {
	WebPush      int          `json:"web_push"`
	Notification notification `json:"notification"`
	AppBadge     int          `json:"app_badge"`
	Mutable      bool         `json:"mutable"`

	topic string
	say   *tongue
	// whole: the buttons are offered only below the whole body, because the owner
	// decides by it.
	whole bool
}

type notification struct {
	Title              string   `json:"title"`
	Body               string   `json:"body"`
	Navigate           string   `json:"navigate"`
	Tag                string   `json:"tag"`
	Dir                string   `json:"dir"`
	Timestamp          int64    `json:"timestamp"`
	Silent             bool     `json:"silent,omitempty"`
	Renotify           bool     `json:"renotify,omitempty"`
	RequireInteraction bool     `json:"requireInteraction,omitempty"`
	Actions            []action `json:"actions,omitempty"`
	Data               data     `json:"data"`
}

// action is a button of a notification.
type action struct {
	Action   string `json:"action"`
	Title    string `json:"title"`
	Navigate string `json:"navigate,omitempty"`
}

type data struct {
	Message      string         `json:"message,omitempty"`
	Conversation string         `json:"conversation,omitempty"`
	Device       string         `json:"device"`
	Receipt      string         `json:"receipt"`
	Lang         string         `json:"lang,omitempty"` // that the owner has chosen, if it is one with words of its own
	Record       *record        `json:"record,omitempty"`
	Acts         map[string]act `json:"acts,omitempty"`
}

// record is the beginning of the message, so that a tap can show it while
// Hark can't be reached.
type record struct {
	ID           string       `json:"id"`
	Conversation string       `json:"conversation"`
	Role         store.Role   `json:"role"`
	Status       store.Status `json:"status"`
	Title        string       `json:"title,omitempty"`
	Text         string       `json:"text"`
	Format       string       `json:"format,omitempty"`
	Source       store.Source `json:"source"`
	Created      store.Time   `json:"created"`
	Cut          bool         `json:"cut"`
}

// act is what the worker posts when a button is tapped.
type act struct {
	Path string         `json:"path"`
	Body map[string]any `json:"body"`
}

// encode writes the payload in at most limit bytes. What can be read in the app
// goes first: the record, then the end of the body, then the buttons.
func (n *note) encode(limit int) ([]byte, error) {
	v := *n
	steps := []func(excess int){
		func(int) {},
		func(excess int) {
			if r := v.Notification.Data.Record; r != nil {
				short := *r
				short.Text = cutBytes(r.Text, len(r.Text)-excess)
				v.Notification.Data.Record = &short
			}
		},
		func(int) { v.Notification.Data.Record = nil },
		func(excess int) {
			v.Notification.Body = cmp.Or(aloneIn(v.Notification.Body, len(v.Notification.Body)-excess), v.tongue().newMessage)
			if v.whole {
				v.Notification.Actions, v.Notification.Data.Acts = nil, nil
			}
		},
		func(int) { v.Notification.Actions, v.Notification.Data.Acts = nil, nil },
		func(excess int) {
			v.Notification.Title = cmp.Or(aloneIn(v.Notification.Title, len(v.Notification.Title)-excess), "Hark")
		},
		func(int) { v.Notification.Navigate = "/" },
		func(int) { v.Notification.Title, v.Notification.Body = "Hark", v.tongue().newMessage },
	}
	size := 0
	for _, shorten := range steps {
		shorten(size - limit)
		b, err := marshal(v)
		if err != nil {
			return nil, fmt.Errorf("encode push: %w", err)
		}
		if size = len(b); size <= limit {
			return b, nil
		}
	}
	return nil, fmt.Errorf("push of %d bytes can't be made shorter", size)
}

// cutBytes is the beginning of s in at most n bytes, cut between characters.
func cutBytes(s string, n int) string {
	const more = "…"
	if len(s) <= n {
		return s
	}
	if n -= len(more); n <= 0 {
		return ""
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + more
}

// marshal is json.Marshal without escaping for HTML, which no payload is.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
