//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"hark/e2e/desktop"
	"hark/e2e/pushsvc"
)

// browser is a real browser with its own push stack, as a person uses it: one window, with the app
// in a tab of it or not. Every method but eval fails the test if it can't do what it says.
type browser interface {
	// env is what the program needs to reach this browser's push service.
	env() []string
	// start starts it, the second time with the profile that it had, and no page of the app open.
	start()
	quit()
	// open loads an address of the app, in the tab that it has or in a new one.
	open(url string)
	// eval runs the body of an async function in the app's page, which may just be on its way to
	// another address: ask again.
	eval(body string, out any, args ...any) error
	// click clicks what the XPath finds in the app's page, once it is there.
	click(xpath string)
	// hide brings another tab in front of the app's; front brings the app's back.
	hide()
	front()
	// judged waits until the browser has looked whether the last push led to a notification, if it
	// is one that does.
	judged()
	// leave closes the app's tab.
	leave()
	// opened waits until the browser has opened a tab of the app by itself.
	opened()
	// permit sets the permission to notify, as a person does in the site settings.
	permit(origin string, allowed bool)
}

// place is what browsers need: a push service, a desktop, and the paths of programs.
type place struct {
	t       *testing.T
	service *pushsvc.Service
	desk    *desktop.Desktop
	log     *text // of the browser
}

func newPlace(t *testing.T) *place {
	t.Helper()
	// The test's context ends before what was started is asked to end.
	desk, err := desktop.Start(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = desk.Stop() })
	p := &place{t: t, service: pushsvc.New(), desk: desk, log: &text{}}
	p.service.Strict = true
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the push service: %+v", p.service.Events())
			t.Logf("the desktop: %+v", p.desk.Shown())
			t.Logf("the browser printed:\n%s", p.log)
		}
	})
	return p
}

// folder is an empty folder that is deleted when the test is over. A browser that has just ended may
// have children that still write there.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		var err error
		poll := time.NewTicker(100 * time.Millisecond)
		defer poll.Stop()
		for range 50 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			<-poll.C
		}
		t.Errorf("delete the browser's folder: %v", err)
	})
	return dir
}

// program is the path of a browser: what the variable names, or the first of names that is there.
// A promise that nothing shows is not kept, so that a browser that is missing fails the test.
func program(t *testing.T, variable string, names ...string) string {
	t.Helper()
	if set := os.Getenv(variable); set != "" {
		names = []string{set}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("none of %v is here: `make e2e` installs what the tests need, or says how; %s=PATH names one", names, variable)
	return ""
}
