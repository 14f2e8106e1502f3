// Package dovecot runs a real mail server for tests, on loopback, for one test each.
package dovecot

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Server is a mail server with one mailbox, of the user anna with the password
// secret.
type Server struct {
	Addr string // HOST:PORT of IMAP, protected only if it is asked to (STARTTLS)
	TLS  string // HOST:PORT of IMAP over TLS; empty without a certificate
	Mail string // the maildir
	Last string // the file of what was delivered last

	t testing.TB
	n int
}

// nobody is the user to whom the mailbox belongs: dovecot refuses root.
const nobody = 65534

// settings are dovecot's: the folder, the maildir, the port, the user, the port of
// TLS, and whether there is any.
const settings = `protocols = imap
listen = 127.0.0.1
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
%[6]s
disable_plaintext_auth = no
mail_location = maildir:%[2]s
first_valid_uid = 1
first_valid_gid = 1
mailbox_idle_check_interval = 1 secs
passdb {
  driver = static
  args = user=anna password=secret
}
userdb {
  driver = static
  args = uid=%[4]d gid=%[4]d home=%[2]s
}
service imap-login {
  inet_listener imap {
    port = %[3]s
  }
  inet_listener imaps {
    port = %[5]s
    ssl = yes
  }
  chroot =
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`

// New starts Debian's dovecot (make test installs it), which will not run
// for who is not root, nor outside Linux; it
// is nil then. It ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	return NewTLS(t, nil)
}

// NewTLS is New with a certificate. Without one its connections are not
// protected.
func NewTLS(t testing.TB, cert *tls.Certificate) *Server {
	t.Helper()
	bin, err := exec.LookPath("dovecot")
	if err != nil || runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Log("there is no dovecot that could be run: mail is not tested here")
		return nil
	}
	dir := t.TempDir()
	for _, at := range []string{dir, filepath.Dir(dir)} { // for the user nobody
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	d := &Server{t: t, Addr: freeAddress(t), Mail: filepath.Join(dir, "mail")}
	ssl := "ssl = no"
	if cert != nil {
		d.TLS, ssl = freeAddress(t), certify(t, dir, cert)
	}
	config := fmt.Sprintf(settings, dir, d.Mail, portOf(d.Addr), nobody, portOf(d.TLS), ssl)
	file := filepath.Join(dir, "dovecot.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"cur", "new", "tmp"} {
		sub = filepath.Join(d.Mail, sub)
		if err := errors.Join(os.MkdirAll(sub, 0o700), os.Chown(sub, nobody, nobody), os.Chown(d.Mail, nobody, nobody)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), bin, "-F", "-c", file) // it ends with the test, by the signal below
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	for range 200 {
		if c, err := new(net.Dialer).DialContext(t.Context(), "tcp", d.Addr); err == nil {
			c.Close()
			return d
		}
		<-time.After(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	t.Fatalf("dovecot does not start: %s", log)
	return nil
}

func freeAddress(t testing.TB) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// portOf is 0, which is no port, without an address.
func portOf(addr string) string {
	if _, port, err := net.SplitHostPort(addr); err == nil {
		return port
	}
	return "0"
}

// certify puts a certificate where dovecot reads it, and returns the setting.
func certify(t testing.TB, dir string, cert *tls.Certificate) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var chain []byte
	for _, der := range cert.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	crt, priv := filepath.Join(dir, "crt.pem"), filepath.Join(dir, "key.pem")
	if err := errors.Join(os.WriteFile(crt, chain, 0o644), os.WriteFile(priv, secret, 0o600)); err != nil {
		t.Fatal(err)
	}
	return "ssl = yes\nssl_cert = <" + crt + "\nssl_key = <" + priv
}

// Deliver puts a message into the mailbox, as a mail server does.
func (d *Server) Deliver(message string) {
	d.t.Helper()
	d.n++
	name := fmt.Sprintf("%d.M%dP%d.host", time.Now().Unix(), d.n, os.Getpid())
	tmp := filepath.Join(d.Mail, "tmp", name)
	if err := os.WriteFile(tmp, []byte(strings.ReplaceAll(message, "\n", "\r\n")), 0o644); err != nil {
		d.t.Fatal(err)
	}
	d.Last = filepath.Join(d.Mail, "new", name)
	if err := os.Rename(tmp, d.Last); err != nil {
		d.t.Fatal(err)
	}
}
