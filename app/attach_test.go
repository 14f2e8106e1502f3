package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// daemonDouble answers as a Hark would: tickets, and what is in answers by path.
func daemonDouble(t *testing.T, answers map[string]string) Place {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"title":"Who are you?","detail":"Send a token."}`))
			return
		}
		if r.URL.Path == "/api/ticket" {
			var in struct{ Device, Name string }
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name == "" {
				t.Errorf("ticket: %+v, %v", in, err)
			}
			_, _ = w.Write([]byte(`{"path":"/login?ticket=T","device":"` + in.Device + `+"}`))
			return
		}
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(srv.Close)
	return Place{URL: srv.URL, Token: "secret"}
}

// The browser is opened at an address that lets it in.
func TestBrowse(t *testing.T) {
	t.Setenv("DISPLAY", ":0")
	opened := fakeOpener(t)
	place := daemonDouble(t, nil)
	if err := Browse(t.Context(), place); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(opened); err != nil || string(got) != place.URL+"/login?ticket=T" {
		t.Errorf("opened %q, %v", got, err)
	}
	place.Token = "wrong"
	if err := Browse(t.Context(), place); err == nil || !strings.Contains(err.Error(), "Send a token") {
		t.Errorf("Browse with a wrong token = %v, want Hark's own words", err)
	}
}

// The window's first page says why it waits and leads on when a daemon answers;
// it starts one only when asked to.
func TestDoor(t *testing.T) {
	place, away, started := daemonDouble(t, nil), true, 0
	var entered login
	d := &door{
		find: func(context.Context) (Place, error) {
			if away {
				return Place{}, errors.New("Hark is not running")
			}
			return place, nil
		},
		device:  func() string { return "d1" },
		entered: func(_ Place, in login) { entered = in },
	}
	get := func(path string) (w way) {
		t.Helper()
		rec := httptest.NewRecorder()
		d.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		if err := json.Unmarshal(rec.Body.Bytes(), &w); err != nil || rec.Header().Get("Cache-Control") != "no-store" {
			t.Fatal(rec.Body, err, rec.Header())
		}
		return w
	}
	if w := get("/way"); w.URL != "" || w.Why != "Hark is not running" || w.CanStart {
		t.Errorf("%+v", w)
	}
	if w := get("/start"); w.Why == "" || w.URL != "" {
		t.Errorf("%+v", w)
	}
	d.start = func(context.Context) error { started++; away = false; return nil }
	if w := get("/way"); !w.CanStart || started > 0 {
		t.Errorf("%+v, started %d times", w, started)
	}
	if w := get("/start"); w.URL != place.URL+"/login?ticket=T" || entered.Device != "d1+" || started != 1 {
		t.Errorf("%+v %+v, started %d times", w, entered, started)
	}
	rec := httptest.NewRecorder()
	d.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	if !strings.HasPrefix(rec.Body.String(), "<!doctype html>") {
		t.Errorf("%.80s", rec.Body)
	}
}

// The window comes back as large as it was; a file that says nonsense gives the
// size of a first window.
func TestState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hark", "window.json")
	first := state{Width: firstWidth, Height: firstHeight}
	if got := readState(path); got != first {
		t.Errorf("%+v", got)
	}
	kept := state{Width: 800, Height: 600, Maximised: true, Device: "d1"}
	if err := kept.write(path); err != nil {
		t.Fatal(err)
	}
	if got := readState(path); got != kept {
		t.Errorf("%+v", got)
	}
	for _, damage := range []string{"", "{", `{"width":3}`, `{"width":1e9,"height":900}`, `{"width":"x"}`} {
		if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readState(path); got != first {
			t.Errorf("%q: %+v", damage, got)
		}
	}
}
