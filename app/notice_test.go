package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func news(change func(*message)) message {
	m := message{ID: "m1", Conversation: "c1", Role: "assistant", Status: "done", Title: "Backup", Text: "It is **done**.", Created: time.Now()}
	m.Source.Kind, m.Source.Name = "fire", "nas"
	change(&m)
	return m
}

// What ends or waits for a decision is told once; what is silent, old, one's own
// or still being written is not.
func TestNotices(t *testing.T) {
	place := daemonDouble(t, nil)
	for name, c := range map[string]struct {
		change func(*message)
		want   string
	}{
		"done":     {func(*message) {}, "Backup: It is done."},
		"failed":   {func(m *message) { m.Status = "error" }, "Backup: It is done."},
		"untitled": {func(m *message) { m.Title = "" }, "nas: It is done."},
		"approval": {func(m *message) { m.Status, m.Reason = "pending", "waiting_approval" }, "Backup: Hark asks before it goes on"},
		"long":     {func(m *message) { m.Text = strings.Repeat("ä", 200) }, "Backup: " + strings.Repeat("ä", 120) + "…"},
		"turned":   {func(m *message) { m.Title, m.Text = "x\u202e", "\u2069שלום" }, "x: \u2068שלום\u2069"},
		"writing":  {func(m *message) { m.Status = "streaming" }, ""},
		"stopped":  {func(m *message) { m.Reason = "stopped" }, ""},
		"silent":   {func(m *message) { m.Silent = true }, ""},
		"own":      {func(m *message) { m.Role = "user" }, ""},
		"old":      {func(m *message) { m.Created = time.Now().Add(-time.Hour) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := &notices{since: time.Now().Add(-time.Minute)}
			m := news(c.change)
			got := ""
			if out, ok := n.of(t.Context(), place, "d1", m, time.Now()); ok {
				got = out.Title + ": " + out.Text
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if out, ok := n.of(t.Context(), place, "d1", m, time.Now()); ok {
				t.Errorf("told twice: %+v", out)
			}
		})
	}
}

// The owner's wishes hold here as they do for pushes: quiet hours but for what is
// urgent, muted sources and conversations, no words where they are private.
func TestNoticeWishes(t *testing.T) {
	night := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	const quiet = `{"zone":"UTC","quiet":{"on":true,"from":"22:00","to":"07:00"}}`
	for name, c := range map[string]struct {
		answers map[string]string
		change  func(*message)
		want    string
	}{
		"quiet hours":  {map[string]string{"/api/settings": quiet}, func(*message) {}, ""},
		"urgent":       {map[string]string{"/api/settings": quiet}, func(m *message) { m.Priority = 5 }, "Backup"},
		"a reply":      {map[string]string{"/api/settings": quiet}, func(m *message) { m.Source.Kind = "chat" }, "Backup"},
		"device quiet": {map[string]string{"/api/devices/d1": `{"quiet":{"from":"23:00","to":"23:45","zone":"UTC"}}`}, func(m *message) { m.Source.Kind = "chat" }, ""},
		"other zone":   {map[string]string{"/api/devices/d1": `{"quiet":{"from":"23:00","to":"23:45","zone":"Asia/Tokyo"}}`}, func(*message) {}, "Backup"},
		"muted source": {map[string]string{"/api/devices/d1": `{"mutes":["nas"]}`}, func(*message) {}, ""},
		"muted thread": {map[string]string{"/api/conversations/c1": `{"muted":true}`}, func(*message) {}, ""},
		"private":      {map[string]string{"/api/devices/d1": `{"private":true}`}, func(*message) {}, "Hark"},
	} {
		t.Run(name, func(t *testing.T) {
			n := &notices{}
			out, _ := n.of(t.Context(), daemonDouble(t, c.answers), "d1", news(c.change), night)
			if out.Title != c.want || strings.Contains(out.Text, "done") != (c.want == "Backup") {
				t.Errorf("%+v, want the title %q", out, c.want)
			}
		})
	}
}

// The stream is taken up where its line broke, also before its first change.
func TestFollower(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Last-Event-ID"))
		switch len(asked) {
		case 1:
			fmt.Fprint(w, "retry: 2000\nevent: hello\ndata: {\"head\":\"e-4\"}\n\n")
		case 2:
			fmt.Fprint(w, ": beat\nevent: message\nid: e-5\ndata: {\"id\":\"m1\",\ndata: \"text\":\"x\"}\n\nevent: message\nid: e-6\ndata: {\n\n")
		default:
			fmt.Fprint(w, "event: reset\ndata: {\"head\":\"f-9\"}\n\n")
		}
	}))
	defer srv.Close()
	var got []message
	came := 0
	f := &follower{
		find:    func(context.Context) (Place, error) { return Place{URL: srv.URL}, nil },
		message: func(_ context.Context, _ Place, m message) { got = append(got, m) },
		came:    func(Place) { came++ },
	}
	for range 4 {
		if heard, err := f.listen(t.Context()); !heard || err != nil {
			t.Fatal(heard, err)
		}
	}
	if want := "|e-4|e-6|f-9"; strings.Join(asked, "|") != want || came != 4 {
		t.Errorf("asked for %q, want %q; came %d", asked, want, came)
	}
	if len(got) != 1 || got[0].ID != "m1" || got[0].Text != "x" {
		t.Errorf("%+v", got)
	}
}
