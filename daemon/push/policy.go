package push

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	maxEndpoint = 2048
	httpsPort   = "443"
	dialTime    = 5 * time.Second
	answerTime  = 15 * time.Second // for a whole request
	headerBytes = 16 << 10
)

// policy says which addresses pushes may be sent to.
type policy struct {
	admitted map[string]string // HOST:PORT, or HOST alone → what to dial instead, or itself
	public   func(netip.Addr) bool
	lookup   func(ctx context.Context, host string) ([]netip.Addr, error)
}

// newPolicy reads Config.Allow.
func newPolicy(allow []string, public func(netip.Addr) bool) (*policy, error) {
	p := &policy{admitted: map[string]string{}, public: public, lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}}
	for _, entry := range allow {
		name, to, mapped := strings.Cut(strings.ToLower(strings.TrimSpace(entry)), "=")
		if !mapped {
			to = name
		}
		host, port, err := net.SplitHostPort(to)
		if err != nil || host == "" || port == "" || name == "" {
			return nil, fmt.Errorf("push services that are allowed: write %.80q as HOST:PORT, or as HOST=ADDRESS:PORT", entry)
		}
		p.admitted[name] = to
	}
	return p, nil
}

// to returns what to dial for an address that the owner has admitted.
func (p *policy) to(host, port string) (string, bool) {
	host = strings.ToLower(host)
	if to, ok := p.admitted[net.JoinHostPort(host, port)]; ok {
		return to, true
	}
	to, ok := p.admitted[host]
	return to, ok
}

// errors of check, for people.
var (
	errEndpoint  = errors.New("the endpoint is not an https address of a push service")
	errNotPublic = errors.New("the push service's address is not on the public internet; if it is your own, name it in HARK_PUSH_ALLOW")
	errPort      = errors.New("the push service is not on port 443; if it is your own, name it in HARK_PUSH_ALLOW")
)

// check judges an endpoint by what is written in it.
func (p *policy) check(endpoint string) error {
	if len(endpoint) > maxEndpoint {
		return errEndpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return errEndpoint
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": httpsPort, "http": "80"}[u.Scheme]
	}
	if _, ok := p.to(u.Hostname(), port); ok && (u.Scheme == "https" || u.Scheme == "http") {
		return nil
	}
	switch {
	case u.Scheme != "https":
		return errEndpoint
	case port != httpsPort:
		return errPort
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !p.public(ip) {
		return errNotPublic
	}
	return nil
}

// dial resolves the host, refuses it if any of its addresses is not public, and
// connects to one that was checked: a name that answers differently the next
// time gains nothing.
func (p *policy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTime}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if to, ok := p.to(host, port); ok {
		return d.DialContext(ctx, network, to)
	}
	if port != httpsPort {
		return nil, errPort
	}
	addrs := []netip.Addr{}
	if ip, err := netip.ParseAddr(host); err == nil {
		addrs = append(addrs, ip)
	} else if addrs, err = p.lookup(ctx, host); err != nil {
		return nil, fmt.Errorf("the push service %.80q can't be found: %w", host, err)
	}
	for _, ip := range addrs {
		if !p.public(ip) {
			return nil, errNotPublic
		}
	}
	err = errNotPublic
	for _, ip := range addrs {
		var c net.Conn
		if c, err = d.DialContext(ctx, network, net.JoinHostPort(ip.Unmap().String(), port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// client is an http.Client that goes nowhere else.
func (p *policy) client() *http.Client {
	return &http.Client{
		Timeout: answerTime,
		// A redirect would carry the body and our signature to a third party.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		// No proxy: it would do the looking up, and could not be held to the policy.
		Transport: &http.Transport{
			DialContext: p.dial, TLSHandshakeTimeout: dialTime, ForceAttemptHTTP2: true,
			MaxConnsPerHost: hostAtOnce, MaxIdleConnsPerHost: hostAtOnce, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: headerBytes,
		},
	}
}
