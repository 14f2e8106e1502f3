package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a [Keeper] needs. Dir is required.
type Config struct {
	Dir string       // everything is kept here; made if need be
	Log *slog.Logger // nil is silence
	// Fixed is a plan that Use may not change, because the configuration says it.
	// Nil: the plan is what was last chosen.
	Fixed *Plan
	// Trouble is told of each kind of problem once, when there is no certificate
	// or the one in use has less than a sixth of its life left. It may be nil.
	Trouble func(*Problem)
	// Socket is where tailscaled listens. Empty: where the system has it.
	Socket string

	roots    *x509.CertPool // whom an ACME directory is believed by; nil: the system's
	resolver string         // HOST:PORT that is asked about a domain; empty: the system's
	machine  func() machine // nil: look at this machine
}

// Keeper has the right certificate. Make one with [New], have it work with
// [Keeper.Run].
type Keeper struct {
	cfg   Config
	held  atomic.Pointer[held]
	hello atomic.Pointer[answerer] // who answers a running tls-alpn-01 challenge
	wake  chan struct{}
	mu    sync.Mutex // held while a certificate is had: one at a time
}

// held is a plan and what came of it. It is replaced, never changed.
type held struct {
	plan    Plan
	cert    *tls.Certificate // nil: none yet, or none needed
	problem *Problem
	tries   int    // failures in a row
	told    string // code of the problem that Trouble was told of
}

// answerer gives the certificate of a running tls-alpn-01 challenge.
type answerer func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// State is how things are.
type State struct {
	Mode        Mode
	Certificate *Certificate // nil: none
	Problem     *Problem     // nil: all is well
}

// Certificate says what browsers are shown.
type Certificate struct {
	Names     []string  // DNS names and addresses it is good for
	Issuer    string    // common name or organisation
	NotBefore time.Time // UTC, as the next two
	NotAfter  time.Time
	Renews    time.Time // when renewal begins
}

// New returns a keeper of the plan that was last chosen. If that can't be read,
// the keeper is off and says so in its state.
func New(cfg Config) *Keeper {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.machine == nil {
		cfg.machine = thisMachine
	}
	k := &Keeper{cfg: cfg, wake: make(chan struct{}, 1)}
	h := &held{}
	var err error
	if cfg.Fixed != nil {
		h.plan = *cfg.Fixed
		err = h.plan.Check()
	} else {
		h.plan, err = loadPlan(cfg.Dir)
	}
	if err != nil {
		h.plan.Mode, h.problem = Off, ProblemOf(err)
	}
	k.held.Store(h)
	return k
}

// Plan is what is in force, secrets included.
func (k *Keeper) Plan() Plan { return k.held.Load().plan }

// Fixed reports whether the plan is the configuration's.
func (k *Keeper) Fixed() bool { return k.cfg.Fixed != nil }

// State tells how things are now.
func (k *Keeper) State() State {
	h := k.held.Load()
	s := State{Mode: h.plan.Mode, Problem: h.problem}
	if h.cert != nil {
		s.Certificate = describe(h.cert.Leaf)
	}
	if s.Problem == nil && s.Mode == Local {
		s.Problem = moved(h.plan.Names, k.cfg.machine())
	}
	return s
}

func describe(leaf *x509.Certificate) *Certificate {
	c := &Certificate{
		Names: append([]string{}, leaf.DNSNames...), Issuer: leaf.Issuer.CommonName,
		NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(), Renews: renewal(leaf).UTC(),
	}
	for _, ip := range leaf.IPAddresses {
		c.Names = append(c.Names, ip.String())
	}
	if len(leaf.Issuer.Organization) > 0 {
		c.Issuer = leaf.Issuer.Organization[0]
	}
	return c
}

// renewal is when two thirds of a certificate's life are over.
func renewal(leaf *x509.Certificate) time.Time {
	return leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) * 2 / 3)
}

// TLS is a configuration for a server with HTTP/2 that always has the newest
// certificate. While there is none, handshakes fail.
func (k *Keeper) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1", alpnProto},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == alpnProto {
				if answer := k.hello.Load(); answer != nil {
					return (*answer)(hello)
				}
			}
			if cert := k.held.Load().cert; cert != nil {
				return cert, nil
			}
			return nil, errors.New("there is no certificate yet")
		},
	}
}

// alpnProto is what a tls-alpn-01 validation asks for (RFC 8737 §6.2).
const alpnProto = "acme-tls/1"

// Use obtains a certificate for a plan and then keeps to it. What it does is
// told to say, a sentence at a time. If it fails, all stays as it was.
func (k *Keeper) Use(ctx context.Context, p Plan, say func(string)) error {
	if k.Fixed() {
		return problem("fixed", "Change it in hark.toml, the environment or the flags, and start Hark again.", "The way to a certificate is set by Hark's configuration.")
	}
	if err := p.Check(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	cert, err := k.obtain(ctx, &p, say)
	if err != nil {
		return err
	}
	if err := savePlan(k.cfg.Dir, p); err != nil {
		return err
	}
	k.held.Store(&held{plan: p, cert: cert})
	select {
	case k.wake <- struct{}{}:
	default:
	}
	return nil
}

// obtain returns a certificate for p that is good for a while: the one on disk
// if it is, else a new one. It fills in the names that p leaves open. With an
// error may come the certificate of before.
func (k *Keeper) obtain(ctx context.Context, p *Plan, say func(string)) (*tls.Certificate, error) {
	switch p.Mode {
	case Tailscale:
		return k.fromTailscale(ctx, p, say)
	case Domain:
		return k.fromACME(ctx, p, say)
	case Local:
		return k.fromLocal(p, say)
	default:
		return nil, nil
	}
}
