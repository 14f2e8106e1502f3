package agent

import (
	"fmt"
	"time"

	"hark/store"
)

// day is the day of an instant on the owner's clock.
func (a *Agent) day(t time.Time) string {
	return t.In(location(a.cfg.Zone)).Format(time.DateOnly)
}

// afford reports whether the model may be asked once more. A turn that nobody
// waits for is held to the day's budget; the one that goes over it is the last.
func (r *run) afford() error {
	if r.q.source() == sourceChat || r.j.state.Human {
		return nil
	}
	var budget, used int
	err := r.a.cfg.DB.View(func(tx *store.Tx) error {
		s, err := tx.Settings()
		if err != nil || s.Budget <= 0 {
			return err
		}
		budget = s.Budget
		days, err := tx.UsageSince(r.a.day(tx.Now()))
		for _, d := range days {
			if d.Source != sourceChat {
				used += d.Input + d.Output
			}
		}
		return err
	})
	if err != nil || budget <= 0 || used < budget {
		return err
	}
	return &Error{
		Code: CodeBudget, Retryable: true,
		Detail: fmt.Sprintf("Today's budget of %d tokens for turns that run by themselves is used up, so this one waits for you. Retry runs it now.", budget),
	}
}
