//go:build soak && linux

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func (m *machine) signal(sig string) {
	m.t.Helper()
	m.do("sh", "-c", "kill -"+sig+" $(systemctl show hark -p MainPID --value)")
	m.wait(5*time.Second, sig+" reaches it", func() bool { return !m.healthy() })
}

func (m *machine) install(bin string) {
	m.t.Helper()
	m.bring(bin, "/usr/local/bin/hark.new")
	m.do("mv", "/usr/local/bin/hark.new", "/usr/local/bin/hark")
	m.do("env", "SUDO_UID=1000", "hark", "service", "install")
}

// A real systemd installs Hark, keeps it alive through SIGKILL and SIGSTOP,
// upgrades it with its data and takes it away again. Its owner reaches it and a
// stranger does not.
func TestKillUnderSystemd(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "hark")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	m := newMachine(t)
	m.boot()
	m.do("useradd", "-m", "-u", "1000", "alice")
	m.install(bin)
	t.Log("security:", strings.TrimSpace(tail(m.do("sh", "-c", "systemd-analyze security hark --no-pager | tail -1"))))
	if out, err := m.try("systemd-analyze", "verify", "--man=no", "hark.service"); err != nil || out != "" {
		t.Errorf("verify: %v %s", err, out)
	}
	m.do("hark", "fire", "--key", "first", "said by root")
	m.do("su", "alice", "-c", "hark fire 'said by the owner'")
	if out, err := m.try("su", "nobody", "-s", "/bin/sh", "-c", "hark fire --retry 0s no"); err == nil {
		t.Errorf("a stranger may fire: %s", out)
	}
	m.signal("KILL")
	if took := m.wait(time.Minute, "healthy after SIGKILL", m.healthy); took > 4*time.Second {
		t.Errorf("healthy %v after SIGKILL", took)
	} else {
		t.Log("healthy after SIGKILL:", took)
	}
	m.signal("STOP")
	if took := m.wait(time.Minute, "healthy after SIGSTOP", m.healthy); took > 20*time.Second {
		t.Errorf("healthy %v after SIGSTOP", took)
	} else {
		t.Log("healthy after SIGSTOP:", took)
	}
	m.install(bin) // an upgrade, with the service running
	if out := m.do("hark", "fire", "--key", "first", "--json", "said by root"); !strings.Contains(out, `"duplicate":true`) {
		t.Errorf("what was said before the upgrade is gone: %s", out)
	}
	m.do("hark", "service", "restart")
	if out := m.do("journalctl", "-u", "hark", "--no-pager"); !strings.Contains(out, "listening on http://127.0.0.1:4275") {
		t.Errorf("the journal does not say where it listens: %s", tail(out))
	}
	m.do("hark", "service", "uninstall")
	if m.healthy() {
		t.Error("it runs although it was taken away")
	}
	m.do("ls", "/var/lib/private/hark/store")
	if out, err := m.try("hark", "service", "status"); err == nil || !strings.Contains(out, "not installed") {
		t.Errorf("status after it was taken away: %v %s", err, out)
	}
}
