package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	// silence is how long a line may carry nothing before it counts as dead;
	// Hark sends a beat every 25 s, so one may get lost.
	silence = 60 * time.Second
	// longestPause keeps a Hark that came back from being overlooked for long.
	longestPause = 15 * time.Second
)

func tailVerb() verb {
	return verb{
		name:  "tail",
		short: "follow what is said, as it is said",
		intro: `  hark tail
  hark tail --since 5m
  hark tail --json | jq -r 'select(.event=="message").data.text'
  hark tail -n 1 && echo "something came in"

A message is printed once it is complete. When the line breaks, tail connects
again by itself and goes on where it was: nothing is left out and nothing is
printed twice, also across restarts of Hark.

With --json every event of the stream is one line: {"event","id","data"}. The
field id of any line can be given to --since later.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			t := &tail{cli: c, say: &speaker{cli: c}}
			since := fs.String("since", "", "begin at `WHEN`: 5m (that long ago), a time (2026-01-31T08:00:00Z), a cursor, or all")
			fs.StringVar(&t.conversation, "conversation", "", "only the conversation `ID`")
			fs.IntVar(&t.left, "n", 0, "end after `N` complete messages")
			return func(ctx context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words; see --conversation and --since"}
				}
				if t.left == 0 {
					t.left = -1
				}
				var err error
				if t.since, err = parseSince(*since, time.Now()); err != nil {
					return err
				}
				return unlessStopped(ctx, t.follow(ctx))
			}
		},
	}
}

// unlessStopped is err, or nil where the user ended it: Ctrl-C is how following
// ends.
func unlessStopped(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// parseSince turns what people write into what the stream takes.
func parseSince(s string, now time.Time) (string, error) {
	if s == "all" {
		return time.Unix(0, 0).UTC().Format(time.RFC3339), nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return now.Add(-d).UTC().Format(time.RFC3339Nano), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC().Format(time.RFC3339Nano), nil
	}
	if s == "" || regexp.MustCompile(`^[0-9a-z]+-[0-9]+$`).MatchString(s) {
		return s, nil
	}
	return "", usageError{msg: fmt.Sprintf("--since %q is not a time span such as 5m, a time such as 2026-01-31T08:00:00Z, a cursor, or all", s)}
}

// tail follows the stream across any number of connections.
type tail struct {
	*cli
	conversation, since string
	left                int // messages until the end; below zero, no end

	cursor string // where the next connection goes on
	pause  time.Duration
	say    *speaker
}

// final is an end that connecting again does not put off: everything asked for
// was shown (nil), or it can't be shown.
type final struct{ cause error }

func (f *final) Error() string { return fmt.Sprint("the end: ", f.cause) }

// follow ends with ctx, or without an error after the messages that were asked
// for. Only the first connection may fail for good: from then
// on a silent Hark is one that comes back.
func (t *tail) follow(ctx context.Context) error {
	t.pause = 2 * time.Second
	pause := t.pause
	for connected := false; ; {
		heard, err := t.listen(ctx)
		connected = connected || heard
		if end := (*final)(nil); errors.As(err, &end) {
			return end.cause
		}
		if _, passing := heals(err); !connected || errors.As(err, new(*problem)) && !passing {
			return err
		}
		if heard && ctx.Err() == nil {
			pause = t.pause
			fmt.Fprintln(t.err, "hark tail: the line broke; connecting again")
		}
		select {
		// Many tails that lost the same Hark shall not come back at once.
		case <-time.After(pause/2 + rand.N(pause/2+1)):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, longestPause)
	}
}

// listen follows one connection to its end. heard says that Hark spoke on it.
func (t *tail) listen(ctx context.Context) (heard bool, err error) {
	h, err := t.connect()
	if err != nil {
		return false, err
	}
	query := url.Values{}
	if t.cursor == "" && t.since != "" {
		query.Set("since", t.since)
	}
	if t.conversation != "" {
		query.Set("conversation", t.conversation)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(silence, func() { cancel(errors.New("the line went silent")) })
	defer watchdog.Stop()
	req, err := h.request(ctx, http.MethodGet, "/api/assistant/stream?"+query.Encode(), nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("Accept", "text/event-stream")
	if t.cursor != "" {
		req.Header.Set("Last-Event-ID", t.cursor)
	}
	if !t.json {
		t.say.learn(ctx, h)
	}
	resp, err := h.do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	err = readEvents(resp.Body, func() { watchdog.Reset(silence) }, &t.pause, func(e sseEvent) error {
		heard = true
		if err := t.handle(e); err != nil {
			return &final{err}
		}
		if t.left == 0 {
			return &final{}
		}
		return nil
	})
	return heard, err
}

// handle prints one event and moves the cursor behind it, in this order: what
// could not be printed is not skipped.
func (t *tail) handle(e sseEvent) error {
	if t.json {
		if err := t.printEvent(e); err != nil {
			return err
		}
	}
	switch e.name {
	case "hello":
		t.enter(e.data)
	case "reset":
		t.reset(e.data)
	case "message":
		fresh, err := t.say.message(e.data, t.json)
		if err != nil {
			return err
		}
		if fresh && t.left > 0 {
			t.left--
		}
	case "conversation":
		t.say.conversation(e.data)
	}
	if e.id != "" {
		t.cursor = e.id
	}
	return nil
}

// enter notes where a live stream began, so that a line which breaks before
// its first change goes on from there and not from the time of the next one.
func (t *tail) enter(data string) {
	var hello struct{ Head string }
	if t.cursor == "" && t.since == "" && json.Unmarshal([]byte(data), &hello) == nil {
		t.cursor = hello.Head
	}
}

// reset obeys Hark when it can't go on from the cursor: its data was restored
// from a backup, or is another's.
func (t *tail) reset(data string) {
	var reset struct{ Reason, Head string }
	if json.Unmarshal([]byte(data), &reset) != nil {
		return
	}
	t.cursor, t.since = reset.Head, ""
	fmt.Fprintf(t.err, "hark tail: Hark can't go on from there (%s), so what happened in between is not shown. See all with: hark tail --since all\n", reset.Reason)
}

func (t *tail) printEvent(e sseEvent) error {
	line := struct {
		Event string          `json:"event"`
		ID    string          `json:"id,omitempty"`
		Data  json.RawMessage `json:"data"`
	}{e.name, e.id, json.RawMessage(strings.TrimSpace(e.data))}
	if err := t.printJSON(line); err != nil {
		return fmt.Errorf("event %q: %w", e.name, err)
	}
	return nil
}
