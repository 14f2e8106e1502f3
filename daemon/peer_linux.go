package daemon

import (
	"errors"
	"net"
	"syscall"
)

// peer is the user at the other end, as the kernel knows it.
func peer(conn net.Conn) (user int, err error) {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return -1, errors.New("not a local socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return -1, err
	}
	user = -1
	if failed := raw.Control(func(fd uintptr) {
		var cred *syscall.Ucred
		if cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			user = int(cred.Uid)
		}
	}); failed != nil {
		return -1, failed
	}
	return user, err
}
