package daemon

import (
	"fmt"
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

// A mailbox that can't be read says why, and what to do.
func TestMailSourceFails(t *testing.T) {
	m := dovecot.New(t)
	if m == nil {
		return
	}
	r := newRig(t, nil).begin()
	for _, c := range []struct{ change, say, cure string }{
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
