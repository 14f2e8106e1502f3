package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Mirror makes in the new folder to what reads as the store in dir does: of all
// that opening may change a copy, and of the tables, which are never written
// again, links. Reading it with [Check] changes nothing in dir. Nobody may have
// that store open: see [InUse].
func Mirror(dir, to string) error {
	if err := KeepEvidence(dir, to); err != nil {
		return err
	}
	for name := range namedTables(dir) {
		if err := linkTo(filepath.Join(dir, name), filepath.Join(to, name)); err != nil {
			return fmt.Errorf("make a mirror of the store: %w", err)
		}
	}
	witness, err := os.ReadFile(WitnessPath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.WriteFile(WitnessPath(to), witness, 0o600)
	}
	if err != nil {
		return fmt.Errorf("make a mirror of the store: %w", err)
	}
	return nil
}

// linkTo links or, where the system has no links for everybody, copies a file.
// One that is not there is not there in the mirror either.
func linkTo(from, to string) (err error) {
	if from, err = filepath.Abs(from); err != nil {
		return err
	}
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if os.Symlink(from, to) == nil {
		return nil
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
