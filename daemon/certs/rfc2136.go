package certs

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// rfc2136 changes records by dynamic update (RFC 2136), signed with TSIG (RFC
// 8945) if a key is given.
type rfc2136 struct{ DNS }

const recordTTL = 120 // seconds

func (u rfc2136) set(ctx context.Context, zone, name, value string) error {
	m := new(dns.Msg).SetUpdate(zone)
	m.Insert([]dns.RR{txt(name, value)})
	return u.send(ctx, m)
}

func (u rfc2136) remove(ctx context.Context, zone, name, value string) error {
	m := new(dns.Msg).SetUpdate(zone)
	m.Remove([]dns.RR{txt(name, value)})
	return u.send(ctx, m)
}

func txt(name, value string) dns.RR {
	return &dns.TXT{
		Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: recordTTL}, Txt: []string{value},
	}
}

func (u rfc2136) send(ctx context.Context, m *dns.Msg) error {
	client := &dns.Client{Net: "tcp", Timeout: apiTime}
	server := u.Server
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(server, "53")
	}
	if u.Key != "" {
		algorithm := u.Algorithm
		if algorithm == "" {
			algorithm = "hmac-sha256"
		}
		key := strings.ToLower(dns.Fqdn(u.Key))
		client.TsigSecret = map[string]string{key: u.Secret}
		m.SetTsig(key, dns.Fqdn(strings.ToLower(algorithm)), 300, time.Now().Unix())
	}
	answer, _, err := client.ExchangeContext(ctx, m, server)
	if err != nil {
		return problem("dns_refused", "Look at the server's address, and at the key's name, secret and algorithm.", "The name server %s did not take the change: %v.", server, err)
	}
	if answer.Rcode != dns.RcodeSuccess {
		return problem("dns_refused", "Allow this key to change TXT records of the zone.", "The name server %s says no: %s.", server, rcode(answer.Rcode))
	}
	return nil
}

func rcode(code int) string {
	if name := dns.RcodeToString[code]; name != "" {
		return name
	}
	return strconv.Itoa(code)
}
