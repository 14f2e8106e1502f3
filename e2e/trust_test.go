//go:build e2e

package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hark/e2e/chromium"
	"hark/e2e/marionette"
)

// visitor is a browser that does not know Hark's authority until it is told.
type visitor interface {
	navigate(url string) error
	eval(body string, out any, args ...any) error
	// trust makes it believe the authority with this certificate, in DER.
	trust(root []byte)
}

// A browser that does not trust the local authority sees on the trust page how it comes to; once it
// does, the page notices by itself and leads on to the app, which pairs, comes by HTTP/2, has its
// worker, and can be installed. Who has stolen the authority's key still can't pose as another site.
func TestTrust(t *testing.T) {
	t.Run("Chromium", func(t *testing.T) {
		v := &chromiumVisitor{t: t, home: t.TempDir(), binary: program(t, "CHROME", "chromium", "chromium-browser", "google-chrome")}
		v.start()
		trusts(t, v)
		reasons, err := v.page.Uninstallable(t.Context())
		if err != nil || len(reasons) > 0 {
			t.Errorf("the app can't be installed: %v %v", reasons, err)
		}
	})
	t.Run("Firefox", func(t *testing.T) {
		driver, err := marionette.Start(t.Context(), marionette.Options{
			Binary: program(t, "FIREFOX", "firefox-esr", "firefox"), Profile: t.TempDir(),
			Prefs: map[string]any{
				"network.dns.forceResolve": "127.0.0.1", "network.captive-portal-service.enabled": false,
				"network.connectivity-service.enabled": false, "services.settings.server": "data:,", "app.normandy.enabled": false,
				"datareporting.policy.dataSubmissionEnabled": false, "browser.aboutwelcome.enabled": false,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = driver.Quit() })
		trusts(t, &firefoxVisitor{t, driver})
	})
}

func trusts(t *testing.T, v visitor) {
	t.Helper()
	h := startHark(t, "HARK_TLS=local", "HARK_TLS_ADDR=127.0.0.1:0", "HARK_TLS_NAMES=hark.home.arpa")
	// The first questions have tests of their own.
	if err := h.call("PUT", "/api/settings", map[string]any{"setup": map[string]any{"done": true}}, nil); err != nil {
		t.Fatal(err)
	}
	var code struct{ Code, URL string }
	h.run(&code, "pair")
	var phone struct{ Origin, Trust string }
	if err := h.call("GET", "/api/phone", nil, &phone); err != nil {
		t.Fatal(err)
	}
	if code.URL != phone.Trust+"#pair="+code.Code || !strings.HasPrefix(phone.Trust, "http://127.0.0.1:") {
		t.Fatalf("the link is %s, the page %s", code.URL, phone.Trust)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	says := func(want string) {
		t.Helper()
		eventually(t, "the page to say "+want, func() error {
			var now string
			if err := v.eval(`return document.getElementById('state')?.dataset.state ?? location.href`, &now); err != nil {
				return err
			}
			if now != want {
				return errors.New(now)
			}
			return nil
		})
	}
	must(v.navigate(code.URL))
	says("not")
	if err := v.navigate(phone.Origin); err == nil {
		t.Error("the app opens although its authority is not trusted")
	}
	must(v.navigate(code.URL))
	v.trust(rootOf(t, phone.Trust))
	if _, live := v.(*firefoxVisitor); !live {
		must(v.navigate(code.URL))
	}
	says("good")
	must(v.eval(`document.getElementById('go').click()`, nil))
	arrives(t, v, phone.Origin)
	thief := stolen(t, filepath.Join(h.data, "certs", "local", "issuing.pem"), "mail.example.com")
	if err := v.navigate(thief); err == nil {
		t.Error("another site's name is believed under the authority of this home")
	} else {
		t.Log("another site's name: ", err)
	}
	if err := v.navigate(strings.Replace(thief, "mail.example.com", "evil.home.arpa", 1)); err == nil {
		t.Error("a certificate for another name is believed")
	}
	must(v.navigate(phone.Origin))
	arrives(t, v, phone.Origin)
}

// arrives waits for the paired app, as it has to be on a phone.
func arrives(t *testing.T, v visitor, origin string) {
	t.Helper()
	eventually(t, "the app to be there", func() error {
		var now struct {
			Origin, Protocol, Worker string
			Secure, App              bool
		}
		err := v.eval(`const worker = (await navigator.serviceWorker?.getRegistration())?.active?.state;
			return {origin: location.origin, secure: isSecureContext, worker: worker ?? '', app: !!document.querySelector('textarea, .side'),
				protocol: performance.getEntriesByType('navigation')[0]?.nextHopProtocol}`, &now)
		if err != nil {
			return err
		}
		// A page out of the worker's cache came by no protocol at all.
		if now.Origin != origin || !now.Secure || !now.App || now.Worker != "activated" || (now.Protocol != "h2" && now.Protocol != "") {
			return fmt.Errorf("%+v", now)
		}
		return nil
	})
}

// rootOf loads the certificate as the page offers it.
func rootOf(t *testing.T, page string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page+"/hark.crt", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	root := make([]byte, 1<<16)
	n, _ := resp.Body.Read(root)
	if _, err := x509.ParseCertificate(root[:n]); err != nil {
		t.Fatal(err)
	}
	return root[:n]
}

// stolen serves a site under a name with a certificate that was made with the issuing key.
func stolen(t *testing.T, path, name string) (url string) {
	t.Helper()
	issuing, err := tls.LoadX509KeyPair(path, path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, KeyUsage: x509.KeyUsageDigitalSignature,
	}, issuing.Leaf, key.Public(), issuing.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("your password, please")) }))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf, issuing.Certificate[0]}, PrivateKey: key}}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return strings.Replace(srv.URL, "127.0.0.1", name, 1)
}

type chromiumVisitor struct {
	t            *testing.T
	home, binary string
	browser      *chromium.Browser
	page         *chromium.Page
}

func (v *chromiumVisitor) start() {
	v.t.Helper()
	var err error
	v.browser, err = chromium.Start(v.t.Context(), chromium.Options{
		Binary: v.binary, Home: v.home, Args: []string{"--host-resolver-rules=MAP *.home.arpa 127.0.0.1,MAP *.example.com 127.0.0.1"},
	})
	if err != nil {
		v.t.Fatal(err)
	}
	browser := v.browser
	v.t.Cleanup(func() { _ = browser.Quit(v.t.Context()) })
	if v.page, err = v.browser.Open(v.t.Context(), "about:blank"); err != nil {
		v.t.Fatal(err)
	}
}

func (v *chromiumVisitor) navigate(url string) error { return v.page.Navigate(v.t.Context(), url) }

func (v *chromiumVisitor) eval(body string, out any, args ...any) error {
	return v.page.Eval(v.t.Context(), body, out, args...)
}

// trust starts Chromium anew: it reads the certificates of its home once.
func (v *chromiumVisitor) trust(root []byte) {
	v.t.Helper()
	if err := v.browser.Quit(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
	file := filepath.Join(v.t.TempDir(), "root.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o600); err != nil {
		v.t.Fatal(err)
	}
	if err := chromium.Trust(v.t.Context(), v.home, file); err != nil {
		v.t.Fatal(err)
	}
	v.start()
}

type firefoxVisitor struct {
	t      *testing.T
	driver *marionette.Firefox
}

func (v *firefoxVisitor) navigate(url string) error { return v.driver.Navigate(url) }

func (v *firefoxVisitor) eval(body string, out any, args ...any) error {
	return v.driver.Eval(body, out, args...)
}

func (v *firefoxVisitor) trust(root []byte) {
	v.t.Helper()
	err := v.driver.Privileged(`const db = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
		db.addCertFromBase64(args[0], "C,,");`, nil, base64.StdEncoding.EncodeToString(root))
	if err != nil {
		v.t.Fatal(err)
	}
}
