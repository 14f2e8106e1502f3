package push

import (
	"slices"
	"testing"
	"time"

	"hark/store"
)

func (r *rig) advance(m *store.Message, device, state string) {
	r.t.Helper()
	r.update(func(tx *store.Tx) error { _, err := tx.Advance(m.ID, device, state, ""); return err })
}

func urgently(m *store.Message) { m.Priority = 4 }

// An urgent message that a device does not show within five minutes comes there
// again; if that does not help, the owner's other devices ring again, those too
// that mute its source. It ends when the owner has seen it.
func TestEscalation(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		dead, live, muted := r.device("dead"), r.device("live"), r.device("muted")
		r.update(func(tx *store.Tx) error {
			d, err := tx.Device("muted")
			d.Mutes = []string{"backup"}
			return errorOr(err, tx.PutDevice(d, ""))
		})
		m := r.say("water in the cellar", urgently)
		pass(time.Second)
		r.advance(m, "live", store.Shown)
		count := func() []int { return []int{len(r.bodies(dead)), len(r.bodies(live)), len(r.bodies(muted))} }
		for _, c := range []struct {
			after time.Duration
			want  []int
		}{{4 * time.Minute, []int{1, 1, 0}}, {2 * time.Minute, []int{2, 1, 0}}, {5 * time.Minute, []int{2, 2, 1}}, {10 * time.Hour, []int{2, 2, 1}}} {
			pass(c.after)
			if got := count(); !slices.Equal(got, c.want) {
				t.Errorf("%s later: %v, want %v", c.after, got, c.want)
			}
		}
		if n := r.notes(dead); !n[1].Notification.Renotify || n[1].Notification.Tag != n[0].Notification.Tag {
			t.Errorf("the second time: %+v", n[1].Notification)
		}
		read := r.say("again", urgently)
		pass(time.Second)
		r.update(func(tx *store.Tx) error { return tx.MarkRead(r.conv, read.ID) })
		seen := r.say("and again", urgently)
		pass(time.Second)
		r.advance(seen, "live", store.Seen)
		r.say("usual", nil)
		pass(time.Hour)
		if got := count(); !slices.Equal(got, []int{5, 5, 1}) {
			t.Errorf("what was read or seen came again: %v", got)
		}
	})
}

// After how many minutes is the owner's choice, and so is never.
func TestEscalationSetting(t *testing.T) {
	for minutes, want := range map[int]int{0: 1, 1: 2, 30: 1} {
		inTime(t, nil, func(r *rig) {
			b := r.device("phone")
			r.update(func(tx *store.Tx) error {
				set, err := tx.Settings()
				set.Escalate = minutes
				return errorOr(err, tx.PutSettings(set))
			})
			r.say("urgent", urgently)
			pass(20 * time.Minute)
			if got := r.bodies(b); len(got) != want {
				t.Errorf("after %d minutes: %q, want %d", minutes, got, want)
			}
		})
	}
}

// waiting is a reply that asks for a decision.
func waiting(steps ...store.Step) func(*store.Message) {
	return func(m *store.Message) {
		m.Status, m.Reason, m.Source, m.Steps = store.Pending, store.WaitApproval, store.Source{Kind: "chat"}, steps
	}
}

func step(n int, status, args string) store.Step {
	return store.Step{N: n, Tool: "delete_file", Args: args, Status: status, Approval: &store.Approval{Risk: "first_use"}}
}

// A turn that begins to wait for the owner is pushed with Allow and Deny; of a
// call with an unknown outcome, of several calls, and of one that can't be shown
// whole, nothing is decided outside the app.
func TestApproval(t *testing.T) {
	long := make([]byte, bodyBytes)
	for i := range long {
		long[i] = 'x'
	}
	for name, c := range map[string]struct {
		steps   []store.Step
		body    string
		buttons int
	}{
		"one":     {[]store.Step{step(7, store.StepWaiting, `{"path":"a"}`)}, `delete_file {"path":"a"}`, 2},
		"two":     {[]store.Step{step(7, store.StepWaiting, "{}"), step(8, store.StepWaiting, "{}")}, "2 steps wait for your decision.", 0},
		"unknown": {[]store.Step{step(7, store.StepUnknown, "{}")}, "delete_file was cut short. Did it take effect?", 0},
		"long":    {[]store.Step{step(7, store.StepWaiting, string(long))}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, nil, func(r *rig) {
				b := r.device("phone")
				m := r.say("", waiting(c.steps...))
				pass(time.Second)
				n := r.notes(b)[0].Notification
				if (c.body != "" && n.Body != c.body) || len(n.Actions) != c.buttons || !n.RequireInteraction {
					t.Errorf("%+v", n)
				}
				if c.buttons > 0 {
					allow := n.Data.Acts["allow"]
					if allow.Path != "/api/messages/"+m.ID+"/approve" || allow.Body["decision"] != "once" || allow.Body["step"] != 7.0 {
						t.Errorf("allow: %+v", allow)
					}
				}
			})
		})
	}
}

// A decision that nobody takes is asked for once more after an hour, and not
// after it was taken; one that was taken before the push could go out is not
// asked for at all. The answer is then pushed as any other.
func TestApprovalAgain(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		r.say("", waiting(step(1, store.StepWaiting, "{}")))
		pass(59 * time.Minute)
		if n := len(r.bodies(b)); n != 1 {
			t.Errorf("within the hour: %d", n)
		}
		pass(5 * time.Hour)
		if n := len(r.bodies(b)); n != 2 {
			t.Errorf("after the hour: %d", n)
		}
		r.update(func(tx *store.Tx) error {
			sub, err := tx.Subscription("phone")
			at := store.At(tx.Now().Add(time.Minute))
			sub.NotBefore = &at
			return errorOr(err, tx.KeepSubscription(sub))
		})
		m := r.say("", waiting(step(1, store.StepWaiting, "{}")))
		r.update(func(tx *store.Tx) error { m.Reason = ""; return tx.PutMessage(m) })
		pass(2 * time.Minute)
		if d := r.delivery(m, "phone"); d.State != store.Withheld {
			t.Errorf("decided before: %+v", d)
		}
		r.update(func(tx *store.Tx) error { m.Status, m.Text = store.Done, "done"; return tx.PutMessage(m) })
		pass(2 * time.Hour)
		if got := r.bodies(b); len(got) != 3 || got[2] != "done" {
			t.Errorf("got %q", got)
		}
	})
}

// A device whose push service takes everything and that shows nothing, although
// it is used, is silent, until it shows something; one that is switched off is not.
func TestSilent(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		r.device("phone")
		r.device("off")
		var last *store.Message
		for range 3 {
			last = r.say("hello", nil)
			pass(10 * time.Minute)
		}
		pass(time.Hour)
		if p := r.state("phone"); p.State != store.PushOn || p.LastAccepted == nil {
			t.Errorf("nobody there: %+v", p)
		}
		r.update(func(tx *store.Tx) error {
			d, err := tx.Device("phone")
			d.LastSeen = store.At(tx.Now())
			return errorOr(err, tx.PutDevice(d, ""))
		})
		pass(30 * time.Minute)
		if p := r.state("phone"); p.State != store.PushSilent {
			t.Errorf("used, and shows nothing: %+v", p)
		}
		if p := r.state("off"); p.State != store.PushOn {
			t.Errorf("switched off: %+v", p)
		}
		r.advance(last, "phone", store.Shown)
		if p := r.state("phone"); p.State != store.PushOn || p.LastShown == nil {
			t.Errorf("shown at last: %+v", p)
		}
	})
}

// A test push goes out at once and lives for a minute; that it was shown comes
// by its receipt.
func TestTestPush(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		res, err := r.s.Test(r.t.Context(), "phone")
		ok(r.t, err)
		n := r.notes(b)[0]
		message, device, _, valid := r.s.ReadReceipt(n.Notification.Data.Receipt)
		if res.State != store.Accepted || !valid || message != res.ID || device != "phone" {
			t.Errorf("%+v, receipt for %q %q", res, message, device)
		}
		for _, e := range r.svc.Events() {
			if e.Push != nil && e.Push.TTL > testTTL {
				t.Errorf("TTL %s", e.Push.TTL)
			}
		}
		r.svc.Forget()
		if res, err = r.s.Test(r.t.Context(), "phone"); err != nil || res.State != store.Undelivered {
			t.Errorf("%+v %v", res, err)
		}
		if _, err = r.s.Test(r.t.Context(), "phone"); err == nil {
			t.Error("tested a device without a subscription")
		}
	})
}
