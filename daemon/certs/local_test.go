package certs

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// box is a machine like those that people have.
func box() machine {
	return machine{
		names:     []string{"box.local", "box.lan", "box.home.arpa", "box.internal"},
		addresses: []netip.Addr{netip.MustParseAddr("192.168.1.5"), netip.MustParseAddr("fd00::5")},
	}
}

func localKeeper(t *testing.T, dir string, here func() machine) *Keeper {
	t.Helper()
	return New(Config{Dir: dir, machine: here})
}

func use(t *testing.T, k *Keeper, p Plan) (said []string) {
	t.Helper()
	if err := k.Use(t.Context(), p, func(s string) { said = append(said, s) }); err != nil {
		t.Fatal(err)
	}
	return said
}

// handshake returns the leaf that a browser is shown which trusts only root and
// calls the server by name.
func handshake(k *Keeper, root []byte, name string) (*x509.Certificate, error) {
	pool := x509.NewCertPool()
	if c, err := x509.ParseCertificate(root); err == nil {
		pool.AddCert(c)
	}
	here, there := net.Pipe()
	defer here.Close()
	go func() {
		defer there.Close()
		_ = tls.Server(there, k.TLS()).Handshake()
	}()
	client := tls.Client(here, &tls.Config{RootCAs: pool, ServerName: name, NextProtos: []string{"h2"}})
	if err := client.Handshake(); err != nil {
		return nil, err
	}
	if client.ConnectionState().NegotiatedProtocol != "h2" {
		return nil, errors.New("no HTTP/2")
	}
	return client.ConnectionState().PeerCertificates[0], nil
}

func rootOf(t *testing.T, k *Keeper) []byte {
	t.Helper()
	root, err := k.Root()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// Under the local authority, all names and addresses that this machine has in
// its home network are believed, with HTTP/2.
func TestLocalServesTheHome(t *testing.T) {
	k := localKeeper(t, t.TempDir(), box)
	use(t, k, Plan{Mode: Local})
	for _, name := range []string{"box.local", "box.lan", "192.168.1.5", "fd00::5", "localhost"} {
		leaf, err := handshake(k, rootOf(t, k), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 397*24*time.Hour {
			t.Errorf("the leaf lives %v, longer than browsers accept", life)
		}
	}
	if got := k.Plan().Names; len(got) != 1 || got[0] != "192.168.1.5" {
		t.Errorf("browsers are told %v", got)
	}
	if s := k.State(); s.Problem != nil || s.Certificate == nil || !slices.Contains(s.Certificate.Names, "box.local") {
		t.Errorf("state: %+v", s)
	}
}

// Who steals the issuing key can't speak for a name or address of the public
// internet, nor make a further authority.
func TestForeignNamesAreRefused(t *testing.T) {
	a, err := newAuthority("dev", []string{"dev", "hark.example.org"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pool, between := x509.NewCertPool(), x509.NewCertPool()
	pool.AddCert(a.root)
	between.AddCert(a.issuing)
	verify := func(name string) error {
		pem, err := a.issue([]string{name}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		pair, err := parsePair(pem)
		if err != nil {
			t.Fatal(err)
		}
		_, err = pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool, Intermediates: between})
		return err
	}
	for _, name := range []string{"google.com", "example.org", "mail.example.com", "dev", "web.dev", "locals", "8.8.8.8", "2001:db8::1", "172.32.0.1"} {
		var invalid x509.CertificateInvalidError
		if err := verify(name); !errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName {
			t.Errorf("%s: %v, want a refusal by the constraints", name, err)
		}
		if a.may(name) {
			t.Errorf("%s passes for one that may be certified", name)
		}
	}
	for _, name := range []string{"box.local", "hark.example.org", "10.0.0.9", "fd12::1", "100.100.1.1"} {
		if err := verify(name); err != nil || !a.may(name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for what, c := range map[string]*x509.Certificate{"root": a.root, "issuing": a.issuing} {
		if !c.PermittedDNSDomainsCritical || len(c.PermittedDNSDomains) == 0 || len(c.PermittedIPRanges) == 0 {
			t.Errorf("the %s certificate has no critical constraints", what)
		}
	}
	if !a.issuing.MaxPathLenZero {
		t.Error("the issuing authority may make others")
	}
}

// The keys are for this user's eyes, and the root's key is nowhere.
func TestKeysAreKeptApart(t *testing.T) {
	dir := t.TempDir()
	k := localKeeper(t, dir, box)
	use(t, k, Plan{Mode: Local})
	root, err := x509.ParseCertificate(rootOf(t, k))
	if err != nil {
		t.Fatal(err)
	}
	public, ok := root.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		t.Fatalf("the root's key is a %T", root.PublicKey)
	}
	found := 0
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		found++
		info, err := e.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if pair, err := readPair(path); err == nil && public.Equal(pair.Leaf.PublicKey) {
			t.Errorf("%s holds the root's key", path)
		}
		return nil
	})
	if err != nil || found != 4 {
		t.Errorf("%d files, want plan, root, issuing and leaf: %v", found, err)
	}
}

// A certificate is renewed when two thirds of its life are over, without a
// restart, by the authority that phones trust already.
func TestLeafIsRenewedWhileServing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := localKeeper(t, t.TempDir(), box)
		use(t, k, Plan{Mode: Local})
		root := rootOf(t, k)
		first, err := handshake(k, root, "box.local")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(renewal(first)) - 2*time.Minute)
		go k.Run(t.Context())
		synctest.Wait()
		if again, err := handshake(k, root, "box.local"); err != nil || !again.Equal(first) {
			t.Errorf("before its time: another one, or %v", err)
		}
		time.Sleep(4 * time.Minute)
		second, err := handshake(k, root, "box.local")
		if err != nil || second.Equal(first) || !second.NotAfter.After(first.NotAfter) {
			t.Fatalf("after two thirds: still the old one, or %v", err)
		}
	})
}

// A new address in the home network is in the certificate a minute later, and
// the owner hears that phones look for the old one.
func TestNewAddressIsCertified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here := box()
		k := localKeeper(t, t.TempDir(), func() machine { return here })
		use(t, k, Plan{Mode: Local})
		here.addresses = []netip.Addr{netip.MustParseAddr("192.168.1.77")}
		go k.Run(t.Context())
		time.Sleep(2 * time.Minute)
		if _, err := handshake(k, rootOf(t, k), "192.168.1.77"); err != nil {
			t.Error(err)
		}
		if p := k.State().Problem; p == nil || p.Code != "address_changed" {
			t.Errorf("problem: %v", p)
		}
	})
}

// After a restart the same authority and the same certificate serve on.
func TestRestartKeepsTheAuthority(t *testing.T) {
	dir := t.TempDir()
	k := localKeeper(t, dir, box)
	use(t, k, Plan{Mode: Local, Names: []string{"box.local"}})
	root := rootOf(t, k)
	first, err := handshake(k, root, "box.local")
	if err != nil {
		t.Fatal(err)
	}
	k = localKeeper(t, dir, box)
	k.renew(t.Context())
	again, err := handshake(k, root, "box.local")
	if err != nil || !again.Equal(first) {
		t.Errorf("after a restart: another certificate, or %v", err)
	}
	if got := k.Plan(); got.Mode != Local || got.Names[0] != "box.local" {
		t.Errorf("after a restart the plan is %+v", got)
	}
}

// A name that the authority may not speak for is refused with a cure, and a new
// authority made on purpose may.
func TestNameThatIsNotCovered(t *testing.T) {
	k := localKeeper(t, t.TempDir(), box)
	use(t, k, Plan{Mode: Local})
	before := k.Plan()
	plan := Plan{Mode: Local, Names: []string{"hark.fritz.box"}}
	err := k.Use(t.Context(), plan, func(string) {})
	if p := ProblemOf(err); p == nil || p.Code != "name_not_covered" || p.Cure == "" {
		t.Fatalf("got %v", err)
	}
	if k.Plan().Names[0] != before.Names[0] {
		t.Error("a refused plan has changed the one in force")
	}
	if err := k.Forget(); err != nil {
		t.Fatal(err)
	}
	use(t, k, plan)
	if _, err := handshake(k, rootOf(t, k), "hark.fritz.box"); err != nil {
		t.Error(err)
	}
}

// The configuration profile is a property list that holds the root.
func TestProfileParses(t *testing.T) {
	k := localKeeper(t, t.TempDir(), box)
	use(t, k, Plan{Mode: Local})
	root := rootOf(t, k)
	profile := Profile(root, `Hark on "box" & <more>`)
	dec := xml.NewDecoder(strings.NewReader(string(profile)))
	var data, texts []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || (start.Name.Local != "data" && start.Name.Local != "string") {
			continue
		}
		var s string
		if err := dec.DecodeElement(&s, &start); err != nil {
			t.Fatal(err)
		}
		if start.Name.Local == "data" {
			data = append(data, strings.Join(strings.Fields(s), ""))
		} else {
			texts = append(texts, s)
		}
	}
	if len(data) != 1 {
		t.Fatalf("%d data elements", len(data))
	}
	der, err := base64.StdEncoding.DecodeString(data[0])
	if err != nil || !slices.Equal(der, root) {
		t.Errorf("the profile does not hold the root: %v", err)
	}
	if !slices.Contains(texts, `Hark on "box" & <more>`) || !slices.Contains(texts, "com.apple.security.root") {
		t.Errorf("texts: %q", texts)
	}
	if again := Profile(root, `Hark on "box" & <more>`); string(again) != string(profile) {
		t.Error("the same root gives another profile")
	}
}
