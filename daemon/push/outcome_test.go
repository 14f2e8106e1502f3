package push

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/e2e/pushsvc"
	"hark/store"
)

// What a push service answers decides what becomes of the push, of the
// subscription and of the device's state, and how soon it is tried again.
func TestAnswers(t *testing.T) {
	const forever = 1 << 20
	for name, c := range map[string]struct {
		fault   pushsvc.Fault
		after   time.Duration // what is asked after that long
		state   string        // of the delivery
		device  string        // its state
		kept    bool          // the subscription
		tries   int           // requests by then
		mention string        // in the delivery's detail
	}{
		"201": {pushsvc.Fault{}, time.Second, store.Accepted, store.PushOn, true, 1, ""},
		"200": {pushsvc.Fault{Times: 1, Status: 200}, time.Second, store.Accepted, store.PushOn, true, 1, ""},
		"202": {pushsvc.Fault{Times: 1, Status: 202}, time.Second, store.Accepted, store.PushOn, true, 1, ""},
		"404": {pushsvc.Fault{Times: forever, Status: 404}, time.Hour, store.Undelivered, store.PushOff, false, 1, "404"},
		"410": {pushsvc.Fault{Times: forever, Status: 410}, time.Hour, store.Undelivered, store.PushOff, false, 1, "410"},
		"key mismatch": {
			pushsvc.Fault{Times: forever, Status: 403, Body: `{"reason":"VapidPkHashMismatch"}`},
			time.Hour, store.Undelivered, store.PushOff, false, 1, "VapidPkHashMismatch",
		},
		"413 once": {pushsvc.Fault{Times: 1, Status: 413}, time.Second, store.Accepted, store.PushOn, true, 2, ""},
		"413":      {pushsvc.Fault{Times: forever, Status: 413}, time.Hour, store.Undelivered, store.PushMisconfigured, true, 2, "413"},
		"429 with seconds": {
			pushsvc.Fault{Times: 1, Status: 429, RetryAfter: "600"}, 9 * time.Minute, store.Waiting, store.PushOn, true, 1, "429",
		},
		"429 is over": {
			pushsvc.Fault{Times: 1, Status: 429, RetryAfter: "600"}, 11 * time.Minute, store.Accepted, store.PushOn, true, 2, "",
		},
		"503 once":         {pushsvc.Fault{Times: 1, Status: 503}, 7 * time.Second, store.Accepted, store.PushOn, true, 2, ""},
		"500 twenty times": {pushsvc.Fault{Times: 20, Status: 500}, 20 * time.Hour, store.Accepted, store.PushOn, true, 21, ""},
		"500 for a day":    {pushsvc.Fault{Times: forever, Status: 500}, 25 * time.Hour, store.Undelivered, store.PushOn, true, 0, "500"},
		"hang":             {pushsvc.Fault{Times: 1, Delay: time.Hour}, 30 * time.Second, store.Accepted, store.PushOn, true, 1, ""},
		"400":              {pushsvc.Fault{Times: forever, Status: 400, Body: "BadTtl"}, time.Hour, store.Undelivered, store.PushMisconfigured, true, 1, "BadTtl"},
		"401":              {pushsvc.Fault{Times: forever, Status: 401}, 50 * time.Minute, store.Waiting, store.PushMisconfigured, true, 1, "401"},
		"403": {
			pushsvc.Fault{Times: forever, Status: 403, Body: `{"reason":"BadJwtToken"}`},
			150 * time.Minute, store.Waiting, store.PushMisconfigured, true, 3, "BadJwtToken",
		},
		"403 is cured": {pushsvc.Fault{Times: 1, Status: 403}, 90 * time.Minute, store.Accepted, store.PushOn, true, 2, ""},
		"307": {
			pushsvc.Fault{Times: forever, Status: 307, Location: "http://push.test/wpush/v2/other"},
			time.Hour, store.Undelivered, store.PushMisconfigured, true, 1, "307",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, nil, func(r *rig) {
				r.device("phone")
				r.svc.SetFault(c.fault)
				m := r.say("hello", nil)
				pass(c.after)
				d := r.delivery(m, "phone")
				if d.State != c.state || !strings.Contains(d.Detail, c.mention) {
					t.Errorf("delivery %s (%s), want %s (%s)", d.State, d.Detail, c.state, c.mention)
				}
				if p := r.state("phone"); p.State != c.device {
					t.Errorf("device %s (%s), want %s", p.State, p.Detail, c.device)
				}
				_, err := subscription(r, "phone")
				if kept := err == nil; kept != c.kept {
					t.Errorf("subscription kept: %v, want %v (%v)", kept, c.kept, err)
				}
				if n := r.count(pushsvc.Posted) + r.count(pushsvc.Refused); c.tries > 0 && n != c.tries {
					t.Errorf("%d requests, want %d", n, c.tries)
				}
			})
		})
	}
}

func subscription(r *rig, device string) (sub *store.Subscription, err error) {
	err = r.db.View(func(tx *store.Tx) (err error) {
		sub, err = tx.Subscription(device)
		return err
	})
	return sub, err
}

// Retries come after 5 s, 10 s, 20 s and so on, a little more or less, at most
// an hour apart; without a network every two minutes; never before the service
// has asked.
func TestPause(t *testing.T) {
	for failures, want := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 5: 80 * time.Second, 30: time.Hour, 300: time.Hour} {
		for range 50 {
			got := pause(answer{status: 500}, failures)
			if got < want*8/10 || got > min(want*12/10, maxWait) {
				t.Errorf("%d failures: %s, want about %s", failures, got, want)
			}
		}
	}
	if got := pause(answer{err: errors.New("no route")}, 30); got > netWait*12/10 {
		t.Errorf("without a network: %s", got)
	}
	if got := pause(answer{status: 429, after: 40 * time.Minute}, 1); got != 40*time.Minute {
		t.Errorf("told to wait 40 minutes: %s", got)
	}
}

// Any Retry-After is a pause of 0 to an hour.
func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	for _, s := range []string{"", "7", "-1", "99999999999999999999", "3601", now.Add(time.Minute).Format(http.TimeFormat), "Thu, 01 Jan 1970 00:00:00 GMT", "soon"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := retryAfter(s, now); got < 0 || got > maxWait {
			t.Errorf("%q: %s", s, got)
		}
	})
}
