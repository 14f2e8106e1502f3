package push

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/e2e/pushsvc"
	"hark/store"
)

// What was noted while the clock ran years ahead keeps nothing back once it is
// right again.
func TestClockSetBack(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		r.s.cfg.Present = func(string) bool { return true }
		ahead := time.Now().Add(4 * 365 * 24 * time.Hour)
		m := r.say("held", nil)
		r.update(func(tx *store.Tx) error {
			d, err := tx.Delivery(m.ID, "phone")
			if err != nil {
				return err
			}
			if err := tx.Hold(d, ahead); err != nil {
				return err
			}
			s, err := tx.Subscription("phone")
			if err != nil {
				return err
			}
			at := store.At(ahead)
			s.NotBefore, s.Tries, s.Status = &at, 1, http.StatusServiceUnavailable
			return tx.KeepSubscription(s)
		})
		pass(time.Minute)
		if got := r.bodies(b); fmt.Sprint(got) != "[held]" {
			t.Errorf("shown: %q", got)
		}
	})
}

// A service that repeats the endpoint in its answer does not make it public.
func TestEndpointStaysSecret(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		r.svc.SetFault(pushsvc.Fault{Times: 1, Status: http.StatusForbidden, Body: "no such thing: /wpush/v2/" + b.Token + " (" + b.Token + ")"})
		m := r.say("hello", nil)
		pass(time.Minute)
		p, d := r.state("phone"), r.delivery(m, "phone")
		if p.State != store.PushMisconfigured || strings.Contains(p.Detail+d.Detail, b.Token) || !strings.Contains(p.Detail, "no such thing") {
			t.Errorf("%+v %+v", p, d)
		}
	})
}

// What waits for a device that can't get it any more ends, however much it is.
func TestStrandedPushesEnd(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		r.device("phone")
		r.svc.SetFault(pushsvc.Fault{Times: 1 << 20, Status: http.StatusServiceUnavailable})
		var last *store.Message
		for range 1200 {
			last = r.say("hello", nil)
		}
		r.update(func(tx *store.Tx) error { return tx.DeleteDevice("phone") })
		pass(time.Minute)
		if d := r.delivery(last, "phone"); d.State != store.Undelivered || d.Due != nil {
			t.Errorf("%+v", d)
		}
	})
}

// A store that takes no writes, as on a full disk, does not have a phone ring
// again and again: what the service has taken is noted later, and not sent anew.
func TestTakenIsNotSentAgain(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		m := r.bulky(6000) // more than the store takes at once
		pass(time.Minute)
		r.update(func(tx *store.Tx) error {
			d, err := tx.Delivery(m.ID, "phone")
			if err != nil {
				return err
			}
			d.Covers = nil
			return tx.PutDelivery(d)
		})
		pass(time.Minute)
		if got := r.bodies(b); len(got) != 1 || r.delivery(m, "phone").State != store.Accepted {
			t.Errorf("shown %d times, %+v", len(got), r.delivery(m, "phone"))
		}
	})
}

// The receipt of a notification that stands for as many messages as one may is
// one change of the device, not a thousand.
func TestReceiptOfStorm(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		r.device("phone")
		m := r.bulky(covers)
		pass(time.Minute)
		before := r.db.Head().Seq
		r.update(func(tx *store.Tx) error { _, err := tx.Advance(m.ID, "phone", store.Shown, ""); return err })
		if d := r.delivery(m, "phone"); d.State != store.Shown || r.state("phone").LastShown == nil || r.db.Head().Seq != before+1 {
			t.Errorf("%+v %+v", d, r.state("phone"))
		}
	})
}

// bulky says something whose push to the phone stands for n others too.
func (r *rig) bulky(n int) (last *store.Message) {
	r.t.Helper()
	var others []string
	for len(others) < n-1 {
		r.update(func(tx *store.Tx) error {
			m := &store.Message{Role: store.Assistant, Status: store.Done, Text: "x", Conversation: r.conv}
			if _, err := tx.Deliver(m); err != nil {
				return err
			}
			others = append(others, m.ID)
			d, err := tx.Delivery(m.ID, "phone")
			if err != nil {
				return err
			}
			return tx.Hold(d, tx.Now().Add(longestHold))
		})
	}
	r.update(func(tx *store.Tx) error {
		last = &store.Message{Role: store.Assistant, Status: store.Done, Text: "last", Conversation: r.conv}
		if _, err := tx.Deliver(last); err != nil {
			return err
		}
		d, err := tx.Delivery(last.ID, "phone")
		if err != nil {
			return err
		}
		d.Covers = others
		return tx.PutDelivery(d)
	})
	return last
}
