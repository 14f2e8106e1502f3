package push

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hark/store"
)

const (
	iPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Mobile/15E148 Safari/604.1"
	pixel   = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

// brokenLink is the check that does not hold; there must be at most one.
func brokenLink(t *testing.T, checks []Check) Check {
	t.Helper()
	var broken Check
	for _, c := range checks {
		if c.Say == "" || c.OK == (c.Cure != "") {
			t.Errorf("%+v: a link that does not hold has a cure, and no other one has", c)
		}
		if !c.OK && broken.Name != "" {
			t.Errorf("two links are broken: %+v and %+v", broken, c)
		} else if !c.OK {
			broken = c
		}
	}
	return broken
}

// A device that is not subscribed hears what to do there: an iPhone must have
// Hark on its Home Screen first, Android needs no such thing.
func TestDoctorNotSubscribed(t *testing.T) {
	r := newRig(t, nil)
	for agent, want := range map[string]string{iPhone: "Home Screen only", pixel: "browser's menu", firefox: "127.0.0.1"} {
		r.update(func(tx *store.Tx) error {
			return tx.PutDevice(&store.Device{ID: "v", Name: "Dora", Agent: agent, Push: &store.PushState{State: store.PushOff, Detail: "The device was removed."}}, "")
		})
		checks, err := r.s.Doctor(t.Context(), "v")
		ok(t, err)
		c := brokenLink(t, checks)
		if c.Name != "subscription" || !strings.Contains(c.Cure, want) || !strings.Contains(c.Say, "Dora") || !strings.Contains(c.Say, "removed") {
			t.Errorf("%+v, want a cure with %q", c, want)
		}
	}
	if _, err := r.s.Doctor(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a device that does not exist: %v", err)
	}
}

// What the push service said last, a subject that Apple refuses, a key pair that
// is damaged and a device that shows nothing are each named, with a cure.
func TestDoctorNamesTheLink(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	host := srv.Listener.Addr().String()
	for _, c := range []struct {
		why    string
		config func(*Config)
		sub    func(*store.Subscription)
		device func(*store.Device)
		broken string
		say    string
	}{
		{why: "all is well"},
		{
			why: "an Apple device without a subject",
			config: func(c *Config) {
				c.Subject, c.Origin = "", func() string { return "http://hark.lan" }
				c.Allow = []string{"web.push.apple.com=" + host}
			},
			sub:    func(s *store.Subscription) { s.Endpoint, s.Origin = "http://web.push.apple.com/x", "https://hark.lan" },
			broken: "subject", say: "HARK_PUSH_SUBJECT",
		},
		{
			why: "refused", sub: func(s *store.Subscription) {
				s.Status, s.Answer = 403, "The push service answered 403 Forbidden: BadJwtToken."
			},
			broken: "service", say: "BadJwtToken",
		},
		{why: "busy", sub: func(s *store.Subscription) { s.Status, s.Answer = 503, "The push service answered 503." }, broken: "service", say: "503"},
		{why: "gone", sub: func(s *store.Subscription) { s.Status, s.Answer = 410, "The push service answered 410." }, broken: "service", say: "410"},
		{why: "odd", sub: func(s *store.Subscription) { s.Status, s.Answer = 400, "The push service answered 400." }, broken: "service", say: "400"},
		{why: "no network", sub: func(s *store.Subscription) { s.Answer = "No route to host." }, broken: "service", say: "No route to host"},
		{why: "taken", sub: func(s *store.Subscription) { s.Status = 201 }},
		{why: "a stranger's address", sub: func(s *store.Subscription) { s.Endpoint = "https://10.0.0.1/x" }, broken: "endpoint", say: "public internet"},
		{why: "another key", sub: func(s *store.Subscription) { s.Key = "BOld" }, broken: "subscription", say: "another key pair"},
		{why: "never shown", device: func(d *store.Device) { d.Push.State = store.PushSilent; d.Push.LastAccepted = &d.Created }, broken: "shown", say: "shows none"},
		{why: "shown", device: func(d *store.Device) { d.Push.LastShown = &d.Created }},
		{why: "taken, nothing said", device: func(d *store.Device) { d.Push.LastAccepted = &d.Created }},
	} {
		t.Run(c.why, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) {
				cfg.Allow = []string{host}
				if c.config != nil {
					c.config(cfg)
				}
			})
			b := r.device("v")
			r.update(func(tx *store.Tx) error {
				s := subscriptionOf("v", srv.URL+"/x", b)
				if c.sub != nil {
					c.sub(s)
				}
				if err := tx.KeepSubscription(s); err != nil {
					return err
				}
				d, err := tx.Device("v")
				if err != nil || c.device == nil {
					return err
				}
				c.device(d)
				return tx.PutDevice(d, "")
			})
			checks, err := r.s.Doctor(t.Context(), "v")
			ok(t, err)
			got := brokenLink(t, checks)
			if got.Name != c.broken || !strings.Contains(got.Say, c.say) {
				t.Errorf("%+v, want %s with %q", checks, c.broken, c.say)
			}
		})
	}
	r := newRig(t, nil)
	r.s.keys.Public = "B"
	checks, err := r.s.Doctor(t.Context(), "")
	ok(t, err)
	if checks[0].OK || !strings.Contains(checks[0].Cure, "backup") {
		t.Errorf("%+v", checks)
	}
	r = newRig(t, func(c *Config) { c.Subject = "me@hark.local" })
	checks, err = r.s.Doctor(t.Context(), "")
	ok(t, err)
	if c := checks[1]; c.Name != "subject" || c.OK || !strings.Contains(c.Cure, "HARK_PUSH_SUBJECT") {
		t.Errorf("%+v", checks)
	}
}

// A test is on its way at first, and lost after a while; then the cure is that
// of the device's own system.
func TestTestCheck(t *testing.T) {
	begun := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	at := func(s int) store.Time { return store.At(begun.Add(time.Duration(s) * time.Second)) }
	for _, c := range []struct {
		state  string
		after  int
		agent  string
		ok     bool
		say    string
		cure   string
		detail string
	}{
		{store.Waiting, 1, pixel, false, "being sent", "", ""},
		{store.Waiting, 60, pixel, false, "has not reached", "tries again", ""},
		{store.Accepted, 1, pixel, false, "not shown it yet", "", ""},
		{store.Accepted, 60, pixel, false, "has not shown it", "Unrestricted", ""},
		{store.Accepted, 60, iPhone, false, "has not shown it", "Focus", ""},
		{store.Accepted, 60, firefox, false, "has not shown it", "Start the browser", ""},
		{store.Shown, 2, pixel, true, "within 2.0 s", "", ""},
		{store.Undelivered, 1, pixel, false, "not sent. The push service answered 403", "above", "The push service answered 403."},
	} {
		d := &store.Delivery{State: c.state, Detail: c.detail, At: at(0), Times: map[string]store.Time{store.Waiting: at(0)}}
		if c.state == store.Shown {
			d.Times[store.Shown] = at(c.after)
		}
		got := TestCheck(d, &store.Device{Name: "Dora", Agent: c.agent}, 20*time.Second, at(c.after).Time)
		if got.OK != c.ok || !strings.Contains(got.Say, c.say) || (c.cure == "") != (got.Cure == "") || !strings.Contains(got.Cure, c.cure) {
			t.Errorf("%s after %d s: %+v, want %q and a cure with %q", c.state, c.after, got, c.say, c.cure)
		}
	}
}
