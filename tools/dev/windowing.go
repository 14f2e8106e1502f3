package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// windowNeeds is what it takes to build the window and to look at it without a
// screen: headers, an X server, a window manager, a bus, and hands and eyes.
func windowNeeds() []need {
	return []need{
		{libraries("pkgconfig/gtk+-3.0.pc"), "libgtk-3-dev"},
		{libraries("pkgconfig/webkit2gtk-4.1.pc"), "libwebkit2gtk-4.1-dev"},
		{[]string{"Xvfb"}, "xvfb"},
		{[]string{"openbox"}, "openbox"},
		{[]string{"dbus-daemon"}, "dbus"},
		{[]string{"xdotool"}, "xdotool"},
		{[]string{"import"}, "imagemagick"},
	}
}

// windowing makes sure that the window can be built and tested, and runs args.
// Where the system can't have one it says so aloud, and is no failure except in CI.
func windowing(ctx context.Context, args []string) error {
	var missing []string
	for _, n := range windowNeeds() {
		if !here(n.names) {
			missing = append(missing, n.deb)
		}
	}
	list := strings.Join(missing, " ")
	_, noApt := exec.LookPath("apt-get")
	switch {
	case runtime.GOOS != "linux":
		return windowNotTested("its tests need Linux and an X server")
	case len(missing) > 0 && noApt != nil:
		return windowNotTested("install what Debian calls " + list)
	case len(missing) > 0 && os.Getuid() != 0:
		return errors.New("the tests of the window need more programs, and installing them needs root. Run this once:\n\n\tsudo apt-get update && sudo apt-get install -y " + list)
	case len(missing) > 0:
		fmt.Println("windowing: installing Debian's", list)
		if err := aptInstall(ctx, missing...); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		return nil
	}
	return command(ctx, nil, args[0], args[1:]...)
}

func windowNotTested(why string) error {
	say := "the window was NOT TESTED: " + why
	if os.Getenv("CI") == "true" {
		return errors.New(say)
	}
	fmt.Println("windowing:", say)
	return nil
}
