package daemon

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hark/store"
)

// phone is a paired device whose push service is a double of this test.
type phone struct {
	*rig
	id     string
	cookie *http.Cookie
	// status is what the push service answers; took counts what it was sent.
	status, took atomic.Int32
	endpoint     string
}

// newPhone is a running daemon with one subscribed device.
func newPhone(t *testing.T, more ...func(*Config)) *phone {
	t.Helper()
	p := &phone{}
	p.status.Store(http.StatusCreated)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			p.took.Add(1)
		}
		w.WriteHeader(int(p.status.Load()))
	}))
	t.Cleanup(srv.Close)
	p.endpoint = srv.URL + "/push/secret"
	p.rig = newRig(t, func(c *Config) {
		c.PushAllow = []string{srv.Listener.Addr().String()}
		for _, change := range more {
			change(c)
		}
	}).begin()
	p.id, p.cookie = p.pairPhone()
	p.call(200, nil, "PUT", "/api/push/subscription", p.subscription(), as(p.cookie))
	return p
}

// pairPhone pairs one more device.
func (p *phone) pairPhone() (id string, cookie *http.Cookie) {
	p.t.Helper()
	cookie = p.device()
	var me struct{ ID string }
	p.call(200, &me, "GET", "/api/devices/me", "", as(cookie))
	return me.ID, cookie
}

// subscription is what PushSubscription.toJSON() gives, changed by pairs of old
// and new.
func (p *phone) subscription(change ...string) string {
	p.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	s := fmt.Sprintf(`{"endpoint":%q,"expirationTime":null,"keys":{"p256dh":%q,"auth":%q}}`,
		p.endpoint, b64(key.PublicKey().Bytes()), b64(make([]byte, 16)))
	return strings.NewReplacer(change...).Replace(s)
}

// fireNow fires and returns the id of the message.
func (p *phone) fireNow(body string) string {
	p.t.Helper()
	var out struct{ Message string }
	p.call(200, &out, "POST", "/api/assistant/fire", body, bearer(p.token("fire")))
	return out.Message
}

// delivery waits until the push of a message to the phone has come to a state.
func (p *phone) delivery(message, state string) *store.Delivery {
	p.t.Helper()
	over := time.After(20 * time.Second)
	for {
		news := p.d.db.Pushes()
		head := p.d.db.Follow(0, "").News()
		var v *store.Delivery
		err := p.d.db.View(func(tx *store.Tx) (err error) {
			v, err = tx.Delivery(message, p.id)
			return err
		})
		if err != nil {
			p.t.Fatal(err)
		}
		if v.State == state {
			return v
		}
		select {
		case <-news:
		case <-head:
		case <-time.After(20 * time.Millisecond):
		case <-over:
			p.t.Fatalf("the push stays %s (%s), and is not %s", v.State, v.Detail, state)
		}
	}
}

func (p *phone) tell(body string) *answer { return p.send("POST", "/api/push/receipt", body, stranger) }

// stranger is a request without a token or a cookie.
func stranger(q *http.Request) { q.Header.Del("Authorization") }

// What a push service could not be sent to, and what is not on the public
// internet, is refused when the device subscribes; the device has then what it
// had.
func TestSubscriptionRefused(t *testing.T) {
	p := newPhone(t)
	long := strings.Repeat("x", 2100)
	for _, c := range []struct{ why, body, say string }{
		{"plain http", p.subscription(p.endpoint, "http://updates.push.services.mozilla.com/x"), "https"},
		{"a user name", p.subscription(p.endpoint, "https://me:pw@push.example.com/x"), "https"},
		{"a private address", p.subscription(p.endpoint, "https://192.168.1.1/x"), "public internet"},
		{"loopback", p.subscription(p.endpoint, "https://127.0.0.1/x"), "public internet"},
		{"loopback by IPv6", p.subscription(p.endpoint, "https://[::ffff:127.0.0.1]/x"), "public internet"},
		{"the cloud's own address", p.subscription(p.endpoint, "https://169.254.169.254/x"), "public internet"},
		{"another port", p.subscription(p.endpoint, "https://push.example.com:8443/x"), "port 443"},
		{"another scheme", p.subscription(p.endpoint, "file:///etc/passwd"), "https"},
		{"none", p.subscription(p.endpoint, ""), "https"},
		{"too long", p.subscription(p.endpoint, "https://push.example.com/"+long), "https"},
		{"no keys", `{"endpoint":"` + p.endpoint + `"}`, "p256dh"},
		{"a key that is no point", p.subscription(`"p256dh":"B`, `"p256dh":"C`), "p256dh"},
		{"a short key", p.subscription(`"p256dh":"`, `"p256dh":"BBBB","x":"`), "p256dh"},
		{"a short secret", p.subscription(`"auth":"AA`, `"auth":"`), "auth"},
		{"an origin that is none", p.subscription(`"keys"`, `"origin":"https://hark.example/path","keys"`), "origin"},
		{"an origin without a host", p.subscription(`"keys"`, `"origin":"https://","keys"`), "origin"},
		{"a script for an origin", p.subscription(`"keys"`, `"origin":"javascript:alert(1)","keys"`), "origin"},
	} {
		resp := p.fails(422, "invalid", "PUT", "/api/push/subscription", c.body, as(p.cookie))
		if !strings.Contains(string(resp.Body), c.say) {
			t.Errorf("%s: %s does not say %q", c.why, resp.Body, c.say)
		}
	}
	p.fails(409, "conflict", "PUT", "/api/push/subscription", p.subscription(`"keys"`, `"key":"BOld","keys"`), as(p.cookie))
	p.fails(413, "too_large", "PUT", "/api/push/subscription", `{"x":"`+strings.Repeat("x", 2<<20)+`"}`, as(p.cookie))
	p.fails(401, "unauthorized", "PUT", "/api/push/subscription", p.subscription(), stranger)
	p.fails(403, "forbidden", "PUT", "/api/push/subscription", p.subscription())
	var v pushView
	p.call(200, &v, "GET", "/api/push", "", as(p.cookie))
	if !v.Subscribed || v.State == nil || v.State.State != "on" || v.Key == "" || v.Endpoint == "" {
		t.Errorf("%+v", v)
	}
}

// A device sets and drops its own subscription and nobody else's; no answer
// shows an endpoint or a key of one.
func TestSubscriptionIsTheDevices(t *testing.T) {
	p := newPhone(t)
	other, cookie := p.pairPhone()
	p.call(204, nil, "DELETE", "/api/push/subscription", "", as(cookie))
	var v pushView
	p.call(200, &v, "GET", "/api/push", "", as(cookie))
	if v.Subscribed || v.Endpoint != "" {
		t.Errorf("the other device: %+v", v)
	}
	p.call(200, &v, "GET", "/api/push", "", as(p.cookie))
	if !v.Subscribed {
		t.Error("another device ended the phone's notifications")
	}
	// The same browser, paired again: it gets each push once.
	p.call(200, nil, "PUT", "/api/push/subscription", p.subscription(), as(cookie))
	v = pushView{}
	p.call(200, &v, "GET", "/api/push", "", as(p.cookie))
	if v.Subscribed || v.State.State != "off" {
		t.Errorf("two devices share an endpoint: %+v", v)
	}
	for _, path := range []string{"/api/push", "/api/devices", "/api/devices/" + other, "/api/assistant/events?since=" + p.d.db.Head().Epoch + "-0", "/api/push/doctor"} {
		if resp := p.send("GET", path, "", as(cookie)); resp.StatusCode != http.StatusOK || strings.Contains(string(resp.Body), "/push/secret") {
			t.Errorf("%s: %d, and shows the endpoint: %s", path, resp.StatusCode, resp.Body)
		}
	}
	p.call(204, nil, "DELETE", "/api/push/subscription", "", as(cookie))
	p.call(204, nil, "DELETE", "/api/push/subscription", "", as(cookie))
}

// A fire says to how many devices it goes; a muted conversation, a source that
// the device mutes and a silent fire go to none.
func TestFireCountsPushes(t *testing.T) {
	p := newPhone(t)
	token := bearer(p.token("fire"))
	type counts struct {
		Conversation string
		Push         struct{ Devices, Queued int }
	}
	fire := func(body string) (c counts) {
		t.Helper()
		p.call(200, &c, "POST", "/api/assistant/fire", body, token)
		return c
	}
	c := fire(`{"text":"one","key":"k"}`)
	if c.Push.Devices != 1 || c.Push.Queued != 1 {
		t.Errorf("%+v", c.Push)
	}
	if again := fire(`{"text":"one","key":"k"}`); again.Push != c.Push {
		t.Errorf("the same fire again answers %+v", again.Push)
	}
	want := func(why string, got counts) {
		t.Helper()
		if got.Push.Devices != 1 || got.Push.Queued != 0 {
			t.Errorf("%s: %+v", why, got.Push)
		}
	}
	want("silent", fire(`{"text":"psst","silent":true}`))
	p.call(200, nil, "PATCH", "/api/devices/me", `{"mutes":["script","script"]}`, as(p.cookie))
	want("muted source", fire(`{"text":"two"}`))
	p.call(200, nil, "PATCH", "/api/devices/me", `{"mutes":[]}`, as(p.cookie))
	p.call(200, nil, "PATCH", "/api/conversations/"+c.Conversation, `{"muted":true}`)
	want("muted conversation", fire(`{"text":"three"}`))
	p.call(204, nil, "DELETE", "/api/push/subscription", "", as(p.cookie))
	if c := fire(`{"text":"four"}`); c.Push.Devices != 0 || c.Push.Queued != 0 {
		t.Errorf("no device: %+v", c.Push)
	}
}

// Revoking a device ends its streams and its pushes at once: what was still to
// be sent to it is failed, and says why.
func TestRevokeEndsPushes(t *testing.T) {
	p := newPhone(t)
	p.status.Store(http.StatusServiceUnavailable)
	id := p.fireNow("hello")
	l := p.listen("", as(p.cookie))
	l.until("ready")
	p.call(204, nil, "DELETE", "/api/devices/"+p.id, "")
	if e := l.until("bye"); !strings.Contains(e[len(e)-1].data, "revoked") {
		t.Errorf("%+v", e)
	}
	var out struct{ Devices []delivered }
	p.call(200, &out, "GET", "/api/messages/"+id+"/delivery", "")
	if len(out.Devices) != 1 || out.Devices[0].State != store.Undelivered || !strings.Contains(out.Devices[0].Detail, "removed") || out.Devices[0].Name != "" {
		t.Errorf("%+v", out)
	}
	p.fails(401, "unauthorized", "GET", "/api/push", "", as(p.cookie))
}

// A subscription that ended without the owner's wish is told as a problem, until
// the device subscribes anew or the owner says that it may be off.
func TestEndedIsTold(t *testing.T) {
	p := newPhone(t)
	problems := func() (codes string) {
		t.Helper()
		var v pushView
		p.call(200, &v, "GET", "/api/push", "")
		for _, x := range v.Problems {
			if codes += x.Code; x.Device != p.id || x.Name != "phone" || x.Say == "" || x.Cure == "" {
				t.Errorf("%+v", x)
			}
		}
		return codes
	}
	end := func() {
		t.Helper()
		p.status.Store(http.StatusGone)
		p.call(202, nil, "POST", "/api/push/test", "", as(p.cookie))
		p.status.Store(http.StatusCreated)
		if got := problems(); got != "off" {
			t.Errorf("after 410: problems %q", got)
		}
	}
	end()
	p.call(200, nil, "PUT", "/api/push/subscription", p.subscription(), as(p.cookie))
	if got := problems(); got != "" {
		t.Errorf("subscribed anew: problems %q", got)
	}
	end()
	p.call(204, nil, "DELETE", "/api/push/subscription", "", as(p.cookie))
	if got := problems(); got != "" {
		t.Errorf("switched off: problems %q", got)
	}
	p.call(200, nil, "PUT", "/api/push/subscription", p.subscription(), as(p.cookie))
	p.status.Store(http.StatusForbidden)
	p.call(202, nil, "POST", "/api/push/test", "", as(p.cookie))
	if got := problems(); got != store.PushMisconfigured {
		t.Errorf("refused: problems %q", got)
	}
}

// A test push is a real one, and is done when its receipt has come; one that a
// device does not show says what to look at.
func TestTestPush(t *testing.T) {
	p := newPhone(t)
	var sent struct{ ID, State, Detail string }
	p.call(202, &sent, "POST", "/api/push/test", "", as(p.cookie))
	if sent.State != store.Accepted || p.took.Load() != 1 {
		t.Fatalf("%+v, %d pushes", sent, p.took.Load())
	}
	var got tested
	p.call(200, &got, "GET", "/api/push/test/"+sent.ID, "", as(p.cookie))
	if got.State != store.Accepted || got.Check.OK || got.Check.Cure != "" {
		t.Errorf("%+v", got)
	}
	body, err := json.Marshal(map[string]string{"receipt": p.d.push.Receipt(sent.ID, p.id, 1), "event": "shown"})
	if err != nil {
		t.Fatal(err)
	}
	if resp := p.tell(string(body)); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%d %s", resp.StatusCode, resp.Body)
	}
	p.call(200, &got, "GET", "/api/push/test/"+sent.ID, "", as(p.cookie))
	if got.State != store.Shown || !got.Check.OK {
		t.Errorf("%+v", got)
	}
	p.status.Store(http.StatusForbidden)
	p.call(202, &sent, "POST", "/api/devices/"+p.id+"/test", "")
	if sent.State != store.Undelivered || !strings.Contains(sent.Detail, "403") {
		t.Errorf("%+v", sent)
	}
	p.fails(404, "not_found", "GET", "/api/push/test/"+p.fireNow("no test"), "", as(p.cookie))
	p.fails(404, "not_found", "POST", "/api/devices/nobody/test", "")
	p.fails(422, "invalid", "POST", "/api/push/test", "")
	_, other := p.pairPhone()
	p.fails(409, "conflict", "POST", "/api/push/test", "", as(other))
	for range testsPerMinute {
		if p.send("POST", "/api/push/test", "", as(p.cookie)).StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("tests met no limit")
}

// Whatever a browser claims its subscription to be, what is kept of it has a
// key and a secret of the right length and an origin that is one.
func FuzzSubscription(f *testing.F) {
	f.Add(`{"endpoint":"https://push.example.com/x","keys":{"p256dh":"BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU","auth":"AAECAwQFBgcICQoLDA0ODw"},"origin":"https://hark.example"}`)
	f.Add(`{"endpoint":7,"keys":null,"display":"\ud800"}`)
	f.Fuzz(func(t *testing.T, body string) {
		var in subscriptionInput
		if decodeJSON([]byte(body), &in) != nil {
			return
		}
		s, err := in.subscription(httptest.NewRequest(http.MethodPut, "http://hark.example/", nil))
		if err != nil {
			if problemOf(err).code != "invalid" {
				t.Errorf("%v", err)
			}
			return
		}
		key, err1 := base64.RawURLEncoding.DecodeString(s.P256dh)
		auth, err2 := base64.RawURLEncoding.DecodeString(s.Auth)
		o, err3 := url.Parse(s.Origin)
		if err1 != nil || err2 != nil || err3 != nil || len(key) != 65 || len(auth) != 16 || o.Host == "" || o.Path != "" || o.User != nil || !strings.HasPrefix(o.Scheme, "http") {
			t.Errorf("%+v", s)
		}
	})
}
