package daemon

import (
	"net/http"
	"slices"
	"strings"
)

// Other notification servers' clients can't be given a path: they call the root
// of an address. So the root speaks their dialects too, beside the app: what they
// send is POST or PUT, and what the app is, is GET; the few paths that both could
// mean end in a word no address of the app has.
//
// A dialect decodes into a fireInput, hands that to [Daemon.deliver] as every fire
// is, and answers as its senders expect: exactly 200, and errors in its own form.
// Cookies never count here.

// dialect is how one kind of foreign client is served.
type dialect struct {
	may   access
	keys  func(*http.Request) []string // the secrets that a request may hold, in the order they count
	serve func(w http.ResponseWriter, r *http.Request, who guest) error
	shape func(status int, p *problem) any // of an error
}

// guest is a caller who was let in by one of several secrets.
type guest struct {
	caller
	secret string // the one that was right
}

// root serves every path that is not ours otherwise.
func (d *Daemon) root() http.Handler {
	app := d.methods(map[string]route{"GET": {serve: d.web}})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rt, ok := d.dialectOf(r)
		if !ok {
			app.ServeHTTP(w, r)
			return
		}
		if err := d.host(rt, w, r); err != nil {
			d.failAs(w, r, err, func(status int, p *problem) (string, any) { return "application/json", rt.shape(status, p) })
		}
	})
}

// host lets the caller in and serves.
func (d *Daemon) host(rt dialect, w http.ResponseWriter, r *http.Request) error {
	who := guest{}
	if rt.may != anyone {
		var err error
		if who, err = d.welcome(r, rt); err != nil {
			if problemOf(err).code == "unauthorized" {
				// Programs that were given a name and a password may send them only when asked.
				w.Header().Add("WWW-Authenticate", `Basic realm="hark", charset="UTF-8"`)
			}
			return err
		}
	}
	return rt.serve(w, r, who)
}

// dialectOf finds who speaks like this.
func (d *Daemon) dialectOf(r *http.Request) (dialect, bool) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	first, last := parts[0], parts[len(parts)-1]
	send := r.Method == http.MethodPost || r.Method == http.MethodPut
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case first == "v1":
		return d.ntfyAccount(r, strings.Join(parts[1:], "/"))
	case len(parts) == 1 && r.Method == http.MethodPost && first == "message":
		return dialect{mayFire, gotifyKeys, d.gotifyMessage, gotifyError}, true
	case len(parts) == 1 && read && (first == "version" || first == "health"):
		return dialect{anyone, nil, d.gotifyAbout, gotifyError}, true
	case slices.Contains(reservedTopics, first):
		return dialect{}, false
	case send && len(parts) <= 2:
		return dialect{mayFire, ntfyKeys, d.ntfyPublish, ntfyError}, true
	case len(parts) != 2 || !read:
		return dialect{}, false
	case r.Method == http.MethodGet && slices.Contains([]string{"publish", "send", "trigger"}, last):
		return dialect{mayFire, ntfyKeys, d.ntfyPublish, ntfyError}, true
	case slices.Contains([]string{"json", "sse", "ws", "raw"}, last):
		return dialect{mayRead, ntfyKeys, d.ntfySubscribe, ntfyError}, true
	case last == "auth":
		return dialect{mayRead, ntfyKeys, d.ntfyAuth, ntfyError}, true
	}
	return dialect{}, false
}

// reservedTopics are first words of paths that mean something else here, or may.
var reservedTopics = []string{"api", "app", "assets", "cal", "healthz", "mcp", "metrics", "readyz", "static", "v1"}

// say delivers what a sender of another dialect says. A text that is too long is
// cut, and says so: such senders look at no warning.
func (d *Daemon) say(in *fireInput, r *http.Request, who guest) (firing, error) {
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		in.Key = key
	}
	if most := d.cfg.Limits.FireText; len(in.Text) > most {
		in.cutTo(most)
	}
	return d.deliver(in, who.caller)
}
