package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// box is a Toolbox of these tools.
type box []Tool

func (b box) Tools(context.Context) []Tool { return b }

func with(tools ...Tool) func(*Config) {
	return func(c *Config) { c.Tools = []Toolbox{box(tools)} }
}

// counted is a tool that counts its runs and answers with its arguments.
func counted(name string, class Replay, runs *atomic.Int32) Tool {
	return Tool{
		Name: name, Replay: class, Parameters: json.RawMessage(`{"type":"object"}`),
		Call: func(_ context.Context, c Call) (Output, error) {
			runs.Add(1)
			return Output{Text: name + " " + string(c.Args)}, nil
		},
	}
}

// calls is an answer that asks for tools, given as name and arguments.
func calls(namesAndArgs ...string) (r Result) {
	r.Finish, r.Usage = FinishTools, Usage{Input: 10, Output: 5}
	for i := 0; i < len(namesAndArgs); i += 2 {
		r.Calls = append(r.Calls, ToolCall{ID: fmt.Sprint("c", i/2), Name: namesAndArgs[i], Arguments: namesAndArgs[i+1]})
	}
	return r
}

// acts is a model that calls tools first and then tells their results.
func acts(namesAndArgs ...string) play {
	return func(_ context.Context, req Request, emit func(Delta) error) (Result, error) {
		var results []string
		for _, turn := range req.Turns {
			switch turn.Role {
			case RoleTool:
				results = append(results, turn.Text)
			case RoleUser:
				results = nil
			default:
			}
		}
		if results == nil {
			return calls(namesAndArgs...), emit(Delta{Text: "Let me see.", Reasoning: "hm"})
		}
		return Result{Finish: FinishStop, Usage: Usage{Input: 20, Output: 7}}, emit(Delta{Text: strings.Join(results, "; ")})
	}
}

// steps are the steps of a message in one line.
func (h *house) steps(id string) string {
	h.t.Helper()
	var out []string
	for _, s := range h.message(id).Steps {
		line := s.Tool + " " + s.Status
		if s.Approval != nil {
			line += " " + s.Approval.Risk
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

func (h *house) wantSteps(id, want string) {
	h.t.Helper()
	synctest.Wait()
	if got := h.steps(id); got != want {
		h.t.Errorf("steps %q, want %q", got, want)
	}
}

// decide gives the same decision about every step that waits for one.
func (h *house) decide(id string, d Decision) {
	h.t.Helper()
	synctest.Wait()
	for _, s := range h.message(id).Steps {
		if s.Approval != nil {
			if err := h.a.Approve(id, s.N, d); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

// Tools that only read run at once and side by side; their results reach the
// model in the order of its calls, and the thread shows what was done.
func TestToolsThatRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := Tool{Name: "slow", Replay: ReadOnly, Call: func(context.Context, Call) (Output, error) {
			<-time.After(time.Second)
			return Output{Text: "slow"}, nil
		}}
		quick := Tool{Name: "quick", Replay: ReadOnly, Call: func(context.Context, Call) (Output, error) {
			<-time.After(time.Second)
			return Output{Text: "quick"}, errors.New("no luck")
		}}
		h := newHouse(t, "", acts("slow", "{}", "quick", "{}", "nobody", "{}", "slow", "not json"), with(slow, quick))
		start := time.Now()
		id := h.say("look")
		time.Sleep(time.Second)
		h.want(id, "done Let me see.\n\nslow; No luck.; There is no tool of this name.; The arguments are not a JSON object, so the tool was not run.")
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %s", took)
		}
		h.wantSteps(id, "slow done, quick error, nobody error, slow error")
		m := h.message(id)
		if m.Steps[0].At != len("Let me see.") || m.Steps[0].Ms != 1000 || m.Reasoning != "hm" {
			t.Errorf("got %+v, %q", m.Steps[0], m.Reasoning)
		}
		if *m.Usage != (store.Usage{Turns: 1, Calls: 2, Input: 30, Output: 12, Ms: 0}) {
			t.Errorf("usage %+v", *m.Usage)
		}
		h.say("again")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if told := fmt.Sprint(h.asked[2].Turns); !strings.Contains(told, "tool No luck.") {
			t.Errorf("the next turn was told %s", told)
		}
	})
}

// Stop ends a running tool within a second, and says what is true of it.
func TestStopInTool(t *testing.T) {
	for name, listens := range map[string]bool{"listens": true, "deaf": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ended atomic.Bool
				send := Tool{Name: "send", Replay: Idempotent, Call: func(ctx context.Context, _ Call) (Output, error) {
					if !listens {
						<-time.After(time.Hour)
					}
					<-ctx.Done()
					ended.Store(true)
					return Output{}, ctx.Err()
				}}
				h := newHouse(t, "", acts("send", "{}"), with(send), func(c *Config) {})
				h.update(func(tx *store.Tx) error { return tx.PutSettings(store.Settings{Allowed: []string{"send"}}) })
				id := h.say("send it")
				h.wantSteps(id, "send running")
				start := time.Now()
				if err := h.a.Stop(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took > time.Second || ended.Load() != listens {
					t.Errorf("took %s, ended %t", took, ended.Load())
				}
				h.want(id, "done stopped Let me see.")
				h.wantSteps(id, "send unknown")
				time.Sleep(2 * time.Hour)
				synctest.Wait()
			})
		})
	}
}

// A built-in tool's effect and its record are one: what fails leaves nothing.
func TestToolInTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := 0
		learn := Tool{Name: "learn", Replay: ReadOnly, Done: func() { done++ }, CallTx: func(tx *store.Tx, c Call) (Output, error) {
			if err := tx.PutFact(&store.Fact{ID: c.Key, Text: "x"}); err != nil {
				return Output{}, err
			}
			if strings.Contains(string(c.Args), "fail") {
				return Output{}, errors.New("that can't be learnt")
			}
			return Output{Text: "learnt"}, nil
		}}
		h := newHouse(t, "", acts("learn", "{}", "learn", `{"fail":1}`), with(learn))
		id := h.say("learn it")
		h.want(id, "done Let me see.\n\nlearnt; That can't be learnt.")
		h.update(func(tx *store.Tx) error {
			facts, err := tx.Facts()
			if len(facts) != 1 || done != 1 {
				t.Errorf("%d facts, %d done", len(facts), done)
			}
			return err
		})
	})
}

// A conversation that is too long for the model loses its oldest part, with a
// mark, and never the question.
func TestTooLongForTheModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "", func(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
			if len(req.Turns) > 6 {
				return Result{}, &Error{Code: CodeContext, Detail: "Too long."}
			}
			return echo(ctx, req, emit)
		})
		var last string
		for i := range 8 {
			last = h.say(fmt.Sprint("m", i))
			synctest.Wait()
		}
		h.want(last, "done re: m7")
		if note := h.message(last).Note; !strings.Contains(note, "earlier messages were left out") {
			t.Errorf("note %q", note)
		}
	})
}

// Turns that nobody waits for stop at the day's budget, until a person asks.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		h := newHouse(t, "", acts("look", "{}"), with(counted("look", ReadOnly, &runs)))
		h.update(func(tx *store.Tx) error { return tx.PutSettings(store.Settings{Budget: 40}) })
		h.conv = h.open()
		unattended := func() string {
			id := h.write(h.conv, "report")
			h.update(func(tx *store.Tx) error {
				ms, _, err := tx.Messages(h.conv, id, 1)
				ms[0].Source.Kind = "reminder"
				return errors.Join(err, tx.PutMessage(ms[0]))
			})
			h.a.Kick(h.conv)
			return id
		}
		h.want(unattended(), "done Let me see.\n\nlook {}") // 42 tokens
		two := unattended()
		h.want(two, "error budget")
		h.want(h.say("hello"), "done Let me see.\n\nlook {}")
		if err := h.a.Retry(two); err != nil {
			t.Fatal(err)
		}
		h.want(two, "done Let me see.\n\nlook {}")
		h.update(func(tx *store.Tx) error {
			days, err := tx.UsageSince("")
			if len(days) != 2 || days[0].Source != "chat" || days[0].Input != 30 || days[1].Turns != 3 || days[1].Calls != 4 {
				t.Errorf("usage %+v", days)
			}
			return err
		})
	})
}
