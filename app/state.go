package app

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// state is what the window keeps from one start to the next.
type state struct {
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Maximised bool   `json:"maximised,omitempty"`
	Device    string `json:"device,omitempty"` // who its page is to Hark
}

const (
	firstWidth, firstHeight = 1100, 780
	leastWidth, leastHeight = 360, 480
	mostPixels              = 16_384 // what no screen has is damage
)

// readState returns what was kept, or what a first window has. A file that is
// missing or damaged is no matter: the window is only as large as the first.
func readState(path string) state {
	s := state{}
	if b, err := os.ReadFile(path); err == nil && json.Unmarshal(b, &s) != nil {
		s = state{}
	}
	if s.Width < leastWidth || s.Height < leastHeight || s.Width > mostPixels || s.Height > mostPixels {
		s.Width, s.Height = firstWidth, firstHeight
	}
	return s
}

// write keeps s. The file is renamed into place, so half of it is never read.
func (s state) write(path string) error {
	if path == "" {
		return nil
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "window-*.json")
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
