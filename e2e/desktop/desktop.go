// Package desktop is a desktop for browsers under test: a private D-Bus session with a
// notification service of its own (org.freedesktop.Notifications, version 1.2). It keeps what
// browsers show, in order, and clicks or dismisses it as a person would.
//
// It is a test double: no shipped package imports it. It needs dbus-daemon, so it runs on Linux
// and the BSDs.
package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	path  = dbus.ObjectPath("/org/freedesktop/Notifications")
	iface = "org.freedesktop.Notifications"

	dismissed = uint32(2) // reasons of NotificationClosed
	withdrawn = uint32(3)
)

// Notification is one call of Notify.
type Notification struct {
	// ID names it on the desktop. One that takes the place of another has the other's.
	ID uint32
	// Title and Body are plain text: the markup that browsers write is undone.
	Title, Body string
	// Actions are the labels of its buttons, by key. The key "default" is the notification itself.
	Actions map[string]string
}

// Desktop is a running session. Its methods may be called from several goroutines.
type Desktop struct {
	bus     *exec.Cmd
	conn    *dbus.Conn
	address string

	mu      sync.Mutex
	last    uint32
	shown   []Notification
	open    []uint32
	changed chan struct{} // closed at the next change
}

// Start runs a D-Bus session with the notification service on it. It ends with [Desktop.Stop],
// or with ctx.
func Start(ctx context.Context) (*Desktop, error) {
	bus := exec.CommandContext(ctx, "dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")
	out, err := bus.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := bus.Start(); err != nil {
		return nil, fmt.Errorf("start a D-Bus session (Debian: apt-get install dbus): %w", err)
	}
	d := &Desktop{bus: bus, changed: make(chan struct{})}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		d.address = strings.TrimSpace(address)
		err = d.serve()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("D-Bus session: %w", err), d.Stop())
	}
	return d, nil
}

func (d *Desktop) serve() (err error) {
	if d.conn, err = dbus.Connect(d.address); err != nil {
		return err
	}
	if err := d.conn.Export(service{d}, path, iface); err != nil {
		return err
	}
	reply, err := d.conn.RequestName(iface, dbus.NameFlagDoNotQueue)
	if err == nil && reply != dbus.RequestNameReplyPrimaryOwner {
		err = errors.New("another notification service is on the bus")
	}
	return err
}

// Stop ends the session.
func (d *Desktop) Stop() error {
	if d.conn != nil {
		d.conn.Close()
	}
	err := d.bus.Process.Kill()
	d.bus.Wait() // says only that it was killed
	return err
}

// Env is what a program needs in its environment to be on this desktop.
func (d *Desktop) Env() string {
	return "DBUS_SESSION_BUS_ADDRESS=" + d.address
}

// Shown is every Notify call so far, oldest first, also of what is closed by now.
func (d *Desktop) Shown() []Notification {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.shown)
}

// Open is how many notifications are on the screen.
func (d *Desktop) Open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.open)
}

// Wait returns the first notification, of those after the first skip ones, for which match is
// true, and its index. It waits until there is one or ctx is done.
func (d *Desktop) Wait(ctx context.Context, skip int, match func(Notification) bool) (Notification, error) {
	for {
		d.mu.Lock()
		shown, changed := d.shown[min(skip, len(d.shown)):], d.changed
		d.mu.Unlock()
		if i := slices.IndexFunc(shown, match); i >= 0 {
			return shown[i], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Notification{}, fmt.Errorf("no such notification among %+v: %w", shown, ctx.Err())
		}
	}
}

// Click clicks a notification, or the button with this key on it, as desktop shells do: the
// action is told, and the notification closes.
func (d *Desktop) Click(id uint32, action string) error {
	if err := d.conn.Emit(path, iface+".ActionInvoked", id, action); err != nil {
		return err
	}
	return d.close(id, dismissed)
}

// Dismiss wipes a notification away.
func (d *Desktop) Dismiss(id uint32) error { return d.close(id, dismissed) }

// DismissAll wipes away everything that is on the screen.
func (d *Desktop) DismissAll() error {
	d.mu.Lock()
	open := slices.Clone(d.open)
	d.mu.Unlock()
	var errs []error
	for _, id := range open {
		errs = append(errs, d.close(id, dismissed))
	}
	return errors.Join(errs...)
}

func (d *Desktop) close(id, reason uint32) error {
	d.mu.Lock()
	d.open = slices.DeleteFunc(d.open, func(o uint32) bool { return o == id })
	d.ring()
	d.mu.Unlock()
	return d.conn.Emit(path, iface+".NotificationClosed", id, reason)
}

// ring tells those who wait; mu is held.
func (d *Desktop) ring() {
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *Desktop) show(n Notification) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n.ID == 0 {
		d.last++
		n.ID = d.last
	}
	if !slices.Contains(d.open, n.ID) {
		d.open = append(d.open, n.ID)
	}
	d.shown = append(d.shown, n)
	d.ring()
	return n.ID
}

// service is what is on the bus.
type service struct {
	d *Desktop
}

// Notify shows a notification, in the place of replaces unless that is 0.
func (s service) Notify(_ string, replaces uint32, _, title, body string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n := Notification{ID: replaces, Title: html.UnescapeString(title), Body: html.UnescapeString(body), Actions: map[string]string{}}
	for pair := range slices.Chunk(actions, 2) {
		if len(pair) == 2 {
			n.Actions[pair[0]] = pair[1]
		}
	}
	return s.d.show(n), nil
}

// CloseNotification takes one away that its program no longer wants.
func (s service) CloseNotification(id uint32) *dbus.Error {
	if err := s.d.close(id, withdrawn); err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

// GetCapabilities says what the desktop can show. Browsers fall back to windows of their own
// where a desktop has no actions.
func (service) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"body", "actions", "body-markup", "icon-static", "persistence"}, nil
}

// GetServerInformation names the service: name, vendor, version, version of the specification.
func (service) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	return "hark-test-desktop", "hark", "1", "1.2", nil
}
