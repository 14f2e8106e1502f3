package push

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"hark/daemon/agent"
	"hark/e2e/pushsvc"
	"hark/store"
)

// An endpoint must be https on port 443 of a public host, without a name and a
// password in it, unless the owner has admitted it by name.
func TestEndpoints(t *testing.T) {
	p, err := newPolicy([]string{"push.lan:8443", "10.0.0.5:80", "jmt17.google.com=127.0.0.1:4433"}, agent.IsPublic)
	ok(t, err)
	for endpoint, good := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc":               true,
		"https://updates.push.services.mozilla.com/wpush/v2/x":  true,
		"https://fcm.googleapis.com:443/x":                      true,
		"https://[2a00:1450:4001::1]/x":                         true,
		"https://push.lan:8443/x":                               true,
		"https://PUSH.lan:8443/x":                               true,
		"http://10.0.0.5/x":                                     true,
		"https://jmt17.google.com/x":                            true,
		"http://fcm.googleapis.com/x":                           false,
		"https://fcm.googleapis.com:8443/x":                     false,
		"https://user@fcm.googleapis.com/x":                     false,
		"https://127.0.0.1/x":                                   false,
		"https://[::1]/x":                                       false,
		"https://[::ffff:10.0.0.1]/x":                           false,
		"https://169.254.169.254/latest":                        false,
		"https://100.100.100.200/x":                             false,
		"https://push.lan:8444/x":                               false,
		"ftp://push.lan:8443/x":                                 false,
		"file:///etc/passwd":                                    false,
		"https:fcm.googleapis.com":                              false,
		"":                                                      false,
		"https://a.example/" + strings.Repeat("x", maxEndpoint): false,
	} {
		if err := p.check(endpoint); (err == nil) != good {
			t.Errorf("%.80q: %v", endpoint, err)
		}
	}
	for _, bad := range []string{"push.lan", "push.lan:", ":443", "a=b", "=1.2.3.4:5"} {
		if _, err := newPolicy([]string{bad}, agent.IsPublic); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// A name is judged by the addresses that it has when the connection is made: one
// private address among them is enough to refuse.
func TestDial(t *testing.T) {
	asked := 0
	p, err := newPolicy(nil, agent.IsPublic)
	ok(t, err)
	for _, ips := range []string{"127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "64:ff9b::7f00:1", "0.0.0.0", "93.184.216.34 127.0.0.1"} {
		p.lookup = func(context.Context, string) (list []netip.Addr, err error) {
			asked++
			for ip := range strings.FieldsSeq(ips) {
				list = append(list, netip.MustParseAddr(ip))
			}
			return list, nil
		}
		if _, err := p.dial(t.Context(), "tcp", "evil.example:443"); !errors.Is(err, errNotPublic) {
			t.Errorf("%s: %v", ips, err)
		}
	}
	if _, err := p.dial(t.Context(), "tcp", "127.0.0.1:443"); !errors.Is(err, errNotPublic) {
		t.Errorf("literal: %v", err)
	}
	if asked == 0 {
		t.Error("nothing was looked up")
	}
}

// A push service that redirects to an address in the house gets nobody there:
// not the body, and not the signature.
func TestRedirect(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer inside.Close()
	r := newRig(t, nil)
	front := httptest.NewServer(r.svc.Handler())
	defer front.Close()
	at, err := url.Parse(front.URL)
	ok(t, err)
	r.s.policy.admitted["push.test"] = at.Host
	r.s.client.Transport = r.s.policy.client().Transport
	r.device("phone")
	for _, status := range []int{301, 302, 307, 308} {
		r.svc.SetFault(pushsvc.Fault{Times: 1, Status: status, Location: inside.URL})
		res, err := r.s.Test(t.Context(), "phone")
		ok(t, err)
		if res.State != store.Undelivered {
			t.Errorf("%d: %+v", status, res)
		}
	}
	res, err := r.s.Test(t.Context(), "phone")
	ok(t, err)
	if res.State != store.Accepted {
		t.Errorf("afterwards: %+v", res)
	}
}

// A page that was paired may name any endpoint; one in the house is not reached,
// however it is written, and the device says why.
func TestPrivateEndpoint(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer func() { ok(t, ln.Close()) }()
	r := newRig(t, nil)
	r.s.client.Transport = r.s.policy.client().Transport
	b := r.device("phone")
	port := strings.TrimPrefix(ln.Addr().String(), "127.0.0.1:")
	for _, host := range []string{"127.0.0.1:" + port, "localhost:" + port, "2130706433:" + port, "[::ffff:127.0.0.1]:" + port, "localhost"} {
		r.update(func(tx *store.Tx) error {
			return tx.PutSubscription(subscriptionOf("phone", "https://"+host+"/x", b))
		})
		res, err := r.s.Test(t.Context(), "phone")
		ok(t, err)
		if res.State != store.Undelivered || !strings.Contains(res.Detail, "HARK_PUSH_ALLOW") {
			t.Errorf("%s: %+v", host, res)
		}
	}
}

// Whatever is admitted without the owner's word is https on port 443, without
// credentials, and no address of somebody's own network.
func FuzzEndpoint(f *testing.F) {
	for _, s := range []string{
		"https://fcm.googleapis.com/x", "https://127.0.0.1/", "https://[::1]", "http://a.example", "https://a@b.example", "https://[fe80::1%25eth0]/",
		"https://a.example#\\@127.0.0.1", "https://127.0.0.1\\@a.example", "https:////127.0.0.1",
	} {
		f.Add(s)
	}
	p, err := newPolicy(nil, agent.IsPublic)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p.check(s) != nil {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.User != nil || (u.Port() != "" && u.Port() != httpsPort) {
			t.Errorf("%q is admitted", s)
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !agent.IsPublic(ip) {
			t.Errorf("%q is admitted", s)
		}
	})
}

// Who answers for the pushes is a mail address or an https URL that means
// something to a push service in the world, in the form that the library wants.
func TestSubject(t *testing.T) {
	for in, want := range map[string]string{
		"me@gmail.com": "me@gmail.com", "mailto:me@gmail.com": "me@gmail.com", "https://hark.example.org": "https://hark.example.org",
		"https://pa.tail1.ts.net": "https://pa.tail1.ts.net",
		"me@localhost":            "", "x@y.local": "", "mailto: <a@b.c>": "", "https://192.168.1.4": "", "https://hark.lan": "", "http://a.example.org": "", "": "", "@b.org": "",
	} {
		got, err := Subject(in)
		if (err == nil) != (want != "") || (err == nil && got != want) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	s := &Sender{cfg: Config{Origin: func() string { return "http://127.0.0.1:4275" }}}
	if _, err := s.subjectFor("web.push.apple.com", "https://hark.lan"); !errors.Is(err, errApple) {
		t.Errorf("Apple: %v", err)
	}
	if got, err := s.subjectFor("fcm.googleapis.com", "https://hark.lan"); err != nil || !strings.HasPrefix(got, "https://") {
		t.Errorf("others: %q %v", got, err)
	}
	if got, err := s.subjectFor("web.push.apple.com", "https://pa.tail1.ts.net"); err != nil || got != "https://pa.tail1.ts.net" {
		t.Errorf("a public origin: %q %v", got, err)
	}
}
