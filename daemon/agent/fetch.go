package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	fetchTime = 20 * time.Second
	fetchSize = 5 << 20
	fetchHops = 5
)

// Fetcher reads web pages for a model, which may have been told by anybody
// which ones. It reaches no address that is not public, by whatever name or
// redirect, within 20 seconds and 5 MB.
type Fetcher struct {
	// Allow are HOST:PORT pairs that may be reached although they are private.
	Allow []string
	// Admit, if set, may admit an address that is not public: ip is what the
	// host of HOST:PORT was found to be.
	Admit func(address string, ip netip.Addr) bool
	// Lookup finds the addresses of a name; nil asks the system.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

// refused are the ranges that are not on the public internet beside those that
// netip knows by name (IANA special-purpose registries).
func refused() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
		"3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// IsPublic reports whether an address is one of the public internet, and not of
// somebody's own network or of none. It is the one rule for every address that a
// stranger can name.
func IsPublic(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() &&
		!slices.ContainsFunc(refused(), func(p netip.Prefix) bool { return p.Contains(ip) })
}

// ErrNotPublic is the answer for an address in somebody's own network.
var ErrNotPublic = errors.New("this address is not on the public internet, so it is not read")

// Dial resolves the host, refuses it if any of its addresses is not public, and
// connects to one that was checked: a name that answers differently the next
// time gains nothing.
func (f *Fetcher) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	if slices.Contains(f.Allow, address) {
		return d.DialContext(ctx, network, address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := f.lookup(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("there is no host %.80q", host)
	}
	for _, ip := range addrs {
		if !IsPublic(ip) && (f.Admit == nil || !f.Admit(address, ip)) {
			return nil, ErrNotPublic
		}
	}
	err = ErrNotPublic
	for _, ip := range addrs {
		var c net.Conn
		if c, err = d.DialContext(ctx, network, net.JoinHostPort(ip.Unmap().String(), port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}

func (f *Fetcher) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	if f.Lookup != nil {
		return f.Lookup(ctx, host)
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// Page returns a page's title and text. The error is for the model.
func (f *Fetcher) Page(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Hostname() == "" || !isWeb(u) {
		return "", errors.New("the address must begin with http:// or https://")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	// No proxy: it would do the looking up, and could not be held to the guard.
	tr := &http.Transport{DialContext: f.Dial, TLSHandshakeTimeout: dialTimeout, MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true}
	client := &http.Client{Transport: tr, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > fetchHops {
			return errors.New("it was sent on too often")
		} else if !isWeb(r.URL) {
			return errors.New("it was sent on to an address that is not of the web")
		}
		return nil
	}}
	u.User = nil
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", errors.New("the address can't be read")
	}
	r.Header.Set("User-Agent", "hark")
	r.Header.Set("Accept", "text/html, text/*;q=0.9, application/json;q=0.8, */*;q=0.1")
	resp, err := client.Do(r)
	if err != nil {
		return "", fetchError(ctx, err)
	}
	defer resp.Body.Close()
	return readPage(ctx, resp)
}

func isWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// fetchError leaves out what of an error is about Go.
func fetchError(ctx context.Context, err error) error {
	var wrapped *url.Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the page did not come within %s", fetchTime)
	case errors.Is(err, ErrNotPublic):
		return ErrNotPublic
	case errors.As(err, &wrapped):
		return fmt.Errorf("the page can't be read: %w", wrapped.Err)
	}
	return err
}

// readPage turns an answer into text.
func readPage(ctx context.Context, resp *http.Response) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, fetchSize+1))
	if err != nil {
		return "", fetchError(ctx, err)
	}
	cut := ""
	if len(raw) > fetchSize {
		end := fetchSize
		for end > fetchSize-utf8.UTFMax && !utf8.RuneStart(raw[end]) {
			end--
		}
		raw, cut = raw[:end], "\n[the page is longer; this is its beginning]"
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind, _, _ = mime.ParseMediaType(http.DetectContentType(raw))
	}
	var text string
	switch {
	case kind == "text/html", kind == "application/xhtml+xml":
		if text, err = PageText(strings.NewReader(decoded(raw))); err != nil {
			return "", err
		}
	case strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "json"), strings.HasSuffix(kind, "xml"):
		text = decoded(raw)
	default:
		return "", fmt.Errorf("this is %s, not a page of text", kind)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return "", fmt.Errorf("the server answered %s: %s", resp.Status, clip(strings.Join(strings.Fields(text), " "), maxQuote))
	}
	return strings.TrimSpace(text) + cut, nil
}

// decoded reads bytes as UTF-8, or else as Latin-1, which old pages are mostly
// in.
func decoded(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return string(runes)
}
