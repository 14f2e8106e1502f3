package certs

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/libdns/libdns"
)

const challengeName = "_acme-challenge.hark.example.org."

// DuckDNS is asked once for each change, by the label below duckdns.org; what
// it refuses is told without the token.
func TestDuckDNS(t *testing.T) {
	var asked []url.Values
	answer := "OK"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query())
		_, _ = io.WriteString(w, answer)
	}))
	defer srv.Close()
	d := duckDNS{token: "secret-token", api: srv.URL}
	name := "_acme-challenge.my-hark.duckdns.org."
	if err := errors.Join(d.set(t.Context(), "duckdns.org.", name, "proof"), d.remove(t.Context(), "duckdns.org.", name, "proof")); err != nil {
		t.Fatal(err)
	}
	want := url.Values{"domains": {"my-hark"}, "token": {"secret-token"}, "txt": {"proof"}}
	if asked[0].Encode() != want.Encode() || asked[1].Get("clear") != "true" {
		t.Errorf("asked: %v", asked)
	}
	answer = "KO"
	err := d.set(t.Context(), "duckdns.org.", name, "proof")
	if p := ProblemOf(err); p == nil || p.Code != "dns_refused" || strings.Contains(err.Error(), "secret-token") {
		t.Errorf("refused: %v", err)
	}
	srv.Close()
	if err := d.set(t.Context(), "duckdns.org.", name, "proof"); err == nil || strings.Contains(err.Error(), "secret-token") {
		t.Errorf("unreachable: %v", err)
	}
}

// Cloudflare's record is made in the right zone and only that one is deleted.
func TestCloudflare(t *testing.T) {
	records := map[string]string{"r0": `"another"`}
	var created map[string]any
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, v any) {
		_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "errors": []any{}, "result": v})
	}
	mux.HandleFunc("GET /zones", func(w http.ResponseWriter, r *http.Request) {
		found := []map[string]string{}
		if r.URL.Query().Get("name") == "example.org" {
			found = append(found, map[string]string{"id": "z1"})
		}
		reply(w, found)
	})
	mux.HandleFunc("POST /zones/z1/dns_records", func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&created); err != nil {
			t.Error(err)
		}
		records["r1"], _ = created["content"].(string)
		reply(w, map[string]string{"id": "r1"})
	})
	mux.HandleFunc("GET /zones/z1/dns_records", func(w http.ResponseWriter, _ *http.Request) {
		list := []map[string]string{}
		for id, content := range records {
			list = append(list, map[string]string{"id": id, "content": content})
		}
		reply(w, list)
	})
	mux.HandleFunc("DELETE /zones/z1/dns_records/{id}", func(w http.ResponseWriter, r *http.Request) {
		delete(records, r.PathValue("id"))
		reply(w, nil)
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer good" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"success":false,"errors":[{"message":"Authentication error"}]}`)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	defer srv.Close()
	c := cloudflare{token: "good", api: srv.URL}
	if err := c.set(t.Context(), "example.org.", challengeName, "proof"); err != nil {
		t.Fatal(err)
	}
	if created["name"] != "_acme-challenge.hark.example.org" || created["type"] != "TXT" || created["content"] != `"proof"` {
		t.Errorf("created %v", created)
	}
	if err := c.remove(t.Context(), "example.org.", challengeName, "proof"); err != nil || len(records) != 1 || records["r0"] == "" {
		t.Errorf("left: %v, %v", records, err)
	}
	for what, err := range map[string]error{
		"another's zone": c.set(t.Context(), "example.net.", "x.example.net.", "proof"),
		"a wrong token":  cloudflare{token: "bad", api: srv.URL}.set(t.Context(), "example.org.", challengeName, "proof"),
	} {
		if p := ProblemOf(err); p == nil || p.Code != "dns_refused" || p.Cure == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A dynamic update is signed, sets one record and takes back only that.
func TestRFC2136(t *testing.T) {
	ns := startNameServer(t)
	ns.set(challengeName, "another")
	u := rfc2136{DNS{Server: ns.addr, Key: "hark-key", Secret: tsigSecret}}
	if err := u.set(t.Context(), testZone, challengeName, "proof"); err != nil {
		t.Fatal(err)
	}
	if got := ns.left(); !slices.Equal(got, []string{"another", "proof"}) {
		t.Errorf("records: %v", got)
	}
	if err := u.remove(t.Context(), testZone, challengeName, "proof"); err != nil || !slices.Equal(ns.left(), []string{"another"}) {
		t.Errorf("records: %v, %v", ns.left(), err)
	}
	unsigned := rfc2136{DNS{Server: ns.addr}}
	if p := ProblemOf(unsigned.set(t.Context(), testZone, challengeName, "proof")); p == nil || !strings.Contains(p.Say, "REFUSED") {
		t.Errorf("unsigned: %v", p)
	}
}

// A provider is given names that are absolute, whatever zone they lie in.
func TestProviderNames(t *testing.T) {
	for _, c := range [][3]string{
		{"_acme-challenge.hark", "example.org.", challengeName},
		{"_acme-challenge", "hark.example.org.", challengeName},
	} {
		if got := absolute(libdns.RR{Name: c[0]}.Name, c[1]); got != c[2] {
			t.Errorf("%s in %s: %s", c[0], c[1], got)
		}
	}
}

// Whatever tailscaled answers, there is a name to ask for or a problem to tell.
func FuzzReadTailnet(f *testing.F) {
	f.Add([]byte(tailnetStatus))
	f.Add([]byte(`{"BackendState":"Running","CertDomains":["../../etc"]}`))
	f.Add([]byte(`{"Self":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n := readTailnet(b); n.Problem == nil && !isName(n.Name) {
			t.Errorf("no problem, and the name is %q", n.Name)
		}
	})
}

// A plan that passes has names that can stand in an address and a file's name.
func FuzzPlan(f *testing.F) {
	f.Add("local", "box.local", "", ":4276")
	f.Add("domain", "hark.example.org", "https://hark.example.org", "")
	f.Add("proxy", "", "https://a@b", "x")
	f.Fuzz(func(t *testing.T, mode, name, address, listen string) {
		p := Plan{Mode: Mode(mode), Names: []string{name}, URL: address, Addr: listen}
		if p.Check() != nil {
			return
		}
		if !isName(p.Names[0]) || strings.ContainsAny(p.Names[0], "/\\ @") {
			t.Errorf("name %q passed", p.Names[0])
		}
		if p.URL != "" {
			if u, err := url.Parse(p.URL); err != nil || u.Scheme != "https" || u.Path != "" || u.User != nil {
				t.Errorf("origin %q passed", p.URL)
			}
		}
		before := p
		before.Names = slices.Clone(p.Names)
		if err := p.Check(); err != nil || p.Names[0] != before.Names[0] || p.URL != before.URL {
			t.Errorf("checked twice: %+v, before %+v, %v", p, before, err)
		}
	})
}
