//go:build soak && linux

package main_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// newPackages makes the .deb and the .rpm as a release does.
func newPackages(t *testing.T) (deb, rpm string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "release")
	release := exec.CommandContext(t.Context(), "go", "-C", "tools/release", "run", ".", "-only", "linux/"+runtime.GOARCH, "-out", dir)
	if out, err := release.CombinedOutput(); err != nil {
		t.Fatalf("release: %v\n%s", err, tail(string(out)))
	}
	only := func(kind string) string {
		made, err := filepath.Glob(filepath.Join(dir, "*."+kind))
		if err != nil || len(made) != 1 {
			t.Fatalf("release made %v: %v", made, err)
		}
		return made[0]
	}
	return only("deb"), only("rpm")
}

// serve starts the installed program without a service and returns when it has
// said where it listens.
func (m *machine) serve(data string) (stop func()) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	m.t.Cleanup(cancel)
	server := exec.CommandContext(ctx, "chroot", m.root, "/usr/bin/hark", "serve", "--addr", "127.0.0.1:0", "--data", data)
	server.Env = []string{"PATH=/usr/bin:/bin", "HOME=/root"}
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	out, err := server.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	server.Stderr = server.Stdout
	if err := server.Start(); err != nil {
		m.t.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(out); !strings.Contains(said, "hark: data in"); {
		if !lines.Scan() {
			m.t.Fatalf("it ended: %s", said)
		}
		said += lines.Text() + "\n"
	}
	return func() {
		cancel()
		err := server.Wait() // at the least, that it was told to end
		if server.ProcessState.ExitCode() != 0 {
			m.t.Errorf("hark serve: %v", err)
		}
	}
}

// The .deb runs in a Debian without a desktop and without an init, starts its
// service where there is one, keeps data and the owner's will on an upgrade, and
// leaves when it is told to; the data stays.
func TestPackageUnderSystemd(t *testing.T) {
	deb, rpm := newPackages(t)
	m := newMachine(t, "rpm")
	if out := m.do("find", "/usr/lib", "-name", "libgtk*", "-o", "-name", "libwebkit*"); out != "" {
		t.Fatalf("not a machine without a desktop: %s", out)
	}
	m.bring(deb, "/hark.deb")
	m.bring(rpm, "/hark.rpm")
	m.do("dpkg", "-i", "/hark.deb")
	t.Log(strings.TrimSpace(m.do("hark", "version")))
	stop := m.serve("/srv/hark")
	m.do("hark", "fire", "--data", "/srv/hark", "said in a folder")
	stop()

	m.boot()
	m.wait(20*time.Second, "it starts with the machine", m.healthy)
	m.do("hark", "fire", "--key", "first", "said by root")
	m.do("dpkg", "-i", "/hark.deb") // an upgrade, with the service running
	m.wait(20*time.Second, "it runs after the upgrade", m.healthy)
	if out := m.do("hark", "fire", "--key", "first", "--json", "said by root"); !strings.Contains(out, `"duplicate":true`) {
		t.Errorf("what was said before the upgrade is gone: %s", out)
	}
	const settings = "/var/lib/private/hark/hark.toml"
	m.do("sh", "-c", "echo adr=1 >"+settings)
	if out := m.do("dpkg", "-i", "/hark.deb"); !strings.Contains(out, "Hark did not start") {
		t.Errorf("with settings that it can't start with: %s", out)
	}
	m.do("rm", settings)
	m.do("systemctl", "disable", "--now", "hark")
	m.do("dpkg", "-i", "/hark.deb")
	if out, err := m.try("systemctl", "is-enabled", "hark"); err == nil || m.healthy() {
		t.Errorf("an upgrade enables what its owner has disabled: %s", out)
	}
	m.do("systemctl", "enable", "--now", "hark")
	m.wait(20*time.Second, "it runs again", m.healthy)

	m.do("dpkg", "-r", "hark")
	if m.healthy() {
		t.Error("it runs although it was removed")
	}
	m.do("dpkg", "-i", "/hark.deb")
	m.wait(20*time.Second, "it runs when it is installed again", m.healthy)
	if out := m.do("dpkg", "-P", "hark"); !strings.Contains(out, "/var/lib/private/hark") {
		t.Errorf("purged, it does not say where the data is: %s", out)
	}
	m.gone()

	// The scripts of the .rpm are called with other words, for the same ends.
	m.do("rpm", "-i", "--nodeps", "/hark.rpm")
	m.wait(20*time.Second, "the .rpm runs", m.healthy)
	m.do("rpm", "-U", "--force", "/hark.rpm")
	m.wait(20*time.Second, "it runs after the upgrade", m.healthy)
	if out := m.do("hark", "fire", "--key", "first", "--json", "said by root"); !strings.Contains(out, `"duplicate":true`) {
		t.Errorf("what was said before is gone: %s", out)
	}
	m.do("rpm", "-e", "hark")
	m.gone()
}

// gone checks that of Hark only its data is left.
func (m *machine) gone() {
	m.t.Helper()
	if m.healthy() {
		m.t.Error("it runs although it was removed")
	}
	m.do("ls", "/var/lib/private/hark/store")
	for _, path := range []string{"/usr/bin/hark", "/etc/default/hark", "/etc/systemd/system/multi-user.target.wants/hark.service"} {
		if _, err := os.Lstat(m.root + path); err == nil {
			m.t.Errorf("%s is left of it", path)
		}
	}
}
