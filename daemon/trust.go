package daemon

import (
	"embed"
	"errors"
	"html"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"

	"hark/daemon/certs"
)

// trustFiles are the page that a phone opens before it trusts us. It comes by
// plain HTTP, so it holds nothing that is secret, and needs no app.
//
//go:embed trust
var trustFiles embed.FS

// trustRoutes are served without TLS too.
func (d *Daemon) trustRoutes() []route {
	return []route{
		{"GET", "/trust", anyone, d.trustPage},
		{"GET", "/trust/hark.crt", anyone, d.trustRoot},
		{"GET", "/trust/hark.mobileconfig", anyone, d.trustProfile},
		{"GET", "/trust/{file}", anyone, d.trustFile},
	}
}

// trustPage says how this device comes to trust the local authority, and sees
// whether it does.
func (d *Daemon) trustPage(w http.ResponseWriter, _ *http.Request, _ caller) error {
	origin, name := d.base(), "none.html"
	var root []byte
	switch p := d.phone; {
	case p.keeper.Plan().Mode == certs.Local:
		var err error
		if root, err = p.keeper.Root(); err != nil {
			return err
		}
		name = "local.html"
	case strings.HasPrefix(origin, "https://"):
		name = "public.html"
	}
	head, err := trustFiles.ReadFile("trust/head.html")
	if err != nil {
		return err
	}
	page, err := trustFiles.ReadFile("trust/" + name)
	if err != nil {
		return err
	}
	page = append(head, page...)
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' "+origin+
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(filled(page, map[string]string{"origin": origin, "root": d.fingerprint(), "name": authorityName(root)}))
	return nil
}

// filled puts drawings and values where a page has [[screen …]], [[window …]]
// or [[name]].
// It is no template: html/template would double what the linker keeps.
func filled(page []byte, values map[string]string) []byte {
	return regexp.MustCompile(`\[\[[^\]]+\]\]`).ReplaceAllFunc(page, func(found []byte) []byte {
		word := string(found[2 : len(found)-2])
		if kind, rows, ok := strings.Cut(word, " "); ok {
			title, rest, _ := strings.Cut(rows, "|")
			return []byte(screen(kind == "window", title, strings.Split(rest, "|")...))
		}
		return []byte(html.EscapeString(values[word]))
	})
}

// trustRoot gives the root as most systems take it.
func (d *Daemon) trustRoot(w http.ResponseWriter, _ *http.Request, _ caller) error {
	return d.giveRoot(w, "hark.crt", "application/x-x509-ca-cert", func(root []byte) []byte { return root })
}

// trustProfile gives the root as iPhones take it.
func (d *Daemon) trustProfile(w http.ResponseWriter, _ *http.Request, _ caller) error {
	return d.giveRoot(w, "hark.mobileconfig", "application/x-apple-aspen-config", func(root []byte) []byte {
		return certs.Profile(root, authorityName(root))
	})
}

func (d *Daemon) giveRoot(w http.ResponseWriter, name, kind string, as func([]byte) []byte) error {
	root, err := d.phone.keeper.Root()
	if errors.Is(err, fs.ErrNotExist) {
		return fault("not_found", "This Hark has made no certificate authority: there is nothing to install.")
	} else if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(as(root))
	return nil
}

// trustFile serves what the page needs. /trust/ok is what it fetches by HTTPS:
// that it arrives is the proof, so any origin may ask for it.
func (d *Daemon) trustFile(w http.ResponseWriter, r *http.Request, _ caller) error {
	name := r.PathValue("file")
	h := w.Header()
	if name == "ok" {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		writeJSON(w, http.StatusOK, map[string]bool{"secure": r.TLS != nil})
		return nil
	}
	b, err := trustFiles.ReadFile("trust/" + name)
	if err != nil || strings.HasSuffix(name, ".html") {
		return fault("not_found", "There is no file %.100q.", r.URL.Path)
	}
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(b)
	return nil
}

// plainServer answers those who come to the HTTPS port without TLS: with the
// page above, and for everything else with the way to HTTPS.
func (d *Daemon) plainServer() *http.Server {
	mux := http.NewServeMux()
	for _, rt := range d.trustRoutes() {
		mux.Handle(rt.path, d.methods(map[string]route{rt.method: rt}))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		origin := d.phone.origin()
		asks := r.Method == http.MethodGet || r.Method == http.MethodHead
		if !asks || origin == "" || r.Header.Get("Authorization") != "" || strings.HasPrefix(r.URL.Path, "/api/") {
			d.fail(w, r, fault("not_secure", "This port speaks HTTPS. Use %s; what was just sent could be read on the way.", origin))
			return
		}
		to := origin + r.URL.RequestURI()
		if d.phone.trust() != "" {
			to = "/trust"
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	})
	srv := d.server()
	srv.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &response{ResponseWriter: rw}
		r = d.named(w.Header(), r, peerOf(r.RemoteAddr))
		defer func() {
			if p := recover(); p != nil {
				d.panicked(w, r, p)
			}
		}()
		secure(w.Header())
		mux.ServeHTTP(w, r)
	})
	srv.ErrorLog = slog.NewLogLogger(d.log.Handler(), slog.LevelDebug)
	return srv
}

// authorityName is how phones list the authority.
func authorityName(root []byte) string {
	if name := certs.NameOf(root); name != "" {
		return name
	}
	host, err := os.Hostname()
	if err != nil {
		return "Hark"
	}
	return "Hark on " + host
}
