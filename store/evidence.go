package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// KeepEvidence copies into a new folder to what [Check] of the store in dir may
// change or delete: its table of contents, its logs, and tables that the first
// does not name. The tables that it names stay as they are in any case.
func KeepEvidence(dir, to string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("keep what opening may change: %w", err)
	}
	named := namedTables(dir)
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("keep what opening may change: %w", err)
	}
	for _, e := range list {
		name := e.Name()
		if e.IsDir() || name == "LOCK" || name == "DISCARD" || named[name] {
			continue
		}
		if err := copySparse(filepath.Join(dir, name), filepath.Join(to, name)); err != nil {
			return fmt.Errorf("keep what opening may change: %w", err)
		}
	}
	return nil
}

// PutBack undoes what opening the store in dir has changed, from what
// [KeepEvidence] kept. Without any it does nothing.
func PutBack(kept, dir string) error {
	list, err := os.ReadDir(kept)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range list {
		err = errors.Join(err, os.Rename(filepath.Join(kept, e.Name()), filepath.Join(dir, e.Name())))
	}
	if err != nil {
		return fmt.Errorf("put back what was kept: %w", err)
	}
	return os.Remove(kept)
}

// namedTables lists the tables that the table of contents knows, as far as it
// can be read.
func namedTables(dir string) map[string]bool {
	named := map[string]bool{}
	f, err := os.Open(filepath.Join(dir, "MANIFEST"))
	if err != nil {
		return named
	}
	defer func() { _ = f.Close() }()
	m, _, err := badger.ReplayManifestFile(f, 0, badger.Options{})
	if err != nil {
		return named
	}
	for id := range m.Tables {
		named[fmt.Sprintf("%06d.sst", id)] = true
	}
	return named
}

// copySparse copies a file and leaves out the zeros at its end, of which the
// engine's logs consist for the most part.
func copySparse(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	size, buf := int64(0), make([]byte, 256<<10)
	for {
		n, err := io.ReadFull(in, buf)
		if strings.Trim(string(buf[:n]), "\x00") != "" {
			if _, err := out.WriteAt(buf[:n], size); err != nil {
				return errors.Join(err, out.Close())
			}
		}
		size += int64(n)
		if err != nil {
			break
		}
	}
	return errors.Join(out.Truncate(size), out.Close())
}
