package daemon

import (
	"errors"
	"fmt"
	"strconv"

	"hark/daemon/certs"
)

// TLS says how Hark comes by HTTPS for other devices. With an empty Mode the
// owner chooses in the app.
type TLS struct {
	Addr      string   `toml:"addr"`      // HOST:PORT to listen on
	Mode      string   `toml:"mode"`      // tailscale, domain, local, proxy or off
	Names     []string `toml:"names"`     // what browsers call this machine
	URL       string   `toml:"url"`       // what they open, if not https://name:port
	Email     string   `toml:"email"`     // for the ACME account
	Directory string   `toml:"directory"` // of ACME; empty: Let's Encrypt
	Challenge string   `toml:"challenge"` // dns-01, tls-alpn-01 or http-01
	HTTPPort  int      `toml:"http_port"` // where http-01 is answered; 0 is 80
	DNS       string   `toml:"dns"`       // duckdns, cloudflare, rfc2136 or exec
	DNSToken  string   `toml:"dns_token"`
	DNSServer string   `toml:"dns_server"`
	DNSKey    string   `toml:"dns_key"`
	DNSSecret string   `toml:"dns_secret"`
	DNSAlgo   string   `toml:"dns_algorithm"`
	// DNSExec is the program of the exec provider. It can be named here only: who
	// has a paired browser must not be able to have programs run.
	DNSExec string `toml:"dns_exec"`
	Socket  string `toml:"tailscale_socket"` // empty: where the system has it
}

func (t *TLS) settings() []setting {
	return []setting{
		{flag: "tls-addr", env: "HARK_TLS_ADDR", key: "tls.addr", arg: "HOST:PORT", usage: "listen here for other devices, by HTTPS", set: text(&t.Addr)},
		{flag: "tls", env: "HARK_TLS", key: "tls.mode", arg: "MODE", usage: "tailscale, domain, local, proxy or off; chosen in the app if not given", set: text(&t.Mode)},
		{flag: "tls-name", env: "HARK_TLS_NAMES", key: "tls.names", arg: "NAME", list: true, usage: "what browsers call this machine; the first is the one they are told", set: list(&t.Names)},
		{flag: "tls-url", env: "HARK_TLS_URL", key: "tls.url", arg: "URL", usage: "what browsers open, if not https://NAME:PORT", set: text(&t.URL)},
		{flag: "acme-email", env: "HARK_ACME_EMAIL", key: "tls.email", arg: "MAIL", usage: "address for the certificate authority's account", set: text(&t.Email)},
		{flag: "acme-directory", env: "HARK_ACME_DIRECTORY", key: "tls.directory", arg: "URL", usage: "another authority than Let's Encrypt", set: text(&t.Directory)},
		{flag: "acme-challenge", env: "HARK_ACME_CHALLENGE", key: "tls.challenge", arg: "NAME", usage: "dns-01, tls-alpn-01 or http-01", set: text(&t.Challenge)},
		{flag: "acme-http-port", env: "HARK_ACME_HTTP_PORT", key: "tls.http_port", arg: "PORT", usage: "where http-01 is answered, if the router leads port 80 elsewhere", set: portNumber(&t.HTTPPort)},
		{flag: "dns", env: "HARK_DNS", key: "tls.dns", arg: "NAME", usage: "who has the domain's DNS: duckdns, cloudflare, rfc2136 or exec", set: text(&t.DNS)},
		{flag: "dns-token", env: "HARK_DNS_TOKEN", key: "tls.dns_token", arg: "TOKEN", secret: true, usage: "of duckdns or cloudflare", set: text(&t.DNSToken)},
		{flag: "dns-server", env: "HARK_DNS_SERVER", key: "tls.dns_server", arg: "HOST:PORT", usage: "name server for rfc2136", set: text(&t.DNSServer)},
		{flag: "dns-key", env: "HARK_DNS_KEY", key: "tls.dns_key", arg: "NAME", usage: "TSIG key for rfc2136", set: text(&t.DNSKey)},
		{flag: "dns-secret", env: "HARK_DNS_SECRET", key: "tls.dns_secret", arg: "BASE64", secret: true, usage: "TSIG secret for rfc2136", set: text(&t.DNSSecret)},
		{flag: "dns-algorithm", env: "HARK_DNS_ALGORITHM", key: "tls.dns_algorithm", arg: "NAME", usage: "TSIG algorithm for rfc2136, if not hmac-sha256", set: text(&t.DNSAlgo)},
		{flag: "dns-exec", env: "HARK_DNS_EXEC", key: "tls.dns_exec", arg: "PROGRAM", usage: "program for exec, called with present|cleanup NAME VALUE", set: text(&t.DNSExec)},
		{flag: "tailscale-socket", env: "HARK_TAILSCALE_SOCKET", key: "tls.tailscale_socket", arg: "FILE", usage: "where tailscaled listens", set: text(&t.Socket)},
	}
}

func portNumber(p *int) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseUint(s, 10, 16)
		if err != nil {
			return errors.New("write a port number")
		}
		*p = int(n)
		return nil
	}
}

func (t *TLS) plan() certs.Plan {
	return certs.Plan{
		Mode: certs.Mode(t.Mode), Names: append([]string(nil), t.Names...), URL: t.URL, Addr: t.Addr,
		ACME: certs.ACME{
			Email: t.Email, Directory: t.Directory, Challenge: t.Challenge, HTTPPort: t.HTTPPort,
			DNS: certs.DNS{
				Provider: t.DNS, Token: t.DNSToken, Server: t.DNSServer, Key: t.DNSKey, Secret: t.DNSSecret,
				Algorithm: t.DNSAlgo, Command: t.DNSExec,
			},
		},
	}
}

// check finds out at start what could not work later.
func (t *TLS) check() error {
	plan := t.plan()
	if err := plan.Check(); err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	return nil
}
