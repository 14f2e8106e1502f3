package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hark/e2e/dovecot"
	"hark/e2e/pushsvc"
	"hark/store"
)

// Each of 120 letters is told once, in the order in which they came, over TLS,
// although the program is killed at random moments while it tells them. A server
// whose authority the machine does not trust is not even told the password.
func TestMailKill(t *testing.T) {
	const letters = 120
	kills := 8
	if os.Getenv("HARK_SOAK") != "" {
		kills = 40
	}
	ca, err := pushsvc.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ca.Leaf("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(trusted, ca.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	m := dovecot.NewTLS(t, &leaf)
	if m == nil {
		return
	}
	w := newWorld(t, buildHark(t, ""), "model", 0)
	l, err := w.start("")
	if err != nil {
		t.Fatal(err)
	}
	var source struct {
		ID   string
		Look store.Look
	}
	look := func() error {
		source.Look = store.Look{}
		return l.call("POST", "/api/sources/"+source.ID+"/look", `{}`, &source)
	}
	mailbox := `{"kind":"mail","mail":{"server":"` + m.TLS + `","security":"tls","user":"anna","password":"secret"}}`
	if err := l.call("POST", "/api/sources", mailbox, &source); err != nil {
		t.Fatal(err)
	}
	if err := look(); err != nil || source.Look.Begun || !strings.Contains(source.Look.Error, "does not trust") {
		t.Fatalf("a stranger's certificate: %+v, %v", source, err)
	}
	l.kill()
	t.Setenv("SSL_CERT_FILE", trusted)
	if l, err = w.start(""); err != nil {
		t.Fatal(err)
	}
	defer func() { l.kill() }()
	if err := look(); err != nil || !source.Look.Begun || source.Look.Error != "" {
		t.Fatalf("first look: %+v, %v", source, err)
	}
	sent := 0
	for k := range kills {
		for ; sent < letters*(k+1)/kills; sent++ {
			m.Deliver(fmt.Sprintf("Message-ID: <%d@site.example>\nFrom: bob@site.example\nSubject: entry %[1]d\n\nHello.\n", sent+1))
		}
		looked := make(chan struct{})
		go func() { defer close(looked); _ = look() }() // it may be cut off
		<-time.After(time.Duration(rand.IntN(150)) * time.Millisecond)
		l.kill()
		<-looked
		if l, err = w.start(""); err != nil {
			t.Fatal(err)
		}
	}
	if err := look(); err != nil || source.Look.Error != "" {
		t.Fatalf("last look: %+v, %v", source, err)
	}
	if got := inboxTitles(t, l); source.Look.Told != letters || got != titlesUpTo(letters) {
		t.Errorf("%d told; they are there as\n%s", source.Look.Told, got)
	}
	t.Logf("%d letters, killed %d times", letters, kills)
}
