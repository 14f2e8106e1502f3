package watch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrPrivate is what [Config.Dial] returns for an address that it does not reach.
var ErrPrivate = errors.New("the address is in a private network, or on this machine")

// noAnswer says in words why a server could not be reached.
func noAnswer(server string, err error) error {
	p := &problem{err: err}
	var name *net.DNSError
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.Is(err, ErrPrivate):
		p.say, p.cure = ErrPrivate.Error(), "One in your own network is reached under the very host and port that you name: name "+server+" only if it is meant."
	case errors.As(err, &name) || strings.Contains(err.Error(), "there is no host"):
		p.say, p.cure = "there is no host "+hostOf(server), "Check the address, and whether this machine is online."
	case errors.As(err, &unknown):
		p.say = "the certificate of " + hostOf(server) + " is signed by an authority that this machine does not trust"
		p.cure = "If the server is your own, have this machine trust its authority, or name the file of its certificate in SSL_CERT_FILE, and start Hark anew. If not, somebody may have put themselves in between."
	case errors.As(err, &host):
		p.say, p.cure = "the certificate of "+hostOf(server)+" is not for this name", "Name the server as its certificate does"+certified(host.Certificate)+"."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		p.say, p.cure = "the certificate of "+hostOf(server)+" has expired, or is not valid yet", "Whoever runs the server has to renew it. Check also the clock of this machine."
	case errors.As(err, &invalid):
		p.say, p.cure = "the certificate of "+hostOf(server)+" is not valid", "Whoever runs the server has to give it one for servers."
	case errors.As(err, &record):
		p.say, p.cure = server+" does not speak TLS", "Check the port and the kind of security."
	case errors.Is(err, syscall.ECONNREFUSED):
		p.say, p.cure = "nothing answers at "+server, "Check the port, and whether the server runs."
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		p.say, p.cure = "no answer came in time", "Hark tries again by itself. If this stays, check whether the server can be reached from this machine."
	default:
		var asked *url.Error
		if errors.As(err, &asked) {
			err = asked.Err
		}
		p.say, p.cure = fmt.Sprintf("the connection to %s failed: %.200s", server, err), "Hark tries again by itself."
	}
	return p
}

// certified lists the names of a certificate, for people.
func certified(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(": %.200s", strings.Join(names, ", "))
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

func hostOf(server string) string {
	if host, _, err := net.SplitHostPort(server); err == nil {
		return host
	}
	return server
}

// refused says what a status other than 200 means.
func refused(resp *http.Response) error {
	p := &problem{say: "the server answers " + strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))}
	p.wait = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		p.cure = "It wants to know who asks: put name and password into the address (https://name:password@…), or the key that it gave you."
	case code == http.StatusNotFound:
		p.cure = "The feed is not there any more. Look for its new address on the site."
	case code == http.StatusGone:
		p.cure, p.wait = "The feed was given up by its publisher. Delete it here.", 24*time.Hour
	case code == http.StatusTooManyRequests:
		p.cure = "It is asked too often. Hark waits longer now; look less often."
	case code >= http.StatusInternalServerError:
		p.cure = "The server has a fault. Hark tries again by itself."
	default:
		p.cure = "Check the address in a browser."
	}
	return p
}

// alternate finds the feeds that a page names (HTML §4.6.7.1).
var alternate = regexp.MustCompile(`(?i)<link\b[^>]*\btype\s*=\s*["']?application/(?:rss\+xml|atom\+xml|feed\+json)\b[^>]*>`)

var hrefOf = regexp.MustCompile(`(?i)\bhref\s*=\s*["']?([^"'\s>]+)`)

// notFeed says what came in place of a feed.
func notFeed(got *page, address string, err error) error {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	p = &problem{say: "this is no RSS, Atom or JSON feed", cure: "Look on the site for the address of its feed.", err: err}
	head := got.body[:min(len(got.body), 64<<10)]
	base, baseErr := url.Parse(address)
	if m := hrefOf.FindSubmatch(alternate.Find(head)); m != nil && baseErr == nil {
		if u, err := base.Parse(strings.ReplaceAll(string(m[1]), "&amp;", "&")); err == nil {
			p.say, p.cure = "this is a web page, not its feed", fmt.Sprintf("Its feed is at %.500s – set that address.", u.Redacted())
		}
	}
	return p
}
