package daemon

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/store"
)

// outcomeOf asks for the answer to a question as its program does.
func (r *rig) outcomeOf(message string, wait int, change ...func(*http.Request)) (status int, a standingView) {
	r.t.Helper()
	resp := r.send("GET", fmt.Sprintf("/api/assistant/fire/%s/answer?wait=%d", message, wait), "", change...)
	if resp.StatusCode != http.StatusNoContent {
		decode(r.t, resp.Body, &a)
	}
	return resp.StatusCode, a
}

// standingView is the answer, or the part of a problem that tells it.
type standingView struct {
	Answered bool
	Answer   *string
	By, Code string
}

func (a standingView) String() string {
	if a.Answer == nil {
		return fmt.Sprintf("%v none %s", a.Answered, a.Code)
	}
	return fmt.Sprintf("%v %s %s", a.Answered, *a.Answer, a.Code)
}

// However many devices answer at once, one answer counts, all others are told
// which, and who waits is told it at once.
func TestAskRace(t *testing.T) {
	r := newRig(t, nil).begin()
	secret := r.token("fire")
	var out fired
	r.call(200, &out, "POST", "/api/assistant/fire", `{"text":"Deploy?","ask":{"choices":["Yes","No"],"timeout":"1h"}}`, bearer(secret))
	waits := make(chan string, 3)
	for range cap(waits) {
		go func() {
			status, a := r.outcomeOf(out.Message, 30, bearer(secret))
			waits <- fmt.Sprint(status, " ", a)
		}()
	}
	phone, desk := r.device(), r.device()
	var all sync.WaitGroup
	got := make([]string, 20)
	for i := range got {
		all.Go(func() {
			cookie, answer := phone, "Yes"
			if i%2 == 1 {
				cookie, answer = desk, "No"
			}
			resp := r.send("POST", "/api/messages/"+out.Message+"/answer", `{"answer":"`+answer+`"}`, as(cookie))
			got[i] = fmt.Sprint(resp.StatusCode)
			if resp.StatusCode == http.StatusConflict {
				var a standingView
				decode(t, resp.Body, &a)
				got[i] += " " + *a.Answer
			}
		})
	}
	all.Wait()
	m, err := r.d.message(out.Message)
	if err != nil || m.Answer == nil || m.Ask.State != store.AskAnswered || m.Answer.By != "phone" {
		t.Fatalf("%+v, %v", m, err)
	}
	winner := m.Answer.Value
	for i, g := range got { // both devices have one name: the same answer again is no mistake
		want := "200"
		if (winner == "Yes") != (i%2 == 0) {
			want = "409 " + winner
		}
		if g != want {
			t.Errorf("answer %d: %s, want %s", i, g, want)
		}
	}
	for range cap(waits) {
		if w := <-waits; w != "200 true "+winner+" " {
			t.Errorf("who asked was told %q", w)
		}
	}
}

// A question whose time is up ends in its default, also when nobody ran at that
// time; one without a time stays open. Only who has asked is told.
func TestAskTimeout(t *testing.T) {
	dir := t.TempDir()
	r := reopen(t, dir, nil).begin()
	secret := r.token("fire")
	ask := func(body string) string {
		t.Helper()
		var out fired
		r.call(200, &out, "POST", "/api/assistant/fire", `{"text":"?","ask":`+body+`}`, bearer(secret))
		if len(out.Warnings) > 0 {
			t.Errorf("%q", out.Warnings)
		}
		return out.Message
	}
	soon := ask(`{"choices":["Yes","No"],"timeout":"1s","default":"no"}`)
	none := ask(`{"choices":["Yes","No"],"timeout":1}`)
	open := ask(`"Yes,No"`)
	if status, a := r.outcomeOf(soon, 20, bearer(secret)); status != 410 || a.String() != "false No expired" {
		t.Errorf("default: %d %s", status, a)
	}
	if status, a := r.outcomeOf(none, 20, bearer(secret)); status != 410 || a.String() != "false none expired" {
		t.Errorf("no default: %d %s", status, a)
	}
	r.fails(410, "expired", "POST", "/api/messages/"+soon+"/answer", `{"answer":"Yes"}`)
	if status, _ := r.outcomeOf(open, 0, bearer(secret)); status != 204 {
		t.Errorf("open: %d", status)
	}
	r.fails(404, "not_found", "GET", "/api/assistant/fire/"+open+"/answer", "", bearer(r.token("fire")))
	gone := ask(`{"choices":["Yes"],"timeout":"1h","default":"Yes"}`)
	later := ask(`{"text":true,"timeout":"1h"}`)
	r.shut()
	r = reopen(t, dir, nil)
	err := r.d.db.Update(func(tx *store.Tx) error { // as if the hour were over
		m, err := tx.Message(gone)
		if err != nil {
			return err
		}
		past := store.At(tx.Now().Add(-time.Second))
		m.Ask.Expires = &past
		return tx.PutMessage(m)
	})
	if err != nil {
		t.Fatal(err)
	}
	r.begin()
	if status, a := r.outcomeOf(gone, 20, bearer(secret)); status != 410 || a.String() != "false Yes expired" {
		t.Errorf("over a restart: %d %s", status, a)
	}
	r.call(200, nil, "POST", "/api/messages/"+later+"/answer", `{"answer":"in words"}`)
	if status, a := r.outcomeOf(later, 0, bearer(secret)); status != 200 || a.String() != "true in words " {
		t.Errorf("answered after a restart: %d %s", status, a)
	}
}

// What is set for later comes at its time, once, with all that it is, also over
// a restart, and can be taken back before; its question's time begins then.
func TestFireAt(t *testing.T) {
	dir := t.TempDir()
	r := reopen(t, dir, nil).begin()
	var out, other struct {
		fired
		Scheduled *store.Time `json:"scheduled_for"`
	}
	r.call(200, &out, "POST", "/api/assistant/fire", `{"text":"now?","title":"T","at":"1s","tags":["x"],"priority":5,"ask":{"choices":["A"],"timeout":"1h"}}`)
	if out.Scheduled == nil || time.Until(out.Scheduled.Time) > 3*time.Second {
		t.Fatalf("got %+v", out)
	}
	r.fails(404, "not_found", "GET", "/api/messages/"+out.Message, "")
	if status, _ := r.outcomeOf(out.Message, 0); status != 204 {
		t.Errorf("the answer to what is still to come: %d", status)
	}
	r.call(200, &other, "POST", "/api/assistant/fire", `{"text":"taken back","at":"2h"}`)
	var rs struct{ Reminders []store.Reminder }
	if r.call(200, &rs, "GET", "/api/reminders?kind=fire", ""); len(rs.Reminders) != 2 || rs.Reminders[1].Post == nil {
		t.Fatalf("not seen: %+v", rs)
	}
	for _, act := range []string{"done", "run", "pause", "skip"} {
		r.fails(409, "conflict", "POST", "/api/reminders/"+other.Message+"/"+act, "")
	}
	r.fails(409, "conflict", "PATCH", "/api/reminders/"+other.Message, `{"text":"mine"}`)
	r.call(204, nil, "DELETE", "/api/messages/"+other.Message, "")
	r.call(200, &other, "POST", "/api/assistant/fire", `{"text":"no heartbeat","at":"2h","replace":"hb"}`)
	first := other.Message
	r.call(200, &other, "POST", "/api/assistant/fire", `{"text":"no heartbeat","at":"3h","replace":"hb"}`)
	r.fails(404, "not_found", "DELETE", "/api/messages/"+first, "")
	r.shut()
	r = reopen(t, dir, nil).begin()
	m := r.arrived(out.Message)
	if m.Title != "T" || m.Priority != 5 || m.Ask == nil || m.Source.Kind != "fire" {
		t.Errorf("got %+v", m)
	}
	if left := time.Until(m.Ask.Expires.Time); left < 59*time.Minute || left > time.Hour {
		t.Errorf("%v left to answer", left)
	}
	r.call(200, nil, "POST", "/api/messages/"+out.Message+"/answer", `{"answer":"A"}`)
	if r.call(200, &rs, "GET", "/api/reminders", ""); len(rs.Reminders) != 1 || rs.Reminders[0].ID != other.Message {
		t.Errorf("left over: %+v", rs.Reminders)
	}
}

// arrived waits until a message is there.
func (r *rig) arrived(id string) *store.Message {
	r.t.Helper()
	over := time.After(20 * time.Second)
	for {
		news := r.d.db.News()
		if m, err := r.d.message(id); err == nil {
			return m
		}
		select {
		case <-news:
		case <-over:
			r.t.Fatalf("%s does not come", id)
		}
	}
}

// The times that people and other programs write, on the owner's clock, and what
// can't be read: at once, with a warning.
func TestReadTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC) // 09:30 in Berlin
	for _, c := range []struct{ text, want, warning string }{
		{"", "", ""},
		{"30m", "09:00", ""},
		{"in 30m", "09:00", ""},
		{"90", "08:31:30", ""},
		{"1d", "23 08:30", ""},
		{"1h30m", "10:00", ""},
		{"1795350600", "12:30", ""}, // ntfy's unix time
		{"2026-11-22T12:00:00+01:00", "11:00", ""},
		{"18:00", "17:00", ""},
		{"tomorrow at 9", "23 08:00", ""},
		{"in 20 minutes", "08:50", ""},
		{"8:30am", "23 07:30", ""},
		{"0", "", ""},
		{"2026-11-22T08:29:30Z", "", ""},
		{"2026-11-21T08:00:00Z", "", "past"},
		{"2029-11-21T08:00:00Z", "", "year"},
		{"every day at 9", "", "no time"},
		{"when pigs fly", "", "no time"},
		{"-5m", "", "no time"},
	} {
		at, warning := readTime(c.text, now, "Europe/Berlin")
		got := ""
		if !at.IsZero() {
			got = strings.TrimPrefix(strings.TrimSuffix(at.UTC().Format("2 15:04:05"), ":00"), "22 ")
		}
		if got != c.want || (warning == "") != (c.warning == "") || !strings.Contains(warning, c.warning) {
			t.Errorf("%q: %s %q, want %s %q", c.text, got, warning, c.want, c.warning)
		}
	}
}

// A button calls what its token names and nothing else: no address inside the
// house unless it is named with its port, none of this machine unless named as
// such, never a link-local one, whatever a name resolves to; no redirect.
func TestCallbackGuard(t *testing.T) {
	hits := 0
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
			return
		}
		hits++
	}))
	defer home.Close()
	at, err := url.Parse(home.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(at.Host)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil).begin()
	looked := 0
	r.d.lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
		looked++
		switch {
		case host == "localhost":
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		case host == "meta.example":
			return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
		case host == "both.example":
			return []netip.Addr{netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr("127.0.0.1")}, nil
		case looked%2 == 1: // rebinding
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil
	}
	for _, c := range []struct{ callback, url, want string }{
		{"127.0.0.1:" + port, "http://127.0.0.1:" + port + "/", "done "},
		{"localhost:" + port, "http://localhost:" + port + "/", "done "},
		{"127.0.0.1", "http://127.0.0.1:" + port + "/", "failed private network"},
		{"localhost", "http://localhost:" + port + "/", "failed private network"},
		{"169.254.169.254:80", "http://169.254.169.254/latest/meta-data", "failed private network"},
		{"[fe80::1]:80", "http://[fe80::1]/", "failed private network"},
		{"[::ffff:169.254.169.254]:80", "http://[::ffff:169.254.169.254]/", "failed private network"},
		{"0.0.0.0:" + port, "http://0.0.0.0:" + port + "/", "failed private network"},
		{"meta.example:80", "http://meta.example/", "failed private network"},
		{"both.example:" + port, "http://both.example:" + port + "/", "failed private network"},
		{"rebind.example:" + port, "http://rebind.example:" + port + "/", "failed private network"},
		{"rebind.example", "http://rebind.example:" + port + "/", "failed private network"},
		{"127.0.0.1:" + port, "http://127.0.0.1:" + port + "/away", "failed sent on"},
		{"127.0.0.1:" + port, "http://127.0.0.1:1/", "refused"},
		{"a.example", "http://b.example/", "refused"},
		{"a.example:8080", "http://a.example/", "refused"},
		{"a.example", "http://a.example.evil.example/", "refused"},
		{"a.example", "http://a.example@evil.example/", "refused"},
		{"", "http://127.0.0.1:" + port + "/", "refused"},
	} {
		if got := r.press(c.callback, c.url); !strings.HasPrefix(got, strings.SplitN(c.want, " ", 2)[0]) || !strings.Contains(got, strings.TrimSpace(c.want[strings.IndexByte(c.want+" ", ' '):])) {
			t.Errorf("%q calls %s: %q, want %q", c.callback, c.url, got, c.want)
		}
		looked = 0
	}
	if hits != 2 {
		t.Errorf("%d calls arrived, want 2", hits)
	}
}

// press fires a button of a token with this callback, presses it, and tells what
// it shows then.
func (r *rig) press(callback, address string) string {
	r.t.Helper()
	secret := store.NewSecret(tokenPrefix)
	err := r.d.db.Update(func(tx *store.Tx) error {
		token := &store.Token{ID: tx.NewID(), Name: "gate", Scopes: []string{"fire"}}
		if callback != "" {
			token.Callbacks = []string{callback}
		}
		return tx.PutToken(token, secret)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	var out fired
	r.call(200, &out, "POST", "/api/assistant/fire", `{"text":"gate","actions":[{"kind":"http","label":"Open","url":"`+address+`"}]}`, bearer(secret))
	if len(out.Warnings) > 0 {
		return "refused " + out.Warnings[0]
	}
	var m store.Message
	resp := r.call(200, &m, "POST", "/api/messages/"+out.Message+"/act", `{"action":"1"}`)
	if strings.Contains(string(resp.Body), address) {
		r.t.Errorf("the address is told: %s", resp.Body)
	}
	return m.Actions[0].State + " " + m.Actions[0].Detail
}

// Whatever stands in at, ask and actions, a fire is read, bounded and kept.
func FuzzFireExtras(f *testing.F) {
	for _, s := range []string{`"30m"`, `{"choices":["a"],"timeout":"1h","default":"a"}`, `[{"kind":"http","label":"x","url":"http://a.example","headers":{"A":"b"}}]`, `"[1,2"`, `true`, `1e400`, `{"text":{}}`, `[[]]`, `"\u0000"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, name := range []string{"at", "ask", "actions", "run"} {
			in, err := parseFire("application/json", []byte(`{"text":"x","`+name+`":`+raw+`}`))
			if err != nil {
				continue
			}
			check(t, in)
			if in, err = parseFire("application/x-www-form-urlencoded", []byte(url.Values{"text": {"x"}, name: {raw}}.Encode())); err == nil {
				check(t, in)
			}
		}
	})
}

func check(t *testing.T, in *fireInput) {
	t.Helper()
	if a := in.Ask; a != nil && (len(a.Choices) > maxChoices || len(a.Choices) == 0 && !a.Text || a.Timeout < 0 || a.Timeout > maxAhead) {
		t.Errorf("ask %+v", a)
	}
	if len(in.Actions) > maxActions {
		t.Errorf("%d actions", len(in.Actions))
	}
	for _, a := range in.Actions {
		if why := a.check(); why != "" || a.Kind == actionOpen && !strings.HasPrefix(a.URL, "http") && !strings.HasPrefix(a.URL, "mailto:") {
			t.Errorf("action %+v %s", a, why)
		}
	}
	if at, _ := readTime(in.At, time.Now(), "Europe/Berlin"); !at.IsZero() && time.Until(at) > maxAhead+time.Minute {
		t.Errorf("at %q is %v", in.At, at)
	}
}
