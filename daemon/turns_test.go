package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hark/store"
)

// fakeModel speaks the chat completions wire. It calls the tools that the test
// has laid ready, one an answer, and then says what the last one gave.
type fakeModel struct {
	*httptest.Server
	mu    sync.Mutex
	plan  [][2]string // name and arguments
	asked []string    // the last entry of each request
	keys  []string
}

func newFakeModel(t *testing.T, plan ...[2]string) *fakeModel {
	t.Helper()
	f := &fakeModel{plan: plan}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeModel) serve(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Messages []struct{ Role, Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	last := req.Messages[len(req.Messages)-1]
	f.asked = append(f.asked, last.Content)
	f.keys = append(f.keys, r.Header.Get("Authorization"))
	delta, finish := map[string]any{"content": "So: " + last.Content}, "stop"
	if len(f.plan) > 0 {
		call := map[string]any{"name": f.plan[0][0], "arguments": f.plan[0][1]}
		delta, finish = map[string]any{"tool_calls": []any{map[string]any{"index": 0, "id": "c1", "function": call}}}, "tool_calls"
		f.plan = f.plan[1:]
	}
	chunk, _ := json.Marshal(map[string]any{
		"choices": []any{map[string]any{"delta": delta, "finish_reason": finish}},
		"usage":   map[string]int{"prompt_tokens": 10, "completion_tokens": 5},
	})
	fmt.Fprintf(w, "data: %s\n\ndata: [DONE]\n\n", chunk)
}

// newModelRig is a rig whose turns go to a fake model.
func newModelRig(t *testing.T, plan ...[2]string) (*rig, *fakeModel) {
	t.Helper()
	f := newFakeModel(t, plan...)
	return newRig(t, func(c *Config) {
		c.Model = Model{URL: f.URL, Name: "m"}
		c.FetchAllow = []string{strings.TrimPrefix(f.URL, "http://")}
	}).begin(), f
}

// ask writes to the assistant and waits until the reply has ended or asks.
func (r *rig) ask(body string) *store.Message {
	r.t.Helper()
	var out chatAccepted
	r.call(202, &out, "POST", "/api/assistant/chat", body)
	return r.restful(out.Assistant)
}

// restful waits until a reply has ended or waits for the owner.
func (r *rig) restful(id string) *store.Message {
	r.t.Helper()
	return r.until(id, func(m *store.Message) bool { return !m.Status.Open() || m.Reason == store.WaitApproval })
}

// A model's reminder is set when the owner allows it, once, and changed and
// cancelled the same way.
func TestReminderTools(t *testing.T) {
	r, f := newModelRig(t, [2]string{"remind", `{"text":"water the plants","when":"tomorrow at 9"}`})
	m := r.ask(`{"text":"the plants need water in the morning","zone":"Europe/Berlin"}`)
	if m.Reason != store.WaitApproval || len(m.Steps) != 1 || m.Steps[0].Approval == nil || m.Steps[0].Approval.Risk != "first_use" {
		t.Fatalf("got %+v", m)
	}
	path := "/api/messages/" + m.ID + "/approve"
	decide := func(m *store.Message, decision string) *store.Message {
		t.Helper()
		r.call(200, nil, "POST", path, fmt.Sprintf(`{"step":%d,"decision":%q}`, m.Steps[len(m.Steps)-1].N, decision))
		return r.restful(m.ID)
	}
	r.fails(422, "invalid", "POST", path, fmt.Sprintf(`{"step":%d,"decision":"done"}`, m.Steps[0].N))
	r.fails(403, "forbidden", "POST", path, `{"step":2,"decision":"once"}`, bearer(r.token("chat")))
	m = decide(m, "always")
	if m.Status != store.Done || !strings.Contains(m.Text, "Set, as ") {
		t.Fatalf("got %+v", m)
	}
	r.fails(409, "conflict", "POST", path, fmt.Sprintf(`{"step":%d,"decision":"once"}`, m.Steps[0].N))
	var list struct{ Reminders []store.Reminder }
	r.call(200, &list, "GET", "/api/reminders", "")
	if len(list.Reminders) != 1 || list.Reminders[0].Text != "water the plants" || list.Reminders[0].Zone != "Europe/Berlin" {
		t.Fatalf("got %+v", list)
	}
	id := list.Reminders[0].ID
	for _, c := range []struct{ tool, args, want string }{
		{"list_reminders", `{}`, id + ": water the plants"},
		{"remind", `{"text":"x","when":"whenever"}`, "So: "},
		{"remind", `{"text":"x","when":"at 2001-01-01T09:00"}`, "past"},
		{"change_reminder", `{"id":"` + id + `","when":"every day at 8","text":"water all"}`, "Changed: water all"},
		{"change_reminder", `{"id":"nobody"}`, "no reminder with this id"},
		{"cancel_reminder", `{"id":"` + id + `"}`, "Cancelled: water all"},
	} {
		f.mu.Lock()
		f.plan = [][2]string{{c.tool, c.args}}
		f.mu.Unlock()
		r.call(200, nil, "PUT", "/api/tools/"+c.tool, `{"allowed":true}`)
		m := r.ask(`{"text":"go on"}`)
		if m.Status != store.Done || !strings.Contains(m.Text, c.want) {
			t.Errorf("%s %s: %q %+v, want %q", c.tool, c.args, m.Text, m.Error, c.want)
		}
		if len(m.Steps) == 1 && c.want == "past" && m.Steps[0].Status != store.StepError {
			t.Errorf("a step that failed is %q", m.Steps[0].Status)
		}
	}
	r.call(200, &list, "GET", "/api/reminders", "")
	if len(list.Reminders) != 0 {
		t.Errorf("left: %+v", list)
	}
}

// A page that asks for something gets nothing done: after it was read, what was
// always allowed asks again.
func TestPageCannotAct(t *testing.T) {
	r, f := newModelRig(t, [2]string{"fetch_page", ""}, [2]string{"cancel_reminder", ""})
	var made store.Reminder
	r.call(201, &made, "POST", "/api/reminders", `{"phrase":"remind me tomorrow at 9 to live","zone":"UTC"}`)
	f.plan[0][1] = `{"url":"` + f.URL + `/page"}`
	f.plan[1][1] = `{"id":"` + made.ID + `"}`
	r.call(200, nil, "PUT", "/api/tools/cancel_reminder", `{"allowed":true}`)
	m := r.ask(`{"text":"read that page"}`)
	if m.Reason != store.WaitApproval || len(m.Steps) != 2 || m.Steps[1].Approval.Risk != "outside" {
		t.Fatalf("got %+v", m)
	}
	r.call(200, nil, "GET", "/api/reminders/"+made.ID, "")
	var step struct{ Args, Result string }
	r.call(200, &step, "GET", fmt.Sprintf("/api/messages/%s/steps/%d", m.ID, m.Steps[0].N), "")
	if !strings.Contains(step.Args, f.URL) || step.Result == "" {
		t.Errorf("step: %+v", step)
	}
	r.call(200, m, "POST", "/api/messages/"+m.ID+"/stop", "")
	if m.Status != store.Done || m.Reason != store.Stopped || m.Steps[1].Status != store.StepError {
		t.Errorf("stopped: %+v", m)
	}
	r.call(200, nil, "GET", "/api/reminders/"+made.ID, "")
}

// An edited message is answered in place of the old one, which stays; the model
// is told of the new branch alone.
func TestEdit(t *testing.T) {
	r, f := newModelRig(t)
	one := r.ask(`{"text":"first"}`)
	conv := one.Conversation
	var page struct{ Messages []store.Message }
	r.call(200, &page, "GET", "/api/conversations/"+conv+"/messages", "")
	user := page.Messages[0].ID
	r.ask(`{"text":"second","conversation":"` + conv + `"}`)
	edit := func(id, text string) (out chatAccepted) {
		t.Helper()
		r.call(202, &out, "POST", "/api/messages/"+id+"/edit", `{"text":"`+text+`"}`)
		r.restful(out.Assistant)
		return out
	}
	a := edit(user, "changed")
	b := edit(a.User, "changed again")
	r.call(200, &page, "GET", "/api/conversations/"+conv+"/messages", "")
	if len(page.Messages) != 8 || strings.Join(page.Messages[0].Versions, " ") != a.User+" "+b.User {
		t.Errorf("%d messages, versions %v", len(page.Messages), page.Messages[0].Versions)
	}
	if m, err := r.d.message(b.User); err != nil || m.BranchOf != user {
		t.Errorf("branch of %q, %v", m.BranchOf, err)
	}
	last := r.ask(`{"text":"third","conversation":"` + conv + `"}`)
	if !strings.Contains(last.Text, "third") {
		t.Errorf("got %q", last.Text)
	}
	r.fails(409, "conflict", "POST", "/api/messages/"+last.ID+"/edit", `{"text":"x"}`)
	r.fails(422, "empty", "POST", "/api/messages/"+user+"/edit", `{"text":" "}`)
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := f.asked[len(f.asked)-2]; !strings.HasSuffix(got, "changed again") || strings.Contains(got, "first") {
		t.Errorf("the edited message was told as %q", got)
	}
}

// An edit or a retry that is sent again with its key, because its answer was
// lost, is done once.
func TestTurnIdempotency(t *testing.T) {
	r, _ := newModelRig(t)
	one := r.ask(`{"text":"first"}`)
	var page struct{ Messages []store.Message }
	messages := func() []store.Message {
		r.call(200, &page, "GET", "/api/conversations/"+one.Conversation+"/messages", "")
		return page.Messages
	}
	key, path := header("Idempotency-Key", "k1"), "/api/messages/"+messages()[0].ID+"/edit"
	var first, again chatAccepted
	r.call(202, &first, "POST", path, `{"text":"changed"}`, key)
	r.restful(first.Assistant)
	resp := r.call(202, &again, "POST", path, `{"text":"changed"}`, key)
	if again.User != first.User || again.Assistant != first.Assistant || resp.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("first %+v, again %+v", first, again)
	}
	r.fails(409, "idempotency_key_reused", "POST", path, `{"text":"other"}`, key)
	if ms := messages(); len(ms) != 4 {
		t.Errorf("%d messages", len(ms))
	}

	path = "/api/messages/" + first.Assistant + "/retry"
	r.call(202, nil, "POST", path, "", key)
	r.restful(first.Assistant)
	var m store.Message
	resp = r.call(202, &m, "POST", path, "", key)
	if m.Attempt != 2 || m.Status != store.Done || resp.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("a repeated retry: %+v", m)
	}
	r.call(202, &m, "POST", path, "", header("Idempotency-Key", "k2"))
	if m.Attempt != 3 {
		t.Errorf("another retry is attempt %d", m.Attempt)
	}
	r.restful(first.Assistant)
}

// Models are set up with keys that nobody can read back, tried before they are
// saved, and chosen for one conversation; what was configured wins by default.
func TestModelSettings(t *testing.T) {
	r, configured := newModelRig(t)
	other := newFakeModel(t)
	var got struct {
		OK           bool
		Code, Detail string
		Text         string
	}
	r.call(200, &got, "POST", "/api/settings/model/test", `{"url":"`+other.URL+`","model":"x","key":"sk-1"}`)
	if !got.OK || !strings.Contains(got.Text, "ready") {
		t.Errorf("trial: %+v", got)
	}
	r.call(200, &got, "POST", "/api/settings/model/test", `{"url":"http://127.0.0.1:1","model":"x","key":"sk-1"}`)
	if got.OK || got.Code != "model_unreachable" || strings.Contains(got.Detail, "sk-1") {
		t.Errorf("trial: %+v", got)
	}
	r.fails(403, "forbidden", "PUT", "/api/settings", `{"budget":5}`, bearer(r.token("chat")))
	r.fails(422, "invalid", "PUT", "/api/settings", `{"models":[{"kind":"telepathy","url":"http://x"}]}`)
	r.fails(422, "invalid", "PUT", "/api/settings", `{"default":"nobody"}`)
	var s settingsView
	body := string(r.call(200, &s, "PUT", "/api/settings", `{"budget":1000,"models":[{"name":"Other","url":"`+other.URL+`","model":"x","key":"sk-1"}]}`).Body)
	if len(s.Models) != 1 || !s.Models[0].KeySet || !s.FromEnv || s.Budget != 1000 || strings.Contains(body, "sk-1") {
		t.Fatalf("got %s", body)
	}
	id := s.Models[0].ID
	m := r.ask(`{"text":"hello"}`)
	if len(configured.asked) != 1 {
		t.Error("what was configured does not answer")
	}
	r.fails(422, "invalid", "PATCH", "/api/conversations/"+m.Conversation, `{"model":"nobody"}`)
	r.call(200, nil, "PATCH", "/api/conversations/"+m.Conversation, `{"model":"`+id+`"}`)
	r.ask(`{"text":"and you?","conversation":"` + m.Conversation + `"}`)
	if n := len(other.keys); n != 2 || other.keys[n-1] != "Bearer sk-1" {
		t.Errorf("asked with %v", other.keys)
	}
	// A key stays with its address, and goes nowhere else.
	body = string(r.call(200, &s, "PUT", "/api/settings", `{"models":[{"id":"`+id+`","name":"New","url":"`+other.URL+`","model":"x"}]}`).Body)
	if !s.Models[0].KeySet || s.Models[0].ID != id || s.Models[0].Name != "New" {
		t.Errorf("got %s", body)
	}
	r.call(200, &s, "PUT", "/api/settings", `{"models":[{"id":"`+id+`","url":"`+configured.URL+`","model":"x"}]}`)
	if s.Models[0].KeySet {
		t.Error("the key went to another address")
	}
	var u struct {
		Budget int
		Days   []store.DayUsage
	}
	r.call(200, &u, "GET", "/api/usage", "")
	if u.Budget != 1000 || len(u.Days) != 1 || u.Days[0].Turns != 2 || u.Days[0].Input != 20 {
		t.Errorf("usage: %+v", u)
	}
}

// A broken mcp.json keeps nobody from starting, and is told.
func TestBrokenServersFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mcp.json"), []byte(`{"mcpServers": {`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := reopen(t, dir, nil).begin()
	var got struct {
		Problem string
		Tools   []toolView
		Servers []any
	}
	r.call(200, &got, "GET", "/api/tools", "")
	if !strings.Contains(got.Problem, "mcp.json") || len(got.Tools) < 9 || got.Servers == nil {
		t.Errorf("got %+v", got)
	}
}
