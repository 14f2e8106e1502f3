package certs

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"
)

const (
	lookEvery  = time.Minute // at this machine's names and addresses, for Local
	askEvery   = time.Hour   // others, whether there is something newer
	firstRetry = time.Minute
	obtainTime = 10 * time.Minute
)

// Run obtains the certificate of the plan and renews it, until ctx is done. It
// is to be called once.
func (k *Keeper) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.wake: // another plan: its rhythm counts from now on
		case <-timer.C:
			k.renew(ctx)
		}
		timer.Reset(k.held.Load().pause())
	}
}

// pause is how long to wait before looking again.
func (h *held) pause() time.Duration {
	every := askEvery
	if h.plan.Mode == Local {
		every = lookEvery
	}
	if h.tries > 0 {
		return min(firstRetry<<min(h.tries-1, 10), askEvery)
	}
	if h.cert != nil {
		// Never sooner than a minute: who gives out certificates that are due at
		// once is not asked all the time.
		every = min(every, max(time.Until(renewal(h.cert.Leaf)), firstRetry))
	}
	return every
}

// renew looks after the certificate once.
func (k *Keeper) renew(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.held.Load()
	if old.plan.Mode == Off || old.plan.Mode == Proxy {
		return
	}
	limited, cancel := context.WithTimeout(ctx, obtainTime)
	defer cancel()
	plan := old.plan
	cert, err := k.obtain(limited, &plan, func(string) {})
	if err != nil {
		if ctx.Err() == nil {
			k.fail(old, cert, err)
		}
		return
	}
	if old.problem != nil || old.cert == nil || !old.cert.Leaf.Equal(cert.Leaf) {
		k.cfg.Log.Info("certificate in use", "names", cert.Leaf.DNSNames, "until", cert.Leaf.NotAfter)
	}
	k.held.Store(&held{plan: plan, cert: cert})
}

// fail notes that a look did not go well. The certificate of before is served
// on: an expired one at least tells browsers why.
func (k *Keeper) fail(old *held, last *tls.Certificate, err error) {
	now := &held{plan: old.plan, cert: old.cert, tries: old.tries + 1, problem: ProblemOf(err)}
	if now.cert == nil {
		now.cert = last
	}
	if now.cert != nil {
		p := *now.problem
		until := now.cert.Leaf.NotAfter
		if left := time.Until(until); left > 0 {
			p.Say = fmt.Sprintf("The certificate was not renewed; the one in use is good for %s. %s", days(left), p.Say)
		} else {
			p.Say = "The certificate has expired and was not renewed: phones can't connect. " + p.Say
		}
		now.problem = &p
	}
	k.cfg.Log.Warn("no new certificate", "mode", old.plan.Mode, "err", err)
	now.told = old.told
	if k.cfg.Trouble != nil && pressing(now.cert) && now.told != now.problem.Code {
		now.told = now.problem.Code
		k.cfg.Trouble(now.problem)
	}
	k.held.Store(now)
}

// pressing reports whether there is not much time left: renewal begins with a
// third of the life still to go, and what fails then mostly mends itself.
func pressing(cert *tls.Certificate) bool {
	if cert == nil {
		return true
	}
	leaf := cert.Leaf
	return time.Until(leaf.NotAfter) < leaf.NotAfter.Sub(leaf.NotBefore)/6
}

func days(d time.Duration) string {
	if n := int(d.Hours() / 24); n > 1 {
		return fmt.Sprintf("%d more days", n)
	}
	return fmt.Sprintf("%d more hours", int(d.Hours()))
}

// Prepare obtains what no other machine has to be asked for: the local
// authority's certificate. It is called before Run, so that the names are known.
func (k *Keeper) Prepare(ctx context.Context) {
	if k.held.Load().plan.Mode == Local {
		k.renew(ctx)
	}
}
