package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// silence is how long the stream may carry nothing: Hark beats every 25 s.
	silence = 60 * time.Second
	// maxLine bounds a line of the stream; Hark's longest record is far shorter.
	maxLine = 8 << 20
)

// follower reads the stream of whichever daemon find finds, for as long as it
// is let: a line that breaks is taken up where it was.
type follower struct {
	find func(context.Context) (Place, error)
	// message is given each message that is there, as it now is, in order.
	message func(context.Context, Place, message)
	// came is told of each daemon that has answered.
	came func(Place)

	cursor string
}

// message is what the window reads of one.
type message struct {
	ID           string    `json:"id"`
	Conversation string    `json:"conversation"`
	Role         string    `json:"role"`
	Status       string    `json:"status"`
	Reason       string    `json:"reason"`
	Title        string    `json:"title"`
	Text         string    `json:"text"`
	Silent       bool      `json:"silent"`
	Priority     int       `json:"priority"`
	Attempt      int       `json:"attempt"`
	Created      time.Time `json:"created"`
	Source       struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"source"`
}

// listen follows one line to its end, and says whether Hark spoke on it.
func (f *follower) listen(ctx context.Context) (heard bool, err error) {
	place, err := f.find(ctx)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(silence, func() { cancel(errors.New("the line went silent")) })
	defer watchdog.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(place.URL, "/")+"/api/assistant/stream", nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+place.Token)
	req.Header.Set("Accept", "text/event-stream")
	if f.cursor != "" {
		req.Header.Set("Last-Event-ID", f.cursor)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false, fmt.Errorf("the stream: %s", resp.Status)
	}
	f.came(place)
	return true, readEvents(resp.Body, func(name, id, data string) {
		watchdog.Reset(silence)
		f.handle(ctx, place, name, id, data)
	})
}

// handle takes one event. What can't be read is passed over: the page has it too.
func (f *follower) handle(ctx context.Context, place Place, name, id, data string) {
	switch name {
	case "hello", "reset":
		// From here on nothing is missed, also if the first line breaks before its
		// first change.
		var at struct{ Head string }
		if (f.cursor == "" || name == "reset") && json.Unmarshal([]byte(data), &at) == nil {
			f.cursor = at.Head
		}
	case "message":
		var m message
		if json.Unmarshal([]byte(data), &m) == nil {
			f.message(ctx, place, m)
		}
	}
	if id != "" {
		f.cursor = id
	}
}

// readEvents calls handle for each event of text/event-stream, in order, until
// r ends.
func readEvents(r io.Reader, handle func(name, id, data string)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var name, id string
	var data []string
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "" && data != nil:
			handle(name, id, strings.Join(data, "\n"))
			name, id, data = "", "", nil
		case field == "event":
			name = value
		case field == "id":
			id = value
		case field == "data":
			data = append(data, value)
		}
	}
	return lines.Err()
}
