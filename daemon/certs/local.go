package certs

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// localDir is where the local authority lies.
func (k *Keeper) localDir() string { return filepath.Join(k.cfg.Dir, "local") }

// fromLocal has the authority of this machine, made when it is first needed,
// issue a certificate for all that the machine is called.
func (k *Keeper) fromLocal(p *Plan, say func(string)) (*tls.Certificate, error) {
	here := k.cfg.machine()
	a, err := loadAuthority(k.localDir())
	if errors.Is(err, fs.ErrNotExist) {
		say("Making a certificate authority that can only speak for your home network")
		a, err = k.makeAuthority(here, p.Names)
	}
	if err != nil {
		return nil, err
	}
	names := certified(a, here, p.Names)
	for _, name := range p.Names {
		if !slices.Contains(names, name) {
			return nil, problem("name_not_covered", "Choose a name that ends in .local, .lan, .home.arpa or .internal, or make a new authority; phones then have to trust that one.",
				"The authority that phones trust already may not speak for %s.", name)
		}
	}
	if len(names) == 0 {
		return nil, problem("no_address", "Connect this machine to the network that the phone is in.", "This machine has no address in a home network.")
	}
	if len(p.Names) == 0 {
		p.Names = []string{firstName(here)}
	}
	path := filepath.Join(k.localDir(), "leaf.pem")
	pair, err := readPair(path)
	if err == nil && fits(pair.Leaf, a, names) {
		return pair, nil
	}
	say("Issuing a certificate for " + strings.Join(names, ", "))
	fresh, err := a.issue(names, time.Now())
	if err != nil {
		return pair, err
	}
	if err := writeFile(path, fresh); err != nil {
		return pair, err
	}
	return readPair(path)
}

func (k *Keeper) makeAuthority(here machine, names []string) (*authority, error) {
	owner := "this machine"
	if len(here.names) > 0 {
		owner, _, _ = strings.Cut(here.names[0], ".")
	}
	a, err := newAuthority(owner, names, time.Now())
	if err != nil {
		return nil, err
	}
	return a, a.save(k.localDir())
}

// certified is what a may certify of the names that are wanted and those that
// the machine has, sorted, each once.
func certified(a *authority, here machine, wanted []string) (names []string) {
	all := slices.Concat(wanted, here.names)
	for _, ip := range here.addresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return nil
	}
	for _, name := range append(all, "localhost", "127.0.0.1", "::1") {
		if a.may(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// firstName is what browsers are told if the owner did not say: an address
// needs nobody in the network who knows names.
func firstName(here machine) string {
	if len(here.addresses) > 0 {
		return here.addresses[0].String()
	}
	return here.names[0]
}

// moved is a problem if phones look for this machine at an address that it no
// longer has.
func moved(names []string, here machine) *Problem {
	if len(names) == 0 || len(here.addresses) == 0 {
		return nil
	}
	told, err := netip.ParseAddr(names[0])
	if isAddress := err == nil; isAddress && !told.IsLoopback() && !slices.Contains(here.addresses, told) {
		return problem("address_changed", "Have the router always give this machine the same address, or set the phone up anew with the address of now.",
			"Phones look for this machine at %s, but it is now at %s.", told, here.addresses[0])
	}
	return nil
}

// fits reports whether a certificate is for these names, by this authority, and
// not yet due.
func fits(leaf *x509.Certificate, a *authority, names []string) bool {
	has := describe(leaf).Names
	slices.Sort(has)
	return slices.Equal(has, names) && leaf.CheckSignatureFrom(a.issuing) == nil &&
		time.Now().Before(renewal(leaf)) && time.Now().After(leaf.NotBefore)
}

// Root is the certificate of the local authority, which phones have to trust,
// as DER; fs.ErrNotExist if none was made.
func (k *Keeper) Root() ([]byte, error) {
	c, err := readCertificate(filepath.Join(k.localDir(), "root.crt"))
	if err != nil {
		return nil, err
	}
	return c.Raw, nil
}

// Forget deletes the local authority. The next plan of mode Local makes another
// one, which phones have to be told to trust anew. It is an error while the
// authority is in use by a fixed plan.
func (k *Keeper) Forget() error {
	if k.Fixed() {
		return problem("fixed", "Stop Hark, delete the folder certs/local in its data folder, and start it again.", "The authority is in use by Hark's configuration.")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := os.RemoveAll(k.localDir()); err != nil {
		return fmt.Errorf("delete the authority: %w", err)
	}
	return nil
}

func readCertificate(path string) (*x509.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// readPair reads a file that holds a key and its chain.
func readPair(path string) (*tls.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pair, err := parsePair(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pair, nil
}

// parsePair reads PEM with a key and its chain, in any order.
func parsePair(b []byte) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(b, b)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

// NameOf is the common name in a certificate given as DER, or "".
func NameOf(der []byte) string {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return ""
	}
	return c.Subject.CommonName
}
