//go:build desktop && linux

package app

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"hark/e2e/desktop"
)

// answers is how many replies Hark has finished.
func (s *screen) answers() (n int) {
	s.t.Helper()
	var threads struct {
		Conversations []struct{ ID string }
	}
	s.ask("GET", "/api/conversations", "", &threads)
	for _, c := range threads.Conversations {
		var got struct{ Messages []message }
		s.ask("GET", "/api/conversations/"+c.ID+"/messages", "", &got)
		for _, m := range got.Messages {
			if m.Role == "assistant" && m.Status == "done" && m.Source.Kind == "chat" {
				n++
			}
		}
	}
	return n
}

// say types into the page, and waits until Hark has answered. A page that is
// still being made takes no words, so they are said again.
func (s *screen) say(text string) {
	s.t.Helper()
	before := s.answers()
	for range 6 {
		s.typed(text)
		if s.soon(func() bool { return s.answers() > before }) {
			return
		}
	}
	s.look("failed")
	s.t.Fatalf("no answer to %q", text)
}

// typed types into the page, if it takes words yet.
func (s *screen) typed(text string) {
	s.t.Helper()
	var ids []string
	s.until("one window", func() bool { ids = s.seen(); return len(ids) == 1 })
	s.do("xdotool", "windowactivate", "--sync", ids[0])
	s.do("xdotool", "mousemove", "--sync", "--window", ids[0], "700", "740")
	s.do("xdotool", "click", "1")
	s.do("xdotool", "type", "--delay", "30", text)
	s.do("xdotool", "key", "Return")
}

// The window waits for a Hark, is let in without a word, shows a reply as it is written, is there
// once, outlives the daemon, goes into the tray, tells what is said, leads to it,
// gets up after its page has died, and keeps its size.
func TestWindow(t *testing.T) {
	s := newScreen(t)
	if !t.Run("no daemon", func(t *testing.T) { s.in(t).waits() }) {
		return
	}
	window := s.start(s.prog, "open")
	t.Cleanup(func() { s.kill(syscall.SIGTERM) })
	s.until("a window", func() bool { return len(s.seen()) == 1 })
	var all struct {
		Devices []struct{ ID, Name string }
	}
	s.until("a device", func() bool { return s.ask("GET", "/api/devices", "", &all) && len(all.Devices) == 1 })
	s.do("xdotool", "search", "--onlyvisible", "--name", "Hark$", "windowsize", "--sync", "%1", "1000", "780")
	s.say("help")
	s.until("the reply read", s.read)
	s.look("reply")

	steps := []struct {
		name string
		run  func(*screen)
	}{
		{"second start", (*screen).again},
		{"daemon killed and back", (*screen).crash},
		{"tray and notification", (*screen).tellHidden},
		{"dead page", func(s *screen) { s.deadPage(window.Process.Pid) }},
	}
	for _, step := range steps {
		if !t.Run(step.name, func(t *testing.T) { step.run(s.in(t)) }) {
			return
		}
	}
	if err := window.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := window.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	kept := readState(filepath.Join(s.dir, ".config", "hark", "window.json"))
	if kept.Width != 1000 || kept.Device != all.Devices[0].ID {
		t.Errorf("kept %+v, want a width of 1000 and the device %s", kept, all.Devices[0].ID)
	}
	if s.ask("GET", "/api/devices", "", &all); len(all.Devices) != 1 {
		t.Errorf("devices: %+v, want one", all.Devices)
	}
}

// read reports whether the page has shown all that was said.
func (s *screen) read() bool {
	var threads struct {
		Conversations []struct {
			Unread int
			Upto   string `json:"read_upto"`
		}
	}
	s.ask("GET", "/api/conversations", "", &threads)
	for _, c := range threads.Conversations {
		if c.Unread > 0 || c.Upto == "" {
			return false
		}
	}
	return len(threads.Conversations) > 0
}

// A second start brings the window to the front, and is no failure.
func (s *screen) again() {
	s.t.Helper()
	s.do("xdotool", "search", "--onlyvisible", "--name", "Hark$", "windowminimize")
	s.until("a minimised window", func() bool { return len(s.seen()) == 0 })
	if out, ok := s.do(s.prog, "open"); !ok {
		s.t.Fatalf("the second start failed: %s", out)
	}
	s.until("the window in front", func() bool {
		active, _ := s.do("xdotool", "getactivewindow")
		return slices.Equal(s.seen(), []string{active})
	})
}

// What is said while the daemon is dead is answered when it is back.
func (s *screen) crash() {
	s.t.Helper()
	s.say("are you there") // so that the page takes words
	before := s.answers()
	s.kill(syscall.SIGKILL)
	s.typed("said while you were away")
	s.look("away")
	serve := exec.Command(s.prog, "serve")
	serve.Env = s.env
	if err := serve.Start(); err != nil { // it ends with the whole test, not with this part of it
		s.t.Fatal(err)
	}
	go func() { _ = serve.Wait() }()
	var ready any
	s.until("the daemon", func() bool { return s.ask("GET", "/readyz", "", &ready) })
	s.until("an answer", func() bool { return s.answers() > before })
	s.look("back")
}

// Closed, the window tells by notifications. One that is wiped away is over; a
// click on one brings the window back.
func (s *screen) tellHidden() {
	s.t.Helper()
	s.do("xdotool", "windowactivate", "--sync", s.seen()[0])
	s.do("xdotool", "key", "alt+F4") // what the window manager closes windows by
	s.until("no window", func() bool { return len(s.seen()) == 0 })
	if err := s.desk.Dismiss(s.told("Washing").ID); err != nil {
		s.t.Fatal(err)
	}
	n := s.told("Oven")
	if len(s.seen()) != 0 {
		s.t.Error("a notification that was wiped away opened the window")
	}
	if err := s.desk.Click(n.ID, "default"); err != nil {
		s.t.Fatal(err)
	}
	s.until("the window again", func() bool { return len(s.seen()) == 1 })
	s.look("clicked")
}

// told has Hark say something, and returns the notification of it.
func (s *screen) told(title string) desktop.Notification {
	s.t.Helper()
	shown := len(s.desk.Shown())
	var fired struct{ ID string }
	if !s.ask("POST", "/api/assistant/fire", `{"title":"`+title+`","text":"It is <b>hot</b> & ready"}`, &fired) {
		s.t.Fatal("the fire failed")
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), patient)
	defer cancel()
	n, err := s.desk.Wait(ctx, shown, func(n desktop.Notification) bool { return n.Title == title })
	if err != nil || !strings.Contains(n.Body, "It is <b>hot</b> & ready") {
		s.t.Fatalf("%+v, %v", n, err)
	}
	return n
}

// A page that has died is replaced, and the window stays the device that it was.
func (s *screen) deadPage(window int) {
	s.t.Helper()
	before := s.pages(window)
	if len(before) == 0 {
		s.t.Fatal("there is no page to kill")
	}
	for _, pid := range before {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !os.IsNotExist(err) {
			s.t.Fatal(err)
		}
	}
	s.until("another page", func() bool {
		now := s.pages(window)
		return len(now) > 0 && !slices.ContainsFunc(now, func(pid int) bool { return slices.Contains(before, pid) }) && len(s.seen()) == 1
	})
	s.say("help once more")
	s.look("revived")
}
