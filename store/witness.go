package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Witness is what is known of a store from outside its database: the engine
// opens after some damage to its files without a word, and only who
// remembers how much there was can tell.
type Witness struct {
	Epoch string
	Seq   Seq    // of the last change that was acknowledged
	Rows  uint64 // entries of the feed at that time
	At    time.Time
	// Files stands for the database's files as they were when it was last closed; it is empty while the store is open and after a crash.
	Files string
}

const (
	slotSize    = 160 // below a disk sector, which is written whole or not at all
	witnessForm = "hark-witness %d %s %d %d %d %s"
	// witnessSync is how often the witness is put on disk itself. Between, it is
	// handed to the system, which keeps it when only this process dies.
	witnessSync = 5 * time.Second
)

// WitnessPath is where the witness of the store in dir lies: beside it.
func WitnessPath(dir string) string { return dir + ".witness" }

// ReadWitness returns what is remembered of the store in dir, or nil if nothing
// is, or nothing that can be read.
func ReadWitness(dir string) (*Witness, error) {
	b, err := os.ReadFile(WitnessPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read witness: %w", err)
	}
	w, _ := parseWitness(b)
	return w, nil
}

// parseWitness returns the newer of the two slots and its generation.
func parseWitness(b []byte) (newest *Witness, gen uint64) {
	for len(b) > 0 {
		slot := b[:min(slotSize, len(b))]
		b = b[len(slot):]
		w, g, err := parseSlot(slot)
		if err == nil && (newest == nil || g > gen) {
			newest, gen = w, g
		}
	}
	return newest, gen
}

func parseSlot(b []byte) (*Witness, uint64, error) {
	text, sum, ok := bytes.Cut(bytes.TrimSpace(b), []byte(" #"))
	if !ok || fmt.Sprintf("%08x", crc32.Checksum(text, castagnoli)) != string(sum) {
		return nil, 0, ErrCorrupt
	}
	w, gen, ms := new(Witness), uint64(0), int64(0)
	if _, err := fmt.Sscanf(string(text), witnessForm, &gen, &w.Epoch, &w.Seq, &w.Rows, &ms, &w.Files); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if w.Files == "-" {
		w.Files = ""
	}
	w.At = time.UnixMilli(ms)
	return w, gen, nil
}

// witnessFile is the witness of an open store. It belongs to the writer's
// goroutine. Two slots are written in turn, so that one is always whole.
type witnessFile struct {
	f      *os.File
	gen    uint64
	synced time.Time
}

func openWitness(dir string) (*witnessFile, error) {
	f, err := os.OpenFile(WitnessPath(dir), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	b := make([]byte, 2*slotSize)
	n, _ := f.ReadAt(b, 0) // a short file has fewer slots
	_, gen := parseWitness(b[:n])
	return &witnessFile{f: f, gen: gen}, nil
}

// note remembers w. It is on disk within witnessSync, or at once if asked.
func (wf *witnessFile) note(w Witness, now bool) error {
	wf.gen++
	text := fmt.Sprintf(witnessForm, wf.gen, w.Epoch, w.Seq, w.Rows, w.At.UnixMilli(), cmp.Or(w.Files, "-"))
	text = fmt.Sprintf("%s #%08x", text, crc32.Checksum([]byte(text), castagnoli))
	text = fmt.Sprintf("%-*s\n", slotSize-1, text)
	if _, err := wf.f.WriteAt([]byte(text), int64(wf.gen%2)*slotSize); err != nil {
		return fmt.Errorf("write witness: %w", err)
	}
	if now || time.Since(wf.synced) > witnessSync {
		wf.synced = time.Now()
		if err := wf.f.Sync(); err != nil {
			return fmt.Errorf("write witness: %w", err)
		}
	}
	return nil
}

// filesOf stands for names, sizes and times of the files of a closed database,
// and for what its table of contents says.
func filesOf(dir string) (string, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("list the store: %w", err)
	}
	sum := sha256.New()
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			return "", fmt.Errorf("list the store: %w", err)
		}
		if e.IsDir() || e.Name() == "LOCK" {
			continue
		}
		fmt.Fprintf(sum, "%s %d %d\n", e.Name(), info.Size(), info.ModTime().UnixNano())
	}
	contents, err := os.ReadFile(filepath.Join(dir, "MANIFEST"))
	if err != nil {
		return "", fmt.Errorf("read the store's table of contents: %w", err)
	}
	sum.Write(contents)
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}
