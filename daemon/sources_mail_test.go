package daemon

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/e2e/dovecot"
)

func letterOf(subject, from string) string {
	return fmt.Sprintf("Message-ID: <%s@site.example>\nFrom: %s\nTo: anna@home.example\nDate: Sun, 22 Nov 2026 10:00:00 +0100\nSubject: %s\n\nHello,\nthis is %s.\n", subject, from, subject, subject)
}

// tells waits until the inbox holds these titles.
func (r *rig) tells(titles ...string) {
	r.t.Helper()
	var got []string
	for range 400 {
		if got = r.told(); slices.Equal(got, titles) {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	r.t.Fatalf("told %q, want %q", got, titles)
}

// New mail is told as it comes, by a server that says so (IDLE); what was there is
// not, nor what others than those who are watched for have sent; and the mailbox
// stays as it was.
func TestMailSource(t *testing.T) {
	m := dovecot.New(t)
	if m == nil {
		return
	}
	m.Deliver(letterOf("old", "Bob <bob@site.example>"))
	if err := os.Chtimes(m.Last, time.Time{}, time.Now().Add(-time.Hour)); err != nil { // when it came
		t.Fatal(err)
	}
	dir := t.TempDir()
	r := reopen(t, dir, nil).begin()
	s := r.source(201, "POST", "/api/sources", `{"kind":"mail","mail":{"server":"`+m.Addr+`","security":"none","user":"anna","password":"secret","from":"bob@, carol"}}`)
	if s.Mail.Password != "" || !s.Password || s.Name != "anna" {
		t.Errorf("made %+v", s)
	}
	path := "/api/sources/" + s.ID
	if s = r.source(200, "POST", path+"/look", `{}`); s.Look.Error != "" || !s.Look.Begun || len(r.told()) != 0 {
		t.Fatalf("first look: %+v, told %q", s.Look, r.told())
	}
	m.Deliver(letterOf("one", "Bob <bob@site.example>"))
	m.Deliver(letterOf("spam", "Eve <eve@site.example>"))
	r.tells("one")
	m.Deliver(strings.Replace(letterOf("two", `=?utf-8?q?C=C3=A4rol?= <carol@site.example>`), "Subject: two", "Subject: =?iso-8859-1?q?Gr=FC=DFe?=", 1))
	r.tells("one", "Grüße")
	if got := r.inbox()[1].Text; got != "From Cärol <carol@site.example>\n\nHello,\nthis is two." {
		t.Errorf("text %q", got)
	}
	unread, err := filepath.Glob(filepath.Join(m.Mail, "*", "*,S*"))
	if err != nil || len(unread) != 0 {
		t.Errorf("read: %q, %v", unread, err)
	}
	// The server numbers its messages anew: what was told is told once all the same.
	r.source(200, "PATCH", path, `{"paused":true}`)
	names, err := filepath.Glob(filepath.Join(m.Mail, "dovecot*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	m.Deliver(letterOf("three", "carol@site.example"))
	r.source(200, "PATCH", path, `{"paused":false}`)
	r.tells("one", "Grüße", "three")
}

// selfSigned is a certificate that nobody vouches for.
func selfSigned(t *testing.T, until time.Time, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.Add(-time.Hour * 24), NotAfter: until, DNSNames: []string{name}}
	if ip := net.ParseIP(name); ip != nil {
		c.DNSNames, c.IPAddresses = nil, []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// handshakes is the address of a server that says nothing after the handshake.
func handshakes(t *testing.T, cert tls.Certificate) string {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); _, _ = io.Copy(io.Discard, c) }()
		}
	}()
	return ln.Addr().String()
}

// A mailbox that can't be read says why, and what to do.
func TestMailSourceFails(t *testing.T) {
	t.Parallel() // it waits, mostly
	m := dovecot.New(t)
	if m == nil {
		return
	}
	r := newRig(t, nil).begin()
	stranger := selfSigned(t, time.Now().Add(time.Hour), "127.0.0.1")
	safe := dovecot.NewTLS(t, &stranger)
	other, over := handshakes(t, selfSigned(t, time.Now().Add(time.Hour), "mail.site.example")), handshakes(t, selfSigned(t, time.Now().Add(-time.Hour), "127.0.0.1"))
	for _, c := range []struct{ change, say, cure string }{
		{`"security":"tls","server":"` + safe.TLS + `"`, "an authority that this machine does not trust", "SSL_CERT_FILE"},
		{`"security":"starttls","server":"` + safe.Addr + `"`, "an authority that this machine does not trust", "in between"},
		{`"security":"tls","server":"` + other + `"`, "not for this name", "mail.site.example"},
		{`"security":"tls","server":"` + over + `"`, "has expired", "renew"},
		{`"security":"starttls"`, "offers no STARTTLS", "security"},
		{`"password":"wrong"`, "refuses the user or the password", "password for programs"},
		{`"folder":"Nowhere"`, `no folder "Nowhere"`, "INBOX"},
		{`"security":"tls"`, "does not speak TLS", "security"},
		{`"server":"127.0.0.1:1"`, "nothing answers", "port"},
		{`"server":"169.254.169.254:143"`, "private network", "name"},
	} {
		s := r.source(201, "POST", "/api/sources", `{"kind":"mail","mail":{"server":"`+m.Addr+`","security":"none","user":"anna","password":"secret",`+c.change+`}}`)
		s = r.source(200, "POST", "/api/sources/"+s.ID+"/look", `{}`)
		if !strings.Contains(s.Look.Error, c.say) || !strings.Contains(s.Look.Cure, c.cure) {
			t.Errorf("%s: %q, %q", c.change, s.Look.Error, s.Look.Cure)
		}
		r.send("DELETE", "/api/sources/"+s.ID, "")
	}
}
