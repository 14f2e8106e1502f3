//go:build desktop && linux

package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"hark/e2e/desktop"
)

// patient is how long anything may take on a busy machine.
const patient = 60 * time.Second

// screen is a desktop of the test's own: an X server with a window manager, a
// session bus with notifications and a tray, a home, and the program, which is
// made unless HARK_DESKTOP names one.
type screen struct {
	t    *testing.T
	desk *desktop.Desktop
	dir  string
	prog string
	env  []string
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	s := &screen{t: t, dir: t.TempDir(), prog: os.Getenv("HARK_DESKTOP")}
	if s.prog == "" {
		s.prog = filepath.Join(s.dir, "hark-desktop")
		build := exec.CommandContext(t.Context(), "go", "build", "-tags", "desktop,production,webkit2_41", "-o", s.prog, "..")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	var err error
	if s.desk, err = desktop.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.desk.Stop() })
	s.write("bin/xdg-open", "#!/bin/sh\nprintf %s \"$1\" >\""+s.dir+"/opened\"\n", 0o755)
	bus := s.desk.Env()
	s.env = append(os.Environ(), bus, "DISPLAY="+s.display(), "LANG=C.UTF-8", "LANGUAGE=en", "WAYLAND_DISPLAY=", "HOME="+s.dir,
		"XDG_RUNTIME_DIR="+s.dir, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME=",
		"HARK_DATA="+s.dir+"/data", "HARK_ADDR="+freeAddress(t), "HARK_MODEL_KIND=builtin", "HARK_URL=", "HARK_TOKEN=",
		"PATH="+s.dir+"/bin:"+os.Getenv("PATH"), "NO_AT_BRIDGE=1")
	s.tray(strings.TrimPrefix(bus, "DBUS_SESSION_BUS_ADDRESS="))
	s.start("openbox")
	return s
}

// in is the same screen for a part of the test.
func (s *screen) in(t *testing.T) *screen {
	t.Helper()
	part := *s
	part.t = t
	return &part
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// display starts an X server, which says itself where it is.
func (s *screen) display() string {
	s.t.Helper()
	said, says, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer says.Close()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{says}
	s.run(x)
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		s.t.Fatal("Xvfb: ", err)
	}
	return ":" + strings.TrimSpace(line)
}

// tray takes icons, as a panel does.
func (s *screen) tray(address string) {
	s.t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	const name = "org.kde.StatusNotifierWatcher"
	if err := conn.Export(panel{}, "/StatusNotifierWatcher", name); err != nil {
		s.t.Fatal(err)
	}
	if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		s.t.Fatal(err)
	}
}

type panel struct{}

// RegisterStatusNotifierItem takes an icon.
func (panel) RegisterStatusNotifierItem(string) *dbus.Error { return nil }

func (s *screen) write(name, text string, mode os.FileMode) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		s.t.Fatal(err)
	}
}

// run starts a program that ends with the test at the latest.
func (s *screen) run(cmd *exec.Cmd) *exec.Cmd {
	s.t.Helper()
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

func (s *screen) start(name string, args ...string) *exec.Cmd {
	s.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Stderr = s.env, os.Stderr
	return s.run(cmd)
}

// do runs a program to its end and returns what it says, and whether it did well.
func (s *screen) do(name string, args ...string) (string, bool) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), name, args...)
	cmd.Env = s.env
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err == nil
}

// until waits until ok holds.
func (s *screen) until(what string, ok func() bool) {
	s.t.Helper()
	for range 6 {
		if s.soon(ok) {
			return
		}
	}
	s.look("failed")
	s.t.Fatalf("waited in vain for: %s", what)
}

// soon reports whether ok holds within a short while.
func (s *screen) soon(ok func() bool) bool {
	for end := time.Now().Add(patient / 6); !ok(); {
		if time.Now().After(end) {
			return false
		}
		<-time.After(100 * time.Millisecond)
	}
	return true
}

// look keeps a picture of the screen for people.
func (s *screen) look(name string) {
	s.t.Helper()
	dir := "../e2e/artefacts"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	s.do("import", "-window", "root", filepath.Join(dir, "window-"+name+".png"))
}

// seen are the windows of Hark that can be seen.
func (s *screen) seen() []string {
	ids, _ := s.do("xdotool", "search", "--onlyvisible", "--name", `^(\([0-9]+\) )?Hark$`)
	return strings.Fields(ids)
}

type local struct {
	URL, Token string
	PID        int
}

// daemon is the Hark that runs, if one does.
func (s *screen) daemon() (l local) {
	b, err := os.ReadFile(filepath.Join(s.dir, "data", "local.json"))
	if err != nil || json.Unmarshal(b, &l) != nil {
		return local{}
	}
	return l
}

// ask calls Hark's API, and reports whether it answered well.
func (s *screen) ask(method, path, body string, out any) bool {
	s.t.Helper()
	l := s.daemon()
	req, err := http.NewRequestWithContext(s.t.Context(), method, l.URL+path, bytes.NewBufferString(body))
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+l.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return err == nil && resp.StatusCode < 300 && json.Unmarshal(b, out) == nil
}

// kill ends the daemon as a crash would, or lets it settle.
func (s *screen) kill(sig syscall.Signal) {
	s.t.Helper()
	if pid := s.daemon().PID; pid > 0 {
		_ = syscall.Kill(pid, sig)
		s.until("the end of the daemon", func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) })
	}
}

// zombie reports whether a process has ended and is only not waited for.
func zombie(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(b), ") Z ")
}

// pages are the processes that draw what the window shows.
func (s *screen) pages(window int) (pids []int) {
	out, _ := s.do("pgrep", "-P", strconv.Itoa(window), "WebKitWebProces")
	for _, word := range strings.Fields(out) {
		if pid, err := strconv.Atoi(word); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
