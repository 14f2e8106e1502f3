package daemon

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the addresses whose X-Forwarded-* headers are believed. Anybody
// can write such a header; only a proxy that was named is known to overwrite
// what its callers wrote.
type proxies []netip.Prefix

// parseProxies reads addresses and CIDR ranges, such as 192.168.1.2 and
// 10.0.0.0/24.
func parseProxies(list []string) (proxies, error) {
	var out proxies
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if ip, e := netip.ParseAddr(text); e == nil {
			ip = ip.Unmap().WithZone("")
			p, err = ip.Prefix(ip.BitLen())
		}
		if err != nil {
			return nil, errors.New("trusted proxy " + text + " is not an address or a range, such as 127.0.0.1 or 10.0.0.0/24")
		}
		if p.Bits() == 0 {
			return nil, errors.New("trusted proxy " + text + " is everybody: name the address of the proxy itself")
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (ps proxies) trust(ip netip.Addr) bool {
	return slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// forwardedTLS marks a request that reached a trusted proxy by TLS.
type forwardedTLS struct{}

// forwarded marks a request that says it was handed on, true or not.
type forwarded struct{}

// wasForwarded reports whether a request says that somebody handed it on.
func wasForwarded(r *http.Request) bool {
	return r.Context().Value(forwarded{}) != nil || r.Header.Get("Forwarded") != "" || r.Header.Get("Via") != ""
}

// unwrap returns the request as the browser made it: where a trusted proxy
// handed it on, RemoteAddr, Host and scheme are those that the proxy was called
// with. From here on nobody need look at X-Forwarded-* again, and nobody can:
// the headers are gone, also those that a stranger sent.
func (ps proxies) unwrap(r *http.Request) *http.Request {
	const forHeader, hostHeader, protoHeader = "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"
	chain, host, proto := r.Header.Values(forHeader), lastOf(r.Header.Values(hostHeader)), lastOf(r.Header.Values(protoHeader))
	if len(chain) == 0 && host == "" && proto == "" {
		return r
	}
	trusted := ps.trust(peerOf(r.RemoteAddr))
	ctx := context.WithValue(r.Context(), forwarded{}, true)
	if trusted && strings.EqualFold(proto, "https") {
		ctx = context.WithValue(ctx, forwardedTLS{}, true)
	}
	r = r.WithContext(ctx)
	r.Header = r.Header.Clone()
	for _, name := range []string{forHeader, hostHeader, protoHeader} {
		r.Header.Del(name)
	}
	if !trusted {
		return r
	}
	if host != "" {
		r.Host = host // and it must be a name of ours, as any other
	}
	if ip := ps.client(chain); ip.IsValid() {
		r.RemoteAddr = net.JoinHostPort(ip.String(), "0")
	}
	return r
}

// client walks the addresses from the nearest to the farthest: the first one
// that is no proxy of ours is who called. What stands before it is hearsay.
func (ps proxies) client(chain []string) (ip netip.Addr) {
	hops := strings.Split(strings.Join(chain, ","), ",")
	for _, hop := range slices.Backward(hops) {
		next := peerOf(strings.TrimSpace(hop))
		if !next.IsValid() {
			return ip
		}
		if ip = next; !ps.trust(ip) {
			return ip
		}
	}
	return ip
}

// peerOf reads an address with or without a port.
func peerOf(text string) netip.Addr {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap().WithZone("")
}

// lastOf is the last element of a header that is a list: what the nearest proxy
// said.
func lastOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

// byTLS reports whether the browser's own connection is encrypted, be it to us
// or to a trusted proxy.
func byTLS(r *http.Request) bool {
	return r.TLS != nil || r.Context().Value(forwardedTLS{}) != nil
}
