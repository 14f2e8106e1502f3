package daemon

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"hark/daemon/certs"
	"hark/store"
)

// entrance is how phones come in: a certificate, the port that has it, and the
// set-up that was begun last.
type entrance struct {
	keeper *certs.Keeper
	front  *front

	mu     sync.Mutex
	setup  *setup         // the last one; nil: none in this process
	closed *certs.Problem // why the port is not open, although it should be
}

func (d *Daemon) newPhone() *entrance {
	set := d.cfg.TLS
	cfg := certs.Config{Dir: filepath.Join(d.cfg.Data, "certs"), Log: d.log, Trouble: d.tellTrouble}
	if set.Mode != "" {
		plan := set.plan()
		cfg.Fixed = &plan
	}
	cfg.Socket = set.Socket
	keeper := certs.New(cfg)
	return &entrance{keeper: keeper, front: &front{log: d.log, tls: keeper.TLS(), secure: d.server, plain: d.plainServer}}
}

// startPhone opens the port if the plan has one, and keeps the certificate
// good. What fails is told in the state; Hark runs on.
func (d *Daemon) startPhone(ctx context.Context) {
	p := d.phone
	p.keeper.Prepare(ctx)
	if plan := p.keeper.Plan(); needsPort(plan.Mode) {
		p.openPort(ctx, d.portFor(plan))
	}
	d.background(p.keeper.Run)
}

func needsPort(m certs.Mode) bool { return m != certs.Off && m != certs.Proxy }

// portFor is where to listen for a plan.
func (d *Daemon) portFor(plan certs.Plan) string {
	for _, addr := range []string{plan.Addr, d.cfg.TLS.Addr} {
		if addr != "" {
			return addr
		}
	}
	return defaultTLSAddr
}

// openPort notes what keeps it from being open.
func (p *entrance) openPort(ctx context.Context, addr string) {
	err := p.front.listen(ctx, addr)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = certs.ProblemOf(err)
}

// origin is the address that browsers elsewhere are told, or "" if there is
// none of the phone's.
func (p *entrance) origin() string {
	plan := p.keeper.Plan()
	switch {
	case plan.Mode == certs.Off:
		return ""
	case plan.URL != "":
		return plan.URL
	case len(plan.Names) == 0:
		return ""
	}
	name := plan.Names[0]
	port := p.front.port()
	if plan.Mode == certs.Domain && plan.ACME.Challenge == certs.TLSALPN {
		port = "443" // the router leads it here, or there would be no certificate
	}
	if port == "443" || port == "" {
		if strings.Contains(name, ":") {
			name = "[" + name + "]"
		}
		return "https://" + name
	}
	return "https://" + net.JoinHostPort(name, port)
}

// trust is the page for phones that do not know the local authority yet, or "".
func (p *entrance) trust() string {
	plan, port := p.keeper.Plan(), p.front.port()
	if plan.Mode != certs.Local || port == "" {
		return ""
	}
	return "http://" + net.JoinHostPort(p.trustHost(plan), port) + "/trust"
}

// trustHost is an address if there is one: it is found by every phone, a name
// only where the network knows it.
func (p *entrance) trustHost(plan certs.Plan) string {
	if host, _, err := net.SplitHostPort(p.front.address()); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
			return host // we listen nowhere else
		}
	}
	name := ""
	if len(plan.Names) > 0 {
		name = plan.Names[0]
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return name
	}
	if _, addresses := certs.Machine(); len(addresses) > 0 {
		return addresses[0]
	}
	return name
}

// goesBy reports whether browsers are told to come by this name.
func (p *entrance) goesBy(host string) bool {
	plan := p.keeper.Plan()
	return plan.Mode != certs.Off && (slices.Contains(plan.Names, host) || (plan.URL != "" && host == bareHost(strings.TrimPrefix(plan.URL, "https://"))))
}

// problems are what keeps phones out, the port first.
func (p *entrance) problems() []certs.Problem {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	all := []certs.Problem{}
	for _, one := range []*certs.Problem{closed, p.keeper.State().Problem} {
		if one != nil {
			all = append(all, *one)
		}
	}
	return all
}

// phoneStatus says how phones come in, and what keeps them out.
type phoneStatus struct {
	Mode     certs.Mode      `json:"mode"`
	Problems []certs.Problem `json:"problems"`
}

func (p *entrance) status() phoneStatus {
	return phoneStatus{Mode: p.keeper.Plan().Mode, Problems: p.problems()}
}

// tellTrouble says in the inbox that phones can't come in, or soon can't.
func (d *Daemon) tellTrouble(trouble *certs.Problem) {
	err := d.db.Update(func(tx *store.Tx) error {
		_, err := tx.Deliver(&store.Message{
			Role: store.Assistant, Status: store.Done, Format: "plain", Title: "Hark's HTTPS certificate",
			Text: trouble.Error() + "\n\nSettings, On your phone, shows more.", Priority: 4,
			Source: store.Source{Kind: "fire", Name: "Hark"},
		})
		return err
	})
	if err != nil && !errors.Is(err, store.ErrClosed) {
		d.log.Error("a problem could not be told", "problem", trouble.Code, "err", err)
	}
}

// proxied reports whether browsers that come by this name do so through a proxy
// that speaks HTTPS with them.
func (d *Daemon) proxied(host string) bool {
	for _, url := range []string{d.cfg.PublicURL, d.phone.proxyURL()} {
		if name, ok := strings.CutPrefix(url, "https://"); ok && bareHost(name) == host {
			return true
		}
	}
	return false
}

// proxyURL is the origin of the proxy in front, or "".
func (p *entrance) proxyURL() string {
	if plan := p.keeper.Plan(); plan.Mode == certs.Proxy {
		return plan.URL
	}
	return ""
}
