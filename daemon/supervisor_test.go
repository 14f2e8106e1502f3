//go:build !windows

package daemon

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// manager is a service manager's end of the notification socket.
func manager(t *testing.T) (path string, said func() string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return path, func() string {
		buf := make([]byte, 1024)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
}

// A service manager hears that Hark is ready, that it still answers its own
// question, and that it stops.
func TestSupervised(t *testing.T) {
	socket, said := manager(t)
	cfg := DefaultConfig(func(string) string { return "" })
	cfg.Addr, cfg.Data = "127.0.0.1:0", t.TempDir()
	cfg.Model.Kind = "builtin"
	cfg.Supervisor = Supervisor{Socket: socket, Watchdog: 300 * time.Millisecond, Owner: -1}
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	if got := said(); !strings.HasPrefix(got, "READY=1\nSTATUS=Listening on http://127.0.0.1:") {
		t.Errorf("first it said %q", got)
	}
	for range 2 {
		if got := said(); got != "WATCHDOG=1" {
			t.Errorf("then it said %q", got)
		}
	}
	cancel()
	for said() != "STOPPING=1" {
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A process that is alive and answers nobody does not feed its watchdog.
func TestWatchdogAsksOverHTTP(t *testing.T) {
	r := newRig(t, nil)
	stuck, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and no more
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	r.d.announce(stuck.Addr())
	if err := r.d.answers(t.Context(), 50*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a daemon that does not answer says %v", err)
	}
	broken := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = broken.Serve(ln) }()
	defer broken.Close()
	r.d.announce(ln.Addr())
	if err := r.d.answers(t.Context(), 5*time.Second); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a daemon that is not ready says %v", err)
	}
}

// What systemd puts into the environment decides where data goes, unless the
// owner says otherwise.
func TestSupervisorEnvironment(t *testing.T) {
	env := map[string]string{
		"HOME": "/root", "STATE_DIRECTORY": "/var/lib/hark:/var/lib/other", "RUNTIME_DIRECTORY": "/run/hark",
		"WATCHDOG_USEC": "15000000", "HARK_OWNER": "1000", "NOTIFY_SOCKET": "/run/notify",
	}
	getenv := func(name string) string { return env[name] }
	c := DefaultConfig(getenv)
	want := Supervisor{Socket: "/run/notify", Watchdog: 15 * time.Second, State: "/var/lib/hark", Runtime: "/run/hark", Owner: 1000}
	if c.Supervisor != want || c.Data != "/var/lib/hark" {
		t.Errorf("%+v, data in %s", c.Supervisor, c.Data)
	}
	env = map[string]string{"WATCHDOG_USEC": "soon", "HARK_OWNER": "alice"}
	if c = DefaultConfig(getenv); c.Supervisor != (Supervisor{Owner: -1}) {
		t.Errorf("from nonsense: %+v", c.Supervisor)
	}
}

// The service's owner is told over the control socket what local.json says;
// a stranger is told nothing, and without a service the error says so.
func TestControlSocket(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, func(c *Config) { c.Supervisor = Supervisor{Runtime: dir, Owner: -1} })
	r.d.announce(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4275})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.d.control(ctx); close(done) }()
	socket := filepath.Join(dir, controlName)
	var got Local
	var err error
	for range 200 {
		if got, err = AskControl(ctx, socket); !errors.Is(err, ErrNotRunning) {
			break
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	if err != nil || got.Token != r.d.admin || got.URL != "http://127.0.0.1:4275" {
		t.Errorf("%+v, %v", got, err)
	}
	cancel()
	<-done
	if _, err = AskControl(t.Context(), socket); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
	// What a stranger gets is an end without a word.
	ln, err := net.Listen("unix", filepath.Join(dir, "other.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		if conn, err := ln.Accept(); err == nil {
			_ = conn.Close()
		}
	}()
	if _, err = AskControl(t.Context(), ln.Addr().String()); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a stranger is told %v", err)
	}
}

// The units use only what the library fills in: an unknown field makes the
// installation fail on the user's machine.
func TestUnitsUseWhatTheLibraryKnows(t *testing.T) {
	known := map[string]bool{"Description": true, "Path": true, "Name": true, "Arguments": true, "EnvVars": true, ".": true, "end": true}
	for name, unit := range map[string]string{"system": systemUnit, "user": userUnit, "openrc": openRCScript} {
		for _, m := range regexp.MustCompile(`{{(?:range |if )?([\w.]+)[^}]*}}`).FindAllStringSubmatch(unit, -1) {
			if !known[m[1]] {
				t.Errorf("%s: the library does not know %s", name, m[0])
			}
		}
		if name != "openrc" && !strings.Contains(unit, "RestartPreventExitStatus=78\n") {
			t.Errorf("%s: settings that can't be read would be tried for ever", name)
		}
	}
}
