package certs

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An ACME authority issues by each of the three challenges, and by each way to
// change the DNS that can be run here; the certificate is served, and is still
// there after a restart without asking again.
func TestACMEIssues(t *testing.T) {
	ns := startNameServer(t)
	p := startPebble(t, ns)
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.tlsPort))
	for name, acme := range map[string]ACME{
		"alpn.example.org":    {Challenge: TLSALPN},
		"http.example.org":    {Challenge: HTTP01, HTTPPort: p.httpPort},
		"rfc2136.example.org": {DNS: DNS{Provider: "rfc2136", Server: ns.addr, Key: "hark-key", Secret: tsigSecret}},
		"exec.example.org":    {DNS: DNS{Provider: "exec", Command: hook(t, ns)}},
	} {
		t.Run(name, func(t *testing.T) {
			acme.Directory = p.directory
			plan := Plan{Mode: Domain, Names: []string{name}, Addr: addr, ACME: acme}
			dir, before := t.TempDir(), ns.everSet()
			k := New(Config{Dir: dir, roots: p.roots, resolver: ns.addr, machine: box})
			begun := time.Now()
			said := use(t, k, plan)
			t.Logf("%s: issued in %v", k.Plan().ACME.Challenge, time.Since(begun).Round(time.Millisecond))
			if len(said) < 3 || !strings.Contains(said[0], name) {
				t.Errorf("told on the way: %q", said)
			}
			s := k.State()
			if s.Certificate == nil || !slices.Contains(s.Certificate.Names, name) || !strings.Contains(s.Certificate.Issuer, "Pebble") {
				t.Fatalf("state: %+v", s.Certificate)
			}
			if usesDNS := acme.DNS.Provider != ""; (ns.everSet() > before) != usesDNS || len(ns.left()) > 0 {
				t.Errorf("DNS records set: %d, left behind: %v", ns.everSet()-before, ns.left())
			}
			again := New(Config{Dir: dir, roots: p.roots, resolver: ns.addr, machine: box})
			again.renew(t.Context())
			if now := again.State().Certificate; now == nil || !now.NotAfter.Equal(s.Certificate.NotAfter) {
				t.Errorf("after a restart: %+v, before %+v", now, s.Certificate)
			}
			if plan := again.Plan(); plan.Mode != Domain || plan.Names[0] != name {
				t.Errorf("plan after a restart: %+v", plan)
			}
		})
	}
}

// While the port of HTTPS is open already, the running server answers the
// tls-alpn-01 challenge itself, and serves on with the certificate of before.
func TestACMEOnAnOpenPort(t *testing.T) {
	ns := startNameServer(t)
	p := startPebble(t, ns)
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.tlsPort))
	k := New(Config{Dir: t.TempDir(), roots: p.roots, resolver: ns.addr, machine: box})
	use(t, k, Plan{Mode: Local})
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.NotFoundHandler(), TLSConfig: k.TLS()}
	go func() { _ = srv.ServeTLS(ln, "", "") }()
	t.Cleanup(func() { _ = srv.Close() })
	use(t, k, Plan{Mode: Domain, Names: []string{"open.example.org"}, Addr: addr, ACME: ACME{Directory: p.directory, Challenge: TLSALPN}})
	conn, err := (&tls.Dialer{Config: &tls.Config{ServerName: "open.example.org", InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if leaf := conn.(*tls.Conn).ConnectionState().PeerCertificates[0]; leaf.VerifyHostname("open.example.org") != nil {
		t.Errorf("it shows %v", leaf.DNSNames)
	}
}

// What an authority refuses is told with its words and the likeliest cure, and
// leaves what was in force.
func TestACMERefuses(t *testing.T) {
	ns := startNameServer(t)
	p := startPebble(t, ns)
	k := New(Config{Dir: t.TempDir(), roots: p.roots, resolver: ns.addr, machine: box})
	use(t, k, Plan{Mode: Local})
	nobody := net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t)))
	for what, c := range map[string]struct {
		acme ACME
		code string
	}{
		"port 443 leads elsewhere": {ACME{Challenge: TLSALPN}, "acme_unauthorized"},
		"the key is refused":       {ACME{DNS: DNS{Provider: "rfc2136", Server: ns.addr, Key: "hark-key", Secret: "d3Jvbmc="}}, "dns_refused"},
		"the hook fails":           {ACME{DNS: DNS{Provider: "exec", Command: "/bin/false"}}, "dns_hook"},
		"the hook is not there":    {ACME{DNS: DNS{Provider: "exec", Command: "/nowhere/hook"}}, "dns_hook"},
	} {
		c.acme.Directory = p.directory
		err := k.Use(t.Context(), Plan{Mode: Domain, Names: []string{"no.example.org"}, Addr: nobody, ACME: c.acme}, func(string) {})
		if got := ProblemOf(err); got == nil || got.Code != c.code || got.Cure == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if k.Plan().Mode != Local || k.State().Certificate == nil {
		t.Errorf("afterwards: %+v", k.Plan())
	}
}

// The account's and the certificate's keys are for this user's eyes.
func TestACMEKeysAreKept(t *testing.T) {
	ns := startNameServer(t)
	p := startPebble(t, ns)
	dir := t.TempDir()
	k := New(Config{Dir: dir, roots: p.roots, resolver: ns.addr, machine: box})
	use(t, k, Plan{Mode: Domain, Names: []string{"keys.example.org"}, ACME: ACME{Directory: p.directory, Challenge: HTTP01, HTTPPort: p.httpPort}})
	keys := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".key" {
			return err
		}
		keys++
		info, err := e.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			err = errors.New(path + " has mode " + info.Mode().String())
		}
		return err
	})
	if err != nil || keys != 2 {
		t.Errorf("%d keys: %v", keys, err)
	}
}
