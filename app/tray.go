//go:build desktop

package app

import (
	goruntime "runtime"

	"fyne.io/systray"
)

// runTray puts the icon into the tray until the process ends. The loop has a
// thread of its own, which Windows wants.
func (w *window) runTray() {
	if !canTray() {
		return
	}
	goruntime.LockOSThread()
	defer goruntime.UnlockOSThread()
	systray.SetOnTapped(w.show)
	systray.Run(func() {
		systray.SetIcon(trayIcon())
		systray.SetTitle("Hark")
		systray.SetTooltip("Hark")
		open := systray.AddMenuItem("Open Hark", "")
		systray.AddSeparator()
		quit := systray.AddMenuItem("Close the window", "Hark itself goes on")
		go func() {
			for {
				select {
				case <-open.ClickedCh:
					w.show()
				case <-quit.ClickedCh:
					w.quit()
				}
			}
		}()
	}, nil)
}
