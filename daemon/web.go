package daemon

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"hark/frontend"
)

// site is the built web app. ETags are made when a file is first asked for.
type site struct {
	files fs.FS
	index string // the page that every address of the app opens

	mu    sync.Mutex
	etags map[string]string
}

func newSite() (*site, error) {
	files, err := frontend.Dist()
	if err != nil {
		return nil, err
	}
	s := &site{files: files, index: "index.html", etags: map[string]string{}}
	if !frontend.Built() {
		s.index = "placeholder.html"
	}
	return s, nil
}

// manifest makes the app installable. It is small and about the server, so the
// server writes it.
const manifest = `{
  "id": "/", "name": "Hark", "short_name": "Hark",
  "description": "An assistant on your own machine that can speak first.",
  "start_url": "/", "scope": "/", "display": "standalone",
  "background_color": "#ffffff", "theme_color": "#ffffff",
  "icons": [
    {"src": "/icon-192.png", "sizes": "192x192", "type": "image/png"},
    {"src": "/icon-512.png", "sizes": "512x512", "type": "image/png"},
    {"src": "/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"}
  ]
}
`

const (
	revalidate = "no-cache"                            // asked for again each time, answered 304
	forEver    = "public, max-age=31536000, immutable" // its name holds its content's hash
)

// web serves the app. A path that is no file is an address inside the app and
// gets its page; but a missing asset is 404: a page in its place would be
// cached and run as a script.
func (d *Daemon) web(w http.ResponseWriter, r *http.Request, _ caller) error {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	w.Header().Set("Cache-Control", revalidate)
	if name == "manifest.webmanifest" {
		w.Header().Set("Content-Type", "application/manifest+json")
		return d.site.answer(w, r, []byte(manifest), etagOf([]byte(manifest)))
	}
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", forEver)
	}
	err := d.site.serve(w, r, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if strings.Contains(path.Base("/"+name), ".") || strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "no-store")
		return fault("not_found", "There is no file %.100q. A newer Hark may have taken its place: reload the page.", r.URL.Path)
	}
	return d.site.serve(w, r, d.site.index)
}

// serve sends a file in the smallest form that the browser takes.
func (s *site) serve(w http.ResponseWriter, r *http.Request, name string) error {
	if !fs.ValidPath(name) || name == "." || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
		return fs.ErrNotExist
	}
	if info, err := fs.Stat(s.files, name); err == nil && info.IsDir() {
		return fs.ErrNotExist
	}
	var body []byte
	form := ""
	accepted := encodings(r.Header.Get("Accept-Encoding"))
	h := w.Header()
	for _, e := range []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}} {
		packed, err := fs.ReadFile(s.files, name+e.ending)
		if err != nil {
			continue
		}
		h.Set("Vary", "Accept-Encoding")
		if accepted[e.name] && form == "" {
			body, form = packed, e.name
			h.Set("Content-Encoding", form)
		}
	}
	if form == "" {
		var err error
		if body, err = s.plain(name); err != nil {
			return err
		}
	}
	h.Set("Content-Type", contentType(name))
	return s.answer(w, r, body, s.etag(name+form, body))
}

// plain is a file as it was built. Most are carried packed, for the program to
// be small; they are unpacked for the few who can't do so themselves.
func (s *site) plain(name string) ([]byte, error) {
	b, err := fs.ReadFile(s.files, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	packed, err := s.files.Open(name + ".gz")
	if err != nil {
		return nil, err
	}
	defer func() { _ = packed.Close() }()
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// answer sends body, or 304 if the browser has it.
func (s *site) answer(w http.ResponseWriter, r *http.Request, body []byte, etag string) error {
	h := w.Header()
	h.Set("ETag", etag)
	for tag := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == etag || tag == "*" {
			h.Del("Content-Type")
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // who has gone needs no other answer; net/http leaves it out for HEAD
	return nil
}

func (s *site) etag(name string, body []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.etags[name] == "" {
		s.etags[name] = etagOf(body)
	}
	return s.etags[name]
}

func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// contentType does not ask the system, whose tables differ.
func contentType(name string) string {
	ending := path.Ext(name)
	known := map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
		".json": "application/json", ".map": "application/json", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
	}
	if kind := known[ending]; kind != "" {
		return kind
	}
	if kind := mime.TypeByExtension(ending); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// encodings reads Accept-Encoding (RFC 9110 §12.5.3) as far as it matters here:
// what is listed and not refused with q=0.
func encodings(header string) map[string]bool {
	out := map[string]bool{}
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(part, ";")
		q = strings.ReplaceAll(q, " ", "")
		refused := strings.HasPrefix(q, "q=0") && strings.Trim(q, "q=0.") == ""
		out[strings.ToLower(strings.TrimSpace(name))] = !refused
	}
	return out
}
