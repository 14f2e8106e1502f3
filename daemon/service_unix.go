//go:build !windows

package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// shared is where a program lies that every user may run.
const shared = "/usr/local/bin/hark"

// mayChange refuses what the service manager would refuse with less of a reason.
func (s *Service) mayChange() error {
	if !s.opt.User && os.Geteuid() != 0 {
		return fmt.Errorf("%w: use sudo, or add --user to have Hark run for you alone", ErrNoRights)
	}
	if s.opt.User && os.Geteuid() == 0 && os.Getenv("XDG_RUNTIME_DIR") == "" {
		return errors.New("root has no services of its own here: leave out --user, or call this as the user it is for")
	}
	return nil
}

// settle puts the program where the service can see it.
func (s *Service) settle() (notes []string, err error) {
	if s.opt.User || !hidden(s.opt.Path) {
		return nil, nil
	}
	if err := copyProgram(s.opt.Path, shared); err != nil {
		return nil, fmt.Errorf("put the program where a service can see it: %w", err)
	}
	from := s.opt.Path
	s.opt.Path = shared
	again, err := NewService(s.opt, os.Getenv)
	if err != nil {
		return nil, err
	}
	s.svc = again.svc
	return []string{"The program was copied from " + from + " to " + shared + ", where the service can see it."}, nil
}

func copyProgram(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.CreateTemp(filepath.Dir(to), ".hark-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	err = errors.Join(err, out.Chmod(0o755), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), to) // a running program can be replaced, not written to
	}
	if err != nil {
		return errors.Join(err, os.Remove(out.Name()))
	}
	return nil
}

func (s *Service) makeData() error { return os.MkdirAll(s.opt.Data, 0o700) }

// forget removes what a failed installation left.
func (s *Service) forget() error {
	if !strings.Contains(s.svc.Platform(), "systemd") {
		return nil
	}
	path := "/etc/systemd/system/" + serviceName + ".service"
	if s.opt.User {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		path = filepath.Join(home, ".config", "systemd", "user", serviceName+".service")
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// finish has a user's service run from the start of the machine.
func (s *Service) finish(ctx context.Context) (notes []string, err error) {
	if !s.opt.User || !strings.Contains(s.svc.Platform(), "systemd") {
		return nil, nil
	}
	note := "Hark runs from the start of the machine, also while you are not logged in."
	out, failed := exec.CommandContext(ctx, "loginctl", "enable-linger").CombinedOutput()
	if failed != nil { // no reason to undo the installation
		note = "Hark will run only while you are logged in; to have it run always: sudo loginctl enable-linger " +
			os.Getenv("USER") + " (" + strings.TrimSpace(string(out)) + ")"
	}
	return []string{note}, nil
}

// hidden reports whether a hardened service can't see the program at path.
func hidden(path string) bool {
	for _, dir := range []string{"/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"} {
		if strings.HasPrefix(path, dir) {
			return true
		}
	}
	return false
}
