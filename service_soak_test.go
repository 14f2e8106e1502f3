//go:build soak && linux

package main_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// machine is a booted Debian of its own: systemd as process 1, in namespaces.
type machine struct {
	t    *testing.T
	root string
	init string // process id of its init, seen from here
}

// boot makes and starts a machine. It needs root, and Debian's
// packages debootstrap and systemd-container.
func boot(t *testing.T) *machine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("a machine of its own needs root: sudo make soak")
	}
	m := &machine{t: t, root: filepath.Join(t.TempDir(), "root")}
	const parts = "systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps,curl"
	out, err := exec.Command("debootstrap", "--variant=minbase", "--include="+parts, "bookworm", m.root).CombinedOutput()
	if err != nil {
		t.Fatalf("debootstrap: %v\n%s", err, tail(string(out)))
	}
	nspawn := exec.Command("systemd-nspawn", "-D", m.root, "--register=no", "--keep-unit", "--boot", "--machine=hark", "--private-network")
	if err := nspawn.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = nspawn.Process.Signal(os.Interrupt)
		_ = nspawn.Process.Kill()
		_ = nspawn.Wait()
	})
	m.wait(time.Minute, "it boots", func() bool {
		pid, err := exec.Command("ps", "--ppid", fmt.Sprint(nspawn.Process.Pid), "-o", "pid=").Output()
		if m.init = strings.TrimSpace(string(pid)); err != nil || m.init == "" {
			return false
		}
		state, _ := m.try("systemctl", "is-system-running")
		return strings.TrimSpace(state) == "running"
	})
	return m
}

// try runs a command inside.
func (m *machine) try(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	inside := append([]string{
		"-t", m.init, "-m", "-u", "-i", "-n", "-p", "-C", "env", "-i",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb",
	}, args...)
	out, err := exec.CommandContext(ctx, "nsenter", inside...).CombinedOutput()
	return string(out), err
}

// do runs a command inside that must succeed.
func (m *machine) do(args ...string) string {
	m.t.Helper()
	out, err := m.try(args...)
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, tail(out))
	}
	return out
}

func (m *machine) wait(most time.Duration, what string, done func() bool) time.Duration {
	m.t.Helper()
	begin := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Since(begin) > most {
			m.t.Fatalf("after %v not yet: %s", most, what)
		}
		<-tick.C
	}
	return time.Since(begin)
}

func (m *machine) healthy() bool {
	_, err := m.try("curl", "-fsS", "-m1", "http://127.0.0.1:4275/readyz")
	return err == nil
}

func (m *machine) signal(sig string) {
	m.do("sh", "-c", "kill -"+sig+" $(systemctl show hark -p MainPID --value)")
	m.wait(5*time.Second, sig+" reaches it", func() bool { return !m.healthy() })
}

func (m *machine) install(bin string) {
	for _, cmd := range [][]string{{"cp", bin, m.root + "/usr/local/bin/hark.new"}, {"chmod", "755", m.root + "/usr/local/bin/hark.new"}} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			m.t.Fatalf("%s: %v\n%s", cmd, err, out)
		}
	}
	m.do("mv", "/usr/local/bin/hark.new", "/usr/local/bin/hark")
	m.do("env", "SUDO_UID=1000", "hark", "service", "install")
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

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
	m := boot(t)
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
