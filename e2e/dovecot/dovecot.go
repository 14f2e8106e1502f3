// Package dovecot runs a real mail server for tests, on loopback, for one test each.
package dovecot

import (
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
// secret. Its connections are not protected.
type Server struct {
	Addr string // HOST:PORT of IMAP
	Mail string // the maildir
	Last string // the file of what was delivered last

	t testing.TB
	n int
}

// nobody is the user to whom the mailbox belongs: dovecot refuses root.
const nobody = 65534

// New starts Debian's dovecot (make test installs it), which will not run
// for who is not root, nor outside Linux; it
// is nil then. It ends with the test.
func New(t testing.TB) *Server {
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
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	ln.Close()
	d := &Server{t: t, Addr: addr, Mail: filepath.Join(dir, "mail")}
	config := fmt.Sprintf(`protocols = imap
listen = 127.0.0.1
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
ssl = no
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
    port = 0
  }
  chroot =
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`, dir, d.Mail, port, nobody)
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
	cmd := exec.Command(bin, "-F", "-c", file) // it ends with the test, by the signal below
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	for range 200 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return d
		}
		<-time.After(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	t.Fatalf("dovecot does not start: %s", log)
	return nil
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
