package certs

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// tailscaled is a double of the local API of tailscaled.
type tailscaled struct {
	socket string
	status string
	cert   func() (status int, body []byte)
	asked  atomic.Int32
}

const tailnetStatus = `{"BackendState":"Running","CertDomains":["box.tail1234.ts.net"],
 "Self":{"DNSName":"box.tail1234.ts.net.","TailscaleIPs":["100.100.1.2","fd7a:115c:a1e0::2"]}}`

func startTailscaled(t *testing.T) *tailscaled {
	t.Helper()
	d := &tailscaled{socket: filepath.Join(t.TempDir(), "tailscaled.sock"), status: tailnetStatus}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "unix", d.socket)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(d.serve))
	srv.Listener.Close()
	srv.Listener = ln
	srv.Start()
	t.Cleanup(srv.Close)
	return d
}

func (d *tailscaled) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Host != localAPI:
		http.Error(w, "invalid localapi request", http.StatusForbidden)
	case r.URL.Path == "/localapi/v0/status":
		_, _ = w.Write([]byte(d.status))
	case r.URL.Path == "/localapi/v0/cert/box.tail1234.ts.net" && r.URL.Query().Get("type") == "pair":
		d.asked.Add(1)
		status, body := d.cert()
		w.WriteHeader(status)
		_, _ = w.Write(body)
	default:
		http.NotFound(w, r)
	}
}

// pairFor is a certificate as some public authority would give it.
func pairFor(t *testing.T, name string, from time.Time) []byte {
	t.Helper()
	a, err := newAuthority("public", []string{name}, from)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := a.issue([]string{name}, from)
	if err != nil {
		t.Fatal(err)
	}
	return pem
}

// A running tailscaled gives name and certificate, and is not asked again while
// that is good, also not after a restart.
func TestTailscaleGivesTheCertificate(t *testing.T) {
	d := startTailscaled(t)
	pem := pairFor(t, "box.tail1234.ts.net", time.Now())
	d.cert = func() (int, []byte) { return http.StatusOK, pem }
	dir := t.TempDir()
	k := New(Config{Dir: dir, Socket: d.socket, machine: box})
	if n := k.Tailnet(t.Context()); n.Problem != nil || n.Name != "box.tail1234.ts.net" || len(n.Addresses) != 2 {
		t.Fatalf("tailnet: %+v", n)
	}
	use(t, k, Plan{Mode: Tailscale})
	if got := k.Plan().Names; len(got) != 1 || got[0] != "box.tail1234.ts.net" {
		t.Errorf("names: %v", got)
	}
	k = New(Config{Dir: dir, Socket: d.socket, machine: box})
	k.renew(t.Context())
	if s := k.State(); s.Problem != nil || s.Certificate == nil || s.Certificate.Names[0] != "box.tail1234.ts.net" {
		t.Errorf("state: %+v", s)
	}
	if n := d.asked.Load(); n != 1 {
		t.Errorf("asked for a certificate %d times", n)
	}
}

// A refusal says which command allows it, and leaves what was in force.
func TestTailscaleRefuses(t *testing.T) {
	d := startTailscaled(t)
	d.cert = func() (int, []byte) { return http.StatusForbidden, []byte("cert access denied\n") }
	k := New(Config{Dir: t.TempDir(), Socket: d.socket, machine: box})
	use(t, k, Plan{Mode: Local})
	err := k.Use(t.Context(), Plan{Mode: Tailscale}, func(string) {})
	p := ProblemOf(err)
	if p == nil || p.Code != "tailscale_denied" || !strings.Contains(p.Cure, "sudo tailscale set --operator=") {
		t.Fatalf("got %v", err)
	}
	if k.Plan().Mode != Local || k.State().Certificate == nil {
		t.Errorf("the plan of before is gone: %+v", k.Plan())
	}
}

// Each state of Tailscale that gives no certificate is told with its cure.
func TestTailscaleStates(t *testing.T) {
	d := startTailscaled(t)
	k := New(Config{Dir: t.TempDir(), Socket: d.socket, machine: box})
	for status, code := range map[string]string{
		`{"BackendState":"NeedsLogin"}`:                                        "tailscale_login",
		`{"BackendState":"Stopped"}`:                                           "tailscale_stopped",
		`{"BackendState":"Running","Self":{"DNSName":"box.tail1234.ts.net."}}`: "tailscale_https",
		`nonsense`: "tailscale_status",
	} {
		d.status = status
		n := k.Tailnet(t.Context())
		if !n.Found || n.Problem == nil || n.Problem.Code != code || n.Problem.Cure == "" {
			t.Errorf("%s: %+v", status, n)
		}
	}
	k = New(Config{Dir: t.TempDir(), Socket: filepath.Join(t.TempDir(), "none"), machine: box})
	if n := k.Tailnet(t.Context()); n.Found || n.Problem.Code != "tailscale_missing" {
		t.Errorf("without tailscaled: %+v", n)
	}
}

// A renewal that fails is told once, serves the old certificate on, and is
// tried again until it works.
func TestRenewalThatFailsIsTold(t *testing.T) {
	d := startTailscaled(t)
	old := pairFor(t, "box.tail1234.ts.net", time.Now().Add(-leafLife*9/10))
	fresh := pairFor(t, "box.tail1234.ts.net", time.Now())
	answer, status := old, http.StatusOK
	d.cert = func() (int, []byte) { return status, answer }
	var told []string
	k := New(Config{Dir: t.TempDir(), Socket: d.socket, machine: box, Trouble: func(p *Problem) { told = append(told, p.Code) }})
	use(t, k, Plan{Mode: Tailscale})
	status, answer = http.StatusInternalServerError, []byte("acme: rate limited\n")
	for range 3 {
		k.renew(context.WithoutCancel(t.Context()))
	}
	s := k.State()
	if s.Certificate == nil || s.Problem == nil || !strings.Contains(s.Problem.Say, "rate limited") || !strings.Contains(s.Problem.Say, "more days") {
		t.Errorf("state: %+v", s)
	}
	if len(told) != 1 || told[0] != "tailscale_certificate" {
		t.Errorf("told: %v", told)
	}
	if pause := k.held.Load().pause(); pause != 4*time.Minute {
		t.Errorf("after three failures it waits %v", pause)
	}
	status, answer = http.StatusOK, fresh
	k.renew(t.Context())
	if s := k.State(); s.Problem != nil || time.Until(s.Certificate.NotAfter) < leafLife-time.Hour {
		t.Errorf("after it works again: %+v", s)
	}
}
