package certs

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// duckDNS changes records at duckdns.org, which keeps one TXT value for a name
// and all below it.
type duckDNS struct{ token, api string }

func (d duckDNS) set(ctx context.Context, _, name, value string) error {
	return d.update(ctx, name, url.Values{"txt": {value}})
}

func (d duckDNS) remove(ctx context.Context, _, name, value string) error {
	return d.update(ctx, name, url.Values{"txt": {value}, "clear": {"true"}})
}

func (d duckDNS) update(ctx context.Context, name string, q url.Values) error {
	labels := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, "."), ".duckdns.org"), ".")
	q.Set("domains", labels[len(labels)-1])
	q.Set("token", d.token)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.api+"?"+q.Encode(), nil)
	if err != nil {
		return fmt.Errorf("ask duckdns.org: %w", err)
	}
	body, _, err := ask(r)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(body), "OK") {
		return problem("dns_refused", "Compare the name and the token with what duckdns.org shows after signing in.", "duckdns.org does not take the change of %s.", q.Get("domains"))
	}
	return nil
}
