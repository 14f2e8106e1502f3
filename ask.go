package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Exit statuses of "hark ask" beside those of all verbs: scripts branch on them.
const (
	exitChoice  = 10 // plus the place of the choice, from the second one on: 11, 12, …
	exitDefault = 20 // nobody answered in time; the default was printed
	exitNobody  = 21 // nobody answered in time, and there is no default
	exitGone    = 22 // the question was deleted
)

const (
	// askWait is how long one question to Hark lasts; it answers at once when
	// there is an answer.
	askWait = 50 * time.Second
	// askGrace is how long a Hark that is away is waited for after the time of
	// the question is up.
	askGrace = 5 * time.Minute
)

// outcome is an exit status that is an answer and no failure: nothing is printed
// about it.
type outcome int

func (o outcome) Error() string { return fmt.Sprintf("exit status %d", int(o)) }

// askBody is a question as it is posted.
type askBody struct {
	Choices []string `json:"choices,omitempty"`
	Text    bool     `json:"text,omitempty"`
	Timeout string   `json:"timeout,omitempty"`
	Default string   `json:"default,omitempty"`
}

// askFlags adds the flags of a question.
func askFlags(fs *flag.FlagSet) *askBody {
	a := &askBody{}
	fs.Func("choices", "what may be answered, `A,B`", func(s string) error {
		a.Choices = append(a.Choices, splitList(s)...)
		return nil
	})
	fs.BoolVar(&a.Text, "text", false, "any text may be the answer")
	fs.StringVar(&a.Timeout, "timeout", "", "the question is open for this `TIME`, such as 10m or 2d; for ever without it")
	fs.StringVar(&a.Default, "default", "", "the `ANSWER` that counts when the time is up")
	return a
}

func askVerb() verb {
	return verb{
		name:  "ask",
		args:  "[TEXT...]",
		short: "ask yourself a question and wait for the answer",
		intro: `  hark ask "Deploy?" --choices Yes,No --timeout 10m && ./deploy
  hark ask "Which branch?" --text
  answer=$(hark ask "Restart the router?" --timeout 5m --default No)

The question stands in the thread and in the notification of every device; the
first answer counts and is printed. Without --choices and --text it is Yes or
No. Hark may be restarted meanwhile: the question stays, and so does the wait.
The exit status tells which answer it was:

  0         the first choice, or a text
  11, 12 …  the second choice, the third …
  20        nobody answered in time: the default is printed
  21        nobody answered in time, and there is no default
  22        the question was deleted
  130       interrupted: the question is taken back

Others say why there is no answer (hark help exit).
`,
		setup: setupAsk,
	}
}

func setupAsk(c *cli, fs *flag.FlagSet) action {
	body, key, retry := &fireBody{}, rand.Text(), 30*time.Second
	fireFlags(fs, body)
	ask := askFlags(fs)
	fs.DurationVar(&retry, "retry", retry, "go on trying for this `TIME` to put the question while Hark is away or busy")
	return func(ctx context.Context, words []string) error {
		if err := c.readText(body, words); err != nil {
			return err
		}
		if len(ask.Choices) == 0 && !ask.Text {
			ask.Choices = []string{"Yes", "No"}
		}
		body.Ask = ask
		fired, err := c.post(ctx, "ask", body, key, retry)
		if err != nil {
			return err
		}
		answer, err := c.await(ctx, fired.Message, ask.Timeout)
		if err != nil {
			if ctx.Err() != nil {
				c.takeBack(fired.Message)
			}
			return err
		}
		return c.tell(answer, ask)
	}
}

// verdict is what Hark says of a question that has ended.
type verdict struct {
	Answered bool       `json:"answered"`
	Answer   *string    `json:"answer"`
	By       string     `json:"by,omitempty"`
	At       *time.Time `json:"at,omitempty"`
}

// await waits for the answer to a message, across restarts of Hark.
func (c *cli) await(ctx context.Context, message, timeout string) (*verdict, error) {
	var giveUp time.Time
	if d, err := time.ParseDuration(timeout); err == nil {
		giveUp = time.Now().Add(d + askGrace)
	}
	for pause := 100 * time.Millisecond; ; {
		a, err := c.askOnce(ctx, message)
		if err == nil && a != nil {
			return a, nil
		}
		wait, passing := heals(err)
		if err == nil {
			pause = 100 * time.Millisecond
			continue
		}
		if !passing || !giveUp.IsZero() && time.Now().After(giveUp) {
			return nil, err
		}
		select {
		case <-time.After(max(wait, pause)):
			pause = min(2*pause, 5*time.Second)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// askOnce asks Hark once; nil is no answer yet.
func (c *cli) askOnce(ctx context.Context, message string) (*verdict, error) {
	h, err := c.connect()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askWait+answerTime)
	defer cancel()
	path := fmt.Sprintf("/api/assistant/fire/%s/answer?wait=%d", message, int(askWait.Seconds()))
	req, err := h.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := h.do(req)
	var p *problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusGone && p.Code == "expired":
		return &verdict{Answer: p.Answer}, nil
	case errors.As(err, &p) && p.Code == "not_found":
		return nil, outcome(exitGone)
	case err != nil:
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent {
		return nil, nil
	}
	a := &verdict{}
	if err := json.NewDecoder(resp.Body).Decode(a); err != nil {
		return nil, &unreachable{"The line to Hark broke in the middle of its answer (" + plainCause(err) + ").", err}
	}
	return a, nil
}

// tell prints an answer and returns the status that stands for it.
func (c *cli) tell(a *verdict, ask *askBody) error {
	var err error
	switch {
	case c.json:
		err = c.printJSON(a)
	case a.Answer != nil:
		_, err = fmt.Fprintln(c.out, *a.Answer)
	}
	switch {
	case err != nil:
		return err
	case !a.Answered && a.Answer == nil:
		return outcome(exitNobody)
	case !a.Answered:
		return outcome(exitDefault)
	}
	place := slices.IndexFunc(ask.Choices, func(s string) bool { return strings.EqualFold(s, cmp.Or(*a.Answer, "")) })
	if place > 0 {
		return outcome(exitChoice + place)
	}
	return nil
}

// takeBack removes a question that nobody waits for any more. It is not missed
// if that fails.
func (c *cli) takeBack(message string) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if h, err := c.connect(); err == nil {
		if err := h.call(ctx, http.MethodDelete, "/api/assistant/fire/"+message, nil, nil); err != nil {
			fmt.Fprintln(c.err, "hark ask: the question is still open:", err)
		}
	}
}

func answerVerb() verb {
	return verb{
		name:  "answer",
		args:  "MESSAGE ANSWER...",
		short: "answer a question that a script has asked",
		intro: `  hark answer 01JD0V2MSN4X8G9QFYB3T6KZRE Yes

MESSAGE is the id of the question. The first answer counts, whichever device it
comes from.
`,
		setup: func(c *cli, _ *flag.FlagSet) action {
			return func(ctx context.Context, words []string) error {
				if len(words) < 2 {
					return usageError{msg: "it takes the id of a message and the answer"}
				}
				h, err := c.connect()
				if err != nil {
					return err
				}
				var text json.RawMessage
				body := map[string]string{"answer": strings.Join(words[1:], " ")}
				if err := h.call(ctx, http.MethodPost, "/api/messages/"+url.PathEscape(words[0])+"/answer", body, &text); err != nil {
					return err
				}
				if c.json {
					return c.printJSON(text)
				}
				return nil
			}
		},
	}
}
