package daemon

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hark/daemon/agent"
	"hark/store"
)

// kick has the pending replies of a conversation written. Before the agent
// runs they wait on disk: it begins with them.
func (d *Daemon) kick(conversation string) {
	if a := d.agent.Load(); a != nil {
		a.Kick(conversation)
	}
}

// working returns the agent, or says that it does not run now.
func (d *Daemon) working() (*agent.Agent, error) {
	if a := d.agent.Load(); a != nil {
		return a, nil
	}
	return nil, &problem{code: "unavailable", detail: "Hark is starting. Try again in a moment.", wait: stopWait}
}

// stopTurn ends a reply; one that has ended, or was deleted, is left alone.
func (d *Daemon) stopTurn(ctx context.Context, id string) error {
	a, err := d.working()
	if err != nil {
		return err
	}
	if err := a.Stop(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// turned puts what the agent says against a wish into a problem.
func turned(err error) error {
	switch {
	case errors.Is(err, agent.ErrNotReply):
		return fault("conflict", "Only a reply of the assistant can be tried again.")
	case errors.Is(err, agent.ErrRunning):
		return fault("busy", "This reply is still being written. Stop it first.")
	case errors.Is(err, agent.ErrNotResumable):
		return fault("conflict", "This reply can't go on from where it ended. Retry has it written again.")
	case errors.Is(err, agent.ErrNotAsked):
		return fault("conflict", "Nothing is asked about this step any more: it was decided, or the reply has ended.")
	case errors.Is(err, agent.ErrDecision):
		return fault("invalid", "decision is once, always or deny; of a step whose outcome is unknown it is retry, skip or done.")
	}
	return err
}

// onTurn serves a POST that does one thing to a reply, and answers with it.
func (d *Daemon) onTurn(status int, do func(a *agent.Agent, id string, w http.ResponseWriter, r *http.Request) error) endpoint {
	return func(w http.ResponseWriter, r *http.Request, _ caller) error {
		if err := d.room(); err != nil {
			return err
		}
		a, err := d.working()
		if err != nil {
			return err
		}
		id := r.PathValue("id")
		before := d.traces.of(id)
		d.traces.note(id, requestOf(r.Context()))
		if err := do(a, id, w, r); err != nil {
			d.traces.note(id, before)
			return turned(err)
		}
		m, err := d.message(id)
		if err != nil {
			return err
		}
		writeJSON(w, status, m)
		return nil
	}
}

// retryMessage starts a reply again that ended. Sent again with its key, it
// leaves the reply alone.
func retryMessage(a *agent.Agent, id string, w http.ResponseWriter, r *http.Request) error {
	once, err := onceOf(r, "retry/"+id, id)
	if err != nil {
		return err
	}
	err = a.Retry(id, func(tx *store.Tx) error {
		if b, err := once.before(tx); err != nil {
			return err
		} else if b != nil {
			return errRepeated
		}
		return once.keep(tx, id)
	})
	if errors.Is(err, errRepeated) {
		w.Header().Set("Idempotent-Replayed", "true")
		return nil
	}
	return err
}

// errRepeated: the request came before.
var errRepeated = errors.New("repeated")

// resumeMessage has a reply go on from its last finished step.
func resumeMessage(a *agent.Agent, id string, _ http.ResponseWriter, _ *http.Request) error {
	return a.Resume(id)
}

// approveMessage takes the owner's decision about a step.
func approveMessage(a *agent.Agent, id string, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Step     int            `json:"step"`
		Decision agent.Decision `json:"decision"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	return a.Approve(id, in.Step, in.Decision)
}

// getStep serves a step with all of its arguments and result.
func (d *Daemon) getStep(w http.ResponseWriter, r *http.Request, _ caller) error {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return store.ErrNotFound
	}
	var step store.Step
	err = d.db.View(func(tx *store.Tx) (err error) {
		step, err = agent.WholeStep(tx, r.PathValue("id"), n)
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, step)
	return nil
}

// editMessage puts a new version in the place of what the owner wrote, and has
// it answered. The old version and what followed it stay as they are.
func (d *Daemon) editMessage(w http.ResponseWriter, r *http.Request, who caller) error {
	if err := d.room(); err != nil {
		return err
	}
	var in chatInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := in.check(d.cfg.Limits.ChatText); err != nil {
		return err
	}
	in.answer = d.command(&in, who)
	id := r.PathValue("id")
	once, err := onceOf(r, "edit/"+who.id, []any{id, in})
	if err != nil {
		return err
	}
	return d.accept(w, r, once, func(tx *store.Tx, out *chatAccepted) error { return out.branch(tx, id, in) })
}

// branch writes a new version of message id with a reply to it.
func (out *chatAccepted) branch(tx *store.Tx, id string, in chatInput) error {
	old, err := tx.Message(id)
	if err != nil {
		return err
	}
	if old.Role != store.User || old.Source.Kind != "chat" {
		return fault("conflict", "Only what you wrote yourself can be edited.")
	}
	in.Conversation, in.ReplyTo, in.WhenBusy = old.Conversation, old.ReplyTo, ""
	open, err := tx.OpenTurns(old.Conversation)
	if err != nil {
		return err
	}
	for i := len(open) - 1; i >= 0; i-- { // what answers the old version is no longer wanted; none of it is to begin now
		out.stop = append(out.stop, open[i].ID)
	}
	if in.Zone == "" {
		in.Zone = old.Zone
	}
	if err := out.put(tx, &in); err != nil {
		return err
	}
	m, err := tx.Message(out.User)
	if err != nil {
		return err
	}
	m.BranchOf = old.ID
	if old.BranchOf != "" {
		m.BranchOf = old.BranchOf
	}
	if err := tx.PutMessage(m); err != nil {
		return err
	}
	first, err := tx.Message(m.BranchOf)
	switch {
	case err == nil:
		first.Versions = append(slices.Clone(first.Versions), m.ID)
		err = tx.PutMessage(first)
	case errors.Is(err, store.ErrNotFound): // deleted: the others know it by its id
		err = nil
	}
	return err
}

// listFacts serves what the assistant was asked to remember.
func (d *Daemon) listFacts(w http.ResponseWriter, _ *http.Request, _ caller) error {
	facts := []*store.Fact{}
	err := d.db.View(func(tx *store.Tx) error {
		all, err := tx.Facts()
		facts = append(facts, all...)
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"facts": facts})
	return nil
}

// putFact writes a fact of the owner's, or changes one.
func (d *Daemon) putFact(status int) endpoint {
	return func(w http.ResponseWriter, r *http.Request, _ caller) error {
		if err := d.room(); err != nil {
			return err
		}
		var in struct {
			Text string `json:"text"`
		}
		if err := readJSON(w, r, &in); err != nil {
			return err
		}
		text, err := agent.FactText(in.Text)
		if err != nil {
			return fault("invalid", "%s.", capital(strings.TrimRight(err.Error(), ".")))
		}
		f := new(store.Fact)
		err = d.db.Update(func(tx *store.Tx) (err error) {
			if id := r.PathValue("id"); id != "" {
				if f, err = tx.Fact(id); err != nil {
					return err
				}
			} else {
				f.ID = tx.NewID()
			}
			f.Text = text
			return tx.PutFact(f)
		})
		if err != nil {
			return err
		}
		writeJSON(w, status, f)
		return nil
	}
}

func (d *Daemon) deleteFact(w http.ResponseWriter, r *http.Request, _ caller) error {
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteFact(r.PathValue("id")) }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
