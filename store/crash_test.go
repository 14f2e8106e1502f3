package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// With STORE_CRASH_DIR set, the test binary is the process that will be
// killed: eight callers write, rewrite and delete, and say on standard output
// what was acknowledged.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STORE_CRASH_DIR"); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	if dir := os.Getenv("STORE_CHAOS_DIR"); dir != "" {
		if err := chaos(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func writeUntilKilled(dir string) error {
	db, err := Open(dir, nil)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for i := range 8 {
		go func() {
			for n := 0; ; n++ {
				var ack string
				err := db.Update(func(tx *Tx) error {
					m := &Message{Role: Assistant, Status: Done, Text: fmt.Sprint("writer ", i)}
					if _, err := tx.Deliver(m); err != nil {
						return err
					}
					ack = "put " + m.ID
					if n%5 == 4 {
						ack = "gone " + m.ID
						return tx.DeleteMessage(m.ID)
					}
					return nil
				})
				if err != nil {
					failed <- err
					return
				}
				fmt.Println(ack)
			}
		}()
	}
	return <-failed
}

// kill -9 at a random moment, open again, and look, 30 times on one directory:
// every acknowledged change is there, none twice, no conversation doubled, the
// feed in order, and numbers never reused.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	want := map[string]bool{} // id → acknowledged as there (true) or gone
	var head Seq
	for round := range 30 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "STORE_CRASH_DIR="+dir)
		out := must(c.StdoutPipe())(t)
		ok(t, c.Start())
		sc := bufio.NewScanner(out)
		var killer *time.Timer
		for sc.Scan() {
			if killer == nil { // it lives: give it a moment
				killer = time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, func() { c.Process.Kill() })
			}
			what, id, _ := strings.Cut(sc.Text(), " ")
			if what != "put" && what != "gone" {
				t.Fatal(sc.Text())
			}
			want[id] = what == "put"
		}
		c.Wait()
		db := must(Open(dir, nil))(t)
		if db.Head().Seq < head {
			t.Fatalf("round %d: head went back from %d to %d", round, head, db.Head().Seq)
		}
		head = db.Head().Seq
		checkKilled(t, db, want)
		ok(t, db.Close())
	}
	if len(want) < 100 {
		t.Errorf("only %d changes in 30 rounds: the test shows nothing", len(want))
	}
	t.Logf("%d acknowledged changes survived", len(want))
}

func checkKilled(t *testing.T, db *DB, want map[string]bool) {
	t.Helper()
	have := map[string]bool{}
	unread, convs, last := 0, 0, Seq(0)
	for _, e := range read(t, db.Follow(0, "")) {
		if e.Seq <= last {
			t.Fatalf("change %d after %d", e.Seq, last)
		}
		last = e.Seq
		switch e.Kind {
		case "message":
			have[e.ID] = true
		case "conversation":
			var c Conversation
			ok(t, json.Unmarshal(e.Data(), &c))
			unread, convs = unread+c.Unread, convs+1
		}
	}
	for id, there := range want {
		if have[id] != there {
			t.Fatalf("%s: acknowledged %v, found %v", id, there, have[id])
		}
	}
	if convs > 1 || unread != len(have) {
		t.Fatalf("%d inboxes; %d unread, %d messages", convs, unread, len(have))
	}
}

// A process that dies between making a log file and giving it its size leaves a
// store that opens all the same, with everything in it.
func TestKillWhileMakingLogFile(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *Tx) error { return tx.PutConversation(&Conversation{ID: tx.NewID(), Title: "kept"}) })
	if err := errors.Join(err, db.Close(), os.WriteFile(filepath.Join(dir, "00031.mem"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if db, err = Open(dir, nil); err != nil {
			t.Fatal(err)
		}
		var cs []*Conversation
		err = db.View(func(tx *Tx) (err error) { cs, err = tx.Conversations(); return err })
		if err := errors.Join(err, db.Close()); err != nil || len(cs) != 1 || cs[0].Title != "kept" {
			t.Fatalf("got %d conversations, %v", len(cs), err)
		}
	}
}
