//go:build desktop && linux

package app

import (
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
)

// A window that finds no Hark says so, and goes on by itself when there is one.
func (s *screen) waits() {
	s.t.Helper()
	far := *s // a Hark of its own, which a window can't start
	far.dir = filepath.Join(s.dir, "far")
	address := freeAddress(s.t)
	far.env = append(slices.Clone(s.env), "HARK_DATA="+far.dir+"/data", "HARK_ADDR="+address)
	var ready any
	awake := func() bool { return far.ask("GET", "/readyz", "", &ready) }
	far.start(s.prog, "serve")
	far.until("the daemon", awake)
	token, ok := far.do(s.prog, "token", "create", "window", "--scope", "admin")
	if !ok {
		s.t.Fatal("no token was made")
	}
	far.kill(syscall.SIGKILL)

	asked, end := far.nobody(address)
	far.env = append(far.env, "HARK_TOKEN="+token)
	window := far.start(s.prog, "open", "--url", "http://"+address)
	far.until("a page that asks", func() bool { return asked.Load() > 5 }) // it has said why since
	far.look("door")
	end()
	far.start(s.prog, "serve")
	var all struct{ Devices []struct{ ID string } }
	far.until("a device", func() bool {
		return awake() && far.ask("GET", "/api/devices", "", &all) && len(all.Devices) == 1
	})
	if err := window.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	far.until("no window", func() bool { return len(far.seen()) == 0 })
	far.kill(syscall.SIGTERM)
}

// nobody answers in the place of Hark, until end, and counts how often it is asked.
func (s *screen) nobody(address string) (asked *atomic.Int32, end func()) {
	s.t.Helper()
	asked = new(atomic.Int32)
	ln, err := net.Listen("tcp", address)
	if err != nil {
		s.t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	})}
	go func() { _ = server.Serve(ln) }()
	end = func() { _ = server.Close() }
	s.t.Cleanup(end)
	return asked, end
}
