package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hark/store"
)

// phoneAnswer is what the app reads of GET /api/phone.
type phoneAnswer struct {
	Mode, Origin, Trust string
	Open, Fixed         bool
	Certificate         *struct{ Names []string }
	Problems            []struct{ Code, Say, Cure string }
	Setup               *struct {
		Steps   []string
		Done    bool
		Problem *struct{ Code, Say, Cure string }
	}
}

// setUp chooses a way and waits until that has ended.
func (r *rig) setUp(mode, body string) (v phoneAnswer) {
	r.t.Helper()
	r.call(http.StatusAccepted, &v, "POST", "/api/phone/"+mode, body)
	for deadline := time.Now().Add(20 * time.Second); !v.Setup.Done; {
		if time.Now().After(deadline) {
			r.t.Fatalf("set-up does not end: %+v", v.Setup)
		}
		r.call(http.StatusOK, &v, "GET", "/api/phone", "")
	}
	return v
}

// trusting is a client that believes the daemon's own authority.
func (r *rig) trusting() *http.Client {
	r.t.Helper()
	root, err := r.d.phone.keeper.Root()
	if err != nil {
		r.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(root)
	if err != nil {
		r.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport: transport, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (r *rig) fetch(c *http.Client, method, url, body string, change ...func(*http.Request)) *answer {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range change {
		f(q)
	}
	resp, err := c.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return &answer{resp.StatusCode, resp.Header, b}
}

const localHere = `{"name":"localhost","addr":"127.0.0.1:0"}`

// The owner's click makes an authority and opens HTTPS with HTTP/2 at once; a
// phone that trusts it pairs there, and its cookie never goes by plain HTTP.
func TestPhoneComesInByHTTPS(t *testing.T) {
	r := newRig(t, nil).begin()
	v := r.setUp("local", localHere)
	if v.Setup.Problem != nil || !v.Open || !strings.HasPrefix(v.Origin, "https://localhost:") || v.Certificate == nil {
		t.Fatalf("after set-up: %+v", v)
	}
	client := r.trusting()
	resp, err := client.Get(v.Origin + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("it speaks %s", resp.Proto)
	}
	var code struct{ Code, URL string }
	r.call(http.StatusOK, &code, "POST", "/api/pair/code", "")
	if code.URL != v.Trust+"#pair="+code.Code {
		t.Errorf("the link is %s, want the trust page %s", code.URL, v.Trust)
	}
	paired := r.fetch(client, "POST", v.Origin+"/api/pair", `{"code":"`+code.Code+`"}`, header("Content-Type", "application/json"))
	if paired.StatusCode != http.StatusOK || len(paired.cookies()) != 1 || !paired.cookies()[0].Secure {
		t.Errorf("pairing: %d %s, cookies %v", paired.StatusCode, paired.Body, paired.cookies())
	}
	if got := r.fetch(client, "GET", strings.Replace(v.Origin, "localhost", "127.0.0.1", 1)+"/healthz", "", func(q *http.Request) { q.Host = "evil.example" }); got.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a foreign name is answered with %d", got.StatusCode)
	}
	v = r.setUp("off", "")
	if v.Open || v.Origin != "" || len(v.Problems) > 0 {
		t.Errorf("switched off: %+v", v)
	}
	if resp, err := client.Get(strings.Replace(code.URL, "http:", "https:", 1)); err == nil {
		resp.Body.Close()
		t.Error("the port is still open")
	}
}

// Without TLS the port gives the trust page and its files, leads people on, and
// takes nothing that is secret.
func TestPlainHTTPServesTrustOnly(t *testing.T) {
	r := newRig(t, nil).begin()
	v := r.setUp("local", localHere)
	plain := strings.Replace(v.Origin, "https:", "http:", 1)
	client := r.trusting()
	page := r.fetch(client, "GET", plain+"/trust", "")
	if page.StatusCode != http.StatusOK || !strings.Contains(string(page.Body), `data-origin="`+v.Origin+`"`) || strings.Contains(string(page.Body), "[[") {
		t.Errorf("trust page: %d %s", page.StatusCode, page.Body)
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, v.Origin) || strings.Contains(policy, "unsafe") {
		t.Errorf("its policy: %s", policy)
	}
	for path, kind := range map[string]string{
		"/trust/hark.crt": "application/x-x509-ca-cert", "/trust/hark.mobileconfig": "application/x-apple-aspen-config",
		"/trust/trust.css": "text/css; charset=utf-8", "/trust/trust.js": "text/javascript; charset=utf-8", "/trust/ok": "application/json",
	} {
		if got := r.fetch(client, "GET", plain+path, ""); got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.Header.Get("Content-Type"))
		}
	}
	if _, err := x509.ParseCertificate(r.fetch(client, "GET", plain+"/trust/hark.crt", "").Body); err != nil {
		t.Error(err)
	}
	if got := r.fetch(client, "GET", plain+"/c/inbox", ""); got.StatusCode != http.StatusTemporaryRedirect || got.Header.Get("Location") != "/trust" {
		t.Errorf("another page: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	secret := func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+r.d.admin) }
	for _, path := range []string{"/api/status", "/api/assistant/fire", "/api/phone"} {
		if got := r.fetch(client, "GET", plain+path, "", secret); got.StatusCode != http.StatusForbidden || !strings.Contains(string(got.Body), "not_secure") {
			t.Errorf("%s by plain HTTP: %d %s", path, got.StatusCode, got.Body)
		}
	}
	check := r.fetch(client, "GET", v.Origin+"/trust/ok", "", header("Origin", plain))
	if check.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(string(check.Body), `"secure":true`) {
		t.Errorf("live check: %v %s", check.Header, check.Body)
	}
}

// The stream works over HTTP/2: what is fired is seen at once.
func TestStreamOverHTTP2(t *testing.T) {
	r := newRig(t, nil).begin()
	v := r.setUp("local", localHere)
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.Origin+"/api/assistant/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.d.admin)
	resp, err := r.trusting().Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 {
		t.Fatalf("%s %d", resp.Proto, resp.StatusCode)
	}
	r.call(http.StatusOK, nil, "POST", "/api/assistant/fire", `{"text":"over the second version"}`, bearer(r.token("fire")))
	seen := ""
	for buf := make([]byte, 4096); !strings.Contains(seen, "over the second version"); {
		n, err := resp.Body.Read(buf)
		if err != nil {
			t.Fatalf("%v after %q", err, seen)
		}
		seen += string(buf[:n])
	}
}

// What was set up is there after a restart, with the same authority.
func TestPhoneSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	first := reopen(t, dir, nil).begin()
	v := first.setUp("local", localHere)
	root, err := first.d.phone.keeper.Root()
	if err != nil {
		t.Fatal(err)
	}
	first.settle()
	if err := first.d.db.Close(); err != nil {
		t.Fatal(err)
	}
	r := reopen(t, dir, nil).begin()
	var again phoneAnswer
	r.call(http.StatusOK, &again, "GET", "/api/phone", "")
	if again.Mode != "local" || !again.Open || again.Certificate == nil || len(again.Problems) > 0 {
		t.Errorf("after a restart: %+v, before %+v", again, v)
	}
	now, err := r.d.phone.keeper.Root()
	if err != nil || string(now) != string(root) {
		t.Errorf("another authority: %v", err)
	}
}

// A way that does not work says why and what to do, and changes nothing.
func TestSetupThatFails(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "tailscaled.sock")
	ln, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasSuffix(q.URL.Path, "/status") {
			_, _ = io.WriteString(w, `{"BackendState":"Running","CertDomains":["box.tail1234.ts.net"],"Self":{"DNSName":"box.tail1234.ts.net."}}`)
			return
		}
		http.Error(w, "cert access denied", http.StatusForbidden)
	})}
	go func() { _ = fake.Serve(ln) }()
	t.Cleanup(func() { _ = fake.Close() })
	r := newRig(t, func(c *Config) { c.TLS.Socket, c.TLS.Addr = socket, "127.0.0.1:0" }).begin()
	before := r.setUp("local", localHere)
	v := r.setUp("tailscale", "")
	if v.Setup.Problem == nil || v.Setup.Problem.Code != "tailscale_denied" || !strings.Contains(v.Setup.Problem.Cure, "tailscale set --operator") {
		t.Errorf("refused by tailscaled: %+v", v.Setup)
	}
	if v.Mode != "local" || v.Origin != before.Origin || !v.Open {
		t.Errorf("after a failure: %+v, before %+v", v, before)
	}
	busy := httptest.NewServer(http.NotFoundHandler())
	defer busy.Close()
	v = r.setUp("local", `{"name":"localhost","addr":"`+busy.Listener.Addr().String()+`"}`)
	if v.Setup.Problem == nil || v.Setup.Problem.Code != "listen" || v.Setup.Problem.Cure == "" || v.Origin != before.Origin {
		t.Errorf("port in use: %+v", v)
	}
	r.fails(http.StatusUnprocessableEntity, "invalid", "POST", "/api/phone/domain", `{"name":"box"}`)
	r.fails(http.StatusUnprocessableEntity, "invalid", "POST", "/api/phone/domain", `{"name":"hark.example.org","dns":{"provider":"exec"}}`)
	r.fails(http.StatusUnprocessableEntity, "invalid", "POST", "/api/phone/proxy", `{"url":"http://hark.example.org"}`)
	r.fails(http.StatusUnprocessableEntity, "invalid", "POST", "/api/phone/magic", `{}`)
}

// Behind a proxy Hark goes by the proxy's name and tells it to browsers; its
// cookies are for HTTPS only.
func TestBehindAProxy(t *testing.T) {
	r := newRig(t, nil).begin()
	asProxy := func(q *http.Request) { q.Host = "hark.example.org" }
	r.fails(http.StatusMisdirectedRequest, "wrong_host", "GET", "/api/status", "", asProxy)
	v := r.setUp("proxy", `{"url":"https://hark.example.org"}`)
	if v.Origin != "https://hark.example.org" || v.Open {
		t.Errorf("behind a proxy: %+v", v)
	}
	var status struct{ URL string }
	r.call(http.StatusOK, &status, "GET", "/api/status", "", asProxy)
	if status.URL != "https://hark.example.org" {
		t.Errorf("browsers are told %s", status.URL)
	}
	code, _ := r.d.codes.make(codeFor)
	if c := r.call(http.StatusOK, nil, "POST", "/api/pair", `{"code":"`+code+`"}`, asProxy).cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("cookies %v", c)
	}
}

// Only the owner sees and changes how phones come in; what the configuration
// says, nobody changes.
func TestPhoneIsTheOwners(t *testing.T) {
	r := newRig(t, func(c *Config) { c.TLS = TLS{Mode: "local", Addr: "127.0.0.1:0", Names: []string{"localhost"}} }).begin()
	for _, scope := range []string{"read", "chat", "fire"} {
		r.fails(http.StatusForbidden, "forbidden", "GET", "/api/phone", "", bearer(r.token(scope)))
		r.fails(http.StatusForbidden, "forbidden", "POST", "/api/phone/off", "", bearer(r.token(scope)))
	}
	r.fails(http.StatusConflict, "conflict", "POST", "/api/phone/off", "")
	var v phoneAnswer
	r.call(http.StatusOK, &v, "GET", "/api/phone", "", as(r.device()))
	if !v.Fixed || v.Mode != "local" || !v.Open || v.Certificate == nil {
		t.Errorf("by configuration: %+v", v)
	}
}

// The DNS token that was entered is never given back, and is kept when it is
// not entered again.
func TestSecretsStayInside(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.TLS = TLS{Mode: "domain", Addr: "127.0.0.1:0", Names: []string{"hark.example.org"}, Directory: "https://127.0.0.1:1/dir", DNS: "cloudflare", DNSToken: "very-secret"}
	}).begin()
	if b := r.send("GET", "/api/phone", "").Body; strings.Contains(string(b), "very-secret") || !strings.Contains(string(b), `"secret_set":true`) {
		t.Errorf("told: %s", b)
	}
	in := phoneInput{Name: "hark.example.org"}
	in.DNS.Provider = "cloudflare"
	if kept := r.d.planOf("domain", in); kept.ACME.DNS.Token != "very-secret" {
		t.Error("the token is lost when it is not entered again")
	}
	in.DNS.Provider = "duckdns"
	if moved := r.d.planOf("domain", in); moved.ACME.DNS.Token != "" {
		t.Error("another provider is given the token")
	}
}

// Trouble with the certificate is said in the inbox.
func TestTroubleIsTold(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.TLS = TLS{Mode: "tailscale", Addr: "127.0.0.1:0", Socket: filepath.Join(t.TempDir(), "none.sock")}
	}).begin()
	deadline := time.Now().Add(10 * time.Second)
	for found := false; !found; {
		if time.Now().After(deadline) {
			t.Fatal("nothing in the inbox")
		}
		err := r.d.db.View(func(tx *store.Tx) error {
			all, err := tx.Conversations()
			for _, c := range all {
				found = found || c.Unread > 0
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	r.call(http.StatusOK, nil, "GET", "/healthz", "")
	var v phoneAnswer
	for len(v.Problems) == 0 && time.Now().Before(deadline) { // told in the inbox first, then kept
		r.call(http.StatusOK, &v, "GET", "/api/phone", "")
	}
	if len(v.Problems) != 1 || v.Problems[0].Code != "tailscale_missing" || v.Problems[0].Cure == "" {
		t.Errorf("problems: %+v", v.Problems)
	}
}
