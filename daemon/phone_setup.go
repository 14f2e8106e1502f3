package daemon

import (
	"context"
	"net/http"
	"time"

	"hark/daemon/certs"
	"hark/store"
)

// setup is one attempt to come by a certificate. Its fields are guarded by
// entrance.mu; the answer shows a copy.
type setup struct {
	Mode    certs.Mode     `json:"mode"`
	Steps   []string       `json:"steps"` // what was done so far; the last one may still go on
	Done    bool           `json:"done"`
	Problem *certs.Problem `json:"problem,omitempty"` // it ended without success
	Started store.Time     `json:"started"`
}

// phoneInput is what the owner enters. Secrets that are left empty are those of
// before, as long as they go to the same place.
type phoneInput struct {
	Name      string `json:"name"` // what browsers call this machine
	URL       string `json:"url"`
	Addr      string `json:"addr"`
	Email     string `json:"email"`
	Directory string `json:"directory"`
	Challenge string `json:"challenge"`
	DNS       struct {
		Provider  string `json:"provider"`
		Token     string `json:"token"`
		Server    string `json:"server"`
		Key       string `json:"key"`
		Secret    string `json:"secret"`
		Algorithm string `json:"algorithm"`
	} `json:"dns"`
	NewAuthority bool `json:"new_authority"`
}

// setupQuick is how long an answer waits for what is done at once.
const setupQuick = time.Second

// setUpPhone serves POST /api/phone/{mode}. The work goes on when the page is
// closed; GET /api/phone tells how far it is.
func (d *Daemon) setUpPhone(w http.ResponseWriter, r *http.Request, _ caller) error {
	in := phoneInput{}
	if r.ContentLength != 0 {
		if err := readJSON(w, r, &in); err != nil {
			return err
		}
	}
	p := d.phone
	plan := d.planOf(certs.Mode(r.PathValue("mode")), in)
	if err := plan.Check(); err != nil {
		return troubled("invalid", err)
	}
	if p.keeper.Fixed() {
		return fault("conflict", "The way is set by Hark's configuration (tls.mode). Change it there and start Hark again.")
	}
	now := &setup{Mode: plan.Mode, Steps: []string{}, Started: store.At(time.Now())}
	p.mu.Lock()
	if p.setup != nil && !p.setup.Done {
		p.mu.Unlock()
		return fault("conflict", "A set-up is going on already. Wait until it has ended.")
	}
	p.setup = now
	p.mu.Unlock()
	done := make(chan struct{})
	d.background(func(ctx context.Context) {
		defer close(done)
		err := d.runSetup(ctx, plan, in.NewAuthority, now)
		p.mu.Lock()
		defer p.mu.Unlock()
		now.Done, now.Problem = true, certs.ProblemOf(err)
	})
	timer := time.NewTimer(setupQuick)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-r.Context().Done():
	}
	writeJSON(w, http.StatusAccepted, d.phoneAnswer(r.Context()))
	return nil
}

// troubled tells a problem of the certificates as one of the API's.
func troubled(code string, err error) error {
	p := certs.ProblemOf(err)
	return &problem{code: code, detail: p.Error(), extra: map[string]any{"problem": p}}
}

// runSetup opens the port first: a certificate that nobody can be shown is of
// no use. If the certificate then does not come, all is as before.
func (d *Daemon) runSetup(ctx context.Context, plan certs.Plan, anew bool, s *setup) error {
	p := d.phone
	say := func(step string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		s.Steps = append(s.Steps, step)
	}
	before, limited := p.front.address(), ctx
	if needsPort(plan.Mode) {
		addr := d.portFor(plan)
		say("Opening " + addr + " for the phone")
		if err := p.front.listen(ctx, addr); err != nil {
			return err
		}
		plan.Addr = addr
	}
	if anew {
		if err := p.keeper.Forget(); err != nil {
			return err
		}
	}
	if err := p.keeper.Use(limited, plan, say); err != nil {
		d.backTo(ctx, before)
		return err
	}
	if !needsPort(plan.Mode) {
		p.front.close(ctx)
	}
	p.mu.Lock()
	p.closed = nil
	p.mu.Unlock()
	return nil
}

// backTo opens what was open before a set-up that failed.
func (d *Daemon) backTo(ctx context.Context, addr string) {
	if addr == "" {
		d.phone.front.close(ctx)
		return
	}
	d.phone.openPort(ctx, addr)
}

// planOf is the plan that the owner's input makes.
func (d *Daemon) planOf(mode certs.Mode, in phoneInput) certs.Plan {
	plan := certs.Plan{Mode: mode, URL: in.URL, Addr: in.Addr}
	if in.Name != "" {
		plan.Names = []string{in.Name}
	}
	if mode != certs.Domain {
		return plan
	}
	plan.ACME = certs.ACME{
		Email: in.Email, Directory: in.Directory, Challenge: in.Challenge, HTTPPort: d.cfg.TLS.HTTPPort,
		DNS: certs.DNS{
			Provider: in.DNS.Provider, Token: in.DNS.Token, Server: in.DNS.Server, Key: in.DNS.Key,
			Secret: in.DNS.Secret, Algorithm: in.DNS.Algorithm, Command: d.cfg.TLS.DNSExec,
		},
	}
	if plan.ACME.Directory == "" {
		plan.ACME.Directory = d.cfg.TLS.Directory
	}
	old, now := d.phone.keeper.Plan().ACME.DNS, &plan.ACME.DNS
	if old.Provider == now.Provider && old.Server == now.Server {
		if now.Token == "" {
			now.Token = old.Token
		}
		if now.Secret == "" && now.Key == old.Key {
			now.Secret = old.Secret
		}
	}
	return plan
}
