package app

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Only web addresses reach the system's opener; the rest could name a program.
func TestOpenRefusesWhatIsNotAWebAddress(t *testing.T) {
	t.Setenv("DISPLAY", ":0")
	t.Setenv("PATH", "")
	for _, address := range []string{"", "127.0.0.1:4275", "file:///etc/passwd", "javascript:alert(1)", "-a Calculator", "http://"} {
		if err := Open(t.Context(), address); err == nil || errors.Is(err, ErrNoDisplay) {
			t.Errorf("Open(%q) = %v, want a refusal", address, err)
		}
	}
}

// Without a display Open says so and starts nothing.
func TestOpenWithoutDisplay(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // elsewhere a session always has one
	}
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	opened := fakeOpener(t)
	if err := Open(t.Context(), "http://127.0.0.1:4275"); !errors.Is(err, ErrNoDisplay) {
		t.Errorf("Open = %v, want ErrNoDisplay", err)
	}
	if _, err := os.Stat(opened); err == nil {
		t.Error("the opener ran all the same")
	}
}

// The address reaches the opener whole, as one argument.
func TestOpenHandsOverTheAddress(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // a script can't stand in for rundll32
	}
	t.Setenv("DISPLAY", ":0")
	opened := fakeOpener(t)
	const address = "http://127.0.0.1:4275/pair?a=1&b=$(x)#K7QF"
	if err := Open(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(opened); err != nil || string(got) != address {
		t.Errorf("opened %q, %v; want %q", got, err, address)
	}
}

// A missing opener is a sentence, not the words of the exec package.
func TestOpenWithoutOpener(t *testing.T) {
	t.Setenv("DISPLAY", ":0")
	t.Setenv("PATH", t.TempDir())
	if err := Open(t.Context(), "http://127.0.0.1:4275"); err == nil || errors.Is(err, ErrNoDisplay) {
		t.Errorf("Open = %v, want an error about the opener", err)
	}
}

// fakeOpener puts a script in place of the system's opener; it writes what it
// was asked to open to the returned file.
func fakeOpener(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	opened := filepath.Join(dir, "opened")
	name, _ := opener(runtime.GOOS)
	script := "#!/bin/sh\nprintf %s \"$1\" >'" + opened + "'\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return opened
}
