package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"hark/daemon/agent"
	"hark/daemon/push"
	"hark/daemon/watch"
	"hark/scheduler"
	"hark/store"
)

// Daemon is the running Hark. Make one with [New].
type Daemon struct {
	cfg     Config
	log     *slog.Logger
	out     io.Writer
	db      *store.DB
	due     *scheduler.Scheduler
	push    *push.Sender
	watch   *watch.Watcher
	started time.Time
	admin   string // token of this process's life; nowhere but here and in local.json

	handler   http.Handler
	hosts     map[string]bool
	proxies   proxies
	codes     *codes
	tickets   *tickets
	streams   *streams
	asked     *requests
	traces    *traces
	models    *models
	mcp       *agent.MCP
	mcpFault  string // what is wrong with mcp.json, for people
	site      *site
	phone     *entrance
	wrong     *limiter                                                     // wrong tokens and codes, an address
	fires     *limiter                                                     // fires, a token
	tests     *limiter                                                     // test pushes, a device
	rates     *limiters                                                    // fires, a token that has a limit of its own
	calling   sync.Map                                                     // message/action → true while the address behind a button is called
	lookup    func(ctx context.Context, host string) ([]netip.Addr, error) // of those addresses; nil asks the system
	keeper    keeper
	buffers   sync.Pool
	freeSpace func(dir string) (uint64, error)

	agent atomic.Pointer[agent.Agent]     // nil before Run
	ctx   atomic.Pointer[context.Context] // that of the work in the background
	work  sync.WaitGroup
	// starting keeps work from beginning while the last of it is waited for.
	starting sync.Mutex
	at       atomic.Pointer[place]  // where we listen
	owner    atomic.Pointer[string] // the zone of the settings; nil is the machine's

	full     atomic.Bool // the disk
	running  atomic.Bool // Run has come so far that all is served
	draining atomic.Bool // Run is ending
}

// New opens the data folder of cfg, which it makes if need be, and prepares to
// serve. Nothing runs yet: call [Daemon.Run], which also closes what New opened.
func New(cfg Config) (*Daemon, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	if cfg.Version == "" {
		cfg.Version = builtVersion()
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	db, damage, err := openStore(cfg)
	if err != nil {
		return nil, err
	}
	d, err := newDaemon(cfg, db)
	if err == nil && damage != nil {
		d.tellMishap(damage)
	}
	return d, err
}

// newDaemon serves an open store. Tests give it one that lives in memory.
func newDaemon(cfg Config, db *store.DB) (*Daemon, error) {
	app, err := newSite()
	if err != nil {
		return nil, err
	}
	trusted, err := parseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	d := &Daemon{
		cfg: cfg, log: slog.New(requestLog{cfg.Log.Handler()}), out: cfg.Out, db: db, started: time.Now(),
		admin: store.NewSecret(tokenPrefix),
		hosts: allowedHosts(cfg), proxies: trusted,
		codes: newCodes(), tickets: newTickets(), streams: newStreams(cfg.Limits), asked: newRequests(), traces: newTraces(),
		wrong:     newLimiter(wrongPerMinute, wrongPerMinute),
		fires:     newLimiter(cfg.Limits.FirePerMinute, max(cfg.Limits.FirePerMinute/2, 1)),
		rates:     newLimiters(),
		tests:     newLimiter(testsPerMinute, testsPerMinute),
		buffers:   sync.Pool{New: func() any { return new(buffer) }},
		models:    &models{set: cfg.Model, candidates: agent.Candidates()},
		site:      app,
		freeSpace: freeSpace,
	}
	set, err := d.loadSettings()
	if err != nil {
		return nil, err
	}
	d.owner.Store(&set.Zone)
	d.due = scheduler.New(scheduler.Config{DB: db, Log: cfg.Log, Zone: localZone, Turn: d.kick})
	d.push, err = push.New(push.Config{
		DB: db, Log: d.log, LogOf: d.logOf, Present: d.present, Origin: d.base, Allow: cfg.PushAllow, Subject: cfg.PushSubject, Public: agent.IsPublic, Zone: d.zone,
	})
	if err != nil {
		return nil, err
	}
	d.watch = d.newWatcher()
	d.phone = d.newPhone()
	d.readServers()
	d.handler = d.guard(d.routes())
	return d, nil
}

// Handler serves everything Hark has over HTTP. It works before Run and after
// it has ended, as far as the store is open.
func (d *Daemon) Handler() http.Handler { return d.handler }

// builtVersion is what the Go tool recorded about the build.
func builtVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
