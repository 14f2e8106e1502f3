package daemon

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"hark/daemon/certs"
	"hark/store"
)

// phoneView is the answer of GET /api/phone.
type phoneView struct {
	Mode        certs.Mode       `json:"mode"`
	Fixed       bool             `json:"fixed"` // the configuration says it
	Origin      string           `json:"origin,omitempty"`
	Trust       string           `json:"trust,omitempty"` // the page that the phone opens first
	Addr        string           `json:"addr"`            // where it is or would be listened
	Open        bool             `json:"open"`            // it is
	Certificate *certificateView `json:"certificate,omitempty"`
	Problems    []certs.Problem  `json:"problems"`
	Setup       *setup           `json:"setup,omitempty"`
	Tailscale   tailscaleView    `json:"tailscale"`
	Names       []string         `json:"names"`     // that this machine may have at home
	Addresses   []string         `json:"addresses"` // that it has at home
	Domain      *domainView      `json:"domain,omitempty"`
	Hook        bool             `json:"hook"` // the configuration names a DNS program
	Proxies     []proxySnippet   `json:"proxies"`
}

type certificateView struct {
	Names     []string   `json:"names"`
	Issuer    string     `json:"issuer"`
	NotBefore store.Time `json:"not_before"`
	NotAfter  store.Time `json:"not_after"`
	Renews    store.Time `json:"renews"`
	// Root is the SHA-256 of the local authority's root, in pairs of hex digits.
	Root string `json:"root,omitempty"`
}

type tailscaleView struct {
	Found     bool           `json:"found"`
	Name      string         `json:"name,omitempty"`
	Addresses []string       `json:"addresses,omitempty"`
	Problem   *certs.Problem `json:"problem,omitempty"`
}

// domainView is the plan of mode domain without its secrets.
type domainView struct {
	Name      string `json:"name"`
	Email     string `json:"email,omitempty"`
	Directory string `json:"directory,omitempty"`
	Challenge string `json:"challenge"`
	Provider  string `json:"provider,omitempty"`
	Server    string `json:"server,omitempty"`
	Key       string `json:"key,omitempty"`
	SecretSet bool   `json:"secret_set"`
}

// getPhone serves GET /api/phone.
func (d *Daemon) getPhone(w http.ResponseWriter, r *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, d.phoneAnswer(r.Context()))
	return nil
}

func (d *Daemon) phoneAnswer(ctx context.Context) phoneView {
	p := d.phone
	plan, state := p.keeper.Plan(), p.keeper.State()
	v := phoneView{
		Mode: plan.Mode, Fixed: p.keeper.Fixed(), Origin: p.origin(), Trust: p.trust(),
		Addr: d.portFor(plan), Open: p.front.address() != "", Problems: p.problems(),
		Hook: d.cfg.TLS.DNSExec != "", Proxies: d.snippets(plan.URL),
	}
	if c := state.Certificate; c != nil {
		v.Certificate = &certificateView{
			Names: c.Names, Issuer: c.Issuer, NotBefore: store.At(c.NotBefore), NotAfter: store.At(c.NotAfter), Renews: store.At(c.Renews),
		}
		if plan.Mode == certs.Local {
			v.Certificate.Root = d.fingerprint()
		}
	}
	v.Names, v.Addresses = certs.Machine()
	v.Names, v.Addresses = notNil(v.Names), notNil(v.Addresses)
	t := p.keeper.Tailnet(ctx)
	v.Tailscale = tailscaleView{Found: t.Found, Name: t.Name, Addresses: t.Addresses, Problem: t.Problem}
	if plan.Mode == certs.Domain {
		a := plan.ACME
		v.Domain = &domainView{
			Name: plan.Names[0], Email: a.Email, Directory: a.Directory, Challenge: a.Challenge,
			Provider: a.DNS.Provider, Server: a.DNS.Server, Key: a.DNS.Key, SecretSet: a.DNS.Token != "" || a.DNS.Secret != "",
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.setup; s != nil {
		copied := *s
		copied.Steps = slices.Clone(s.Steps)
		v.Setup = &copied
	}
	return v
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// fingerprint lets a careful owner compare what the phone shows.
func (d *Daemon) fingerprint() string {
	root, err := d.phone.keeper.Root()
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			d.log.Warn("the authority's root can't be read", "err", err)
		}
		return ""
	}
	return strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(root)), " ", ":")
}

// proxySnippet is what to write into the configuration of a proxy in front.
type proxySnippet struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// snippets have what a stream needs: no buffering, and time limits longer than
// its heartbeat.
func (d *Daemon) snippets(url string) []proxySnippet {
	host := bareHost(strings.TrimPrefix(url, "https://"))
	if host == "" {
		host = "hark.example.org"
	}
	upstream := strings.TrimPrefix(d.cfg.Addr, "http://")
	if d.at.Load() != nil {
		upstream = strings.TrimPrefix(d.localURL(), "http://")
	}
	return []proxySnippet{
		{"Caddy", fmt.Sprintf("%s {\n\treverse_proxy %s {\n\t\tflush_interval -1\n\t}\n}\n", host, upstream)},
		{"nginx", fmt.Sprintf(nginxSnippet, host, upstream)},
		{"Traefik", fmt.Sprintf(traefikSnippet, host, upstream)},
	}
}

const nginxSnippet = `server {
	listen 443 ssl;
	http2 on;
	server_name %s;
	# ssl_certificate and ssl_certificate_key as for your other sites
	client_max_body_size 2m;

	location / {
		proxy_pass http://%s;
		proxy_http_version 1.1;
		proxy_set_header Host $host;
		proxy_set_header Connection "";
		proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		proxy_set_header X-Forwarded-Proto $scheme;
		proxy_set_header X-Forwarded-Host $host;
		proxy_buffering off;
		proxy_read_timeout 1h;
	}
}
`

const traefikSnippet = `http:
  routers:
    hark:
      rule: Host(` + "`%s`" + `)
      entryPoints: [websecure]
      service: hark
      tls:
        certResolver: default
  services:
    hark:
      loadBalancer:
        responseForwarding:
          flushInterval: -1ms
        servers:
          - url: http://%s
`
