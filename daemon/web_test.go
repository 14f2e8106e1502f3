package daemon

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func withSite(t *testing.T) *rig {
	t.Helper()
	r := newMemoryRig(t)
	r.d.site = &site{index: "index.html", etags: map[string]string{}, files: fstest.MapFS{
		"index.html":               {Data: []byte("<!doctype html>")},
		"index.html.gz":            {Data: []byte("page in gzip")},
		"sw.js":                    {Data: []byte("worker")},
		"icon-192.png":             {Data: []byte("png")},
		"assets/index-abc1.js":     {Data: []byte("script")},
		"assets/index-abc1.js.br":  {Data: []byte("script in br")},
		"assets/index-abc1.js.gz":  {Data: []byte("script in gzip")},
		"assets/packed-1.css.gz":   {Data: gzipped(t, "css, unpacked")},
		"assets/plain-0001.woff2":  {Data: []byte("font")},
		"assets/nested/more-1.css": {Data: []byte("css")},
	}}
	return r
}

// The page and the worker are asked for again each time; what has a hash in its
// name never; a missing asset is not the page.
func TestWeb(t *testing.T) {
	r := withSite(t)
	for _, c := range []struct {
		path, accept         string
		status               int
		cache, kind, encoded string
		body                 string
	}{
		{"/", "identity", 200, revalidate, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"/", "gzip, deflate, br", 200, revalidate, "text/html; charset=utf-8", "gzip", "page in gzip"},
		{"/c/01ARZ3NDEKTSV4RRFFQ69G5FAV", "identity", 200, revalidate, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"/sw.js", "", 200, revalidate, "text/javascript; charset=utf-8", "", "worker"},
		{"/assets/index-abc1.js", "gzip, br", 200, forEver, "text/javascript; charset=utf-8", "br", "script in br"},
		{"/assets/index-abc1.js", "gzip, br;q=0", 200, forEver, "text/javascript; charset=utf-8", "gzip", "script in gzip"},
		{"/assets/index-abc1.js", "identity", 200, forEver, "text/javascript; charset=utf-8", "", "script"},
		{"/assets/packed-1.css", "identity", 200, forEver, "text/css; charset=utf-8", "", "css, unpacked"},
		{"/assets/plain-0001.woff2", "gzip, br", 200, forEver, "font/woff2", "", "font"},
		{"/assets/gone-0000.js", "br", 404, "no-store", "application/problem+json", "", ""},
		{"/assets/nested", "br", 404, "no-store", "application/problem+json", "", ""},
		{"/favicon.ico", "", 404, "no-store", "application/problem+json", "", ""},
		{"/index.html.gz", "", 404, "no-store", "application/problem+json", "", ""},
		{"/../../etc/passwd.txt", "", 404, "no-store", "application/problem+json", "", ""},
	} {
		a := r.send("GET", c.path, "", header("Accept-Encoding", c.accept), func(q *http.Request) { q.Header.Del("Authorization") })
		if a.StatusCode != c.status || a.Header.Get("Cache-Control") != c.cache || a.Header.Get("Content-Type") != c.kind ||
			a.Header.Get("Content-Encoding") != c.encoded || (c.body != "" && string(a.Body) != c.body) {
			t.Errorf("%s (%s): %d %v %q", c.path, c.accept, a.StatusCode, a.Header, a.Body)
		}
		if c.status != 200 {
			continue
		}
		tag := a.Header.Get("ETag")
		again := r.send("GET", c.path, "", header("Accept-Encoding", c.accept), header("If-None-Match", `"other", W/`+tag))
		if tag == "" || again.StatusCode != http.StatusNotModified || len(again.Body) > 0 {
			t.Errorf("%s: again %d", c.path, again.StatusCode)
		}
	}
	r.fails(405, "method_not_allowed", "DELETE", "/", "")
}

// The manifest is JSON, and each icon it names is there.
func TestManifest(t *testing.T) {
	r := newMemoryRig(t)
	var m struct {
		Name  string
		Icons []struct{ Src string }
	}
	a := r.call(200, &m, "GET", "/manifest.webmanifest", "")
	if a.Header.Get("Content-Type") != "application/manifest+json" || m.Name != "Hark" || !json.Valid(a.Body) {
		t.Errorf("%v %s", a.Header, a.Body)
	}
	if r.d.site.index != "index.html" {
		return // the app is not built here
	}
	for _, icon := range m.Icons {
		r.call(200, nil, "GET", icon.Src, "")
	}
}

// Without a built app there is a page that says how to build it.
func TestPlaceholder(t *testing.T) {
	r := newMemoryRig(t)
	r.d.site.index = "placeholder.html"
	if a := r.call(200, nil, "GET", "/", ""); !strings.Contains(string(a.Body), "make") {
		t.Errorf("%s", a.Body)
	}
}
