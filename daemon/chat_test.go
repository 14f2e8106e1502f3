package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hark/store"
)

type accepted struct {
	Conversation, Status, Cursor string
	User                         string `json:"user_message"`
	Assistant                    string `json:"assistant_message"`
}

func (r *rig) say(text string, more ...string) accepted {
	r.t.Helper()
	var a accepted
	body, err := json.Marshal(text)
	if err != nil {
		r.t.Fatal(err)
	}
	r.call(202, &a, "POST", "/api/assistant/chat", `{"text":`+string(body)+strings.Join(more, "")+`}`)
	return a
}

// hanging is a model server that takes the question and never answers. asked
// gets a value with each question.
func hanging(t *testing.T) (url string, asked chan struct{}) {
	t.Helper()
	asked = make(chan struct{}, 16)
	ctx, cancel := context.WithCancel(context.Background())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-ctx.Done():
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { cancel(); srv.Close() })
	return srv.URL, asked
}

// Chat answers before the model does: one that hangs delays nobody.
func TestChatAnswersBeforeTheModel(t *testing.T) {
	url, asked := hanging(t)
	r := newRig(t, func(c *Config) { c.Model = Model{URL: url, Name: "m"} }).begin()
	a := r.say("what is the weather on the moon like")
	if a.Status != "pending" || !store.ValidID(a.User) || !store.ValidID(a.Assistant) || a.User >= a.Assistant {
		t.Errorf("answer %+v", a)
	}
	<-asked
	r.call(200, nil, "GET", "/api/conversations/"+a.Conversation+"/messages", "")
	var m store.Message
	r.call(200, &m, "POST", "/api/messages/"+a.Assistant+"/stop", "")
	if m.Status != store.Done || m.Reason != store.Stopped {
		t.Errorf("stopped: %s %s", m.Status, m.Reason)
	}
	r.call(200, nil, "POST", "/api/messages/"+a.Assistant+"/stop", "")
	r.call(202, &m, "POST", "/api/messages/"+a.Assistant+"/retry", "")
	if m.Attempt != 2 {
		t.Errorf("attempt %d", m.Attempt)
	}
	<-asked
}

// A second message while a reply is written waits, is refused, or takes its
// place, as when_busy says.
func TestChatWhenBusy(t *testing.T) {
	url, asked := hanging(t)
	r := newRig(t, func(c *Config) { c.Model = Model{URL: url, Name: "m"} }).begin()
	first := r.say("tell me a long story")
	<-asked
	in := `,"conversation":"` + first.Conversation + `"`
	second := r.say("and another", in)
	if m, err := r.d.message(second.Assistant); err != nil || m.Reason != store.Queued {
		t.Errorf("second: %+v %v", m, err)
	}
	r.fails(409, "busy", "POST", "/api/assistant/chat", `{"text":"now","when_busy":"reject"`+in+`}`)
	third := r.say("stop that, and count to 3", in, `,"when_busy":"interrupt"`)
	<-asked
	for _, id := range []string{first.Assistant, second.Assistant} {
		if m, err := r.d.message(id); err != nil || m.Reason != store.Stopped {
			t.Errorf("interrupted: %+v %v", m, err)
		}
	}
	if m, err := r.d.message(third.Assistant); err != nil || !m.Status.Open() {
		t.Errorf("third: %+v %v", m, err)
	}
}

// The same key gets the same answer, also after a restart; with another text it
// is refused.
func TestChatIdempotency(t *testing.T) {
	dir := t.TempDir()
	key := header("Idempotency-Key", "k1")
	var first, second accepted
	t.Run("first", func(t *testing.T) {
		r := reopen(t, dir, nil)
		resp := r.call(202, &first, "POST", "/api/assistant/chat", `{"text":"hello"}`, key)
		if resp.Header.Get("Idempotent-Replayed") != "" {
			t.Error("the first answer claims to be a repetition")
		}
	})
	t.Run("again", func(t *testing.T) {
		r := reopen(t, dir, nil)
		resp := r.call(202, &second, "POST", "/api/assistant/chat", `{ "text": "hello" }`, key)
		if second != first || resp.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("first %+v, again %+v", first, second)
		}
		r.fails(409, "idempotency_key_reused", "POST", "/api/assistant/chat", `{"text":"other"}`, key)
		r.fails(400, "bad_request", "POST", "/api/assistant/chat", `{"text":"hello"}`, header("Idempotency-Key", strings.Repeat("x", 129)))
		var list struct{ Conversations []store.Conversation }
		r.call(200, &list, "GET", "/api/conversations", "")
		if len(list.Conversations) != 1 {
			t.Errorf("%d conversations", len(list.Conversations))
		}
	})
}

// What can't be a message is refused with a sentence, and nothing is written.
func TestChatRefusals(t *testing.T) {
	r := newRig(t, nil)
	a := r.say("hello")
	head := r.d.db.Head()
	for _, c := range []struct {
		status     int
		code, body string
	}{
		{422, "empty", `{"text":" \n"}`},
		{422, "empty", `{}`},
		{413, "too_large", `{"text":"` + strings.Repeat("x", 256<<10+1) + `"}`},
		{413, "too_large", `{"text":"` + strings.Repeat("x", 1<<20) + `"}`},
		{404, "not_found", `{"text":"x","conversation":"01AAAAAAAAAAAAAAAAAAAAAAAA"}`},
		{404, "not_found", `{"text":"x","reply_to":"01AAAAAAAAAAAAAAAAAAAAAAAA"}`},
		{422, "invalid", `{"text":"x","when_busy":"maybe"}`},
		{422, "invalid", `{"text":"x","zone":"Mars/Olympus"}`},
		{422, "invalid", `{"text":"x","zone":"Local"}`},
		{422, "invalid", `{"text":"x","zone":"../../etc/passwd"}`},
		{422, "invalid", `{"text":7}`},
		{400, "bad_json", `{"text":"x"`},
		{400, "bad_json", "{\"text\":\"\xff\"}"},
		{422, "invalid", fmt.Sprintf(`{"text":"x","reply_to":%q,"conversation":"01AAAAAAAAAAAAAAAAAAAAAAAA"}`, a.User)},
	} {
		r.fails(c.status, c.code, "POST", "/api/assistant/chat", c.body)
	}
	r.fails(415, "unsupported_media_type", "POST", "/api/assistant/chat", `text=x`, header("Content-Type", "application/x-www-form-urlencoded"))
	if got := r.d.db.Head(); got != head {
		t.Errorf("a refused message changed the store: %v, then %v", head, got)
	}
}

// A reply that a dead process left open ends in error and keeps its text; the
// next message is answered.
func TestRestartWithOpenTurn(t *testing.T) {
	dir := t.TempDir()
	var a accepted
	t.Run("killed", func(t *testing.T) {
		r := reopen(t, dir, nil)
		a = r.say("tell me a story")
		w, err := r.d.db.Stream(a.Assistant)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString("Once upon"); err != nil {
			t.Fatal(err)
		}
		if err := w.Update(func(*store.Tx, *store.Message) error { return nil }); err != nil { // a checkpoint
			t.Fatal(err)
		}
		w.Abandon()
	})
	t.Run("started again", func(t *testing.T) {
		r := reopen(t, dir, nil).begin()
		m, err := r.d.message(a.Assistant)
		if err != nil || m.Status != store.Failed || m.Error == nil || m.Error.Code != "interrupted" || !m.Error.Retryable || m.Text != "Once upon" {
			t.Fatalf("%+v %+v %v", m, m.Error, err)
		}
		r.call(202, nil, "POST", "/api/messages/"+a.Assistant+"/retry", "")
		if m := r.settled(a.Assistant); m.Status != store.Done || m.Attempt != 2 {
			t.Errorf("retried: %+v", m)
		}
	})
}

// Titles are the beginning of the first message, cut at a word.
func TestTitles(t *testing.T) {
	for text, want := range map[string]string{
		"hello":          "hello",
		"  two\n lines ": "two lines",
		"remind me in twenty minutes to take the bread out of the oven": "remind me in twenty minutes to take the bread…",
		strings.Repeat("ä", 100): strings.Repeat("ä", 48) + "…",
	} {
		if got := titleOf(text); got != want {
			t.Errorf("titleOf(%q) = %q, want %q", text, got, want)
		}
	}
}
