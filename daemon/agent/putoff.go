package agent

import (
	"time"

	"hark/store"
)

// resumePauses is how long a turn waits before it goes on, by how often a
// process has died under it. It may be the turn that kills them: then a daemon
// that is started again at once must not run in a circle with it.
var resumePauses = [maxResumes]time.Duration{2 * time.Second, 10 * time.Second, time.Minute}

// putOff has a turn wait that was cut short by the death of so many processes.
// After the first one those behind it in their conversation wait as well, since
// they may be about its answer; after the second one they go first.
func (a *Agent) putOff(m *store.Message, deaths int) {
	if deaths == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.later[m.ID] = deaths
	a.timers[m.ID] = time.AfterFunc(resumePauses[deaths-1], func() {
		a.mu.Lock()
		delete(a.later, m.ID)
		delete(a.timers, m.ID)
		a.mu.Unlock()
		a.Kick(m.Conversation)
	})
}

// goNow ends such a wait: somebody asks for the turn.
func (a *Agent) goNow(message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.later[message]; ok {
		a.timers[message].Stop()
		delete(a.later, message)
		delete(a.timers, message)
	}
}

// first picks of the open turns of a conversation, oldest first, the one that
// is to run now, or nil.
func (a *Agent) first(open []*store.Message, not map[string]bool) *store.Message {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range open {
		if m.Status != store.Pending || m.Reason == store.WaitApproval || not[m.ID] {
			continue
		}
		if deaths := a.later[m.ID]; deaths == 0 {
			return m
		} else if deaths == 1 {
			return nil
		}
	}
	return nil
}
