//go:build e2e

package e2e_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"hark/e2e/marionette"
)

// quotaDelay is how long after a push, in milliseconds, Firefox looks whether it has led to a
// notification. By itself it takes 3 seconds.
const quotaDelay = 300

// firefox is Firefox with its own push stack, autopush.
type firefox struct {
	*place
	server  *httptest.Server
	profile string
	driver  *marionette.Firefox
	blank   string // a tab that is always there
	app     string // the app's tab, or empty
}

func newFirefox(p *place) *firefox {
	f := &firefox{place: p, server: httptest.NewServer(p.service.Handler()), profile: folder(p.t)}
	p.t.Cleanup(f.server.CloseClientConnections)
	p.t.Cleanup(func() {
		if f.driver != nil {
			_ = f.driver.Quit()
		}
	})
	return f
}

func (f *firefox) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *firefox) env() []string {
	return []string{"HARK_PUSH_ALLOW=" + strings.TrimPrefix(f.server.URL, "http://"), "HARK_PUSH_SUBJECT=owner@hark.dev"}
}

func (f *firefox) start() {
	f.t.Helper()
	driver, err := marionette.Start(context.WithoutCancel(f.t.Context()), marionette.Options{
		Binary: program(f.t, "FIREFOX", "firefox-esr", "firefox"), Profile: f.profile,
		Env: []string{f.desk.Env()}, Log: f.log,
		Prefs: map[string]any{
			"dom.push.serverURL":                      "ws" + strings.TrimPrefix(f.server.URL, "http") + "/ws",
			"dom.push.testing.allowInsecureServerURL": true,
			"dom.push.retryBaseInterval":              100,
			"dom.push.quotaUpdateDelay":               quotaDelay,
			"dom.push.requestTimeout":                 5000,
			// Nothing here is on the internet, and nothing should look for it.
			"network.manage-offline-status":                 false,
			"network.captive-portal-service.enabled":        false,
			"network.connectivity-service.enabled":          false,
			"services.settings.server":                      "data:,",
			"app.normandy.enabled":                          false,
			"browser.aboutwelcome.enabled":                  false,
			"datareporting.policy.dataSubmissionEnabled":    false,
			"toolkit.telemetry.enabled":                     false,
			"browser.startup.homepage_override.mstone":      "ignore",
			"browser.safebrowsing.downloads.remote.enabled": false,
		},
	})
	f.must(err)
	f.driver, f.app = driver, ""
	// The driver's own protocol sets these when it starts, over what the profile says: no push, and
	// windows that only pretend to come to the front.
	f.must(driver.Privileged(`
		Services.prefs.setBoolPref("dom.push.connection.enabled", true);
		Services.prefs.setBoolPref("focusmanager.testmode", false);`, nil))
	tabs, err := driver.Tabs()
	f.must(err)
	f.blank = tabs[0]
}

func (f *firefox) quit() {
	f.t.Helper()
	f.must(f.driver.Quit())
	f.driver = nil
}

func (f *firefox) open(url string) {
	f.t.Helper()
	if f.app == "" {
		tab, err := f.driver.NewTab()
		f.must(err)
		f.app = tab
	}
	f.must(f.driver.Navigate(url))
}

func (f *firefox) eval(body string, out any, args ...any) error {
	return f.driver.Eval(body, out, args...)
}

func (f *firefox) click(xpath string) {
	f.t.Helper()
	eventually(f.t, xpath, func() error { return f.driver.Click(xpath) })
}

func (f *firefox) hide() {
	f.t.Helper()
	f.must(f.driver.Front(f.blank))
	// What is evaluated goes to the app's tab, which stays where it is.
	f.must(f.driver.Do("WebDriver:SwitchToWindow", map[string]any{"handle": f.app, "focus": false}, nil))
}

func (f *firefox) front() {
	f.t.Helper()
	f.must(f.driver.Front(f.app))
}

func (f *firefox) judged() {
	f.t.Helper()
	eventually(f.t, "Firefox to look for the notification", func() error {
		var waiting int
		err := f.driver.Privileged(`const {PushService} = ChromeUtils.importESModule("resource://gre/modules/PushService.sys.mjs");
			return PushService._updateQuotaTimeouts.size;`, &waiting)
		if err == nil && waiting > 0 {
			return errNotYet
		}
		return err
	})
}

func (f *firefox) leave() {
	f.t.Helper()
	f.must(f.driver.CloseTab())
	f.must(f.driver.Front(f.blank))
	f.app = ""
}

func (f *firefox) opened() {
	f.t.Helper()
	eventually(f.t, "a tab that Firefox opens", func() error {
		tabs, err := f.driver.Tabs()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(tabs, func(tab string) bool { return tab != f.blank })
		if i < 0 {
			return errNotYet
		}
		f.app = tabs[i]
		return f.driver.Front(f.app)
	})
}

func (f *firefox) permit(origin string, allowed bool) {
	f.t.Helper()
	f.must(f.driver.Privileged(`
		const who = Services.scriptSecurityManager.createContentPrincipalFromOrigin(args[0]);
		const how = args[1] ? Services.perms.ALLOW_ACTION : Services.perms.DENY_ACTION;
		Services.perms.addFromPrincipal(who, "desktop-notification", how);`, nil, origin, allowed))
}

// Firefox, with its own push stack, headless.
func TestFirefox(t *testing.T) {
	p := newPlace(t)
	promises(p, newFirefox(p))
}
