//go:build e2e

package e2e_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hark/e2e/chromium"
	"hark/e2e/pushsvc"
)

// chrome is Chromium, or a relative of it, with its own push stack, GCM.
type chrome struct {
	*place
	server *httptest.Server // for senders, by TLS
	plain  *httptest.Server // for the browser's check-in and registration
	mcs    net.Listener
	home   string
	kept   map[string]any // site settings, as the profile keeps them: what the driver sets ends with the browser
	trust  string         // the test CA, as a file
	driver *chromium.Browser
	blank  *chromium.Page // a tab that is always there
	app    *chromium.Page // the app's tab, or nil
}

func newChrome(p *place) *chrome {
	c := &chrome{place: p, home: folder(p.t)}
	ca, err := pushsvc.NewCA()
	c.must(err)
	leaf, err := ca.Leaf("fcm.googleapis.com", "jmt17.google.com", "127.0.0.1")
	c.must(err)
	c.trust = filepath.Join(c.home, "ca.pem")
	c.must(os.WriteFile(c.trust, ca.PEM, 0o600))
	c.must(chromium.Trust(p.t.Context(), c.home, c.trust))

	secure := &tls.Config{Certificates: []tls.Certificate{leaf}}
	c.server = httptest.NewUnstartedServer(p.service.Handler())
	c.server.TLS = secure.Clone()
	c.server.StartTLS()
	c.plain = httptest.NewServer(p.service.Handler())
	c.mcs, err = tls.Listen("tcp", "127.0.0.1:0", secure)
	c.must(err)
	go p.service.ServeMCS(c.mcs)
	p.t.Cleanup(func() {
		if c.driver != nil {
			c.quit()
		}
		c.mcs.Close()
		c.server.CloseClientConnections()
		c.plain.CloseClientConnections()
	})
	return c
}

func (c *chrome) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// The endpoints that Chromium gives out are Google's names; the program reaches them here, and knows
// the certificate authority of the test.
func (c *chrome) env() []string {
	at := strings.TrimPrefix(c.server.URL, "https://")
	return []string{
		"HARK_PUSH_ALLOW=fcm.googleapis.com=" + at + ",jmt17.google.com=" + at,
		"HARK_PUSH_SUBJECT=owner@hark.dev", "SSL_CERT_FILE=" + c.trust,
	}
}

func (c *chrome) start() {
	c.t.Helper()
	driver, err := chromium.Start(context.WithoutCancel(c.t.Context()), chromium.Options{
		Binary: program(c.t, "CHROME", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"),
		Home:   c.home, Env: []string{c.desk.Env()}, Log: c.log,
		Args: []string{
			"--gcm-checkin-url=" + c.plain.URL + "/checkin",
			"--gcm-registration-url=" + c.plain.URL + "/register3",
			"--gcm-mcs-endpoint=https://" + c.mcs.Addr().String(),
		},
	})
	c.must(err)
	c.driver, c.app = driver, nil
	pages, err := driver.Pages(c.t.Context())
	c.must(err)
	for id := range pages {
		c.blank, err = driver.Attach(c.t.Context(), id)
		c.must(err)
	}
}

func (c *chrome) quit() {
	c.t.Helper()
	driver := c.driver
	c.driver = nil
	c.must(driver.Quit(context.WithoutCancel(c.t.Context())))
	if c.kept != nil {
		c.must(chromium.SetPref(c.home, c.kept, "profile", "content_settings", "exceptions", "notifications"))
	}
}

func (c *chrome) open(url string) {
	c.t.Helper()
	if c.app != nil {
		c.must(c.app.Navigate(c.t.Context(), url))
		return
	}
	page, err := c.driver.Open(c.t.Context(), url)
	c.must(err)
	c.app = page
}

func (c *chrome) eval(body string, out any, args ...any) error {
	return c.app.Eval(c.t.Context(), body, out, args...)
}

func (c *chrome) click(xpath string) {
	c.t.Helper()
	eventually(c.t, xpath, func() error { return c.app.Click(c.t.Context(), xpath) })
}

func (c *chrome) hide() {
	c.t.Helper()
	c.must(c.blank.Front(c.t.Context()))
}

func (c *chrome) front() {
	c.t.Helper()
	c.must(c.app.Front(c.t.Context()))
}

func (c *chrome) judged() {}

func (c *chrome) leave() {
	c.t.Helper()
	c.must(c.app.Close(c.t.Context()))
	eventually(c.t, "the tab to close", func() error {
		pages, err := c.driver.Pages(c.t.Context())
		if _, open := pages[c.app.ID]; open {
			return errNotYet
		}
		return err
	})
	c.app = nil
}

func (c *chrome) opened() {
	c.t.Helper()
	eventually(c.t, "a tab that Chromium opens", func() error {
		pages, err := c.driver.Pages(c.t.Context())
		if err != nil {
			return err
		}
		for id, url := range pages {
			if id != c.blank.ID && strings.HasPrefix(url, "http") {
				c.app, err = c.driver.Attach(c.t.Context(), id)
				return err
			}
		}
		return errNotYet
	})
}

func (c *chrome) permit(origin string, allowed bool) {
	c.t.Helper()
	setting := "denied"
	if allowed {
		setting = "granted"
	}
	c.must(c.driver.Allow(c.t.Context(), origin, "notifications", setting))
	c.kept = map[string]any{origin + ",*": map[string]any{"setting": map[bool]int{true: 1, false: 2}[allowed]}}
}

// Chromium, with its own push stack, headless.
func TestChromium(t *testing.T) {
	p := newPlace(t)
	promises(p, newChrome(p))
}
