package push

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

const (
	probeTime = 12 * time.Second
	// skewNoted is from when on the clock is said to be wrong. Push services
	// refuse the signature of a clock that is off by hours; a reminder is late
	// by as much as the clock is.
	skewNoted = 2 * time.Minute
)

// Check is one link of the way to a phone: whether it holds, in a sentence, and
// what to do about it if not.
type Check struct {
	Name string `json:"name"` // stable, for programs
	OK   bool   `json:"ok"`
	Say  string `json:"say"`
	Cure string `json:"cure,omitempty"`
}

func holds(name, format string, a ...any) Check {
	return Check{Name: name, OK: true, Say: fmt.Sprintf(format, a...)}
}

func fails(name, cure, format string, a ...any) Check {
	return Check{Name: name, Say: fmt.Sprintf(format, a...), Cure: cure}
}

// probe walks the way to the push service of an endpoint: name, connection, TLS,
// and the clock by the service's own. client has the policy that pushes are
// sent with, and no line open yet. It ends at the first link that does not hold.
func probe(ctx context.Context, client *http.Client, endpoint string) []Check {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return []Check{fails("dns", "Switch notifications off and on again on the device.", "The address of the push service can't be read.")}
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	w := &walk{host: u.Hostname(), plain: u.Scheme == "http"}
	where := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, w.trace()), http.MethodHead, where.String(), nil)
	if err != nil {
		return []Check{fails("dns", "Switch notifications off and on again on the device.", "The address of the push service can't be read.")}
	}
	resp, err := client.Do(r)
	if err != nil {
		return w.told(err)
	}
	defer resp.Body.Close()
	return append(w.told(nil), clock(resp.Header.Get("Date"), time.Now()))
}

// walk notes how far a request has come. A connection is tried to several
// addresses at once, so its notes come from several goroutines.
type walk struct {
	host  string
	plain bool // no TLS is due

	mu        sync.Mutex
	addrs     []net.IPAddr
	resolved  bool
	connected string
	tls       bool
}

func (w *walk) trace() *httptrace.ClientTrace {
	note := func(fn func()) {
		w.mu.Lock()
		defer w.mu.Unlock()
		fn()
	}
	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			note(func() { w.addrs, w.resolved = i.Addrs, i.Err == nil })
		},
		ConnectDone: func(_, addr string, err error) {
			if err == nil {
				note(func() { w.connected = addr })
			}
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { note(func() { w.tls = err == nil }) },
	}
}

// told makes the lines up to the one that err broke; a nil err broke none.
func (w *walk) told(err error) []Check {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Check
	_, notName := netip.ParseAddr(w.host)
	switch {
	case notName == nil:
	case w.resolved || w.connected != "" || err == nil:
		out = append(out, holds("dns", "The name %s is found.", w.host))
	default:
		return append(out, nameCheck(w.host, err))
	}
	if w.connected == "" && err != nil {
		return append(out, connectionCheck(w.host, err))
	}
	out = append(out, holds("tcp", "%s can be reached.", w.host))
	switch {
	case w.plain && err == nil:
		return append(out, holds("tls", "The line to %s is not encrypted; you have allowed that.", w.host))
	case w.tls || err == nil:
		return append(out, holds("tls", "The line to %s is encrypted, and its certificate is good.", w.host))
	case isTLS(err):
		return append(out, certificateCheck(w.host, err))
	}
	return append(out, fails("answer", "Wait a little; if it stays so, look whether a firewall or a proxy reads what goes to this host.",
		"%s takes the connection, but gives no good answer: %s.", w.host, innermost(err)))
}

func nameCheck(host string, err error) Check {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fails("dns", "Look whether an ad blocker or a filter in the network (Pi-hole, the router) blocks this name, and allow it.",
			"The name server says that there is no %s.", host)
	case errors.As(err, &dns):
		return fails("dns", "Check this machine's network and its name server (on Linux: resolvectl status).",
			"The name server does not answer when asked for %s.", host)
	}
	return fails("dns", "Check this machine's network and its name server.", "The name %s is not found: %s.", host, innermost(err))
}

func connectionCheck(host string, err error) Check {
	if errors.Is(err, errNotPublic) {
		return fails("tcp", "Look who answers for this name in your network; if the push service is your own, name it in HARK_PUSH_ALLOW.",
			"The name %s leads to an address that is not on the public internet, so nothing is sent there.", host)
	}
	return fails("tcp", "Let this machine reach the internet: a firewall must let connections out to port 443.",
		"%s can't be reached: %s.", host, innermost(err))
}

func isTLS(err error) bool {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &authority) || errors.As(err, &invalid) || errors.As(err, &name) || errors.As(err, &verify) || errors.As(err, &record)
}

func certificateCheck(host string, err error) Check {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return fails("tls", "Set this machine's clock; if it is right, somebody else answers for this host.",
			"The certificate of %s is not valid at this machine's time.", host)
	}
	return fails("tls", "Bring this machine's certificates up to date (on Linux: the package ca-certificates). If they are, something in the network reads along: a proxy or a virus scanner.",
		"The certificate of %s is not trusted: %s.", host, innermost(err))
}

// clock compares this machine's clock with what a push service says.
func clock(date string, now time.Time) Check {
	at, err := http.ParseTime(date)
	if err != nil {
		return holds("clock", "The push service does not say what time it is.")
	}
	off := now.Sub(at).Round(time.Second)
	if off.Abs() <= skewNoted {
		return holds("clock", "This machine's clock is right.")
	}
	way := "fast"
	if off < 0 {
		way = "slow"
	}
	return fails("clock", "Switch on the setting of the time by network (on Linux: timedatectl set-ntp true).",
		"This machine's clock is %s by %s. Push services refuse what is signed at the wrong time.", way, off.Abs())
}

// innermost is the reason, without addresses and what the client did.
func innermost(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "no answer in time"
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}
