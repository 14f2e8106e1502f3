package store

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// texts returns the texts of the inbox, oldest first.
func texts(t testing.TB, db *DB) (all []string) {
	t.Helper()
	ok(t, db.View(func(tx *Tx) error {
		id, err := tx.InboxID()
		if err != nil || id == "" {
			return err
		}
		ms, err := tx.MessagesAfter(id, "", 1_000_000)
		for _, m := range ms {
			all = append(all, m.Text)
		}
		return err
	}))
	return all
}

func deliver(t testing.TB, db *DB, text string) {
	t.Helper()
	ok(t, db.Update(func(tx *Tx) error {
		_, err := tx.Deliver(&Message{Role: Assistant, Status: Done, Text: text})
		return err
	}))
}

// A backup that is made while eight callers write restores to exactly what was
// there after one of their changes: nothing of it is missing, nothing later is
// in it, and the feed says so.
func TestBackupUnderLoadIsAPrefix(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "store"))
	for i := range 500 {
		deliver(t, db, fmt.Sprint("before ", i))
	}
	stop, ended := make(chan struct{}), make(chan error, 8)
	for range 8 {
		go func() {
			for {
				select {
				case <-stop:
					ended <- nil
					return
				default:
				}
				if err := db.Update(func(tx *Tx) error { // two records that are never apart
					m := &Message{Role: Assistant, Status: Done, Text: "one"}
					if _, err := tx.Deliver(m); err != nil {
						return err
					}
					return tx.PutReminder(&Reminder{ID: m.ID, Text: "two", State: "done"})
				}); err != nil {
					ended <- err
					return
				}
			}
		}()
	}
	for round := range 4 {
		path := filepath.Join(dir, fmt.Sprint(round))
		b := must(db.BackupTo(path))(t)
		restored := filepath.Join(dir, fmt.Sprint("restored", round))
		must(Restore(path, restored, nil))(t)
		got := must(Check(restored))(t)
		if len(got.Faults) > 0 || got.Cursor.Seq != b.Cursor.Seq || got.Rows != b.Rows || got.Messages != 500+got.Reminders {
			t.Errorf("round %d: %+v of %+v", round, got, b)
		}
		if got.Cursor.Epoch == db.Head().Epoch {
			t.Error("clients would not notice: the epoch is the same")
		}
		t.Log(got.Messages, "messages up to", got.Cursor)
	}
	close(stop)
	for range 8 {
		ok(t, <-ended)
	}
}

// What is restored is all of it: secrets still let in, settings hold, and
// what was being written ends as interrupted and is not done again.
func TestRestoreBringsAllBack(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "store"))
	conv := talk(t, db)
	running := say(t, db, conv, "As I was s", Streaming)
	ok(t, db.Update(func(tx *Tx) error {
		if err := tx.PutDevice(&Device{ID: tx.NewID(), Name: "Pixel"}, "secret"); err != nil {
			return err
		}
		tx.SetOnce("fire", "key", []byte("body"), []byte("answer"))
		return tx.PutSettings(Settings{Zone: "Europe/Berlin"})
	}))
	path := filepath.Join(dir, "b")
	must(db.BackupTo(path))(t)
	if info := must(os.Stat(path))(t); info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read secrets: %s", info.Mode())
	}
	must(Restore(path, filepath.Join(dir, "new"), nil))(t)
	again := open(t, filepath.Join(dir, "new"))
	ok(t, again.View(func(tx *Tx) error {
		if d, err := tx.DeviceOf("secret"); err != nil || d.Name != "Pixel" {
			t.Error(d, err)
		}
		if s, err := tx.Settings(); err != nil || s.Zone != "Europe/Berlin" {
			t.Error(s, err)
		}
		if a, err := tx.Once("fire", "key", []byte("body")); err != nil || string(a) != "answer" {
			t.Error(string(a), err)
		}
		m, err := tx.Message(running.ID)
		if err != nil || m.Status != Failed || m.Reason != Interrupted || m.Error == nil || m.Text != "As I was s" {
			t.Errorf("%+v", m)
		}
		return err
	}))
}

// A file that is cut anywhere, or changed in any byte, is refused, and leaves
// nothing behind.
func TestDamagedBackupIsRefused(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "store"))
	deliver(t, db, "hello")
	var b bytes.Buffer
	must(db.Backup(&b))(t)
	whole := b.Bytes()
	bad := filepath.Join(dir, "bad")
	refuse := func(what string, data []byte) {
		t.Helper()
		ok(t, os.WriteFile(bad, data, 0o600))
		if err := Verify(bad); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	for n := 0; n < len(whole); n += 1 + len(whole)/40 {
		refuse(fmt.Sprint("cut to ", n), whole[:n])
		flipped := bytes.Clone(whole)
		flipped[n] ^= 0x40
		if n != 5 { // of zstd's own header, the window's size: it changes no content
			refuse(fmt.Sprint("bit flipped in ", n), flipped)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Error("left behind:", left, err)
	}
}

// A store of the first schema, as the released program left it, is opened with
// all that is in it, after a backup of it was made that can be restored.
func TestStoreOfSchema1(t *testing.T) {
	dir := t.TempDir()
	unpack(t, "testdata/schema1.tar.gz", dir)
	db := open(t, filepath.Join(dir, "store"))
	checkSchema1(t, db)
	deliver(t, db, "after")
	ok(t, db.Close())
	if r := must(Check(filepath.Join(dir, "store")))(t); len(r.Faults) > 0 || r.Schema != Schema || r.Messages != 14 {
		t.Errorf("%+v", r)
	}
	made := must(filepath.Glob(filepath.Join(dir, "backups", "before-schema-2-*.hark")))(t)
	if len(made) != 1 {
		t.Fatal(made)
	}
	if b := must(ReadBackup(made[0]))(t); b.Schema != 1 || b.Rows != 18 {
		t.Errorf("%+v", b)
	}
	must(Restore(made[0], filepath.Join(dir, "old"), nil))(t)
	checkSchema1(t, open(t, filepath.Join(dir, "old")))
}

func checkSchema1(t *testing.T, db *DB) {
	t.Helper()
	if got := strings.Join(texts(t, db), ","); got != "fire 0,fire 1,fire 2,fire 4,fire 5,fire 6,fire 7,fire 8,fire 9,fire 10,fire 11" {
		t.Error(got)
	}
	ok(t, db.View(func(tx *Tx) error {
		_, err := tx.DeviceOf("device-secret")
		_, err2 := tx.TokenOf("token-secret")
		return errors.Join(err, err2)
	}))
}

// A store that a newer program wrote is not touched.
func TestNewerStoreIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	ok(t, db.Update(func(tx *Tx) error { tx.set(schemaKey, []byte("99"), 0); return nil }))
	ok(t, db.Close())
	if _, err := Open(dir, nil); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "Install the newer version") {
		t.Error(err)
	}
}

func unpack(t testing.TB, archive, dir string) {
	t.Helper()
	f := must(os.Open(archive))(t)
	defer f.Close()
	for r := tar.NewReader(must(gzip.NewReader(f))(t)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		ok(t, err)
		name := filepath.Join(dir, h.Name)
		if h.Typeflag == tar.TypeDir {
			ok(t, os.MkdirAll(name, 0o700))
			continue
		}
		ok(t, os.WriteFile(name, must(io.ReadAll(r))(t), 0o600))
	}
}

// No bytes whatever make the reader of backups fail otherwise than with an
// error, or take more than a piece's worth of memory at once.
func FuzzReadBackup(f *testing.F) {
	db := open(f, "")
	deliver(f, db, "hello")
	var b bytes.Buffer
	must(db.Backup(&b))(f)
	f.Add(b.Bytes())
	f.Add([]byte("hark backup\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := newBackupReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		defer r.close()
		for range 1000 {
			if _, _, _, err := r.next(); err != nil {
				return
			}
		}
	})
}

// The newer of two slots counts; a slot that is half written, or damaged, is as
// if it were not there.
func TestWitnessSlots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	w := must(openWitness(dir))(t)
	for i := range 5 {
		ok(t, w.note(Witness{Epoch: "abc", Seq: Seq(i + 1), Rows: 7, At: time.Now()}, false))
	}
	ok(t, w.f.Close())
	whole := must(os.ReadFile(WitnessPath(dir)))(t)
	if len(whole) != 2*slotSize {
		t.Fatalf("%d bytes", len(whole))
	}
	for n := range whole {
		torn := bytes.Clone(whole)
		torn[n] = '?'
		if got, _ := parseWitness(torn); got == nil || got.Seq < 4 || got.Seq > 5 {
			t.Fatalf("byte %d: %+v", n, got)
		}
	}
	if got := must(ReadWitness(dir))(t); got.Seq != 5 || got.Rows != 7 || got.Files != "" {
		t.Errorf("%+v", got)
	}
}

// Whoever dies while a restored store takes the place of another never leaves
// what looks like a new Hark: it would begin empty.
func TestReplaceNeverLooksFresh(t *testing.T) {
	for died := range 5 {
		home := t.TempDir()
		dir, from, aside := filepath.Join(home, "store"), filepath.Join(home, "new"), filepath.Join(home, "aside")
		for _, name := range []string{dir, from} {
			db := open(t, name)
			deliver(t, db, name)
			ok(t, db.Close())
		}
		for _, move := range replacement(dir, from, aside)[:died] {
			ok(t, os.Rename(move[0], move[1]))
		}
		switch state := must(Examine(dir))(t); {
		case state == Gone && died == 1: // the backup is restored again
		case state == Fresh || state == Gone:
			t.Errorf("after %d moves: state %d", died, state)
		default:
			isWhole(t, dir)
		}
	}
}
