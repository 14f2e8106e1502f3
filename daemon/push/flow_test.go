package push

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/e2e/pushsvc"
	"hark/store"
)

// Each device gets each message once, in the order in which they were said, also
// when the service is down in between, and the ledger says so.
func TestOrder(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		phone, tablet := r.device("phone"), r.device("tablet")
		var want []string
		for i := range 30 {
			want = append(want, fmt.Sprint("message ", i))
			r.say(want[i], func(m *store.Message) { m.Priority = 5 })
			if i == 10 {
				r.svc.SetFault(pushsvc.Fault{Times: 5, Status: 503})
			}
		}
		pass(4 * time.Minute)
		for _, b := range []*pushsvc.Browser{phone, tablet} {
			if got := r.bodies(b); !slices.Equal(got, want) {
				t.Errorf("got %q", got)
			}
		}
	})
}

// A push is queued by the transaction that makes the message news, for each
// device that is subscribed, and for nothing that is no news.
func TestWhatIsPushed(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		r.say("silent", func(m *store.Message) { m.Silent = true })
		r.say("stopped", func(m *store.Message) { m.Reason = store.Stopped })
		r.say("mine", func(m *store.Message) { m.Role = store.User })
		reply := r.say("", func(m *store.Message) { m.Status, m.Format, m.Source = store.Pending, "", store.Source{Kind: "chat"} })
		pass(time.Second)
		if got := r.bodies(b); len(got) != 0 {
			t.Fatalf("pushed %q", got)
		}
		w, err := r.db.Stream(reply.ID)
		ok(r.t, err)
		_, err = w.WriteString("the **answer**")
		ok(r.t, err)
		ok(r.t, w.Close(func(_ *store.Tx, m *store.Message) error { m.Status = store.Done; return nil }))
		pass(time.Second)
		r.update(func(tx *store.Tx) error { // an edit of what was said is no news
			m, err := tx.Message(reply.ID)
			m.Text = "the answer, edited"
			return errorOr(err, tx.PutMessage(m))
		})
		r.update(func(tx *store.Tx) error {
			d, err := tx.Device("phone")
			d.Mutes = []string{"backup"}
			return errorOr(err, tx.PutDevice(d, ""))
		})
		r.say("muted source", nil)
		r.update(func(tx *store.Tx) error {
			c, err := tx.Conversation(r.conv)
			c.Muted = true
			return errorOr(err, tx.PutConversation(c))
		})
		r.say("muted conversation", func(m *store.Message) { m.Source.Name = "other" })
		pass(time.Second)
		if got := r.bodies(b); !slices.Equal(got, []string{"the answer"}) {
			t.Errorf("pushed %q", got)
		}
	})
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// A message that is replaced is pushed again in the same place, and one that no
// device has yet is replaced at the push service too.
func TestReplace(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		m := r.say("10 %", nil)
		r.update(func(tx *store.Tx) error { return tx.Replaceable(m.ID) })
		pass(time.Second)
		r.update(func(tx *store.Tx) error {
			m.Text = "20 %"
			if err := tx.PutMessage(m); err != nil {
				return err
			}
			_, err := tx.QueuePush(m, store.PushNews)
			return err
		})
		pass(time.Second)
		notes := r.notes(b)
		if len(notes) != 2 || notes[1].Notification.Tag != notes[0].Notification.Tag || !notes[1].Notification.Renotify {
			t.Fatalf("notes %+v", notes)
		}
		var topics []string
		for _, e := range r.svc.Events() {
			if e.Kind == pushsvc.Posted {
				topics = append(topics, e.Push.Topic)
			}
		}
		if topics[1] == "" || topics[1] != topicOf(m.ID) {
			t.Errorf("topics %q", topics)
		}
	})
}

// A device whose visible page has shown the message within 3 seconds gets no
// push; if the page does not say so, the push goes out.
func TestWithheld(t *testing.T) {
	visible := func(c *Config) { c.Present = func(device string) bool { return device == "desk" } }
	inTime(t, visible, func(r *rig) {
		desk, phone := r.device("desk"), r.device("phone")
		seen := r.say("seen", nil)
		pass(time.Second)
		r.update(func(tx *store.Tx) error { _, err := tx.Advance(seen.ID, "desk", store.Seen, ""); return err })
		pass(time.Second)
		if d := r.delivery(seen, "desk"); d.State != store.Withheld || d.Times[store.Seen].IsZero() {
			t.Errorf("seen on the page: %+v", d)
		}
		unseen := r.say("unseen", nil)
		pass(2 * time.Second)
		if d := r.delivery(unseen, "desk"); d.State != store.Waiting {
			t.Errorf("within 3 s: %s", d.State)
		}
		pass(2 * time.Second)
		if got := r.bodies(desk); !slices.Equal(got, []string{"unseen"}) {
			t.Errorf("desk got %q", got)
		}
		if got := r.bodies(phone); !slices.Equal(got, []string{"seen", "unseen"}) {
			t.Errorf("phone got %q", got)
		}
	})
}

// More than five messages in a minute become one notification that counts, in
// one place; what is most urgent still comes by itself.
func TestStorm(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		var last *store.Message
		for i := range 12 {
			last = r.say(fmt.Sprint("message ", i), nil)
			pass(time.Second)
		}
		r.say("fire!", func(m *store.Message) { m.Priority = 5 })
		pass(time.Second)
		pass(20 * time.Second)
		got := r.bodies(b)
		if len(got) > 9 || got[len(got)-1] != "12 new messages" || !slices.Contains(got, "fire!") {
			t.Errorf("got %q", got)
		}
		for _, n := range r.notes(b) {
			if strings.Contains(n.Notification.Body, "new messages") && n.Notification.Tag != stormTag {
				t.Errorf("tag %q", n.Notification.Tag)
			}
		}
		r.update(func(tx *store.Tx) error { _, err := tx.Advance(last.ID, "phone", store.Shown, ""); return err })
		pass(5 * time.Minute)
		r.say("calm", nil)
		pass(time.Second)
		if got := r.bodies(b); got[len(got)-1] != "calm" {
			t.Errorf("after the storm: %q", got)
		}
	})
}

// In private mode no word of a message leaves the house.
func TestPrivate(t *testing.T) {
	for _, whole := range []bool{true, false} {
		inTime(t, nil, func(r *rig) {
			b := r.device("phone")
			r.update(func(tx *store.Tx) error {
				if whole {
					set, err := tx.Settings()
					set.Private = true
					return errorOr(err, tx.PutSettings(set))
				}
				d, err := tx.Device("phone")
				d.Private = true
				return errorOr(err, tx.PutDevice(d, ""))
			})
			r.say("geheim", func(m *store.Message) {
				m.Title, m.Source.Name, m.Click = "geheim", "geheim", "https://geheim.example"
				m.Actions = []store.Action{{ID: "a", Kind: "open", Label: "geheim", URL: "https://geheim.example"}}
			})
			pass(time.Second)
			texts, err := b.Inbox()
			ok(r.t, err)
			if len(texts) != 1 || strings.Contains(string(texts[0]), "geheim") || r.bodies(b)[0] != "New message" {
				t.Errorf("got %s", texts)
			}
		})
	}
}

// A device's quiet hours hold what is not urgent back to their end, and let the
// rest pass; the time to live counts from then.
func TestQuietHours(t *testing.T) {
	inTime(t, nil, func(r *rig) { // the bubble begins at midnight, UTC
		b, other := r.device("phone"), r.device("tablet")
		r.update(func(tx *store.Tx) error {
			d, err := tx.Device("phone")
			d.Quiet = &store.DeviceQuiet{From: "22:00", To: "08:00", Zone: "Europe/Berlin"} // 07:00 UTC
			return errorOr(err, tx.PutDevice(d, ""))
		})
		m := r.say("usual", nil)
		r.say("urgent", func(m *store.Message) { m.Priority = 4 })
		pass(6*time.Hour + 59*time.Minute)
		if got := r.bodies(b); !slices.Equal(slices.Compact(got), []string{"urgent"}) {
			t.Errorf("at night: %q", got)
		}
		if len(r.bodies(other)) < 2 {
			t.Error("the quiet hours are one device's, and held another's push back")
		}
		if d := r.delivery(m, "phone"); d.State != store.Waiting {
			t.Errorf("held: %+v", d)
		}
		pass(2 * time.Minute)
		if got := r.bodies(b); got[len(got)-1] != "usual" {
			t.Errorf("in the morning: %q", got)
		}
	})
}

// The owner's own quiet hours hold what a script says, and not the answer in a chat.
func TestOwnersQuietHours(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		r.update(func(tx *store.Tx) error {
			set, err := tx.Settings()
			set.Quiet.On, set.Zone = true, "UTC"
			return errorOr(err, tx.PutSettings(set))
		})
		r.say("script", nil)
		r.say("answer", func(m *store.Message) { m.Source = store.Source{Kind: "chat"} })
		pass(time.Hour)
		if got := r.bodies(b); !slices.Equal(got, []string{"answer"}) {
			t.Errorf("at one: %q", got)
		}
		pass(6*time.Hour + time.Minute)
		if got := r.bodies(b); !slices.Equal(got, []string{"answer", "script"}) {
			t.Errorf("after seven: %q", got)
		}
	})
}

// What could not be delivered while it was worth it is given up, and says why.
func TestTimeToLive(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		r.device("phone")
		r.svc.SetFault(pushsvc.Fault{Times: 1 << 20, Status: 503, Body: "backoff"})
		usual := r.say("usual", nil)
		top := r.say("top", func(m *store.Message) { m.Priority = 5 })
		pass(25*time.Hour + time.Minute)
		if d := r.delivery(usual, "phone"); d.State != store.Undelivered || !strings.Contains(d.Detail, "backoff") {
			t.Errorf("after a day: %+v", d)
		}
		if d := r.delivery(top, "phone"); d.State != store.Waiting {
			t.Errorf("priority 5 after a day: %+v", d)
		}
		r.svc.SetFault(pushsvc.Fault{})
		pass(2 * time.Hour)
		if d := r.delivery(top, "phone"); d.State != store.Accepted {
			t.Errorf("when the service is back: %+v", d)
		}
		for _, e := range r.svc.Events() {
			if e.Kind == pushsvc.Posted && (e.Push.TTL > 72*time.Hour-25*time.Hour || e.Push.TTL < 40*time.Hour) {
				t.Errorf("told the service a TTL of %s", e.Push.TTL)
			}
		}
	})
}
