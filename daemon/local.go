package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Local is what a running daemon tells programs of the same user: how to reach
// it and a token of scope admin that lives as long as the process.
type Local struct {
	Addr    string `json:"addr"` // HOST:PORT it listens on
	URL     string `json:"url"`  // to call from this machine
	Token   string `json:"token"`
	PID     int    `json:"pid"`
	Version string `json:"version"`
}

// ErrNotRunning means that no daemon has announced itself in a data folder.
var ErrNotRunning = errors.New("hark is not running")

// ReadLocal returns what the daemon of a data folder announced. After a crash
// this may be stale: nobody answers at its URL then.
func ReadLocal(data string) (Local, error) {
	b, err := os.ReadFile(localPath(data))
	if errors.Is(err, fs.ErrNotExist) {
		return Local{}, fmt.Errorf("%w with the data folder %s: start it with `hark serve`", ErrNotRunning, data)
	} else if err != nil {
		return Local{}, fmt.Errorf("find the running Hark: %w", err)
	}
	var l Local
	if err := json.Unmarshal(b, &l); err != nil {
		return Local{}, fmt.Errorf("%s can't be read: %w", localPath(data), err)
	}
	return l, nil
}

func localPath(data string) string { return filepath.Join(data, "local.json") }

// writeLocal announces this process. The file is renamed into place, so that
// no reader sees half of it, and only its owner can read it.
func writeLocal(data string, l Local) error {
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	f, err := os.CreateTemp(data, "local-*.json") // made with mode 0600
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), localPath(data))
	}
	if err != nil {
		return fmt.Errorf("announce: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// removeLocal takes the announcement back, unless another process has made its
// own since.
func removeLocal(data, token string) error {
	l, err := ReadLocal(data)
	if err == nil && l.Token == token {
		return os.Remove(localPath(data))
	}
	return nil
}
