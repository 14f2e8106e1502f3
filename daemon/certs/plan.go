package certs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Mode is a way to come by a certificate.
type Mode string

// The modes, in the order in which they should be tried.
const (
	Off       Mode = "off"
	Tailscale Mode = "tailscale" // the tailnet's, from tailscaled on this machine
	Domain    Mode = "domain"    // an own domain's, by ACME
	Local     Mode = "local"     // one of an authority made here
	Proxy     Mode = "proxy"     // none: a proxy in front has one
)

// Plan is what the owner chose. The zero Plan is Off.
type Plan struct {
	Mode Mode `json:"mode"`
	// Names are what browsers call this machine, without port; the first is the
	// one that they are told. Of Tailscale and Local they may be empty: then they
	// are found.
	Names []string `json:"names,omitempty"`
	// URL is the origin that browsers are told where it is not
	// https://Names[0]:port, such as behind a router or a proxy.
	URL  string `json:"url,omitempty"`
	Addr string `json:"addr,omitempty"` // HOST:PORT to listen on
	ACME ACME   `json:"acme,omitzero"`
}

// The challenges of ACME (RFC 8555 §8, RFC 8737) that a domain is proven with.
const (
	TLSALPN = "tls-alpn-01"
	HTTP01  = "http-01"
	DNS01   = "dns-01"
)

// LetsEncrypt is the directory that is asked if a plan names none.
const LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// ACME says how a domain's certificate is had.
type ACME struct {
	Email     string `json:"email,omitempty"`
	Directory string `json:"directory,omitempty"` // empty: [LetsEncrypt]
	Challenge string `json:"challenge,omitempty"` // empty: dns-01 if DNS is set, else tls-alpn-01
	HTTPPort  int    `json:"http_port,omitempty"` // where http-01 is answered; 0 is 80
	DNS       DNS    `json:"dns,omitzero"`
}

// DNS says who changes the domain's records for dns-01.
type DNS struct {
	Provider  string `json:"provider,omitempty"`  // duckdns, cloudflare, rfc2136 or exec
	Token     string `json:"token,omitempty"`     // of duckdns and cloudflare
	Server    string `json:"server,omitempty"`    // HOST:PORT of rfc2136
	Key       string `json:"key,omitempty"`       // TSIG key name
	Secret    string `json:"secret,omitempty"`    // TSIG secret, base64
	Algorithm string `json:"algorithm,omitempty"` // empty: hmac-sha256
	Command   string `json:"command,omitempty"`   // of exec: called as COMMAND present|cleanup FQDN VALUE
}

// Check makes a plan canonical, or returns a [*Problem] that says what is wrong
// with it.
func (p *Plan) Check() error {
	if p.Mode == "" {
		p.Mode = Off
	}
	if !slices.Contains([]Mode{Off, Tailscale, Domain, Local, Proxy}, p.Mode) {
		return problem("mode", "It is tailscale, domain, local, proxy or off.", "There is no way %q to a certificate.", p.Mode)
	}
	for i, name := range p.Names {
		name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		if !isName(name) {
			return problem("name", "Write it without https:// and without port, such as hark.example.org.", "%q is no name of a machine.", name)
		}
		p.Names[i] = name
	}
	if p.Addr != "" {
		if _, _, err := net.SplitHostPort(p.Addr); err != nil {
			return problem("addr", "Write HOST:PORT, or :4276 for all of this machine's addresses.", "%q is no address to listen on.", p.Addr)
		}
	}
	if err := p.checkURL(); err != nil {
		return err
	}
	if p.Mode == Domain {
		return p.checkDomain()
	}
	return nil
}

func (p *Plan) checkURL() error {
	if p.URL == "" {
		if p.Mode == Proxy {
			return problem("url", "Enter the address that browsers open, such as https://hark.example.org.", "The proxy's address is missing.")
		}
		return nil
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.Scheme != "https" || !isName(u.Hostname()) || u.User != nil {
		return problem("url", "It begins with https://, such as https://hark.example.org.", "%q is no address that a phone could use.", p.URL)
	}
	p.URL = "https://" + strings.ToLower(u.Host)
	return nil
}

func (p *Plan) checkDomain() error {
	if len(p.Names) != 1 || !strings.Contains(p.Names[0], ".") {
		return problem("domain", "Enter a name that you own, such as hark.example.org.", "One name is needed for the certificate.")
	}
	if _, err := netip.ParseAddr(p.Names[0]); err == nil {
		return problem("domain", "Enter a name that you own, such as hark.example.org.", "A certificate for an address is not given here.")
	}
	a := &p.ACME
	if a.Challenge == "" {
		a.Challenge = TLSALPN
		if a.DNS.Provider != "" {
			a.Challenge = DNS01
		}
	}
	if !slices.Contains([]string{TLSALPN, HTTP01, DNS01}, a.Challenge) {
		return problem("challenge", "It is dns-01, tls-alpn-01 or http-01.", "There is no challenge %q.", a.Challenge)
	}
	if a.Challenge == DNS01 {
		_, err := a.DNS.provider(func(string) {})
		return err
	}
	return nil
}

// isName reports whether s is an address or a host name (RFC 1123 §2.1).
func isName(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// loadPlan is the stored plan, or the zero Plan.
func loadPlan(dir string) (p Plan, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "plan.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return Plan{Mode: Off}, nil
	} else if err != nil {
		return p, fmt.Errorf("read the plan: %w", err)
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, fmt.Errorf("%s: %w", filepath.Join(dir, "plan.json"), err)
	}
	return p, p.Check()
}

func savePlan(dir string, p Plan) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the plan: %w", err)
	}
	return writeFile(filepath.Join(dir, "plan.json"), append(b, '\n'))
}

// writeFile puts a whole file in place, readable by its owner only: every file
// here is a key, or is written as carefully as one.
func writeFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
