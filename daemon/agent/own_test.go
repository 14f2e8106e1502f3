package agent

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"hark/store"
)

// No address outside of the public internet is reached, however it is written.
func TestIsPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true,
		"127.0.0.1": false, "127.8.8.8": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false,
		"198.18.0.1": false, "192.0.2.1": false, "240.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false,
		"64:ff9b:1::1": false, "2002:7f00:1::1": false, "2001::1": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := IsPublic(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
}

// A page is read as its reader would see it; what is not public is refused by
// address, by name and by redirect.
func TestFetchPage(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/inside":
			http.Redirect(w, r, "http://127.0.0.1:1/secret", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/image":
			w.Header().Set("Content-Type", "image/png")
		case "/big":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte(strings.Repeat("x", fetchSize+10)))
		case "/gone":
			http.Error(w, "it has gone", http.StatusGone)
		case "/old":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte("caf\xe9"))
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(`<html><head><title>A &amp; B</title><script>alert("no")</script><style>p{}</style></head>
<body><h1>Head</h1><p>One   <b>two</b>&nbsp;three<br>four</p><svg><text>no</text></svg><a href="https://x.test/y">link</a></body>`))
		}
	}))
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	open := &Fetcher{Allow: []string{host}}
	for path, want := range map[string]string{
		"/":       "A & B\nHead\nOne two three\nfour\nlink (https://x.test/y)",
		"/inside": "error: this address is not on the public internet, so it is not read",
		"/file":   "error: the page can't be read: it was sent on to an address that is not of the web",
		"/round":  "error: the page can't be read: it was sent on too often",
		"/image":  "error: this is image/png, not a page of text",
		"/gone":   "error: the server answered 410 Gone: it has gone",
		"/old":    "café",
		"/big":    strings.Repeat("x", fetchSize) + "\n[the page is longer; this is its beginning]",
	} {
		got, err := open.Page(t.Context(), srv.URL+path)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want {
			t.Errorf("%s: got %.200q, want %.200q", path, got, want)
		}
	}
	// A name with one public address and one that is not is a trick.
	shut := &Fetcher{Lookup: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr("127.0.0.1")}, nil
	}}
	for _, address := range []string{srv.URL, "http://rebound.test/", "http://[::1]:80/", "http://2130706433/", "http://localhost/"} {
		if _, err := shut.Page(t.Context(), address); err == nil || !strings.Contains(err.Error(), "not on the public internet") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "http://"} {
		if _, err := open.Page(t.Context(), address); err == nil {
			t.Errorf("%q was read", address)
		}
	}
}

// What is remembered is found by its words, once, and can be forgotten; what
// scripts have said is found as words of others.
func TestOwnTools(t *testing.T) {
	db, err := store.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tools := map[string]Tool{}
	for _, tool := range (Own{DB: db, Fetch: &Fetcher{}}).Tools(t.Context()) {
		tools[tool.Name] = tool
		if !json.Valid(tool.Parameters) || tool.Description == "" {
			t.Errorf("%s: %s", tool.Name, tool.Parameters)
		}
	}
	use := func(name, args string) (out Output) {
		t.Helper()
		err := db.Update(func(tx *store.Tx) (err error) {
			out, err = tools[name].CallTx(tx, Call{Turn: "t", Args: json.RawMessage(args), Zone: "Europe/Berlin"})
			return err
		})
		if err != nil {
			return Output{Text: err.Error(), IsError: true}
		}
		return out
	}
	first := use("remember", `{"text":"Ana's birthday is\n on 3 May"}`).Text
	id := strings.TrimSuffix(strings.TrimPrefix(first, "Remembered, as "), ".")
	use("remember", `{"text":"The bin goes out on Tuesday"}`)
	for _, c := range []struct{ tool, args, want string }{
		{"remember", `{"text":"ana's BIRTHDAY is on 3 May"}`, "That was remembered before"},
		{"remember", `{"text":" "}`, "nothing to remember"},
		{"recall", `{"query":"birthday ana"}`, id + ": Ana's birthday is on 3 May"},
		{"recall", `{"query":"xyz"}`, "Nothing of the kind"},
		{"recall", `{}`, "The bin goes"},
		{"forget", `{"id":"` + id + `"}`, "Forgotten: Ana's"},
		{"forget", `{"id":"` + id + `"}`, "no fact with this id"},
		{"current_time", `{}`, "(Europe/Berlin)"},
	} {
		if out := use(c.tool, c.args); !strings.Contains(out.Text, c.want) {
			t.Errorf("%s %s: %q, want %q", c.tool, c.args, out.Text, c.want)
		}
	}
	err = db.Update(func(tx *store.Tx) error {
		_, err := tx.Deliver(&store.Message{Role: store.Assistant, Status: store.Done, Text: "boiler is hot", Source: store.Source{Kind: "fire", Name: "nas"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := tools["search_messages"].Call(t.Context(), Call{Args: json.RawMessage(`{"query":"BOILER"}`)})
	if err != nil || !out.External || !strings.Contains(out.Text, "fire nas] boiler is hot") {
		t.Errorf("%+v, %v", out, err)
	}
}
