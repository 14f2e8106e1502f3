package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hark/store"
)

// Of 10,000 fires from 64 callers, who try again at random and while the program
// is killed and started again, every acknowledged one is there once. HARK_SOAK
// has it killed 60 times.
func TestFireKill(t *testing.T) {
	const callers = 64
	fires, kills := 10_000, 6
	if os.Getenv("HARK_SOAK") != "" {
		kills = 60
	}
	w := newWorld(t, buildHark(t, ""), "model", 0)
	if err := os.WriteFile(filepath.Join(w.dir, "hark.toml"), []byte("[limits]\nfire_per_minute = 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var now atomic.Pointer[life]
	begin := func() {
		l, err := w.start("")
		if err != nil {
			t.Fatal(err)
		}
		now.Store(l)
	}
	begin()
	var told sync.Map // text → message id
	var done atomic.Int64
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for n := c; n < fires; n += callers {
				if err := fireUntilHeard(&now, &told, fmt.Sprintf("fire %d", n)); err != nil {
					t.Error(err)
				}
				done.Add(1)
			}
		})
	}
	for k := range kills { // spread over the work, each at its own moment
		at := int64(fires) * int64(k+1) / int64(kills+1)
		for done.Load() < at && !t.Failed() {
			<-time.After(time.Millisecond)
		}
		<-time.After(time.Duration(rand.IntN(20)) * time.Millisecond)
		now.Load().kill()
		begin()
	}
	all.Wait()
	defer func() { now.Load().kill() }()
	present := map[string][]string{}
	var list struct{ Conversations []store.Conversation }
	if err := now.Load().call("GET", "/api/conversations", "", &list); err != nil || len(list.Conversations) != 1 {
		t.Fatalf("%d conversations, %v", len(list.Conversations), err)
	}
	before, more := "", true
	for more {
		var page struct {
			Messages []store.Message
			More     bool
		}
		path := "/api/conversations/" + list.Conversations[0].ID + "/messages?limit=200&before=" + before
		if err := now.Load().call("GET", path, "", &page); err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			present[m.Text] = append(present[m.Text], m.ID)
		}
		if more = page.More; more {
			before = page.Messages[0].ID
		}
	}
	told.Range(func(text, id any) bool {
		if ids := present[text.(string)]; len(ids) != 1 || ids[0] != id {
			t.Errorf("%s was acknowledged as %s, and is there as %q", text, id, ids)
		}
		return true
	})
	if len(present) != fires {
		t.Errorf("%d messages, want %d", len(present), fires)
	}
	t.Logf("%d fires from %d callers, killed %d times", fires, callers, kills)
}

// fireUntilHeard fires until it is acknowledged, and now and then once more.
func fireUntilHeard(now *atomic.Pointer[life], told *sync.Map, text string) error {
	body := fmt.Sprintf(`{"text":%q}`, text)
	for over := time.Now().Add(2 * time.Minute); time.Now().Before(over); {
		l := now.Load()
		var out struct{ Message string }
		if err := l.call("POST", "/api/assistant/fire", body, &out); err != nil {
			select { // until there is another process, or in a moment
			case <-l.gone:
			case <-time.After(time.Duration(rand.IntN(20)+1) * time.Millisecond):
			}
			continue
		}
		if before, again := told.LoadOrStore(text, out.Message); again && before != out.Message {
			return fmt.Errorf("%s is %s, and then %s", text, before, out.Message)
		}
		if rand.IntN(8) == 0 {
			continue // as one who did not hear the answer
		}
		return nil
	}
	return fmt.Errorf("%s is never acknowledged", text)
}
