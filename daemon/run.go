package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"hark/daemon/agent"
	"hark/daemon/certs"
)

const (
	// headerTime bounds what a connection that says nothing costs.
	headerTime  = 10 * time.Second
	idleTime    = 2 * time.Minute
	headerBytes = 32 << 10
	// answerTime is how long an ordinary answer may take to be sent; streams set
	// their own limit for each write.
	answerTime = 2 * time.Minute
	// settleTime is how long requests may take to end when Hark does.
	settleTime = 8 * time.Second
)

// Run listens and serves until ctx is done, and returns when everything has
// settled and the store is closed. It prints the address to Config.Out when it
// is ready. It can be called once.
func (d *Daemon) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, d.db.Close()) }()
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", d.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (another address: --addr HOST:PORT)", d.cfg.Addr, err)
	}
	d.announce(ln.Addr())
	settle, err := d.start(ctx)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer settle()
	if err := writeLocal(d.cfg.Data, d.local()); err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, removeLocal(d.cfg.Data, d.admin)) }()
	srv := d.server()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	d.running.Store(true)
	d.greetPeople()
	d.background(d.supervised)
	d.background(d.control)
	select {
	case <-ctx.Done():
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	}
	if err := d.cfg.Supervisor.tell(context.WithoutCancel(ctx), "STOPPING=1"); err != nil {
		d.log.Warn("service manager", "err", err)
	}
	settle()
	return d.shutdown(context.WithoutCancel(ctx), srv)
}

func (d *Daemon) server() *http.Server {
	return &http.Server{
		Handler:           d.handler,
		ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, WriteTimeout: answerTime,
		MaxHeaderBytes: headerBytes,
		ErrorLog:       slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
}

// start runs what works in the background. The func it returns ends it, waits
// until that is done, and may be called more than once: from then on new
// requests are refused and streams are told bye.
func (d *Daemon) start(ctx context.Context) (settle func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	a := agent.New(ctx, agent.Config{
		DB: d.db, Desk: d.desk(), Model: d.model, Tools: d.toolboxes(), Log: d.log, LogOf: d.logOf, Zone: localZone(),
	})
	settle = func() {
		d.draining.Store(true)
		d.starting.Lock()
		cancel() // from here on nothing new begins
		d.starting.Unlock()
		a.Wait()
		d.mcp.Close()
		d.streams.endAll()
		d.phone.front.close(context.WithoutCancel(ctx))
		d.work.Wait()
	}
	d.ctx.Store(&ctx)
	d.mcp.Start(ctx)
	if err := a.Start(); err != nil {
		settle()
		return nil, err
	}
	d.agent.Store(a)
	d.checkDisk()
	d.background(func(ctx context.Context) {
		if err := d.due.Run(ctx); err != nil {
			d.log.Error("scheduler ended", "err", err)
		}
	})
	d.background(func(ctx context.Context) {
		if err := d.push.Run(ctx); err != nil {
			d.log.Error("sender of pushes ended", "err", err)
		}
	})
	d.background(func(ctx context.Context) {
		if err := d.watch.Run(ctx); err != nil {
			d.log.Error("watcher of feeds and mailboxes ended", "err", err)
		}
	})
	d.background(d.watchDisk)
	d.background(d.keepBackups)
	d.startPhone(ctx)
	return settle, nil
}

// background runs fn until the daemon ends; before start and after the end it
// does nothing.
func (d *Daemon) background(fn func(context.Context)) {
	d.starting.Lock()
	defer d.starting.Unlock()
	ctx := d.ctx.Load()
	if ctx == nil || (*ctx).Err() != nil {
		return
	}
	d.work.Go(func() { fn(*ctx) })
}

// shutdown lets the requests that are being served end.
func (d *Daemon) shutdown(ctx context.Context, srv *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		d.log.Warn("some requests did not end in time and were cut off")
		return srv.Close()
	}
	return err
}

// announce notes where the daemon can be reached.
func (d *Daemon) announce(addr net.Addr) {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return
	}
	d.at.Store(&place{host: host, port: port})
}

// local is what this process announces to its owner.
func (d *Daemon) local() Local {
	at := d.at.Load()
	return Local{
		Addr: net.JoinHostPort(at.host, at.port), URL: d.localURL(), Token: d.admin, PID: os.Getpid(), Version: d.cfg.Version,
	}
}

// place is where the daemon listens.
type place struct{ host, port string }

// base is the address that browsers are given.
func (d *Daemon) base() string {
	if d.cfg.PublicURL != "" {
		return d.cfg.PublicURL
	}
	if origin := d.phone.origin(); origin != "" {
		return origin
	}
	at := d.at.Load()
	if at == nil {
		return "http://" + d.cfg.Addr
	}
	if ip := net.ParseIP(at.host); ip != nil && ip.IsUnspecified() {
		return "http://" + net.JoinHostPort(lanAddress(), at.port)
	}
	return "http://" + net.JoinHostPort(at.host, at.port)
}

// localURL is the address for programs on this machine.
func (d *Daemon) localURL() string {
	at := d.at.Load()
	host := at.host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, at.port)
}

// lanAddress is this machine's address in its own network, or loopback. Links
// hold IPv4 addresses only: an IPv6 one in a link is more than people can read.
func lanAddress() string {
	_, all := certs.Machine()
	for _, a := range all {
		if ip, err := netip.ParseAddr(a); err == nil && ip.Is4() {
			return a
		}
	}
	return "127.0.0.1"
}

// greetPeople prints what people and scripts wait for. The first line is
// promised: scripts read the address from it.
func (d *Daemon) greetPeople() {
	at := d.at.Load()
	code, _ := d.codes.make(firstCodeFor)
	link := d.pairLink(code)
	fmt.Fprintf(d.out, "hark: listening on http://%s\n", net.JoinHostPort(at.host, at.port))
	fmt.Fprintf(d.out, "hark: pair a browser: %s\n", link)
	if picture, err := qrText(link); err == nil && isTerminal(d.out) {
		fmt.Fprintf(d.out, "\n%s\n", picture)
	}
	if origin := d.phone.origin(); origin != "" {
		fmt.Fprintf(d.out, "hark: for other devices: %s\n", origin)
	}
	for _, p := range d.phone.problems() {
		fmt.Fprintf(d.out, "hark: %s\n", p.Error())
	}
	fmt.Fprintf(d.out, "hark: data in %s\n", d.cfg.Data)
	d.background(func(ctx context.Context) {
		d.models.look(ctx)
		fmt.Fprintf(d.out, "hark: %s\n", d.models.say())
	})
}

// isTerminal reports whether a person reads w.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// localZone is the IANA name of this machine's zone, for messages that don't
// say theirs, or UTC where the system does not tell.
func localZone() string {
	if name := time.Local.String(); name != "Local" {
		return name
	}
	if target, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(target, "zoneinfo/"); ok {
			return name
		}
	}
	return "UTC"
}
