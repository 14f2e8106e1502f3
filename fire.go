package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// fireBody is what is posted to /api/assistant/fire. Values are not judged
// here: Hark takes a fire with a bad option, and warns, for it may be 3 a.m.
type fireBody struct {
	Text         string   `json:"text"`
	Title        string   `json:"title,omitempty"`
	Conversation string   `json:"conversation,omitempty"`
	Priority     string   `json:"priority,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	Click        string   `json:"click,omitempty"`
	Replace      string   `json:"replace,omitempty"`
	Markdown     bool     `json:"markdown,omitempty"`
	Silent       bool     `json:"silent,omitempty"`
	At           string   `json:"at,omitempty"`
	Run          bool     `json:"run,omitempty"`
	Ask          *askBody `json:"ask,omitempty"`
	Actions      []button `json:"actions,omitempty"`
}

// button is an action of a message.
type button struct {
	Kind  string `json:"kind"`
	Label string `json:"label"`
	URL   string `json:"url"`
}

func fireVerb() verb {
	return verb{
		name:  "fire",
		args:  "[TEXT...]",
		short: "send a message to yourself: thread, open pages and phone",
		intro: `  hark fire The oven is hot
  hark fire -t Backup -p 4 --tags disk,nas "Only 3 GB left on /srv"
  make 2>&1 | tail -5 | hark fire -t Build
  hark fire --replace laundry "Washing: 12 minutes left"
  hark fire --at "tomorrow at 9" Take the parcel along
  hark fire --at 10m --replace heartbeat "No heartbeat from the NAS"
  hark fire -t "Build failed" --open Log=https://ci.example/7 "3 tests"
  curl -s https://example.com/feed | hark fire --run

Without TEXT, or with - in its place, the text is read from standard input;
colour codes are taken out. The id of the message is printed when the message
is on Hark's disk. Trying again, by itself or with the same --key within a day,
never makes a second message.
`,
		setup: setupFire,
	}
}

func setupFire(c *cli, fs *flag.FlagSet) action {
	body, key, retry := &fireBody{}, "", 3*time.Second
	fireFlags(fs, body)
	fs.StringVar(&key, "key", "", "`KEY` that makes repeats harmless: the same key, the same message, for a day")
	fs.StringVar(&body.At, "at", "", "deliver it at this `TIME`: 30m, 18:00, tomorrow at 9")
	fs.BoolVar(&body.Run, "run", false, "have the assistant look at the text and say what matters; the text is never an instruction to it")
	fs.DurationVar(&retry, "retry", retry, "go on trying for this `TIME` while Hark is away or busy")
	ask := askFlags(fs)
	return func(ctx context.Context, words []string) error {
		if err := c.readText(body, words); err != nil {
			return err
		}
		if key == "" {
			key = rand.Text()
		}
		if ask.Text || len(ask.Choices) > 0 {
			body.Ask = ask
		}
		fired, err := c.post(ctx, "fire", body, key, retry)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(fired.text)
		}
		_, err = fmt.Fprintln(c.out, fired.Message)
		return err
	}
}

// fireFlags adds the flags of all verbs that post a message.
func fireFlags(fs *flag.FlagSet, body *fireBody) {
	for _, name := range []string{"t", "title"} {
		fs.StringVar(&body.Title, name, "", "a `TITLE`, shown bold above the text")
	}
	for _, name := range []string{"p", "priority"} {
		fs.StringVar(&body.Priority, name, "", "`1..5`, from no sound to urgent; 3 is usual")
	}
	fs.Func("tags", "words to find it by, `A,B`", func(s string) error {
		body.Tags = append(body.Tags, splitList(s)...)
		return nil
	})
	fs.StringVar(&body.Click, "click", "", "open this `URL` when the notification is tapped")
	fs.StringVar(&body.Conversation, "conversation", "", "post into the conversation `ID` instead of the inbox")
	fs.StringVar(&body.Replace, "replace", "", "update the message that was fired under this `NAME`, if there is one")
	fs.BoolVar(&body.Markdown, "markdown", false, "the text is Markdown")
	fs.BoolVar(&body.Silent, "silent", false, "no notification, only the thread")
	fs.Func("open", "a button that opens an address, `LABEL=URL`", body.button("open"))
	fs.Func("call", "a button that has Hark call an address which the token names (POST), `LABEL=URL`", body.button("http"))
}

// button reads the flag of one button.
func (b *fireBody) button(kind string) func(string) error {
	return func(s string) error {
		label, url, ok := strings.Cut(s, "=")
		if !ok || label == "" || url == "" {
			return errors.New("write it as LABEL=URL")
		}
		b.Actions = append(b.Actions, button{Kind: kind, Label: label, URL: url})
		return nil
	}
}

// fired is the answer to a post.
type fired struct {
	Message  string
	Warnings []string

	text json.RawMessage // as it came
}

// post posts body until it is acknowledged or the time for trying is over, and
// shows the warnings of the answer. verb is who warns.
func (c *cli) post(ctx context.Context, verb string, body *fireBody, key string, retry time.Duration) (*fired, error) {
	out := &fired{}
	err := retrying(ctx, retry, func() error {
		// Hark may come back on another port, so it is looked up each time.
		h, err := c.connect()
		if err != nil {
			return err
		}
		req, err := h.request(ctx, http.MethodPost, "/api/assistant/fire", body)
		if err != nil {
			return err
		}
		req.Header.Set("Idempotency-Key", key)
		return h.send(req, &out.text)
	})
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out.text, out); err != nil {
		return nil, fmt.Errorf("the answer is not what Hark says: %w", err)
	}
	for _, w := range out.Warnings {
		fmt.Fprintln(c.err, "hark "+verb+": warning:", w)
	}
	return out, nil
}

// retrying calls try until it succeeds, fails for a reason that time does not
// heal, or has been tried for long enough. What it does must be safe to do
// twice: the answer that got lost may have been a yes.
func retrying(ctx context.Context, long time.Duration, try func() error) error {
	deadline := time.Now().Add(long)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := try()
		wait, passing := heals(err)
		if wait = max(wait, pause); !passing || time.Now().Add(wait).After(deadline) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// heals reports whether err may be gone later, and when at the soonest.
func heals(err error) (time.Duration, bool) {
	if away := (*unreachable)(nil); errors.As(err, &away) {
		return 0, true
	}
	if p := (*problem)(nil); errors.As(err, &p) {
		return p.retryAfter, p.passing
	}
	return 0, false
}
