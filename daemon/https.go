package daemon

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hark/daemon/certs"
)

// defaultTLSAddr is where phones find Hark unless they are told otherwise: the
// next port, on all addresses of this machine.
const defaultTLSAddr = ":4276"

// front is the listener for the network: HTTPS for everything, and on the same
// port plain HTTP for what has to come before trust. It is opened and closed
// while Hark runs.
type front struct {
	log    *slog.Logger
	tls    *tls.Config
	secure func() *http.Server
	plain  func() *http.Server

	mu   sync.Mutex
	open *opened
}

// opened is one listener with its two servers.
type opened struct {
	addr    string // as it was asked for
	port    string // as it came out
	servers [2]*http.Server
	ln      net.Listener
}

// listen opens addr, unless that is open. The one before is closed when its
// connections are idle, or in a few seconds.
func (f *front) listen(ctx context.Context, addr string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open != nil && f.open.addr == addr {
		return nil
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return cannotListen(addr, err)
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	now := &opened{addr: addr, port: port, ln: ln, servers: [2]*http.Server{f.secure(), f.plain()}}
	now.servers[0].TLSConfig = f.tls.Clone() // each server writes its protocols into its own
	tlsSide, plainSide := split(ln)
	go func() { f.ended(now.servers[0].ServeTLS(tlsSide, "", "")) }()
	go func() { f.ended(now.servers[1].Serve(plainSide)) }()
	if old := f.open; old != nil {
		go f.shut(context.WithoutCancel(ctx), old)
	}
	f.open = now
	return nil
}

func cannotListen(addr string, err error) error {
	cure := "Choose another port, such as " + defaultTLSAddr + "."
	if _, port, e := net.SplitHostPort(addr); e == nil {
		if n, e := strconv.Atoi(port); e == nil && n < 1024 && n > 0 {
			cure += " Ports below 1024 need a right that this user may not have."
		}
	}
	return &certs.Problem{Code: "listen", Say: fmt.Sprintf("Hark can't listen on %s: %v.", addr, err), Cure: cure}
}

func (f *front) ended(err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		f.log.Error("HTTPS ended", "err", err)
	}
}

// port is the one that is open, or "".
func (f *front) port() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		return ""
	}
	return f.open.port
}

// address is what was asked to be opened and is, or "".
func (f *front) address() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		return ""
	}
	return f.open.addr
}

// close ends what is open, and waits until its requests are over.
func (f *front) close(ctx context.Context) {
	f.mu.Lock()
	old := f.open
	f.open = nil
	f.mu.Unlock()
	if old != nil {
		f.shut(ctx, old)
	}
}

func (f *front) shut(ctx context.Context, o *opened) {
	if err := o.ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		f.log.Warn("close the HTTPS port", "err", err)
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for _, srv := range o.servers {
		if srv.Shutdown(ctx) != nil {
			f.ended(srv.Close())
		}
	}
}

// split tells the connections of ln apart: those that begin with a TLS
// handshake, and the others. It ends when ln is closed.
func split(ln net.Listener) (secure, plain net.Listener) {
	done := make(chan struct{})
	s := &side{ln: ln, conns: make(chan net.Conn), done: done}
	p := &side{ln: ln, conns: make(chan net.Conn), done: done}
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			} else if err != nil {
				pause(acceptPause) // out of files, say: the next may be lucky
				continue
			}
			go assign(conn, s, p)
		}
	}()
	return s, p
}

const (
	acceptPause = 50 * time.Millisecond
	tlsRecord   = 0x16 // the first byte of a TLS handshake (RFC 8446 §5.1); no HTTP method begins so
)

func pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

func assign(conn net.Conn, secure, plain *side) {
	if conn.SetReadDeadline(time.Now().Add(headerTime)) != nil {
		_ = conn.Close() // nobody waits for it
		return
	}
	c := &peeked{Conn: conn, r: bufio.NewReaderSize(conn, 1024)}
	first, err := c.r.Peek(1)
	if err != nil || conn.SetReadDeadline(time.Time{}) != nil {
		_ = conn.Close() // nobody waits for it
		return
	}
	to := plain
	if first[0] == tlsRecord {
		to = secure
	}
	select {
	case to.conns <- c:
	case <-to.done:
		_ = conn.Close() // nobody waits for it
	}
}

// peeked is a connection whose first byte was looked at.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (c *peeked) Read(b []byte) (int, error) { return c.r.Read(b) }

// side is the listener for one kind of connection.
type side struct {
	ln    net.Listener
	conns chan net.Conn
	done  chan struct{}
}

func (s *side) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}

func (s *side) Addr() net.Addr { return s.ln.Addr() }

func (s *side) Close() error { return s.ln.Close() }
