package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

// controlName is the socket of a service that runs as a user of its own: its
// owner can't read local.json, and is told here the same.
const controlName = "control.sock"

// ControlSocket is where the service of the whole machine listens for its
// owner.
const ControlSocket = "/run/" + serviceName + "/" + controlName

// controlTime bounds one conversation over the socket.
const controlTime = 5 * time.Second

// AskControl returns what the daemon behind a control socket announces. The
// daemon tells root and the user who installed the service; others get an
// error that says so. Without a daemon the error wraps [ErrNotRunning].
func AskControl(ctx context.Context, socket string) (Local, error) {
	var l Local
	ctx, cancel := context.WithTimeout(ctx, controlTime)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return l, fmt.Errorf("%w as a service: %w", ErrNotRunning, err)
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return l, err
		}
	}
	b, err := io.ReadAll(io.LimitReader(conn, 64<<10))
	if err != nil {
		return l, fmt.Errorf("ask the service: %w", err)
	}
	if len(b) == 0 {
		return l, os.ErrPermission
	}
	return l, json.Unmarshal(b, &l)
}

// control serves the socket until ctx ends. Whoever may not know is told
// nothing.
func (d *Daemon) control(ctx context.Context) {
	dir := d.cfg.Supervisor.Runtime
	if dir == "" {
		return
	}
	path := filepath.Join(dir, controlName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.log.Warn("control socket", "err", err)
		return
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		d.log.Warn("control socket", "err", err)
		return
	}
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	// Who asks is known from the connection, not from the file's rights.
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(path, 0o666)); err != nil {
		d.log.Warn("control socket", "err", err)
	}
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		d.work.Go(func() { d.tellOwner(conn) })
	}
}

func (d *Daemon) tellOwner(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	user, err := peer(conn)
	if err != nil || (user != 0 && user != os.Getuid() && user != d.cfg.Supervisor.Owner) {
		d.log.Info("control socket: refused", "user", user, "err", err)
		return
	}
	b, err := json.Marshal(d.local())
	if err == nil && conn.SetDeadline(time.Now().Add(controlTime)) == nil {
		_, err = conn.Write(b)
	}
	if err != nil {
		d.log.Info("control socket", "err", err)
	}
}
