package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
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
	fs.StringVar(&key, "key", "", "`KEY` that makes repeats harmless: the same key, the same message, for a day")
	fs.StringVar(&body.Replace, "replace", "", "update the message that was fired under this `NAME`, if there is one")
	fs.BoolVar(&body.Markdown, "markdown", false, "the text is Markdown")
	fs.BoolVar(&body.Silent, "silent", false, "no notification, only the thread")
	fs.DurationVar(&retry, "retry", retry, "go on trying for this `TIME` while Hark is away or busy")
	return func(ctx context.Context, words []string) error {
		if err := c.readText(body, words); err != nil {
			return err
		}
		if key == "" {
			key = rand.Text()
		}
		return c.fire(ctx, body, key, retry)
	}
}

// fire posts body until it is acknowledged or the time for trying is over, and
// prints the answer.
func (c *cli) fire(ctx context.Context, body *fireBody, key string, retry time.Duration) error {
	var text json.RawMessage
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
		return h.send(req, &text)
	})
	if err != nil {
		return err
	}
	var answer struct {
		Message  string
		Warnings []string
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("the answer is not what Hark says: %w", err)
	}
	for _, w := range answer.Warnings {
		fmt.Fprintln(c.err, "hark fire: warning:", w)
	}
	if c.json {
		return c.printJSON(text)
	}
	_, err = fmt.Fprintln(c.out, answer.Message)
	return err
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
