package daemon

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// dataRights lets the system, administrators and the service's user in, and
// nobody else: folders below ProgramData would otherwise be open to all users.
const dataRights = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;LS)"

// mayChange refuses what the service manager would refuse with less of a reason.
func (s *Service) mayChange() error {
	if s.opt.User {
		return errors.New("there are no services of one user on Windows: leave out --user, or have Hark start at logon by a task")
	}
	if !windows.GetCurrentProcessToken().IsElevated() {
		return fmt.Errorf("%w: open a terminal as administrator and say it again", ErrNoRights)
	}
	return nil
}

func (s *Service) settle() ([]string, error) { return nil, nil }

func (s *Service) forget() error { return nil }

func (s *Service) makeData() error {
	rights, err := windows.SecurityDescriptorFromString(dataRights)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(s.opt.Data)
	if err != nil {
		return err
	}
	err = windows.CreateDirectory(name, &windows.SecurityAttributes{SecurityDescriptor: rights})
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		acl, _, err := rights.DACL()
		if err != nil {
			return err
		}
		return windows.SetNamedSecurityInfo(s.opt.Data, windows.SE_FILE_OBJECT,
			windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil)
	}
	return err
}

// finish has the manager start Hark again also when it ends with an error,
// not only when it crashes.
func (s *Service) finish(context.Context) ([]string, error) {
	m, err := mgr.Connect()
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Disconnect() }()
	svc, err := m.OpenService(serviceName)
	if err != nil {
		return nil, err
	}
	defer func() { _ = svc.Close() }()
	if err := svc.SetRecoveryActionsOnNonCrashFailures(true); err != nil {
		return []string{"The service manager will start Hark again after a crash, but not after an error (" + err.Error() + ")."}, nil
	}
	return nil, nil
}
