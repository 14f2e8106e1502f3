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

// machine is a Debian of its own without a desktop: a folder that programs run
// in, until it is booted; then systemd is process 1 in namespaces.
type machine struct {
	t    *testing.T
	root string
	init string // process id of its init, seen from here; empty: not booted
}

// newMachine makes a machine with more of Debian's packages, from the mirror that
// DEBIAN_MIRROR names or else from Debian's own. It needs root.
func newMachine(t *testing.T, more ...string) *machine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("a machine of its own needs root: sudo make soak")
	}
	m := &machine{t: t, root: filepath.Join(t.TempDir(), "root")}
	const parts = "systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps,curl"
	args := []string{"--variant=minbase", "--include=" + strings.Join(append([]string{parts}, more...), ","), "bookworm", m.root}
	if mirror := os.Getenv("DEBIAN_MIRROR"); mirror != "" {
		args = append(args, mirror)
	}
	if out, err := exec.CommandContext(t.Context(), "debootstrap", args...).CombinedOutput(); err != nil {
		t.Fatalf("debootstrap: %v\n%s", err, tail(string(out)))
	}
	return m
}

func (m *machine) boot() {
	m.t.Helper()
	nspawn := exec.Command("systemd-nspawn", "-D", m.root, "--register=no", "--keep-unit", "--boot", "--machine=hark", "--private-network")
	if err := nspawn.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		// All that runs inside goes with its process 1. Without nspawn it would live on.
		if err := exec.Command("kill", "-9", m.init).Run(); err != nil {
			m.t.Log("end of the machine:", err)
			_ = nspawn.Process.Kill()
		}
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
}

// try runs a command inside.
func (m *machine) try(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	into := []string{"chroot", m.root}
	if m.init != "" {
		into = []string{"nsenter", "-t", m.init, "-m", "-u", "-i", "-n", "-p", "-C"}
	}
	inside := append(into, "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb")
	inside = append(inside, args...)
	out, err := exec.CommandContext(ctx, inside[0], inside[1:]...).CombinedOutput()
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

// bring puts a file of ours into the machine.
func (m *machine) bring(from, to string) {
	m.t.Helper()
	if out, err := exec.Command("install", "-m", "755", from, m.root+to).CombinedOutput(); err != nil {
		m.t.Fatalf("bring %s: %v\n%s", to, err, out)
	}
}

func tail(s string) string { return s[max(0, len(s)-2000):] }
