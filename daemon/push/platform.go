package push

import (
	"strings"

	"hark/store"
)

// platform is what a device runs on, as far as what to do about its
// notifications depends on it.
type platform int

const (
	desktop platform = iota
	apple            // iPhone or iPad: only an app on the Home Screen gets pushes
	mac              // or an iPad that calls itself one
	android
)

func platformOf(agent string) platform {
	switch {
	case strings.Contains(agent, "iPhone"), strings.Contains(agent, "iPad"):
		return apple
	case strings.Contains(agent, "Android"):
		return android
	case strings.Contains(agent, "Macintosh"):
		return mac
	}
	return desktop
}

// EndedByService is how the detail of a device begins whose subscription ended
// although its owner did not ask for that: the browser gave it up, or its
// permission was taken back.
const EndedByService = "The push service has ended the subscription."

// SubscribeCure says how notifications are switched on where a device's
// browser (its User-Agent) is.
func SubscribeCure(agent string) string {
	switch platformOf(agent) {
	case apple:
		return "iPhone and iPad notify from the Home Screen only: in Safari tap Share, then “Add to Home Screen”, open Hark from there, and switch notifications on under Settings (iOS 16.4 or newer)."
	case android:
		return "Open Hark in the phone's browser by its https address, install it from the browser's menu (“Add to Home screen”), and switch notifications on under Settings."
	case mac:
		return "Open Hark there and switch notifications on under Settings. On an iPad, put Hark on the Home Screen first (Share, “Add to Home Screen”) and open it from there."
	case desktop:
	}
	return "Open Hark there by its https address, or by 127.0.0.1 on its own machine, and switch notifications on under Settings."
}

// ShowCure says what to look at where pushes arrive at a device's push service
// and nothing appears.
func ShowCure(agent string) string {
	switch platformOf(agent) {
	case apple:
		return "On the device, open Settings, Notifications, Hark: allow them, and look whether a Focus or the Scheduled Summary holds them back. If that is so already, open Hark from the Home Screen once, or remove it there and add it again."
	case android:
		return "On the phone, open Settings, Apps, the browser (or Hark): allow notifications and set Battery to “Unrestricted”. Then open Hark once; an app from the browser's menu is not put to sleep as a tab is."
	case mac:
		return "Allow notifications of the browser under System Settings, Notifications, look whether a Focus is on, and start the browser: it shows nothing while it is closed."
	case desktop:
	}
	return "Start the browser there (most show nothing while they are closed), allow its notifications in the system's settings, and look whether “Do not disturb” is on."
}

// DeviceCure says what the owner can do about the state of a device's
// notifications, or nothing if all is well with them.
func DeviceCure(dev *store.Device) string {
	if dev.Push == nil {
		return SubscribeCure(dev.Agent)
	}
	switch dev.Push.State {
	case store.PushOff:
		return SubscribeCure(dev.Agent)
	case store.PushSilent:
		return ShowCure(dev.Agent)
	case store.PushMisconfigured:
		return "Read what the push service says; then switch notifications off and on again on the device, and send a test."
	}
	return ""
}
