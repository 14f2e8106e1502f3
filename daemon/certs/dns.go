package certs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/libdns/libdns"
)

// txtRecords sets and deletes one TXT record. Name is absolute and zone the one
// that it lies in, both with the final dot. Of several records with one name,
// only the one with this value is meant.
type txtRecords interface {
	set(ctx context.Context, zone, name, value string) error
	remove(ctx context.Context, zone, name, value string) error
}

// provider makes what d names.
func (d DNS) provider(say func(string)) (provider, error) {
	var records txtRecords
	var missing string
	switch d.Provider {
	case "duckdns":
		records = duckDNS{token: d.Token, api: "https://www.duckdns.org/update"}
		missing = lacks(d.Token, "the token that duckdns.org shows after signing in")
	case "cloudflare":
		records = cloudflare{token: d.Token, api: "https://api.cloudflare.com/client/v4"}
		missing = lacks(d.Token, "an API token with the permission Zone, DNS, Edit")
	case "rfc2136":
		records = rfc2136{d}
		missing = lacks(d.Server, "the HOST:PORT of the name server")
	case "exec":
		records = execHook{d.Command}
		missing = lacks(d.Command, "the program to call as tls.dns_exec in hark.toml")
	default:
		return provider{}, problem("dns", "It is duckdns, cloudflare, rfc2136 or exec.", "DNS provider %q is not known.", d.Provider)
	}
	if missing != "" {
		return provider{}, problem("dns", "Enter "+missing+".", "Something is missing to change the domain's DNS.")
	}
	return provider{records: records, say: say, refused: &refusal{}}, nil
}

func lacks(value, what string) string {
	if value != "" {
		return ""
	}
	return what
}

// provider gives txtRecords the form that certmagic asks for.
type provider struct {
	records txtRecords
	say     func(string)
	refused *refusal
}

// refusal is why the DNS could not be changed: certmagic passes on the text of
// an error only.
type refusal struct {
	mu  sync.Mutex
	err error
}

func (r *refusal) note(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	return err
}

// last is the latest, or nil.
func (r *refusal) last() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// AppendRecords implements [libdns.RecordAppender].
func (p provider) AppendRecords(ctx context.Context, zone string, all []libdns.Record) ([]libdns.Record, error) {
	for _, r := range all {
		rr := r.RR()
		name := absolute(rr.Name, zone)
		p.say("Writing " + strings.TrimSuffix(name, ".") + " into the DNS and waiting until it is seen; that may take two minutes")
		if err := p.records.set(ctx, zone, name, rr.Data); err != nil {
			return nil, p.refused.note(err)
		}
	}
	return all, nil
}

// DeleteRecords implements [libdns.RecordDeleter].
func (p provider) DeleteRecords(ctx context.Context, zone string, all []libdns.Record) ([]libdns.Record, error) {
	var failed error
	for _, r := range all {
		rr := r.RR()
		failed = errors.Join(failed, p.records.remove(ctx, zone, absolute(rr.Name, zone), rr.Data))
	}
	return all, failed
}

func absolute(name, zone string) string {
	return strings.TrimSuffix(libdns.AbsoluteName(name, zone), ".") + "."
}

const (
	apiTime = 30 * time.Second
	apiMost = 1 << 20 // bytes of an answer
)

// ask calls a provider's API and returns what it says; a status of 500 or more
// is an error. The address may hold a token and is not repeated in errors.
func ask(r *http.Request) (body []byte, status int, err error) {
	client := &http.Client{Timeout: apiTime}
	resp, err := client.Do(r)
	if err != nil {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // *url.Error shows the address
		}
		return nil, 0, fmt.Errorf("%s can't be reached: %w", r.URL.Host, err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, apiMost))
	if err == nil && resp.StatusCode >= http.StatusInternalServerError {
		err = fmt.Errorf("%s answers %s", r.URL.Host, resp.Status)
	}
	return body, resp.StatusCode, err
}
