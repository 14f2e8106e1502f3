package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	// leafLife is far below the 397 days that browsers have come to accept at
	// most: a certificate that is renewed by itself need not be old.
	leafLife = 180 * 24 * time.Hour
	// backdate is for phones whose clock is slow.
	backdate = 24 * time.Hour
)

// authority is the one made on this machine: a root that phones trust and whose
// key nobody has, and the issuing one that it signed.
type authority struct {
	root, issuing *x509.Certificate
	key           crypto.Signer // of issuing
}

// newAuthority makes one that may speak for the names and addresses of a home
// network, and for extra. The bare name of a machine is never among them: it
// may be a top-level domain, and to permit "dev" is to permit all below it.
func newAuthority(owner string, extra []string, now time.Time) (*authority, error) {
	may := constraints(extra)
	rootKey, err := newKey()
	if err != nil {
		return nil, err
	}
	root := may // the owner can read in the certificate itself what it is limited to
	root.Subject = pkix.Name{CommonName: "Hark on " + owner + " (home network only)", Organization: []string{"Hark"}}
	root.MaxPathLen = 1
	if err := stamp(&root, now, authorityLife); err != nil {
		return nil, err
	}
	a := &authority{}
	if a.root, err = sign(&root, &root, rootKey.Public(), rootKey); err != nil {
		return nil, err
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	issuing := may
	issuing.Subject = pkix.Name{CommonName: "Hark on " + owner + " issuing", Organization: []string{"Hark"}}
	issuing.MaxPathLenZero = true
	issuing.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if err := stamp(&issuing, now, authorityLife); err != nil {
		return nil, err
	}
	a.key = key
	a.issuing, err = sign(&issuing, a.root, key.Public(), rootKey)
	return a, err // with it, the root's key is gone
}

func constraints(extra []string) x509.Certificate {
	c := x509.Certificate{
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         append(homeSuffixes(), "localhost"),
	}
	for _, name := range extra {
		if _, err := netip.ParseAddr(name); err != nil && strings.Contains(name, ".") && !covers(c.PermittedDNSDomains, name) {
			c.PermittedDNSDomains = append(c.PermittedDNSDomains, name)
		}
	}
	for _, p := range homeNetworks() {
		c.PermittedIPRanges = append(c.PermittedIPRanges, &net.IPNet{
			IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		})
	}
	return c
}

// covers reports whether name is one of the domains or below one (RFC 5280
// §4.2.1.10).
func covers(domains []string, name string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return name == d || strings.HasSuffix(name, "."+d) })
}

// may reports whether browsers would take a certificate of a for name.
func (a *authority) may(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return slices.ContainsFunc(a.issuing.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip.AsSlice()) })
	}
	return covers(a.issuing.PermittedDNSDomains, name)
}

// issue signs a certificate for names and addresses with a new key. It returns
// PEM: the key, the certificate, the issuing authority's.
func (a *authority) issue(names []string, now time.Time) ([]byte, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	leaf := x509.Certificate{
		// Not a host's name: older verifiers hold a common name that looks like one
		// against the constraints too.
		Subject:     pkix.Name{CommonName: "Hark on this network", Organization: []string{"Hark"}},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip, err := netip.ParseAddr(name); err == nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip.AsSlice())
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	if err := stamp(&leaf, now, leafLife); err != nil {
		return nil, err
	}
	cert, err := sign(&leaf, a.issuing, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return bundle(key, cert, a.issuing)
}

// stamp gives a certificate its times and a serial number.
func stamp(c *x509.Certificate, now time.Time, life time.Duration) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = serial, now.Add(-backdate), now.Add(life)
	return nil
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return key, nil
}

func sign(c, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, c, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// bundle is a key and its chain as PEM.
func bundle(key crypto.PrivateKey, chain ...*x509.Certificate) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write a key: %w", err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, c := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out, nil
}

// loadAuthority returns fs.ErrNotExist if none was made.
func loadAuthority(dir string) (*authority, error) {
	root, err := readCertificate(filepath.Join(dir, "root.crt"))
	if err != nil {
		return nil, err
	}
	pair, err := readPair(filepath.Join(dir, "issuing.pem"))
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("the issuing authority's key can't sign")
	}
	return &authority{root: root, issuing: pair.Leaf, key: key}, nil
}

// save keeps a. The root comes last: an authority without it was never made.
func (a *authority) save(dir string) error {
	pair, err := bundle(a.key, a.issuing)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, "root.crt")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace the authority: %w", err)
	}
	if err := writeFile(filepath.Join(dir, "issuing.pem"), pair); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "root.crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw}))
}
