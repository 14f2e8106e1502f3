package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// pebble is Let's Encrypt's ACME server for tests, run as it is.
type pebble struct {
	directory         string
	roots             *x509.CertPool // of its own address
	tlsPort, httpPort int            // where it looks for challenges
}

// startPebble builds the server, which the Go tool keeps, and runs it. Names
// are looked up at ns.
func startPebble(t *testing.T, ns *nameServer) *pebble {
	t.Helper()
	dir := t.TempDir()
	a, err := newAuthority("pebble", nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := a.issue([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	front := filepath.Join(dir, "front.pem")
	if err := os.WriteFile(front, pair, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &pebble{roots: x509.NewCertPool(), tlsPort: freePort(t), httpPort: freePort(t)}
	p.roots.AddCert(a.root)
	listen := net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t)))
	p.directory = "https://" + listen + "/dir"
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": "", "certificate": chainOnly(t, dir, pair), "privateKey": front,
		"httpPort": p.httpPort, "tlsPort": p.tlsPort, "ocspResponderURL": "", "externalAccountBindingRequired": false,
		"profiles": map[string]any{"default": map[string]any{"description": "as Let's Encrypt gives", "validityPeriod": 90 * 24 * 3600}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), buildPebble(t), "-config", file, "-dnsserver", ns.addr)
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("pebble said:\n%s", said.String())
		}
	})
	p.ready(t, listen)
	return p
}

// buildPebble returns the path of the program.
func buildPebble(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "-C", "../../tools/acme", "tool", "-n", "pebble")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("build pebble: ", err)
	}
	return strings.TrimSpace(string(out))
}

// chainOnly writes the certificates of a pair without its key.
func chainOnly(t *testing.T, dir string, pair []byte) string {
	t.Helper()
	var chain []byte
	for block, rest := pem.Decode(pair); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			chain = append(chain, pem.EncodeToMemory(block)...)
		}
	}
	path := filepath.Join(dir, "chain.pem")
	if err := os.WriteFile(path, chain, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ready waits until the server listens.
func (p *pebble) ready(t *testing.T, addr string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("pebble does not listen: ", err)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	at, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("a %T", ln.Addr())
	}
	return at.Port
}

// hook writes a program for the exec provider that tells the double of the name
// server, by way of this test, which record to set.
func hook(t *testing.T, ns *nameServer) string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("the test of the DNS hook needs curl: ", err)
	}
	srv := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		words := strings.Fields(string(body))
		switch {
		case len(words) != 3:
			http.Error(w, "three words", http.StatusBadRequest)
		case words[0] == "present":
			ns.set(words[1], words[2])
		case words[0] == "cleanup":
			ns.remove(words[1], words[2])
		}
	})}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	path := filepath.Join(t.TempDir(), "dns-hook")
	script := fmt.Sprintf("#!/bin/sh\nexec curl -fsS --noproxy '*' --data-binary \"$*\" http://%s/\n", ln.Addr())
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
