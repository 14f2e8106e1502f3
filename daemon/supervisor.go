package daemon

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Supervisor is what a service manager told this process about itself, in the
// way of systemd (sd_notify(3), sd_watchdog_enabled(3), systemd.exec(5)). The
// zero value is none.
type Supervisor struct {
	Socket   string        // to tell it how things stand
	Watchdog time.Duration // it kills what says nothing for so long; 0 is never
	State    string        // the folder for data that it made
	Runtime  string        // the folder for sockets that it made
	Owner    int           // the user who installed the service, or -1
}

// readSupervisor reads the environment that a service manager gives.
func readSupervisor(getenv func(string) string) Supervisor {
	first := func(name string) string { // a manager may give several folders
		dir, _, _ := strings.Cut(getenv(name), ":")
		return dir
	}
	s := Supervisor{
		Socket: getenv("NOTIFY_SOCKET"), State: first("STATE_DIRECTORY"), Runtime: first("RUNTIME_DIRECTORY"), Owner: -1,
	}
	if us, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		s.Watchdog = time.Duration(us) * time.Microsecond
	}
	if id, err := strconv.Atoi(getenv("HARK_OWNER")); err == nil && id >= 0 {
		s.Owner = id
	}
	return s
}

// tell sends one state to the service manager, if there is one.
func (s Supervisor) tell(ctx context.Context, state string) error {
	if s.Socket == "" {
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", s.Socket)
	if err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}

// supervised says that Hark is ready, and keeps saying so for as long as it
// answers its own question over HTTP: a process that is alive but serves nobody
// is killed and started again.
func (d *Daemon) supervised(ctx context.Context) {
	s := d.cfg.Supervisor
	if err := s.tell(ctx, "READY=1\nSTATUS=Listening on "+d.localURL()); err != nil {
		d.log.Warn("service manager", "err", err)
		return
	}
	if s.Watchdog <= 0 {
		return
	}
	tick := time.NewTicker(s.Watchdog / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := d.answers(ctx, s.Watchdog/3)
		if err == nil {
			err = s.tell(ctx, "WATCHDOG=1")
		}
		if err != nil && ctx.Err() == nil {
			d.log.Error("watchdog", "err", err)
		}
	}
}

// answers asks Hark itself, over a connection as any caller's.
func (d *Daemon) answers(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.localURL()+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("does not answer itself: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answers itself with %s", resp.Status)
	}
	return nil
}
