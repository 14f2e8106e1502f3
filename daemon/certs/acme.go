package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"
	"go.uber.org/zap"
)

// fromACME has certmagic bring the domain's certificate up to date: loaded if
// it is good, renewed if it is due or its directory asks for it (RFC 9773).
//
// Certmagic works only while this runs. Its own watch in the background is not
// used: one loop renews all kinds of certificates, and one place says what is
// wrong.
func (k *Keeper) fromACME(ctx context.Context, p *Plan, say func(string)) (*tls.Certificate, error) {
	name := p.Names[0]
	logger := newZap(ctx, k.cfg.Log)
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		// How often it is looked after: what is due before the next time is renewed now.
		RenewCheckInterval: askEvery, OCSPCheckInterval: askEvery, Logger: logger,
	})
	defer cache.Stop()
	magic = certmagic.New(cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: filepath.Join(k.cfg.Dir, "acme")},
		OCSP:    certmagic.OCSPConfig{DisableStapling: true}, // Let's Encrypt has ended it
		OnEvent: progress(p, say),
		Logger:  logger,
	})
	refused := &refusal{}
	issuer, err := k.issuer(p, say, refused, logger)
	if err != nil {
		return nil, err
	}
	magic.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(magic, issuer)}
	answer := answerer(magic.GetCertificate)
	k.hello.Store(&answer)
	defer k.hello.Store(nil)
	failed := magic.ManageSync(ctx, []string{name})
	if why := refused.last(); failed != nil && why != nil {
		failed = why
	}
	for _, c := range cache.AllMatchingCertificates(name) {
		cert := c.Certificate
		if cert.Leaf != nil && (failed == nil || time.Now().Before(cert.Leaf.NotAfter)) {
			return &cert, acmeProblem(failed, p)
		}
	}
	if failed == nil {
		failed = errors.New("no certificate came of it")
	}
	return nil, acmeProblem(failed, p)
}

func (k *Keeper) issuer(p *Plan, say func(string), refused *refusal, logger *zap.Logger) (certmagic.ACMEIssuer, error) {
	a := p.ACME
	t := certmagic.ACMEIssuer{
		CA: a.Directory, Email: a.Email, Agreed: true, TrustedRoots: k.cfg.roots, Resolver: k.cfg.resolver, Logger: logger,
		DisableHTTPChallenge: a.Challenge != HTTP01, DisableTLSALPNChallenge: a.Challenge != TLSALPN,
		AltHTTPPort: a.HTTPPort,
	}
	if t.CA == "" {
		t.CA = LetsEncrypt
	}
	if t.Email == "" {
		// With an empty one certmagic would ask on standard input; it trims this.
		t.Email = " "
	}
	if host, port, err := net.SplitHostPort(p.Addr); err == nil {
		// The router leads port 443 here, where we may be listening already; then
		// Keeper.TLS answers.
		t.ListenHost = host
		t.AltTLSALPNPort, _ = strconv.Atoi(port)
	}
	if a.Challenge != DNS01 {
		return t, nil
	}
	provider, err := a.DNS.provider(say)
	if err != nil {
		return t, err
	}
	provider.refused = refused
	solver := &certmagic.DNS01Solver{DNSManager: certmagic.DNSManager{DNSProvider: provider, TTL: 2 * time.Minute, Logger: logger}}
	if k.cfg.resolver != "" {
		solver.Resolvers = []string{k.cfg.resolver}
	}
	t.DNS01Solver = solver
	return t, nil
}

// progress tells in sentences what certmagic does.
func progress(p *Plan, say func(string)) func(context.Context, string, map[string]any) error {
	return func(_ context.Context, event string, _ map[string]any) error {
		switch event {
		case "cert_obtaining":
			say("Asking " + authorityOf(p) + " for a certificate for " + p.Names[0])
			switch p.ACME.Challenge {
			case TLSALPN:
				say("It looks whether port 443 of " + p.Names[0] + " leads here")
			case HTTP01:
				say("It looks whether port 80 of " + p.Names[0] + " leads here")
			}
		case "cert_obtained":
			say("The certificate is here")
		}
		return nil
	}
}

func authorityOf(p *Plan) string {
	if p.ACME.Directory == "" || p.ACME.Directory == LetsEncrypt {
		return "Let's Encrypt"
	}
	return p.ACME.Directory
}

// acmeProblem puts the likeliest cure beside what the authority said (the error
// types of RFC 8555 §6.7).
func acmeProblem(err error, p *Plan) error {
	if err == nil {
		return nil
	}
	if known := (*Problem)(nil); errors.As(err, &known) {
		return known
	}
	var said acme.Problem
	if !errors.As(err, &said) {
		return problem("acme", "Look at what it says, then try again.", "%s could not be asked, or the name could not be proven: %v.", authorityOf(p), err)
	}
	details := []string{said.Detail}
	for _, sub := range said.Subproblems {
		details = append(details, sub.Detail)
	}
	code, cure := "acme", "Look at what it says, then try again."
	switch said.Type {
	case acme.ProblemTypeConnection, acme.ProblemTypeTLS:
		code, cure = "acme_unreachable", "Have the router lead port "+portOf(p)+" to this machine, and look that the name points to your home. Or prove the name through its DNS: no port has to be open then."
	case acme.ProblemTypeDNS:
		code, cure = "acme_dns", "Look that the name exists and points to your home. A new name may take some minutes to be known."
	case acme.ProblemTypeUnauthorized:
		code, cure = "acme_unauthorized", "Something else answers at this name, or the DNS entry is not there. Look that the name leads to this machine."
	case acme.ProblemTypeRateLimited:
		code, cure = "acme_limited", "Too many were asked for. Wait as long as it says; it is tried again by itself."
	case acme.ProblemTypeCAA:
		code, cure = "acme_caa", "The domain's CAA record does not allow this authority. Change it where the domain is managed."
	case acme.ProblemTypeRejectedIdentifier:
		code, cure = "acme_rejected", "Use a name that the public internet knows; names such as .local and .lan get no such certificate."
	case acme.ProblemTypeInvalidContact:
		code, cure = "acme_contact", "Correct the e-mail address, or leave it empty."
	}
	return &Problem{Code: code, Say: authorityOf(p) + " said no: " + strings.TrimSuffix(strings.Join(details, " "), ".") + ".", Cure: cure}
}

func portOf(p *Plan) string {
	if p.ACME.Challenge == HTTP01 {
		return "80"
	}
	return "443"
}
