package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Tailnet is what tailscaled on this machine says. Problem is nil if a
// certificate can be asked for.
type Tailnet struct {
	Found     bool // tailscaled runs here
	Name      string
	Addresses []string
	Problem   *Problem
}

const (
	// localAPI is the host that tailscaled wants to be called by.
	localAPI    = "local-tailscaled.sock"
	tailnetTime = 5 * time.Second // for what it knows; a certificate may take minutes
	tailnetMost = 4 << 20         // bytes of an answer: the status lists every machine of the tailnet
)

// Tailnet asks tailscaled how it is. It returns within seconds.
func (k *Keeper) Tailnet(ctx context.Context) Tailnet {
	ctx, cancel := context.WithTimeout(ctx, tailnetTime)
	defer cancel()
	b, status, err := k.askTailscale(ctx, "status?peers=false")
	switch {
	case errors.Is(err, fs.ErrPermission):
		return Tailnet{Found: true, Problem: problem("tailscale_denied", "Run Hark as a user that may open Tailscale's socket.", "Tailscale runs here, but Hark may not talk to it.")}
	case err != nil:
		return Tailnet{Problem: problem("tailscale_missing", "Install Tailscale on this machine and on the phone, and sign in on both with the same account.", "Tailscale was not found on this machine.")}
	case status != http.StatusOK:
		return Tailnet{Found: true, Problem: problem("tailscale_status", "`tailscale status` on this machine says more.", "Tailscale does not say how it is: %s.", firstLine(b))}
	}
	return readTailnet(b)
}

// readTailnet reads ipnstate.Status as far as it matters here.
func readTailnet(b []byte) Tailnet {
	var s struct {
		BackendState string
		CertDomains  []string
		Self         *struct {
			DNSName      string
			TailscaleIPs []string
		}
	}
	t := Tailnet{Found: true}
	if err := json.Unmarshal(b, &s); err != nil {
		t.Problem = problem("tailscale_status", "`tailscale status` on this machine says more.", "Tailscale's answer can't be read: %v.", err)
		return t
	}
	if s.Self != nil {
		t.Name, t.Addresses = strings.TrimSuffix(s.Self.DNSName, "."), s.Self.TailscaleIPs
	}
	if len(s.CertDomains) > 0 {
		t.Name = strings.TrimSuffix(s.CertDomains[0], ".")
	}
	switch {
	case s.BackendState == "NeedsLogin" || s.BackendState == "NoState":
		t.Problem = problem("tailscale_login", "Run `tailscale up` on this machine and sign in.", "Tailscale is installed, but not signed in.")
	case s.BackendState != "Running":
		t.Problem = problem("tailscale_stopped", "Run `tailscale up` on this machine.", "Tailscale is not connected.")
	case len(s.CertDomains) == 0 || !isName(t.Name):
		t.Problem = problem("tailscale_https", "Open the Tailscale admin console, DNS, switch on MagicDNS and HTTPS certificates, then try again.", "Your tailnet does not give out certificates yet.")
	}
	return t
}

// fromTailscale has tailscaled get or renew the tailnet's certificate for this
// machine.
func (k *Keeper) fromTailscale(ctx context.Context, p *Plan, say func(string)) (*tls.Certificate, error) {
	last := k.lastOfTailnet(p)
	if last != nil && time.Now().Before(renewal(last.Leaf)) && last.Leaf.VerifyHostname(p.Names[0]) == nil {
		return last, nil
	}
	say("Asking Tailscale for the name of this machine")
	t := k.Tailnet(ctx)
	if t.Problem != nil {
		return last, t.Problem
	}
	p.Names = []string{strings.ToLower(t.Name)}
	say("Asking Tailscale for a certificate for " + t.Name + "; the first takes a minute")
	b, status, err := k.askTailscale(ctx, "cert/"+url.PathEscape(t.Name)+"?type=pair")
	if err != nil {
		return last, fmt.Errorf("ask Tailscale for a certificate: %w", err)
	}
	if status != http.StatusOK {
		return last, refused(status, b)
	}
	pair, err := parsePair(b)
	if err != nil {
		return last, problem("tailscale_certificate", "`tailscale cert "+t.Name+"` on this machine says more.", "What Tailscale gave is no certificate: %v.", err)
	}
	if last != nil && !pair.Leaf.NotAfter.After(last.Leaf.NotAfter) {
		return last, overdue(last.Leaf) // tailscaled answers with what it has and renews meanwhile
	}
	return pair, writeFile(k.tailnetFile(p.Names[0]), b)
}

// overdue is a problem if tailscaled has had its time to renew and has not.
func overdue(leaf *x509.Certificate) error {
	if time.Now().Before(leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) * 5 / 6)) {
		return nil
	}
	return problem("tailscale_late", "`tailscale cert` on this machine says why.", "Tailscale still gives the old certificate.")
}

// refused says why tailscaled gave no certificate.
func refused(status int, answer []byte) error {
	if status == http.StatusForbidden {
		name := "USER"
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
		return problem("tailscale_denied", "Run `sudo tailscale set --operator="+name+"` on this machine, then try again.",
			"Tailscale does not give this user (%s) a certificate.", name)
	}
	return problem("tailscale_certificate", "It is tried again by itself. `tailscale cert` on this machine says more.", "Tailscale got no certificate: %s", firstLine(answer))
}

func (k *Keeper) tailnetFile(name string) string {
	return filepath.Join(k.cfg.Dir, "tailscale", name+".pem")
}

// lastOfTailnet is the certificate that was got last, or nil.
func (k *Keeper) lastOfTailnet(p *Plan) *tls.Certificate {
	if len(p.Names) == 0 {
		return nil
	}
	pair, err := readPair(k.tailnetFile(p.Names[0]))
	if err != nil {
		return nil
	}
	return pair
}

// askTailscale calls tailscaled's local API, which is HTTP over a socket.
func (k *Keeper) askTailscale(ctx context.Context, path string) (body []byte, status int, err error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var err error
			for _, socket := range k.sockets() {
				var conn net.Conn
				if conn, err = new(net.Dialer).DialContext(ctx, "unix", socket); err == nil {
					return conn, nil
				} else if errors.Is(err, syscall.EACCES) {
					return nil, fs.ErrPermission
				}
			}
			return nil, err
		},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+localAPI+"/localapi/v0/"+path, nil)
	if err != nil {
		return nil, 0, err
	}
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, tailnetMost))
	return body, resp.StatusCode, err
}

// sockets are where tailscaled listens on this system.
func (k *Keeper) sockets() []string {
	if k.cfg.Socket != "" {
		return []string{k.cfg.Socket}
	}
	if runtime.GOOS == "darwin" {
		return []string{"/var/run/tailscaled.socket"}
	}
	return []string{"/run/tailscale/tailscaled.sock", "/var/run/tailscale/tailscaled.sock"}
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if len(line) > 300 {
		line = strings.ToValidUTF8(line[:300], "") + "…"
	}
	return line
}
