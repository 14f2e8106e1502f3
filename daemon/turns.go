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
		if err := do(a, id, w, r); err != nil {
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

// retryMessage starts a reply again that ended.
func retryMessage(a *agent.Agent, id string, _ http.ResponseWriter, _ *http.Request) error {
	return a.Retry(id)
}

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
func (d *Daemon) editMessage(w http.ResponseWriter, r *http.Request, _ caller) error {
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
	id := r.PathValue("id")
	old, err := d.message(id)
	if err != nil {
		return err
	}
	if a := d.agent.Load(); a != nil { // an answer to the old version is no longer wanted
		if err := a.StopAll(r.Context(), old.Conversation); err != nil {
			return err
		}
	}
	var out chatAccepted
	err = d.db.Update(func(tx *store.Tx) error {
		out = chatAccepted{Status: store.Pending}
		return out.branch(tx, id, in)
	})
	if err != nil {
		return err
	}
	d.kick(out.Conversation)
	writeJSON(w, http.StatusAccepted, out)
	return nil
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
	out.Cursor = tx.Cursor()
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
