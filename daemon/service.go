package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/kardianos/service"
)

// serviceName is what service managers call Hark.
const (
	serviceName        = "hark"
	serviceDescription = "Hark, an assistant that can speak first"
)

// ServiceOptions says which service is meant and how it is to run.
type ServiceOptions struct {
	User bool   // of this user alone, instead of the whole machine
	Addr string // HOST:PORT to listen on; empty is the default
	Data string // the data folder; empty is where the system wants it
	Path string // the program to run; empty is this one
}

// ServiceStatus is what the service manager knows of Hark.
type ServiceStatus struct {
	Manager   string `json:"manager"` // systemd, launchd, windows-service, …
	User      bool   `json:"user"`
	Installed bool   `json:"installed"`
	Running   bool   `json:"running"`
	Fault     string `json:"fault,omitempty"` // what it says is wrong
}

// ErrNoRights means that the whole machine's services are not this user's to
// change; the text says what to do.
var ErrNoRights = errors.New("a service of the whole machine is the administrator's to change")

// Service speaks to the system's service manager about Hark.
type Service struct {
	opt ServiceOptions
	svc service.Service
}

// NewService finds the service manager of this machine. Nothing is changed yet.
func NewService(opt ServiceOptions, getenv func(string) string) (*Service, error) {
	s := &Service{opt: opt}
	var err error
	if s.opt.Path == "" {
		if s.opt.Path, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
	}
	if s.opt.Data == "" && runtime.GOOS == "windows" && !opt.User {
		// Never from LocalAppData: the service is another user.
		s.opt.Data = filepath.Join(cmp.Or(getenv("ProgramData"), `C:\ProgramData`), "Hark")
	}
	if s.svc, err = service.New(program{}, s.config(getenv)); err != nil {
		return nil, fmt.Errorf("find the service manager: %w", err)
	}
	return s, nil
}

// config is what the library is told. What one system does not know it ignores.
func (s *Service) config(getenv func(string) string) *service.Config {
	args := []string{"serve"}
	if s.opt.Addr != "" {
		args = append(args, "--addr", s.opt.Addr)
	}
	if s.opt.Data != "" {
		args = append(args, "--data", s.opt.Data)
	}
	c := &service.Config{
		Name: serviceName, DisplayName: "Hark", Description: serviceDescription,
		Executable: s.opt.Path, Arguments: args, EnvVars: map[string]string{},
		Option: service.KeyValue{
			"UserService": s.opt.User, "SystemdScript": systemUnit, "OpenRCScript": openRCScript,
			"KeepAlive": true, "RunAtLoad": true, // launchd
			"DelayedAutoStart": true, "OnFailure": "restart", "OnFailureDelayDuration": "2s", "OnFailureResetPeriod": 86400,
		},
	}
	if s.opt.User {
		c.Option["SystemdScript"] = userUnit
	}
	if runtime.GOOS == "windows" && !s.opt.User {
		c.UserName = `NT AUTHORITY\LocalService`
	}
	if owner := cmp.Or(getenv("SUDO_UID"), getenv("PKEXEC_UID")); owner != "" && !s.opt.User {
		if _, err := strconv.Atoi(owner); err == nil {
			c.EnvVars["HARK_OWNER"] = owner // may ask for the token: see control
		}
	}
	return c
}

// Install makes Hark a service that starts with the machine (or with the
// user), and starts it. What was installed before is replaced; data stays. It
// returns sentences that the user should know.
func (s *Service) Install(ctx context.Context) (notes []string, err error) {
	if err := s.mayChange(); err != nil {
		return nil, err
	}
	if s.opt.Data != "" && runtime.GOOS == "linux" && !s.opt.User {
		return nil, errors.New("the service of the whole machine keeps its data in /var/lib/hark, where it alone may write: leave out --data")
	}
	if s.opt.Data != "" {
		if err := s.makeData(); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
	}
	if notes, err = s.settle(); err != nil {
		return notes, err
	}
	if s.Status().Installed {
		if err := s.Uninstall(); err != nil {
			return notes, err
		}
	}
	if err := s.svc.Install(); err != nil {
		// The library leaves a half-written file that would block the next try.
		return notes, errors.Join(explain("install", err), s.forget())
	}
	more, err := s.finish(ctx)
	if err != nil {
		return append(notes, more...), err
	}
	return append(notes, more...), explain("start", s.svc.Start())
}

// Uninstall stops the service and takes it away. Data stays.
func (s *Service) Uninstall() error {
	if err := s.mayChange(); err != nil {
		return err
	}
	// The library leaves a running service running.
	stopped := s.svc.Stop()
	if err := s.svc.Uninstall(); err != nil {
		if errors.Is(err, service.ErrNotInstalled) || !s.Status().Installed {
			return nil
		}
		return errors.Join(explain("uninstall", err), explain("stop", stopped))
	}
	return nil
}

// Start starts the service and returns when that is done, as Stop and Restart do.
func (s *Service) Start() error { return s.change("start", s.svc.Start) }

// Stop lets running work settle first; what is under way goes on at the next
// start.
func (s *Service) Stop() error { return s.change("stop", s.svc.Stop) }

// Restart is Stop and Start.
func (s *Service) Restart() error { return s.change("restart", s.svc.Restart) }

func (s *Service) change(what string, do func() error) error {
	if err := s.mayChange(); err != nil {
		return err
	}
	if !s.Status().Installed {
		return errors.New("there is no service of Hark: hark service install")
	}
	return explain(what, do())
}

// Status asks the service manager. It needs no rights.
func (s *Service) Status() ServiceStatus {
	st, err := s.svc.Status()
	out := ServiceStatus{Manager: s.svc.Platform(), User: s.opt.User, Installed: true, Running: st == service.StatusRunning}
	switch {
	case out.Manager == "unix-systemv" && !exists("/etc/init.d/"+serviceName):
		out.Installed = false // the library does not look
	case errors.Is(err, service.ErrNotInstalled):
		out.Installed = false
	case err != nil:
		out.Fault = err.Error()
	}
	return out
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// explain adds what was tried to an error of the library.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s the service: %w", what, err)
}

// program is the service as the library wants it. RunService gives it a body.
type program struct {
	run  func(context.Context) error
	end  context.CancelFunc
	done chan error
}

func (p program) Start(service.Service) error { return nil }
func (p program) Stop(service.Service) error  { return nil }

// RunService runs fn as this process's whole life. Where the service manager
// must be spoken to by the process itself (Windows), it is: ctx ends when the
// manager says stop, and if fn fails, die is to end the process. Elsewhere it just
// runs fn.
func RunService(ctx context.Context, log *slog.Logger, die func(), fn func(context.Context) error) error {
	if runtime.GOOS != "windows" || service.Interactive() {
		return fn(ctx)
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	b := &body{program{run: fn, end: end, done: make(chan error, 1)}, ctx, die}
	svc, err := service.New(b, &service.Config{Name: serviceName})
	if err != nil {
		return err
	}
	if err := svc.Run(); err != nil {
		log.Error("service", "err", err)
		return err
	}
	return nil
}

// body is a program with something to do.
type body struct {
	program
	ctx context.Context
	die func()
}

// Start returns at once, as the manager demands; a failure ends the process, so
// that the manager sees it and starts anew.
func (b *body) Start(service.Service) error {
	go func() {
		err := b.run(b.ctx)
		b.done <- err
		if err != nil && b.ctx.Err() == nil {
			b.die()
		}
	}()
	return nil
}

func (b *body) Stop(service.Service) error {
	b.end()
	return <-b.done
}
