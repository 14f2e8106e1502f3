package push

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/e2e/pushsvc"
	"hark/store"
)

// With PUSH_CRASH_DIR set, the test binary is the process that will be killed: it
// says something again and again, tells on standard output what was committed,
// and, unless PUSH_CRASH_MUTE is set, sends.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PUSH_CRASH_DIR"); dir != "" {
		if err := pushUntilKilled(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func pushUntilKilled(dir string) error {
	db, err := store.Open(dir, nil)
	if err != nil {
		return err
	}
	s, err := New(Config{DB: db, Allow: []string{os.Getenv("PUSH_CRASH_ALLOW")}})
	if err != nil {
		return err
	}
	failed := make(chan error)
	if os.Getenv("PUSH_CRASH_MUTE") == "" {
		go func() { failed <- s.Run(context.Background()) }()
	}
	go func() {
		for {
			id := ""
			err := db.Update(func(tx *store.Tx) error {
				m := &store.Message{Role: store.Assistant, Status: store.Done, Text: "hello", Priority: 5}
				_, err := tx.Deliver(m)
				id = m.ID
				return err
			})
			if err != nil {
				failed <- err
				return
			}
			fmt.Println(id)
		}
	}()
	return <-failed
}

// crashRig is a store on disk with one device, and a push service on a real
// socket that can be told to swallow its answers.
type crashRig struct {
	t       *testing.T
	dir     string
	svc     *pushsvc.Service
	browser *pushsvc.Browser
	allow   string
	mu      sync.Mutex
	swallow chan struct{} // not nil: answers wait until it is closed
}

func newCrashRig(t *testing.T) *crashRig {
	t.Helper()
	c := &crashRig{t: t, dir: t.TempDir(), svc: pushsvc.New()}
	front := httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(front.Close)
	c.allow = strings.TrimPrefix(front.URL, "http://")
	c.open(func(db *store.DB, s *Sender) {
		var err error
		c.browser, err = c.svc.Subscribe(s.Key())
		ok(t, err)
		ok(t, db.Update(func(tx *store.Tx) error {
			set, err := tx.Settings()
			set.Escalate = 0
			if err := errorOr(err, tx.PutSettings(set)); err != nil {
				return err
			}
			if err := tx.PutDevice(&store.Device{ID: "phone", Name: "phone"}, ""); err != nil {
				return err
			}
			return tx.PutSubscription(subscriptionOf("phone", front.URL+"/wpush/v2/"+c.browser.Token, c.browser))
		}))
	})
	return c
}

func (c *crashRig) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	swallow := c.swallow
	c.mu.Unlock()
	if swallow == nil {
		c.svc.Handler().ServeHTTP(w, r)
		return
	}
	c.svc.Handler().ServeHTTP(httptest.NewRecorder(), r)
	<-swallow // the sender is dead by then
}

func (c *crashRig) open(fn func(*store.DB, *Sender)) {
	c.t.Helper()
	db, err := store.Open(c.dir, nil)
	ok(c.t, err)
	s, err := New(Config{DB: db, Allow: []string{c.allow}})
	ok(c.t, err)
	fn(db, s)
	ok(c.t, db.Close())
}

// child runs a process until it is killed, which is up to the caller of kill.
// What it committed is in the channel, which is closed when it has ended.
func (c *crashRig) child(env ...string) (committed <-chan string, kill func()) {
	c.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "PUSH_CRASH_DIR="+c.dir, "PUSH_CRASH_ALLOW="+c.allow), env...)
	out, err := cmd.StdoutPipe()
	ok(c.t, err)
	ok(c.t, cmd.Start())
	ids := make(chan string, 1<<16)
	go func() {
		for sc := bufio.NewScanner(out); sc.Scan(); {
			if why, failed := strings.CutPrefix(sc.Text(), "error: "); failed {
				c.t.Errorf("the process that was to be killed ended by itself: %s", why)
				break
			}
			ids <- sc.Text()
		}
		_ = cmd.Wait()
		close(ids)
	}()
	return ids, func() { _ = cmd.Process.Kill() }
}

// settle sends what is left, and returns how often each message was pushed: also
// those that were committed when the process died before it could say so.
func (c *crashRig) settle() map[string]int {
	c.t.Helper()
	c.open(func(db *store.DB, s *Sender) {
		ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		for {
			left := 0
			news := db.Pushes()
			ok(c.t, db.View(func(tx *store.Tx) error {
				rows, err := tx.Outbox("phone", 1)
				left = len(rows)
				return err
			}))
			if left == 0 || ctx.Err() != nil {
				break
			}
			select { // a look every now and then: an accepted push rings no bell of its own
			case <-news:
			case <-time.After(20 * time.Millisecond):
			}
		}
		cancel()
		ok(c.t, <-done)
	})
	times := map[string]int{}
	texts, err := c.browser.Inbox()
	ok(c.t, err)
	for _, text := range texts {
		var n note
		ok(c.t, json.Unmarshal(text, &n))
		times[n.Notification.Tag]++
	}
	return times
}

// kill -9 after the commit and before anything is sent: the push goes out, once.
func TestKillBeforeSend(t *testing.T) {
	c := newCrashRig(t)
	ids, kill := c.child("PUSH_CRASH_MUTE=1")
	want := map[string]bool{<-ids: true}
	kill()
	for id := range ids {
		want[id] = true
	}
	if n := c.svc.Events(); len(n) != 1 {
		t.Errorf("sent by a process that was not to: %d", len(n)-1)
	}
	for id := range want {
		if n := c.settle()[id]; n != 1 {
			t.Errorf("%s was pushed %d times", id, n)
		}
		break // they are all alike, and there may be thousands
	}
}

// kill -9 after the push service has taken a push and before its answer is
// there: the push goes out again, with the same tag, and none is lost.
func TestKillBeforeAnswer(t *testing.T) {
	c := newCrashRig(t)
	swallow := make(chan struct{})
	c.mu.Lock()
	c.swallow = swallow
	c.mu.Unlock()
	ids, kill := c.child()
	_, err := c.svc.Wait(t.Context(), 0, func(e pushsvc.Event) bool { return e.Kind == pushsvc.Posted })
	ok(t, err)
	kill()
	for range ids { // until it is dead
	}
	c.mu.Lock()
	c.swallow = nil
	c.mu.Unlock()
	close(swallow)
	twice := 0
	for id, n := range c.settle() {
		if n > 2 {
			t.Errorf("%s was pushed %d times", id, n)
		}
		twice += n - 1
	}
	if twice != 1 {
		t.Errorf("%d pushes came twice, want the one that was on its way", twice)
	}
}

// kill -9 at random, again and again: what was committed is pushed, in order, and
// at most the one push that was on its way comes twice.
func TestKill(t *testing.T) {
	c := newCrashRig(t)
	want := map[string]bool{}
	const rounds = 8
	for range rounds {
		ids, kill := c.child()
		id, alive := <-ids
		if !alive {
			t.Fatal("the process ended by itself")
		}
		timer := time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, kill)
		for want[id] = true; alive; id, alive = <-ids {
			want[id] = true
		}
		timer.Stop()
	}
	times := c.settle()
	lost, twice := 0, 0
	for id := range want {
		if times[id] == 0 {
			t.Errorf("%q was committed and not pushed", id)
			lost++
		}
	}
	for _, n := range times {
		twice += n - 1
	}
	t.Logf("%d kills, %d messages, %d lost, %d pushed twice", rounds, len(want), lost, twice)
	if lost > 0 || twice > rounds {
		t.Errorf("lost %d, twice %d", lost, twice)
	}
}
