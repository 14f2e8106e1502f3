package scheduler

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"hark/store"
)

// With SCHEDULER_CRASH_DIR set, the test binary is the process that will be
// killed: it fires what is due.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SCHEDULER_CRASH_DIR"); dir != "" {
		if err := fireUntilKilled(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func fireUntilKilled(dir string) error {
	db, err := store.Open(dir, nil)
	if err != nil {
		return err
	}
	fmt.Println("alive")
	return New(Config{DB: db}).Run(context.Background())
}

const (
	crashReminders = 3000
	crashKills     = 40
	crashFor       = 10 * time.Second
)

// kill -9 at random moments while 3,000 reminders come due within ten seconds,
// one-shots and recurring ones that repeat: each one-shot has fired once, none
// twice, none was lost, and each firing is in the history.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	due := plant(t, dir)
	kills := 0
	for end := time.Now().Add(crashFor + time.Second); kills < crashKills || time.Now().Before(end); kills++ {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "SCHEDULER_CRASH_DIR="+dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		line := bufio.NewScanner(out)
		if !line.Scan() || line.Text() != "alive" {
			t.Fatalf("it said %q", line.Text())
		}
		time.AfterFunc(time.Duration(rand.IntN(300))*time.Millisecond, func() { c.Process.Kill() })
		for line.Scan() {
			t.Fatal(line.Text())
		}
		c.Wait()
	}
	db, err := store.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	s := New(Config{DB: db})
	over := make(chan error)
	go func() { over <- s.Run(ctx) }()
	for f := db.Follow(0, ""); ; <-f.News() {
		if _, err := f.Read(); err != nil { // arms the bell, so that the last firing is not missed
			t.Fatal(err)
		}
		if waiting(t, db) == 0 {
			break
		}
	}
	cancel()
	if err := <-over; err != nil {
		t.Error(err)
	}
	checkFired(t, db, due, kills)
}

// plant makes reminders that come due within crashFor from a second on.
func plant(t *testing.T, dir string) (due map[string]bool) {
	t.Helper()
	db, err := store.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	due = map[string]bool{}
	begin := time.Now().Add(time.Second)
	for len(due) < crashReminders {
		err := db.Update(func(tx *store.Tx) error {
			for range 500 {
				at := store.At(begin.Add(time.Duration(len(due)) * crashFor / crashReminders))
				r := &store.Reminder{
					ID: tx.NewID(), Text: "x", Zone: "UTC", State: store.Active, Next: &at, Kind: Message, Misfire: MisfireLate,
					Schedule: "at " + at.Format(time.RFC3339),
				}
				due[r.ID] = true
				if err := tx.PutReminder(r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return due
}

// waiting is how many reminders have not fired yet.
func waiting(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	err := db.View(func(tx *store.Tx) error {
		rs, err := tx.Reminders()
		for _, r := range rs {
			if r.State != store.Finished {
				n++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func checkFired(t *testing.T, db *store.DB, due map[string]bool, kills int) {
	t.Helper()
	times := map[string]int{}
	err := db.View(func(tx *store.Tx) error {
		inbox, err := tx.Conversations()
		if err != nil || len(inbox) != 1 {
			return fmt.Errorf("%d conversations: %w", len(inbox), err)
		}
		ms, _, err := tx.Messages(inbox[0].ID, "", 2*crashReminders)
		for _, m := range ms {
			times[m.Source.ID]++
		}
		for id := range due {
			list, _, err := tx.Occurrences(id, "", 10)
			if err != nil || len(list) != 1 || list[0].Message == "" {
				t.Errorf("%s: history %v %v", id, list, err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	lost, twice := 0, 0
	for id := range due {
		switch times[id] {
		case 0:
			lost++
		case 1:
		default:
			twice++
		}
	}
	if lost > 0 || twice > 0 || len(times) != len(due) {
		t.Errorf("of %d reminders %d were lost and %d came twice", len(due), lost, twice)
	}
	t.Logf("%d kills: %d fired, %d twice, %d lost", kills, len(times), twice, lost)
}
