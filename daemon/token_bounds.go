package daemon

import (
	"errors"
	"sync"

	"hark/store"
)

// admit refuses a fire of a token that fires too often, and any while the disk
// is nearly full.
func (d *Daemon) admit(who caller) error {
	wait := d.fires.take(who.key())
	if t := who.token; t != nil && t.Rate > 0 {
		wait = max(wait, d.rates.of(t.Rate).take(who.key()))
	}
	if wait > 0 {
		return &problem{code: "too_many", detail: "This token fires more often than it may. Wait, or let it fire more often: hark token set, or fire_per_minute.", wait: wait}
	}
	return d.room()
}

// limiters holds a limiter for each rate that some token has: there are as many
// as the owner has thought of.
type limiters struct {
	mu    sync.Mutex
	rates map[int]*limiter
}

func newLimiters() *limiters { return &limiters{rates: map[int]*limiter{}} }

func (l *limiters) of(perMinute int) *limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rates[perMinute] == nil {
		l.rates[perMinute] = newLimiter(perMinute, max(perMinute/2, 1))
	}
	return l.rates[perMinute]
}

// bound is in as far as its token may: with the conversation that its topic
// stands for, not louder than the owner allows. It is made anew for each
// delivery, so that a repeated fire is compared by what was asked, whatever the
// owner has set meanwhile. A message that is there again stays where it is.
func (in *fireInput) bound(tx *store.Tx, out *firing, who caller, again bool) (*fireInput, error) {
	may := *in
	if in.Topic != "" && in.Conversation == "" && !again {
		c, err := topicConversation(tx, in.Topic, who)
		if err != nil {
			return nil, err
		}
		if c.warning != "" {
			out.Warnings = append(out.Warnings, c.warning)
		}
		may.Conversation, out.Created = c.id, c.created
	}
	t := who.token
	if t == nil {
		return &may, nil
	}
	if may.Conversation == "" && in.Topic == "" && t.Conversation != "" {
		if _, err := tx.Conversation(t.Conversation); err == nil {
			may.Conversation = t.Conversation
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		} // deleted: the inbox
	}
	if most := t.MaxPriority; most > 0 && max(in.Priority, 0) > most {
		may.Priority = most
		out.Warnings = append(out.Warnings, "this token's priority is at most "+string(rune('0'+most)))
	} else if most > 0 && most < defaultPriority && in.Priority == 0 {
		may.Priority = most
	}
	if t.MutedUntil != nil && tx.Now().Before(t.MutedUntil.Time) {
		may.Silent = true
	}
	return &may, nil
}

// defaultPriority is that of a message which names none.
const defaultPriority = 3
