package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hark/daemon/agent"
	"hark/store"
)

const (
	// maxAskWait is the longest that one call waits for an answer.
	maxAskWait = time.Hour
	// askWaits is how long a call waits that does not say: many clients give a
	// tool a minute.
	askWaits = 50
	// askRound is how often a waiting caller hears that it is waited.
	askRound = 10 * time.Second
)

// mcpQuestion are the arguments of ask.
type mcpQuestion struct {
	Text         string   `json:"text"`
	Title        string   `json:"title"`
	Priority     int      `json:"priority"`
	Choices      []string `json:"choices"`
	FreeText     bool     `json:"free_text"`
	Timeout      string   `json:"timeout"`
	Default      string   `json:"default"`
	Wait         *int     `json:"wait"`
	Question     string   `json:"question"`
	Conversation string   `json:"conversation"`
	Key          string   `json:"key"`
}

// body is the fire that puts the question.
func (q *mcpQuestion) body() map[string]any {
	ask := map[string]any{"choices": q.Choices, "text": q.FreeText}
	if len(q.Choices) == 0 && !q.FreeText {
		ask["choices"] = []string{"Yes", "No"}
	}
	if q.Timeout != "" {
		ask["timeout"] = q.Timeout
	}
	if q.Default != "" {
		ask["default"] = q.Default
	}
	body := map[string]any{"text": q.Text, "title": q.Title, "conversation": q.Conversation, "ask": ask}
	if q.Priority != 0 {
		body["priority"] = q.Priority
	}
	return body
}

// mcpAnswer is how a question stands.
type mcpAnswer struct {
	Question string   `json:"question"`
	State    string   `json:"state"` // answered, default, expired or open
	Answer   *string  `json:"answer"`
	By       string   `json:"by,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// text says it to a model. An answer stands alone.
func (a *mcpAnswer) text() string {
	switch a.State {
	case "answered":
		return *a.Answer
	case "default":
		return fmt.Sprintf("Nobody answered in time: it counts as %q.", *a.Answer)
	case "expired":
		return "Nobody answered in time."
	}
	return "Nobody has answered yet. The question stays open; to go on waiting, call ask with question " + a.Question + " alone." + warned(a.Warnings)
}

// ask puts a question and waits for its answer. A call that is given up takes
// its question back, for nobody waits for it any more, unless a key lets its
// caller find it again.
func (t mcpTools) ask(ctx context.Context, o agent.Order) (agent.Reply, error) {
	var in mcpQuestion
	if err := readArgs(o, &in); err != nil {
		return mcpReply("", nil, err)
	}
	a := &mcpAnswer{Question: in.Question, State: "open"}
	if in.Question == "" {
		if strings.TrimSpace(in.Text) == "" {
			return mcpReply("", nil, &refusal{"There is no text. Say what to ask."})
		}
		var out firing
		if _, err := t.call(ctx, MCPRequest{http.MethodPost, "/api/assistant/fire", cmp.Or(in.Key, store.NewSecret("")), in.body()}, &out); err != nil {
			return mcpReply("", nil, err)
		}
		a.Question, a.Warnings = out.Message, out.Warnings
	}
	seconds := askWaits
	if in.Wait != nil {
		seconds = *in.Wait
	}
	wait := min(max(time.Duration(seconds)*time.Second, 0), maxAskWait)
	if err := t.await(ctx, a, wait, o.Tell); err != nil {
		if ctx.Err() != nil && in.Question == "" && in.Key == "" {
			t.takeBack(ctx, a.Question)
		}
		if no := (*refusal)(nil); errors.As(err, &no) && in.Question == "" {
			err = &refusal{no.text + " The question stays open, as " + a.Question + "."}
		}
		return mcpReply("", nil, err)
	}
	return mcpReply(a.text(), a, nil)
}

// await waits for so long, and puts into a what it has learnt.
func (t mcpTools) await(ctx context.Context, a *mcpAnswer, wait time.Duration, tell func(done, total float64, text string)) error {
	begun := time.Now()
	for {
		left := wait - time.Since(begun)
		round := max(min(left, askRound), 0)
		path := fmt.Sprintf("/api/assistant/fire/%s/answer?wait=%d", url.PathEscape(a.Question), int(round.Round(time.Second)/time.Second))
		var out answered
		if wait > 0 {
			tell(time.Since(begun).Truncate(time.Second).Seconds(), wait.Seconds(), "Waiting for the owner's answer")
		}
		asked := time.Now()
		status, err := t.call(ctx, MCPRequest{Method: http.MethodGet, Path: path}, &out)
		if bad := (*apiProblem)(nil); errors.As(err, &bad) && bad.Code == "expired" {
			if a.State, a.Answer = "expired", bad.Answer; a.Answer != nil {
				a.State = "default"
			}
			return nil
		}
		crowded := false
		if bad := (*apiProblem)(nil); errors.As(err, &bad) && bad.Code == "too_many" {
			crowded, err = true, nil
		}
		if err != nil {
			return err
		}
		if status == http.StatusOK {
			a.State, a.By = "answered", out.By
			a.Answer = cmp.Or(out.Answer, new(string))
			return nil
		}
		left = wait - time.Since(begun)
		if left <= 0 {
			return nil
		}
		if !crowded && time.Since(asked) >= time.Second {
			continue
		}
		select { // too many wait: not again at once
		case <-time.After(min(left, crowdedWait)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// takeBack removes a question that nobody waits for. It is not missed if that
// fails.
func (t mcpTools) takeBack(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	_, _ = t.call(ctx, MCPRequest{Method: http.MethodDelete, Path: "/api/assistant/fire/" + url.PathEscape(id)}, nil)
}
