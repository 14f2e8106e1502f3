//go:build desktop && unix

package app

import (
	"context"
	"html"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	bellName = "org.freedesktop.Notifications"
	bellPath = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// bell shows notifications of the desktop (Desktop Notifications 1.2). The
// library's own takes one that is wiped away for one that is clicked.
type bell struct {
	conn *dbus.Conn

	mu    sync.Mutex // held while one is sent, so that no click comes before its number
	shown map[uint32]notice
}

// newBell returns a bell that calls clicked with each notice that is clicked,
// until ctx ends.
func newBell(ctx context.Context, clicked func(notice)) (*bell, error) {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	b := &bell{conn: conn, shown: map[uint32]notice{}}
	if err := conn.AddMatchSignal(dbus.WithMatchInterface(bellName)); err != nil {
		conn.Close()
		return nil, err
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	go func() {
		for s := range signals {
			if n, ok := b.heard(s); ok {
				clicked(n)
			}
		}
	}()
	return b, nil
}

// heard takes what the desktop says of a notification, and returns the notice
// that was clicked, if that is it.
func (b *bell) heard(s *dbus.Signal) (notice, bool) {
	if len(s.Body) == 0 {
		return notice{}, false
	}
	id, _ := s.Body[0].(uint32)
	b.mu.Lock()
	defer b.mu.Unlock()
	n, ok := b.shown[id]
	switch s.Name {
	case bellName + ".ActionInvoked":
		delete(b.shown, id)
		return n, ok
	case bellName + ".NotificationClosed":
		delete(b.shown, id)
	}
	return notice{}, false
}

// ring shows n. Its words are shown as they are: the desktop reads markup.
func (b *bell) ring(n notice) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var id uint32
	err := b.conn.Object(bellName, bellPath).Call(bellName+".Notify", 0, "Hark", uint32(0), "hark", n.Title,
		html.EscapeString(n.Text), []string{"default", "Open"}, map[string]dbus.Variant{}, int32(-1)).Store(&id)
	if err == nil {
		b.shown[id] = n
	}
	return err
}
