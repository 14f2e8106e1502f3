package watch

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"hark/store"
)

const (
	// mailTime bounds what is asked of a mail server at once.
	mailTime = 90 * time.Second
	// idleFor is how long a server is listened to before it is asked again: it
	// finds out that a connection has died, which nothing else would tell.
	idleFor = 9 * time.Minute
	// mailSize is how much of a message is read.
	mailSize = 256 << 10
	// answerSize is how much a server may send in answer to one question.
	answerSize = 16 << 20
)

// mailbox stays with a mailbox until ctx is done or the connection fails.
func (r *runner) mailbox(ctx context.Context) error {
	news := make(chan struct{}, 1)
	box, err := r.open(ctx, news)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = box.Close() })
	defer func() { stop(); _ = box.Close() }()
	for ctx.Err() == nil {
		var at *imap.SelectData
		err := box.within(func() (err error) {
			at, err = box.Select(r.s.Mail.Folder, &imap.SelectOptions{ReadOnly: true}).Wait()
			if err != nil {
				err = noFolder(box.Client, r.s.Mail.Folder, err)
			}
			return err
		})
		if err == nil {
			err = r.lookAtMail(ctx, box, at)
		}
		if err != nil {
			return err
		}
		r.note(nil)
		r.answer()
		if err := r.listen(ctx, box, news); err != nil {
			return err
		}
	}
	return nil
}

// listen waits until there may be something new, or somebody wants to know.
func (r *runner) listen(ctx context.Context, box *mailbox, news <-chan struct{}) error {
	wait := min(r.every(), 25*time.Minute)
	var idle *imapclient.IdleCommand
	if box.Caps().Has(imap.CapIdle) {
		wait = idleFor
		if err := box.within(func() (err error) { idle, err = box.Idle(); return err }); err != nil {
			return err
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-box.Closed():
	case <-news:
	case <-timer.C:
	case r.pending = <-r.asked:
	}
	if idle == nil {
		return nil
	}
	return box.within(func() error { return errors.Join(idle.Close(), idle.Wait()) })
}

// mailbox is a connection to a mail server.
type mailbox struct {
	*imapclient.Client
	conn   *meter
	server string
}

// within does fn, and ends the connection if that takes too long. The error is
// for the owner.
func (b *mailbox) within(fn func() error) error {
	b.conn.left.Store(answerSize)
	late := time.AfterFunc(mailTime, func() { _ = b.Close() })
	err := fn()
	if !late.Stop() && err != nil {
		err = context.DeadlineExceeded
	}
	var p *problem
	if err == nil || errors.As(err, &p) {
		return err
	}
	var said *imap.Error
	if errors.As(err, &said) {
		return &problem{say: fmt.Sprintf("the mail server says: %.200s", said.Text), cure: "Hark tries again by itself.", err: err}
	}
	return noAnswer(b.server, err)
}

// open connects and logs in.
func (r *runner) open(ctx context.Context, news chan<- struct{}) (*mailbox, error) {
	m := r.s.Mail
	dialing, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	raw, err := r.w.cfg.Dial(dialing, "tcp", m.Server, m.Server)
	if err != nil {
		return nil, noAnswer(m.Server, err)
	}
	if m.Security == "none" && !isHome(raw.RemoteAddr()) {
		_ = raw.Close()
		return nil, &problem{say: "the password would cross the internet unprotected", cure: "Choose TLS or STARTTLS."}
	}
	conn := &meter{Conn: raw}
	conn.left.Store(answerSize)
	secure := &tls.Config{ServerName: hostOf(m.Server), NextProtos: []string{"imap"}, MinVersion: tls.VersionTLS12}
	options := &imapclient.Options{TLSConfig: secure, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages == nil {
				return
			}
			select {
			case news <- struct{}{}:
			default:
			}
		},
	}}
	box := &mailbox{conn: conn, server: m.Server}
	giveUp := time.AfterFunc(mailTime, func() { _ = raw.Close() })
	defer giveUp.Stop()
	switch m.Security {
	case "none":
		box.Client = imapclient.New(conn, options)
	case "starttls":
		box.Client, err = imapclient.NewStartTLS(conn, options)
		if said := (*imap.Error)(nil); errors.As(err, &said) {
			err = &problem{say: m.Server + " offers no STARTTLS", cure: "Choose another kind of security, or let the server have a certificate.", err: err}
		}
	default:
		over := tls.Client(conn, secure)
		if err = over.HandshakeContext(dialing); err == nil {
			box.Client = imapclient.New(over, options)
		}
	}
	if err != nil {
		_ = raw.Close()
		var p *problem
		if errors.As(err, &p) {
			return nil, err
		}
		return nil, noAnswer(m.Server, err)
	}
	if err := box.within(func() error { return login(box.Client, m) }); err != nil {
		_ = box.Close()
		return nil, err
	}
	return box, nil
}

func login(c *imapclient.Client, m *store.Mailbox) error {
	err := c.Login(m.User, m.Password).Wait()
	var said *imap.Error
	if errors.As(err, &said) {
		// Servers shut out who goes on trying a wrong password.
		return &problem{
			say: "the mail server refuses the user or the password", wait: time.Hour, err: err,
			cure: "Set both anew. A provider with two-step login gives out a password for programs; some want IMAP to be allowed first.",
		}
	}
	return err
}

// noFolder says which folders there are.
func noFolder(c *imapclient.Client, folder string, err error) error {
	var said *imap.Error
	if !errors.As(err, &said) {
		return err
	}
	p := &problem{say: fmt.Sprintf("there is no folder %.80q", folder), cure: "Choose another folder.", err: err}
	list, err := c.List("", "*", nil).Collect()
	var names []string
	for _, f := range list {
		names = append(names, f.Mailbox)
	}
	if slices.Sort(names); err == nil && len(names) > 0 {
		p.cure = fmt.Sprintf("There are: %.400s.", strings.Join(names, ", "))
	}
	return p
}

// isHome reports whether what is sent to an address stays on this machine or in
// its own network.
func isHome(addr net.Addr) bool {
	at, err := netip.ParseAddrPort(addr.String())
	ip := at.Addr().Unmap()
	return err == nil && (ip.IsLoopback() || ip.IsPrivate() || netip.MustParsePrefix("100.64.0.0/10").Contains(ip))
}

// meter ends a connection whose other side sends more than was asked for.
type meter struct {
	net.Conn
	left atomic.Int64
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	if m.left.Add(int64(-n)) < 0 {
		return n, cmp.Or(err, errTooMuch)
	}
	return n, err
}

var errTooMuch = errors.New("it sends more than was asked for")
