package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever is done at the same time (replies that are written, conversations
// that are deleted below them, edits, replacements, reminders, pushes, imports,
// changes that the engine refuses), and whenever the process dies or the system
// with it, the store is found whole, the tally says what is there, what was
// acknowledged is there, and what was deleted is gone. Now and then a backup goes
// on in its place. HARK_SOAK makes it 120 lives long.
func TestChaos(t *testing.T) {
	lives := 6
	if os.Getenv("HARK_SOAK") != "" {
		lives = 120
	}
	dir := filepath.Join(t.TempDir(), "store")
	want := &acknowledged{kept: map[string]bool{}, gone: map[string]bool{}}
	for life := range lives {
		witness, _ := os.ReadFile(WitnessPath(dir)) // none before the first
		clean := rand.IntN(4) == 0
		want.live(t, dir, clean)
		if state := must(Examine(dir))(t); clean && state != Clean || !clean && state != Suspect {
			t.Fatalf("life %d: state %d, clean %t", life, state, clean)
		}
		if len(witness) > 0 && rand.IntN(3) == 0 { // the system died: the witness is an older one
			ok(t, os.WriteFile(WitnessPath(dir), witness, 0o600))
		}
		isWhole(t, dir)
		db := open(t, dir)
		want.check(t, db)
		if rand.IntN(5) == 0 {
			backup := filepath.Join(t.TempDir(), "backup")
			must(db.BackupTo(backup))(t)
			dir = filepath.Join(t.TempDir(), "store")
			must(Restore(backup, dir, nil))(t)
		}
		ok(t, db.Close())
		isWhole(t, dir)
	}
	if len(want.kept) < 10 || len(want.gone) < lives/4 {
		t.Errorf("%d kept, %d gone: the test shows nothing", len(want.kept), len(want.gone))
	}
	t.Logf("%d messages kept, %d conversations gone", len(want.kept), len(want.gone))
}

// acknowledged is what a process has said is on disk.
type acknowledged struct {
	kept map[string]bool // messages of a conversation that nobody deletes
	gone map[string]bool // conversations
}

// live has a process live for a moment.
func (a *acknowledged) live(t *testing.T, dir string, clean bool) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "STORE_CHAOS_DIR="+dir)
	out, in := must(c.StdoutPipe())(t), must(c.StdinPipe())(t)
	ok(t, c.Start())
	said, most := 0, 1+rand.IntN(30)
	for sc := bufio.NewScanner(out); sc.Scan(); {
		if said++; said == most { // some work, however slow the machine, and a moment
			time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, func() {
				if clean {
					in.Close()
				} else { // and not told to end as well: it might come to it first
					c.Process.Kill()
				}
			})
		}
		what, id, _ := strings.Cut(sc.Text(), " ")
		switch what {
		case "kept":
			a.kept[id] = true
		case "gone":
			a.gone[id] = true
		case "begun":
		default:
			t.Error(sc.Text())
		}
	}
	if err := c.Wait(); clean && err != nil {
		t.Fatal(err)
	}
}

func (a *acknowledged) check(t *testing.T, db *DB) {
	t.Helper()
	messages, convs, last := map[string]string{}, map[string]bool{}, Seq(0)
	for _, e := range read(t, db.Follow(0, "")) {
		if e.Seq <= last {
			t.Fatalf("change %d after %d", e.Seq, last)
		}
		switch last = e.Seq; e.Kind {
		case "message":
			messages[e.ID] = e.Conversation
		case "conversation":
			convs[e.ID] = true
			ok(t, json.Unmarshal(e.Data(), new(Conversation)))
		}
	}
	for id := range a.kept {
		if messages[id] == "" {
			t.Fatalf("%s was acknowledged and is not there", id)
		}
	}
	for id := range a.gone {
		if convs[id] {
			t.Fatalf("%s was deleted and is there", id)
		}
	}
	for id, conv := range messages {
		if !convs[conv] {
			t.Fatalf("message %s is in no conversation", id)
		}
	}
}

// chaos is what the process does that will be killed. It ends by itself when its
// standard input does.
func chaos(dir string) error {
	db, err := Open(dir, nil)
	if err != nil {
		return err
	}
	w := &chaosWorld{db: db}
	if err := w.begin(); err != nil {
		return err
	}
	stop, ended := make(chan struct{}), make(chan error, 1<<rand.IntN(4)) // alone, a group of writes has one kind of change
	for range cap(ended) {
		go func() {
			for {
				select {
				case <-stop:
					ended <- nil
					return
				default:
				}
				if err := w.act(rand.IntN(100)); err != nil && !w.tolerates(err) {
					ended <- err
					return
				}
			}
		}()
	}
	if rand.IntN(2) == 0 {
		go func() { _, _ = db.Unread() }() // else it is counted at the end
	}
	fmt.Println("begun")
	input := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(input) }()
	select {
	case err := <-ended:
		return err
	case <-input:
	}
	close(stop)
	for range cap(ended) {
		err = errors.Join(err, <-ended)
	}
	is, err2 := db.Unread()
	should, err3 := readAll(db)
	if is != should {
		err = errors.Join(err, fmt.Errorf("%d unread, and the disk says %d", is, should))
	}
	return errors.Join(err, err2, err3, db.Close())
}

// tolerates: what is worked on may have been deleted meanwhile, and a refused
// change takes its group with it.
func (w *chaosWorld) tolerates(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrSettled) || errors.Is(err, ErrTooBig) ||
		errors.Is(err, errChanged) || strings.Contains(err.Error(), "commit: ")
}
