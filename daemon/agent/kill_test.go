package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/store"
)

// The points at which a turn is killed: before and after everything it writes.
var killPoints = []string{"begun", "answered", "kept", "started", "called", "result", "ending"}

// Killed at any point of its journal and started again, every turn ends; a tool
// that must not be repeated is not, unless the owner says so; an idempotent one
// is repeated with its key; no answer that was kept is paid for twice; and the
// next message is answered.
func TestKillMatrix(t *testing.T) {
	if dir := os.Getenv(killDir); dir != "" {
		liveUntilKilled(t, dir)
		return
	}
	for _, class := range []string{"model", "read_only", "idempotent", "once"} {
		for _, point := range killPoints {
			t.Run(class+"/"+point, func(t *testing.T) {
				if class == "model" && point != "begun" && point != "answered" && point != "ending" {
					return // a turn without tools does not come there
				}
				w := newWorld(t, class)
				if out := w.live(t, point); out != "" {
					t.Fatalf("it was not killed: %s", out)
				}
				w.check(t, point, w.live(t, ""))
			})
		}
	}
}

// Killed just before and just after it asks the owner, a turn asks, once, and
// runs what was allowed.
func TestKillWhileAsking(t *testing.T) {
	for _, point := range []string{"asking", "asked"} {
		t.Run(point, func(t *testing.T) {
			w := newWorld(t, "ask")
			if out := w.live(t, point); out != "" {
				t.Fatalf("it was not killed: %s", out)
			}
			if got, want := w.live(t, ""), "pending waiting_approval Let me see.|done Done with next"; got != want || len(w.effects) > 0 {
				t.Errorf("got %q, want %q; effects %v", got, want, w.effects)
			}
		})
	}
}

// Whenever it is killed, and however often, what TestKillMatrix promises holds.
func TestKillAtRandom(t *testing.T) {
	for i := range 6 {
		w := newWorld(t, []string{"read_only", "idempotent", "once"}[i%3])
		for range 2 {
			w.liveFor(t, time.Duration(20+rand.IntN(300))*time.Millisecond)
		}
		w.check(t, "random", w.live(t, ""))
	}
}

// world is what outlives the process: the data folder, the model's server, and
// the place where the tool has its effect.
type world struct {
	dir, class string
	server     *httptest.Server

	mu      sync.Mutex
	asked   map[string]int // by what the model was shown last
	effects map[string]int // by key
}

func newWorld(t *testing.T, class string) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), class: class, asked: map[string]int{}, effects: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/chat/completions", w.model)
	mux.HandleFunc("/effect", func(_ http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.effects[r.URL.Query().Get("key")]++
	})
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.server.Close)
	return w
}

// model speaks the chat completions wire: it calls the tool once, then answers.
func (w *world) model(rw http.ResponseWriter, r *http.Request) {
	var req wireRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	last := req.Messages[len(req.Messages)-1]
	question := ""
	for _, m := range req.Messages {
		if m.Role == RoleUser {
			question = m.Content[strings.LastIndex(m.Content, "] ")+2:] // after the time of the last thing said
		}
	}
	w.mu.Lock()
	w.asked[string(last.Role)+" "+question]++
	w.mu.Unlock()
	if last.Role == RoleTool || w.class == "model" || question == "next" {
		say(rw, textChunk("Done with ")+textChunk(question)+finishChunk+"data: [DONE]\n\n")
		return
	}
	say(rw, textChunk("Let me see.")+
		`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"effect","arguments":"{}"}}]}}]}`+"\n\n"+
		`data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}`+"\n\ndata: [DONE]\n\n")
}

func (w *world) process(t *testing.T, point string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKillMatrix$")
	c.Env = append(os.Environ(), killDir+"="+w.dir, "HARK_TEST_URL="+w.server.URL, "HARK_TEST_CLASS="+w.class, "HARK_TEST_POINT="+point)
	return c
}

// live runs the process until it has settled the turn and tells what came of it
// and of the next message, or until it dies at point.
func (w *world) live(t *testing.T, point string) string {
	t.Helper()
	out, err := w.process(t, point).CombinedOutput()
	if point != "" && err != nil {
		return ""
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var told []string
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "told: "); ok {
			told = append(told, strings.TrimSpace(rest))
		}
	}
	return strings.Join(told, "|")
}

// liveFor kills the process after a time.
func (w *world) liveFor(t *testing.T, d time.Duration) {
	t.Helper()
	c := w.process(t, "")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(d, func() { _ = c.Process.Kill() })
	defer kill.Stop()
	_, _ = io.Copy(io.Discard, out)
	_ = c.Wait()
}

func (w *world) check(t *testing.T, point, told string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	want := "done Let me see.\n\nDone with go|done Done with next"
	switch {
	case point == "begun" || point == "answered" || w.class == "model": // nothing was finished: the owner decides
		want = "error interrupted interrupted|done Done with next"
	case w.class == "once" && (point == "started" || point == "called"):
		want = "pending waiting_approval Let me see.|done Done with next"
	}
	want = strings.ReplaceAll(want, "\n", "\\n")
	unknown := point == "random" && w.class == "once" && told == "pending waiting_approval Let me see.|done Done with next"
	// Before its first step a turn may end; once a tool has run it must go on.
	early := point == "random" && len(w.effects) == 0 && strings.HasPrefix(told, "error interrupted interrupted") &&
		strings.HasSuffix(told, "|done Done with next")
	if told != want && !unknown && !early {
		t.Errorf("%s/%s ended as %q, want %q", w.class, point, told, want)
	}
	if len(w.effects) > 1 {
		t.Errorf("the key changed: %v", w.effects)
	}
	for key, n := range w.effects {
		if w.class == "once" && n != 1 {
			t.Errorf("%s took effect %d times", key, n)
		}
	}
	if point == "random" {
		return
	}
	kept := point != "begun" && point != "answered"
	if n := w.asked["user go"]; w.class != "model" && kept && n != 1 {
		t.Errorf("an answer that was kept was asked for %d times", n)
	}
}

// liveUntilKilled is the process: it makes a turn, or finds it, and has it
// settled, and then the next one.
func liveUntilKilled(t *testing.T, dir string) {
	t.Helper()
	db, err := store.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	url, point := os.Getenv("HARK_TEST_URL"), os.Getenv("HARK_TEST_POINT")
	class := map[string]Replay{"read_only": ReadOnly, "idempotent": Idempotent, "once": Once}[os.Getenv("HARK_TEST_CLASS")]
	effect := Tool{Name: "effect", Replay: class, Parameters: json.RawMessage(`{"type":"object"}`), Call: func(ctx context.Context, c Call) (Output, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/effect?key="+c.Key, nil)
		if err != nil {
			return Output{}, err
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return Output{}, err
		}
		return Output{Text: "ok"}, resp.Body.Close()
	}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a := New(ctx, Config{
		DB: db, Zone: "UTC", Tools: []Toolbox{box{effect}},
		Model: func(string) Model { return Model{URL: url, Name: "m"} },
	})
	a.point = func(name string) {
		if name == point {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {}
		}
	}
	h := &house{t: t, db: db, a: a, end: cancel}
	defer h.close()
	first := h.first()
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	a.Kick(h.conv)
	out := bufio.NewWriter(os.Stdout)
	h.await(first)
	next := h.say("next")
	h.await(next)
	for _, id := range []string{first, next} {
		fmt.Fprintf(out, "\ntold: %s\n", strings.ReplaceAll(h.state(id), "\n", "\\n"))
	}
	_ = out.Flush()
}

// first makes the turn, unless an earlier process did.
func (h *house) first() (id string) {
	h.t.Helper()
	h.update(func(tx *store.Tx) error {
		cs, err := tx.Conversations()
		if len(cs) > 0 {
			h.conv = cs[0].ID
			ms, _, err := tx.Messages(h.conv, "", 10)
			for _, m := range ms {
				if m.Role == store.Assistant && id == "" {
					id = m.ID
				}
			}
			return err
		}
		return err
	})
	if id != "" {
		return id
	}
	if os.Getenv("HARK_TEST_CLASS") != "ask" {
		h.update(func(tx *store.Tx) error { return tx.PutSettings(store.Settings{Allowed: []string{"effect"}}) })
	}
	if h.conv == "" {
		h.conv = h.open()
	}
	return h.write(h.conv, "go")
}

// await waits until a turn has ended or waits for the owner.
func (h *house) await(id string) {
	h.t.Helper()
	over := time.After(20 * time.Second)
	for f := h.db.Follow(0, ""); ; {
		if _, err := f.Read(); err != nil {
			h.t.Fatal(err)
		}
		if m := h.message(id); !m.Status.Open() || m.Reason == store.WaitApproval {
			return
		}
		select {
		case <-f.News():
		case <-over:
			h.t.Fatal("it did not settle: " + h.state(id))
		}
	}
}
