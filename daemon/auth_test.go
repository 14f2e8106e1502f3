package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// Each scope opens what it names and nothing else; a cookie opens everything
// but fire.
func TestScopes(t *testing.T) {
	r := newRig(t, nil).begin()
	a := r.say("hello")
	r.settled(a.Assistant)
	phone := r.device()
	type try struct{ method, path, body string }
	fire := try{"POST", "/api/assistant/fire", "hi"}
	read := try{"GET", "/api/conversations", ""}
	chat := try{"POST", "/api/assistant/chat", `{"text":"hi"}`}
	own := try{"GET", "/api/tokens", ""}
	for _, c := range []struct {
		who  string
		with func(*http.Request)
		ok   []try
		no   []try
		code int
	}{
		{"fire", bearer(r.token("fire")), []try{fire}, []try{read, chat, own}, 403},
		{"read", bearer(r.token("read")), []try{read}, []try{fire, chat, own}, 403},
		{"chat", bearer(r.token("chat")), []try{read, chat}, []try{fire, own}, 403},
		{"admin", bearer(r.token("admin")), []try{fire, read, chat, own}, nil, 0},
		{"device", as(phone), []try{read, chat, own}, []try{fire}, 401},
		{"nobody", func(q *http.Request) { q.Header.Del("Authorization") }, nil, []try{fire, read, chat, own}, 401},
	} {
		for _, x := range c.ok {
			if resp := r.send(x.method, x.path, x.body, c.with); resp.StatusCode > 299 {
				t.Errorf("%s: %s %s is refused: %d", c.who, x.method, x.path, resp.StatusCode)
			}
		}
		for _, x := range c.no {
			resp := r.send(x.method, x.path, x.body, c.with)
			if resp.StatusCode != c.code || (c.code == 401 && !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer")) {
				t.Errorf("%s: %s %s: %d %v", c.who, x.method, x.path, resp.StatusCode, resp.Header)
			}
		}
	}
}

// A pairing code works once; what it gives is a cookie that no script of a page
// can read.
func TestPairing(t *testing.T) {
	r := newRig(t, nil)
	var code struct{ Code, URL, Expires string }
	r.call(200, &code, "POST", "/api/pair/code", "")
	if !strings.HasSuffix(code.URL, "/#pair="+code.Code) || len(code.Code) != 9 {
		t.Errorf("%+v", code)
	}
	body := fmt.Sprintf(`{"code":%q,"name":" My   phone "}`, strings.ToLower(strings.Replace(code.Code, "-", " ", 1)))
	var got struct{ Device store.Device }
	nobody := func(q *http.Request) { q.Header.Del("Authorization") }
	resp := r.call(200, &got, "POST", "/api/pair", body, nobody)
	c := resp.cookies()[0]
	if got.Device.Name != "My phone" || c.Name != "hark_device" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.MaxAge < 300*24*3600 {
		t.Errorf("%+v %+v", got, c)
	}
	r.call(200, nil, "GET", "/api/devices", "", as(c))
	r.fails(403, "wrong_code", "POST", "/api/pair", body, nobody)
	r.fails(403, "wrong_code", "POST", "/api/pair", `{}`, nobody)
	for range 100 {
		if resp := r.send("POST", "/api/pair", `{"code":"AAAA-AAAA"}`, nobody); resp.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a hundred wrong codes met no limit")
}

// A code is void after ten minutes.
func TestCodeExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCodes()
		old, expires := c.make(codeFor)
		if time.Until(expires) != codeFor {
			t.Errorf("expires in %v", time.Until(expires))
		}
		time.Sleep(codeFor - time.Second)
		fresh, _ := c.make(codeFor)
		time.Sleep(time.Second)
		if c.take(old) {
			t.Error("an old code works")
		}
		if !c.take(fresh) || c.take(fresh) {
			t.Error("a fresh code must work once")
		}
	})
}

// Wrong tokens at speed are slowed down; the right one still works, and no
// token is ever in the log.
func TestWrongTokens(t *testing.T) {
	var logged lockedBuffer
	r := newRig(t, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	secret := r.token("fire")
	slowed := false
	for i := range 60 {
		resp := r.send("POST", "/api/assistant/fire", "x", bearer(fmt.Sprintf("hark_GUESS%d", i)))
		switch resp.StatusCode {
		case http.StatusUnauthorized:
		case http.StatusTooManyRequests:
			slowed = resp.Header.Get("Retry-After") != ""
		default:
			t.Fatalf("guess: %d", resp.StatusCode)
		}
	}
	if !slowed {
		t.Error("sixty guesses met no limit")
	}
	r.call(200, nil, "POST", "/api/assistant/fire", "x", bearer(secret))
	for _, s := range []string{secret, r.d.admin, "GUESS"} {
		if strings.Contains(logged.String(), s) {
			t.Errorf("%q is in the log", s)
		}
	}
	if !strings.Contains(logged.String(), "path=/api/assistant/fire") {
		t.Error("the log lacks the requests")
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A page of another site, be it by its own name for this machine (DNS
// rebinding) or by a form, gets nowhere.
func TestForeignPages(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Hosts, c.PublicURL = []string{"box.lan"}, "https://hark.example.org" })
	host := func(name string) func(*http.Request) { return func(q *http.Request) { q.Host = name } }
	for _, h := range []string{"evil.example", "evil.example:4275", "127.0.0.1.evil.example", "192.0.2.7", "xn--lcalhost-54a"} {
		r.fails(421, "wrong_host", "GET", "/api/conversations", "", host(h))
		r.fails(421, "wrong_host", "GET", "/", "", host(h))
	}
	for _, h := range []string{"localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:4275", "box.lan", "hark.example.org:443", "localhost."} {
		r.call(200, nil, "GET", "/api/conversations", "", host(h))
	}
	r.fails(403, "cross_site", "POST", "/api/pair", `{}`, header("Sec-Fetch-Site", "cross-site"))
	r.fails(403, "cross_site", "POST", "/api/pair", `{}`, header("Sec-Fetch-Site", "same-site"))
	r.fails(403, "cross_site", "DELETE", "/api/tokens/x", ``, header("Origin", "https://evil.example"))
	r.call(200, nil, "GET", "/api/conversations", "", header("Sec-Fetch-Site", "cross-site"))
	resp := r.send("GET", "/", "")
	h := resp.Header
	if h.Get("Content-Security-Policy") != contentPolicy || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
		h.Get("Cross-Origin-Opener-Policy") != "same-origin" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Permissions-Policy") == "" || h.Get("X-DNS-Prefetch-Control") != "off" {
		t.Errorf("headers %v", h)
	}
}

// Behind TLS at the public address the cookie is Secure.
func TestCookieSecure(t *testing.T) {
	r := newRig(t, func(c *Config) { c.PublicURL = "https://hark.example.org" })
	code, _ := r.d.codes.make(codeFor)
	resp := r.call(200, nil, "POST", "/api/pair", `{"code":"`+code+`"}`, func(q *http.Request) { q.Host = "hark.example.org" })
	if !resp.cookies()[0].Secure {
		t.Error("not Secure")
	}
}

// A body that dribbles in does not hold a request for ever, and one that is too
// large is not read to its end.
func TestSlowAndHugeBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open("", nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDaemon(configFor(""), db)
		if err != nil {
			t.Fatal(err)
		}
		client, server := net.Pipe()
		srv := d.server()
		go func() { _ = srv.Serve(&oneConn{conn: server, done: make(chan struct{})}) }()
		begun := time.Now()
		go func() {
			_, _ = fmt.Fprintf(client, "POST /api/assistant/fire HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\n", d.admin)
			for range 1000 {
				if _, err := client.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		answer, _ := io.ReadAll(client)
		if !bytes.Contains(answer, []byte(" 408 ")) || !bytes.Contains(answer, []byte("slow_body")) || time.Since(begun) > bodyTime+time.Second {
			t.Errorf("after %v: %s", time.Since(begun), answer)
		}
		_ = client.Close()
		_ = srv.Close()
		time.Sleep(2 * time.Second) // the one who dribbles notices
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Unknown paths, wrong methods and faults inside are told as problems, without
// what went wrong inside.
func TestProblems(t *testing.T) {
	r := newRig(t, nil)
	r.fails(404, "not_found", "GET", "/api/nothing", "")
	r.fails(404, "not_found", "GET", "/api/messages/nothing", "")
	resp := r.fails(405, "method_not_allowed", "PUT", "/api/assistant/chat", "")
	if resp.Header.Get("Allow") != "POST" {
		t.Errorf("Allow: %s", resp.Header.Get("Allow"))
	}
	resp = r.fails(405, "method_not_allowed", "PUT", "/api/conversations/x", "")
	if resp.Header.Get("Allow") != "DELETE, GET, HEAD, PATCH" {
		t.Errorf("Allow: %s", resp.Header.Get("Allow"))
	}
	r.d.site = nil // the next page panics
	resp = r.send("GET", "/", "")
	b := resp.Body
	var p struct {
		Code, Detail string
		RequestID    string `json:"request_id"`
	}
	if err := json.Unmarshal(b, &p); err != nil || resp.StatusCode != http.StatusInternalServerError || p.Code != "internal" || p.RequestID == "" || !strings.Contains(p.Detail, p.RequestID) || strings.Contains(string(b), "nil pointer") {
		t.Errorf("%d %s", resp.StatusCode, b)
	}
	r.d.freeSpace = func(string) (uint64, error) { return 1 << 20, nil }
	r.d.checkDisk()
	r.fails(507, "storage_full", "POST", "/api/assistant/fire", "x")
	r.fails(507, "storage_full", "POST", "/api/assistant/chat", `{"text":"x"}`)
	r.call(200, nil, "GET", "/api/conversations", "")
	r.d.freeSpace = func(string) (uint64, error) { return 1 << 40, nil }
	r.d.checkDisk()
	r.call(200, nil, "POST", "/api/assistant/fire", "x")
}

// Run announces itself, serves, and takes all back when it ends.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	out := newLines()
	cfg := configFor(dir)
	cfg.Addr, cfg.Out = "127.0.0.1:0", out
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	url, ok := strings.CutPrefix(<-out.c, "hark: listening on ")
	if !ok || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("first line %q", url)
	}
	if link := <-out.c; !strings.HasPrefix(link, "hark: pair a browser: "+url+"/#pair=") {
		t.Errorf("second line %q", link)
	}
	local, err := ReadLocal(dir)
	if err != nil || local.URL != url || local.Version != "test" || !strings.HasPrefix(local.Token, "hark_") {
		t.Fatalf("%+v %v", local, err)
	}
	req, err := http.NewRequest(http.MethodGet, url+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", resp, err)
	}
	_ = resp.Body.Close()
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "already running") {
		t.Errorf("a second one on the same data: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := ReadLocal(dir); err == nil {
		t.Error("local.json is still there")
	}
}

// lines passes on what is printed, line by line.
type lines struct {
	mu   sync.Mutex
	rest string
	c    chan string
}

func newLines() *lines { return &lines{c: make(chan string, 100)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest += string(p)
	for {
		line, rest, ok := strings.Cut(l.rest, "\n")
		if !ok {
			return len(p), nil
		}
		l.rest = rest
		l.c <- line
	}
}
