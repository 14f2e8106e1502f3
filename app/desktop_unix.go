//go:build desktop && unix

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/godbus/dbus/v5"
)

// programName is by what name the process of a window goes. The browser engine
// keeps its things in a folder of that name, which must not be Hark's own.
const programName = "hark-window"

// ownName runs this program again under the name of a window, in its own place.
func ownName() error {
	if filepath.Base(os.Args[0]) == programName {
		return nil
	}
	return relaunch()
}

// relaunch replaces this process. It returns only if it can't.
func relaunch() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	err = syscall.Exec(self, append([]string{programName}, os.Args[1:]...), os.Environ())
	return fmt.Errorf("start this program anew: %w", err)
}

// leaveConsole is for Windows alone.
func leaveConsole() {}

// handOver wakes the window of another process, if there is one. The library
// would do so too, but would end this process as if it had failed.
func handOver(ctx context.Context, id string) bool {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false // without a bus each start has a window of its own
	}
	defer conn.Close()
	name := "org.wails_app_" + id + ".SingleInstance"
	var there bool
	if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&there); err != nil || !there {
		return false
	}
	word, err := json.Marshal(map[string][]string{"Args": os.Args[1:]})
	if err != nil {
		return false
	}
	path := dbus.ObjectPath("/org/wails_app_" + id + "/SingleInstance")
	return conn.Object(name, path).CallWithContext(ctx, name+".SendMessage", 0, string(word)).Err == nil
}

// canTray reports whether there is a bus on which a tray could be; the icon comes
// as soon as there is one.
func canTray() bool {
	_, err := dbus.SessionBus()
	return err == nil
}

// trayed reports whether a tray shows icons now.
func trayed() bool {
	conn, err := dbus.SessionBus()
	if err != nil {
		return false
	}
	var there bool
	err = conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&there)
	return err == nil && there
}

func trayIcon() []byte { return icon }
