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

// A need is a program that the tests of pushes start, or a library that a program loads: Firefox
// shows no notification without libnotify.
type need struct {
	names []string
	deb   string
}

func needs() []need {
	return []need{
		{[]string{"firefox-esr", "firefox"}, "firefox-esr"},
		{[]string{"certutil"}, "libnss3-tools"},
		{[]string{"dbus-daemon"}, "dbus"},
		{libraries("libnotify.so.4"), "libnotify4"},
	}
}

// libraries are the places where the system may keep a shared library.
func libraries(name string) (paths []string) {
	for _, dir := range []string{
		"/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/", "/usr/lib64/", "/usr/lib/", "/lib/",
	} {
		paths = append(paths, dir+name)
	}
	return paths
}

// pushing makes sure that the browsers' own push stacks can be tested: Firefox, and a desktop that
// is notified. Then it runs args as browser does. Where the system can't have them, it says so aloud
// and is no failure, except in CI: a machine without Firefox must be able to work on Hark, and must
// not look as if it had shown what it did not.
func pushing(ctx context.Context, args []string) error {
	missing := lacking()
	_, noApt := exec.LookPath("apt-get")
	switch {
	case runtime.GOOS != "linux":
		return notTested("they need a Linux desktop (D-Bus)")
	case len(missing) == 0:
		return browser(ctx, args)
	case noApt != nil:
		return notTested("install what Debian calls " + strings.Join(missing, ", "))
	case os.Getuid() != 0:
		return errors.New("the tests of pushes need more programs, and installing them needs root. Run this once:\n\n\tsudo apt-get update && sudo apt-get install -y " + strings.Join(missing, " "))
	}
	fmt.Println("pushing: installing Debian's", strings.Join(missing, " "))
	if err := aptInstall(ctx, missing...); err != nil {
		return err
	}
	return browser(ctx, args)
}

func notTested(why string) error {
	say := "NOT TESTED with the push stacks of Firefox and Chromium: " + why
	if os.Getenv("CI") == "true" {
		return errors.New(say)
	}
	fmt.Println("pushing:", say)
	return nil
}

// lacking are the Debian packages of what is not here. A FIREFOX that the user set is taken as it is.
func lacking() (packages []string) {
	for _, n := range needs() {
		if n.deb == "firefox-esr" && os.Getenv("FIREFOX") != "" {
			continue
		}
		if !here(n.names) {
			packages = append(packages, n.deb)
		}
	}
	return packages
}

// here reports whether one of the programs or files is here.
func here(names []string) bool {
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
		if _, err := os.Stat(name); err == nil && strings.HasPrefix(name, "/") {
			return true
		}
	}
	return false
}

// aptInstall installs packages of Debian, as root.
func aptInstall(ctx context.Context, packages ...string) error {
	return command(ctx, []string{"DEBIAN_FRONTEND=noninteractive"}, "sh", "-c",
		"apt-get update -qq && apt-get install -y -qq --no-install-recommends "+strings.Join(packages, " "))
}
