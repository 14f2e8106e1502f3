package daemon

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"hark/store"
)

// feedServer is a publisher whose feed a test writes.
type feedServer struct {
	*httptest.Server
	mu     sync.Mutex
	items  []string
	status int
	asked  []*http.Request
}

func newFeedServer(t *testing.T) *feedServer {
	t.Helper()
	f := &feedServer{status: http.StatusOK}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, r)
		etag := fmt.Sprintf(`"%d"`, len(f.items))
		switch {
		case f.status != http.StatusOK:
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(f.status)
		case r.URL.Path == "/away":
			http.Redirect(w, r, "http://localhost:1/", http.StatusFound)
		case r.Header.Get("If-None-Match") == etag:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", etag)
			newest := slices.Clone(f.items)
			slices.Reverse(newest)
			fmt.Fprintf(w, `<rss version="2.0"><channel><title>F</title>%s</channel></rss>`, strings.Join(newest, ""))
		}
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *feedServer) add(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range names {
		f.items = append(f.items, fmt.Sprintf(`<item><title>%s</title><guid>https://site.example/%s</guid><description>&lt;p&gt;About %s&lt;/p&gt;</description></item>`, name, name, name))
	}
}

func (f *feedServer) answer(status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status = status
}

func (f *feedServer) last() *http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[len(f.asked)-1]
}

// told are the titles of all messages of the inbox, oldest first.
func (r *rig) told() (titles []string) {
	r.t.Helper()
	for _, m := range r.inbox() {
		titles = append(titles, m.Title)
	}
	return titles
}

func (r *rig) inbox() (list []*store.Message) {
	r.t.Helper()
	err := r.d.db.View(func(tx *store.Tx) error {
		id, err := tx.InboxID()
		if err != nil || id == "" {
			return err
		}
		list, _, err = tx.Messages(id, "", 500)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// source makes a call about a source and returns what it answers.
func (r *rig) source(want int, method, path, body string) (s sourceView) {
	r.t.Helper()
	r.call(want, &s, method, path, body)
	return s
}

// What is in a feed when it is added is not news; what comes is told once, oldest
// first, and a feed that has not changed is not sent again.
func TestFeedSource(t *testing.T) {
	r := newRig(t, nil).begin()
	f := newFeedServer(t)
	f.add("old")
	s := r.source(201, "POST", "/api/sources", `{"kind":"feed","url":"`+f.URL+`/feed","icon":"📰","max_priority":2}`)
	if s.Name != "127.0.0.1" || s.ID == "" {
		t.Errorf("made %+v", s.Watched)
	}
	look := func() {
		t.Helper()
		s = r.source(200, "POST", "/api/sources/"+s.ID+"/look", `{}`)
	}
	look()
	if got := r.told(); len(got) != 0 || s.Look.Error != "" || s.Look.Good == nil || !s.Look.Begun {
		t.Fatalf("told %q after the first look, %+v", got, s.Look)
	}
	f.add("one", "two")
	look()
	look()
	if got := r.told(); !slices.Equal(got, []string{"one", "two"}) || s.Look.Told != 2 {
		t.Fatalf("told %q, look %+v", got, s.Look)
	}
	if f.last().Header.Get("If-None-Match") != `"3"` {
		t.Error("asked without the ETag of last time")
	}
	m := r.inbox()[0]
	if m.Text != "About one" || m.Click != "https://site.example/one" || m.Source.Icon != "📰" || m.Source.ID != s.ID || m.Priority != 2 {
		t.Errorf("delivered %+v", m)
	}
	s = r.source(200, "PATCH", "/api/sources/"+s.ID, `{"mute":"1h","name":"News"}`)
	f.add("three")
	look()
	if m := r.inbox()[2]; !m.Silent || m.Source.Name != "News" {
		t.Errorf("a muted source delivers %+v", m)
	}
	r.call(204, nil, "DELETE", "/api/sources/"+s.ID, "")
	r.fails(404, "not_found", "POST", "/api/sources/"+s.ID+"/look", `{}`)
}

// A source that fails says so in words, with a cure, and waits as long as its
// server asks; when it works again, nothing was missed.
func TestFeedSourceFails(t *testing.T) {
	r := newRig(t, nil).begin()
	f := newFeedServer(t)
	s := r.source(201, "POST", "/api/sources", `{"kind":"feed","url":"`+f.URL+`"}`)
	path := "/api/sources/" + s.ID
	r.source(200, "POST", path+"/look", `{}`)
	f.answer(http.StatusTooManyRequests)
	f.add("meanwhile")
	s = r.source(200, "POST", path+"/look", `{}`)
	if l := s.Look; l.Error == "" || l.Cure == "" || l.Failures != 1 || l.Next.Sub(l.At.Time).Hours() < 2 {
		t.Errorf("look %+v", s.Look)
	}
	f.answer(http.StatusOK)
	s = r.source(200, "POST", path+"/look", `{}`)
	if got := r.told(); !slices.Equal(got, []string{"meanwhile"}) || s.Look.Error != "" || s.Look.Failures != 0 {
		t.Errorf("told %q, look %+v", got, s.Look)
	}
	for _, c := range []struct{ url, say string }{
		{f.URL + "/away", "private network"}, // a redirect leads to no place that the owner has not named
		{"http://169.254.169.254/latest/meta-data", "private network"},
		{"http://127.0.0.1:1/feed", "nothing answers"},
	} {
		r.source(200, "PATCH", path, `{"url":"`+c.url+`"}`)
		s = r.source(200, "POST", path+"/look", `{}`)
		if !strings.Contains(s.Look.Error, c.say) || s.Look.Cure == "" {
			t.Errorf("%s: %+v", c.url, s.Look)
		}
	}
}

// An entry that the assistant is to read is a turn of its own, and not the
// owner's words.
func TestFeedSourceRun(t *testing.T) {
	r := newRig(t, nil).begin()
	f := newFeedServer(t)
	s := r.source(201, "POST", "/api/sources", `{"kind":"feed","url":"`+f.URL+`","run":true}`)
	r.source(200, "POST", "/api/sources/"+s.ID+"/look", `{}`)
	f.add("news")
	r.source(200, "POST", "/api/sources/"+s.ID+"/look", `{}`)
	list := r.inbox()
	if len(list) != 2 || list[0].Role != store.User || list[0].Source.Kind != "fire" || list[1].Role != store.Assistant ||
		!strings.Contains(list[0].Text, "https://site.example/news") {
		t.Errorf("delivered %+v", list)
	}
}

// A source that can't be is refused with what to do, and only its owner sees any.
func TestSourceRefused(t *testing.T) {
	r := newRig(t, nil)
	for _, body := range []string{
		`{}`, `{"kind":"radio"}`, `{"kind":"feed"}`, `{"kind":"feed","url":"file:///etc/passwd"}`, `{"kind":"feed","url":"https://"}`,
		`{"kind":"feed","url":"https://a.example","every_min":-1}`, `{"kind":"feed","url":"https://a.example","max_priority":9}`,
		`{"kind":"mail"}`, `{"kind":"mail","mail":{"server":"a b","user":"u","password":"p"}}`,
		`{"kind":"mail","mail":{"server":"imap.example","user":"u"}}`, `{"kind":"mail","mail":{"server":"imap.example","user":"u\r\nA1 LOGOUT","password":"p"}}`,
		`{"kind":"mail","mail":{"server":"imap.example","user":"u","password":"p","security":"ssl"}}`,
	} {
		r.fails(422, "invalid", "POST", "/api/sources", body)
	}
	r.fails(403, "forbidden", "GET", "/api/sources", "", bearer(r.token("read", "chat")))
	r.fails(404, "not_found", "PATCH", "/api/sources/none", `{}`)
	s := r.source(201, "POST", "/api/sources", `{"kind":"feed","url":"feed:example.org/x"}`)
	if s.URL != "https://example.org/x" {
		t.Errorf("url %q", s.URL)
	}
}
