package daemon

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"hark/store"
)

// What a stranger writes into X-Forwarded-* changes nothing; what a named proxy
// writes is believed, up to the first address that is none of ours.
func TestForwarded(t *testing.T) {
	ps, err := parseProxies([]string{"127.0.0.1", "10.1.0.0/16", "fd00::1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		peer  string
		chain []string
		who   string
		host  string
		tls   bool
	}{
		{"203.0.113.9:50", []string{"127.0.0.1"}, "203.0.113.9:50", "direct", false},
		{"10.2.0.1:50", []string{"198.51.100.7"}, "10.2.0.1:50", "direct", false},
		{"127.0.0.1:50", []string{"198.51.100.7"}, "198.51.100.7:0", "hark.example", true},
		{"[::ffff:127.0.0.1]:50", []string{"198.51.100.7"}, "198.51.100.7:0", "hark.example", true},
		{"127.0.0.1:50", []string{"6.6.6.6, 198.51.100.7, 10.1.2.3"}, "198.51.100.7:0", "hark.example", true},
		{"127.0.0.1:50", []string{"6.6.6.6", "198.51.100.7", "10.1.2.3"}, "198.51.100.7:0", "hark.example", true},
		{"127.0.0.1:50", []string{"10.1.2.3"}, "10.1.2.3:0", "hark.example", true},
		{"127.0.0.1:50", []string{"6.6.6.6, nonsense, 10.1.2.3"}, "10.1.2.3:0", "hark.example", true},
		{"127.0.0.1:50", []string{"nonsense"}, "127.0.0.1:50", "hark.example", true},
		{"[fd00::1]:50", []string{"2001:db8::5"}, "[2001:db8::5]:0", "hark.example", true},
		{"127.0.0.1:50", []string{"[2001:db8::5]:77"}, "[2001:db8::5]:0", "hark.example", true},
		{"@", []string{"127.0.0.1"}, "@", "direct", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Host = c.peer, "direct"
		r.Header["X-Forwarded-For"] = c.chain
		r.Header.Set("X-Forwarded-Host", "evil.example, hark.example")
		r.Header.Set("X-Forwarded-Proto", "http, https")
		sent := r.Header.Clone()
		got := ps.unwrap(r)
		if got.RemoteAddr != c.who || got.Host != c.host || byTLS(got) != c.tls {
			t.Errorf("%s %v: from %s at %s, TLS %t; want %s at %s, %t", c.peer, c.chain, got.RemoteAddr, got.Host, byTLS(got), c.who, c.host, c.tls)
		}
		for name := range got.Header {
			if strings.HasPrefix(name, "X-Forwarded") {
				t.Errorf("%s: %s is still there to be believed", c.peer, name)
			}
		}
		if len(r.Header) != len(sent) {
			t.Error("the server's own request was changed")
		}
	}
}

// A range that is everybody, or no range at all, is refused when Hark starts.
func TestProxyMistakes(t *testing.T) {
	for setting, want := range map[string]string{
		"proxy.lan": "proxy.lan", "0.0.0.0/0": "everybody", "::/0": "everybody", "10.0.0.0/33": "10.0.0.0/33",
	} {
		_, err := parse(t, "", map[string]string{"HARK_TRUSTED_PROXIES": setting})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not say %q", setting, err, want)
		}
	}
	c, err := parse(t, "trusted_proxies = ['10.0.0.7']", nil)
	if err != nil || len(c.TrustedProxies) != 1 {
		t.Errorf("%v %v", c.TrustedProxies, err)
	}
}

// Behind a proxy that was named the cookie is Secure, its name counts as ours
// only if it is one, and wrong codes count for the browser behind it.
func TestBehindProxy(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.TrustedProxies, c.Hosts = []string{"127.0.0.1"}, []string{"hark.example"}
	})
	through := func(client, host string) func(*http.Request) {
		return func(q *http.Request) {
			q.Header.Del("Authorization")
			q.Header.Set("X-Forwarded-For", client)
			q.Header.Set("X-Forwarded-Host", host)
			q.Header.Set("X-Forwarded-Proto", "https")
			q.Header.Set("Origin", "https://"+host)
			q.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	code, _ := r.d.codes.make(codeFor)
	got := r.call(200, nil, "POST", "/api/pair", `{"code":"`+code+`"}`, through("198.51.100.7", "hark.example"))
	if c := got.cookies()[0]; !c.Secure {
		t.Error("the browser came by TLS, and the cookie is not Secure")
	}
	r.fails(421, "wrong_host", "GET", "/api/status", "", through("198.51.100.7", "evil.example"))
	wrong := `{"code":"AAAA-AAAA"}`
	limited := func(client string) bool {
		for range 100 {
			if r.send("POST", "/api/pair", wrong, through(client, "hark.example")).StatusCode == http.StatusTooManyRequests {
				return true
			}
		}
		return false
	}
	if !limited("198.51.100.8") {
		t.Error("a hundred wrong codes through a proxy met no limit")
	}
	r.fails(403, "wrong_code", "POST", "/api/pair", wrong, through("198.51.100.9", "hark.example"))
}

// The header of a stranger is ignored by the whole server: it neither makes a
// cookie Secure nor hides who guesses.
func TestForwardedByStranger(t *testing.T) {
	r := newRig(t, func(c *Config) { c.TrustedProxies = []string{"10.9.8.7"} })
	slowed := false
	for i := range 100 {
		resp := r.send("POST", "/api/pair", `{"code":"AAAA-AAAA"}`, func(q *http.Request) {
			q.Header.Del("Authorization")
			q.Header.Set("X-Forwarded-For", netip.AddrFrom4([4]byte{9, 9, 9, byte(i)}).String())
			q.Header.Set("X-Forwarded-Host", "evil.example")
		})
		slowed = slowed || resp.StatusCode == http.StatusTooManyRequests
	}
	if !slowed {
		t.Error("a guesser who writes another X-Forwarded-For each time met no limit")
	}
	code, _ := r.d.codes.make(codeFor)
	got := r.call(200, nil, "POST", "/api/pair", `{"code":"`+code+`"}`, header("X-Forwarded-Proto", "https"))
	if got.cookies()[0].Secure {
		t.Error("a stranger's header made the cookie Secure: it would not come back over plain HTTP")
	}
}

// No chain of addresses makes a stranger look like one of our own proxies'
// clients, and none is read past the first that is not trusted.
func FuzzForwarded(f *testing.F) {
	f.Add("198.51.100.7, 10.1.2.3", "127.0.0.1:1")
	f.Add(",,[::1]:x,\x00", "10.0.0.1:1")
	ps, err := parseProxies([]string{"127.0.0.1", "10.1.0.0/16"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, chain, peer string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = peer
		r.Header["X-Forwarded-For"] = []string{chain}
		got := ps.unwrap(r)
		if !ps.trust(peerOf(peer)) && got.RemoteAddr != peer {
			t.Errorf("a stranger at %q became %q", peer, got.RemoteAddr)
		}
		if got.RemoteAddr != peer && !peerOf(got.RemoteAddr).IsValid() {
			t.Errorf("%q is no address", got.RemoteAddr)
		}
	})
}

// Through a real proxy with TLS, which hands on under another name, a browser
// pairs, reads the stream and gives its subscription the address that it sees.
func TestThroughReverseProxy(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.TrustedProxies, c.Hosts = []string{"127.0.0.1", "::1"}, []string{"hark.example"}
	})
	target, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewTLSServer(&httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.SetXForwarded()
	}})
	t.Cleanup(front.Close) // after the bodies, which it would wait for
	send := func(method, path, body string, change ...func(*http.Request)) *http.Response {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), method, front.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Host = "hark.example"
		q.Header.Set("Origin", "https://hark.example")
		q.Header.Set("Content-Type", "application/json")
		for _, c := range change {
			c(q)
		}
		resp, err := front.Client().Do(q)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	code, _ := r.d.codes.make(codeFor)
	paired := send("POST", "/api/pair", `{"code":"`+code+`"}`)
	defer paired.Body.Close()
	if paired.StatusCode != http.StatusOK || len(paired.Cookies()) != 1 || !paired.Cookies()[0].Secure {
		t.Fatalf("pairing: %d, cookies %v", paired.StatusCode, paired.Cookies())
	}
	cookie := paired.Cookies()[0]
	resp := send("GET", "/api/assistant/stream", "", as(cookie))
	defer resp.Body.Close()
	newListener(t, resp.Header, resp.Body).until("ready")
	p := &phone{rig: r, endpoint: "https://push.example.com/x"}
	put := send("PUT", "/api/push/subscription", p.subscription(), as(cookie))
	defer put.Body.Close()
	if put.StatusCode != http.StatusOK {
		t.Fatalf("subscribing: %d", put.StatusCode)
	}
	err = r.d.db.View(func(tx *store.Tx) error {
		all, err := tx.Subscriptions()
		if len(all) != 1 || all[0].Origin != "https://hark.example" {
			t.Errorf("%+v", all)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
