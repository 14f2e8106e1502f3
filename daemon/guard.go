package daemon

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

// contentPolicy lets the page run its own scripts and nothing else. Trusted
// Types forbid strings as HTML but for the framework's own templates.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"object-src 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html hark"

// response notes what was answered, for the log. http.ResponseController finds
// the connection through Unwrap.
type response struct {
	http.ResponseWriter
	status int
	waits  bool // for news, by design
	logged bool // what went wrong
}

func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// waits marks an answer that takes as long as there is no news.
func waits(w http.ResponseWriter) {
	if rw, ok := w.(*response); ok {
		rw.waits = true
	}
}

// logged marks an answer about which the log says what went wrong.
func logged(w http.ResponseWriter) {
	if rw, ok := w.(*response); ok {
		rw.logged = true
	}
}

// guard lets in what may come in at all: under a name of ours, not from another
// site's page, not while we are ending. Its log names the route and never what
// a secret could be in (headers, query).
func (d *Daemon) guard(next http.Handler) http.Handler {
	var origin http.CrossOriginProtection
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &response{ResponseWriter: rw}
		peer := peerOf(r.RemoteAddr)
		r = d.named(w.Header(), d.proxies.unwrap(r), peer)
		begun := time.Now()
		defer func() {
			if p := recover(); p != nil { // one faulty handler must not look like a dead network
				d.panicked(w, r, p)
			}
			d.logAnswer(w, r, time.Since(begun))
		}()
		secure(w.Header())
		switch {
		case !d.knownHost(r):
			d.fail(w, r, fault("wrong_host", "Hark does not answer to the name %.100q. If it is yours, start with --host NAME or set HARK_HOSTS.", r.Host))
		case origin.Check(r) != nil:
			d.fail(w, r, fault("cross_site", "This request came from a page of another site. Open Hark itself, or use a token from a program."))
		case d.draining.Load() && r.URL.Path != "/healthz" && r.URL.Path != "/readyz":
			d.fail(w, r, &problem{code: "unavailable", detail: "Hark is stopping. Try again in a moment.", wait: stopWait})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// panicked logs what a handler died of, and answers if that can still be done.
func (d *Daemon) panicked(w *response, r *http.Request, p any) {
	err := fmt.Errorf("handler panicked: %v", p)
	d.log.ErrorContext(r.Context(), "panic", "method", r.Method, "route", r.Pattern, "err", err, "stack", string(debug.Stack()))
	logged(w)
	if w.status == 0 {
		d.fail(w, r, err)
	}
}

// logAnswer counts a request, and logs it: as one line when all debugging is
// logged, or when Hark owed an answer and the log has not yet said why.
func (d *Daemon) logAnswer(w *response, r *http.Request, took time.Duration) {
	d.asked.count(r, w.status, took, w.waits)
	level := slog.LevelDebug
	if w.status >= http.StatusInternalServerError && !w.logged {
		level = slog.LevelError
	}
	d.log.Log(r.Context(), level, "request", "method", r.Method, "path", loggedPath(r), "status", w.status, "took", took)
}

// loggedPath is the path without the secret that opens a calendar.
func loggedPath(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, calendarPath) {
		return calendarPath + "…"
	}
	return r.URL.Path
}

func secure(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	// A browser looks up the names in links before anybody presses one, and a name
	// in a reply may hold what somebody wants to hear.
	h.Set("X-DNS-Prefetch-Control", "off")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}

// allowedHosts are the names under which Hark may be called. A page of another
// site can point its own name at this machine (DNS rebinding); it then sends
// that name, and is refused.
func allowedHosts(cfg Config) map[string]bool {
	hosts := map[string]bool{"localhost": true}
	for _, h := range cfg.Hosts {
		hosts[bareHost(h)] = true
	}
	if u, err := url.Parse(cfg.PublicURL); err == nil && u.Host != "" {
		hosts[bareHost(u.Host)] = true
	}
	hosts[bareHost(cfg.Addr)] = true
	for _, wildcard := range []string{"", "0.0.0.0", "::"} {
		delete(hosts, wildcard)
	}
	return hosts
}

// knownHost also admits loopback addresses and the very address that the
// connection came in on: no name had to be resolved for them.
func (d *Daemon) knownHost(r *http.Request) bool {
	host := bareHost(r.Host)
	if d.hosts[host] || d.phone.goesBy(host) {
		return true
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ip.IsLoopback() || (ok && local.IP.Equal(ip))
}

// bareHost is a Host header without port, brackets and final dot.
func bareHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
