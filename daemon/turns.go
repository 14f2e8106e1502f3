package daemon

import (
	"context"
	"errors"

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

func (d *Daemon) retryTurn(id string) error {
	a, err := d.working()
	if err != nil {
		return err
	}
	switch err := a.Retry(id); {
	case errors.Is(err, agent.ErrNotReply):
		return fault("conflict", "Only a reply of the assistant can be tried again.")
	case errors.Is(err, agent.ErrRunning):
		return fault("busy", "This reply is still being written. Stop it first.")
	default:
		return err
	}
}
