package certs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// cloudflare changes records by Cloudflare's API, version 4.
type cloudflare struct{ token, api string }

func (c cloudflare) set(ctx context.Context, zone, name, value string) error {
	id, err := c.zone(ctx, zone)
	if err != nil {
		return err
	}
	record := map[string]any{"type": "TXT", "name": strings.TrimSuffix(name, "."), "content": `"` + value + `"`, "ttl": 120}
	return c.call(ctx, http.MethodPost, "/zones/"+id+"/dns_records", record, nil)
}

func (c cloudflare) remove(ctx context.Context, zone, name, value string) error {
	id, err := c.zone(ctx, zone)
	if err != nil {
		return err
	}
	var found []struct{ ID, Content string }
	q := url.Values{"type": {"TXT"}, "name": {strings.TrimSuffix(name, ".")}}
	if err := c.call(ctx, http.MethodGet, "/zones/"+id+"/dns_records?"+q.Encode(), nil, &found); err != nil {
		return err
	}
	for _, r := range found {
		if strings.Trim(r.Content, `"`) != value {
			continue
		}
		if err := c.call(ctx, http.MethodDelete, "/zones/"+id+"/dns_records/"+url.PathEscape(r.ID), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c cloudflare) zone(ctx context.Context, zone string) (id string, err error) {
	var found []struct{ ID string }
	name := strings.TrimSuffix(zone, ".")
	if err := c.call(ctx, http.MethodGet, "/zones?name="+url.QueryEscape(name), nil, &found); err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", problem("dns_refused", "Make a token with the permission Zone, DNS, Edit for "+name+".", "The Cloudflare token does not reach the zone %s.", name)
	}
	return url.PathEscape(found[0].ID), nil
}

func (c cloudflare) call(ctx context.Context, method, path string, in, out any) error {
	body := []byte(nil)
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("ask Cloudflare: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, c.api+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask Cloudflare: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	b, status, err := ask(r)
	if err != nil {
		return err
	}
	var answer struct {
		Success bool
		Errors  []struct{ Message string }
		Result  json.RawMessage
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return fmt.Errorf("cloudflare answers %d with what is no JSON: %w", status, err)
	}
	if !answer.Success {
		why := http.StatusText(status)
		if len(answer.Errors) > 0 {
			why = answer.Errors[0].Message
		}
		return problem("dns_refused", "Make a token with the permission Zone, DNS, Edit.", "Cloudflare says no: %s.", why)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result, out); err != nil {
		return fmt.Errorf("read Cloudflare's answer: %w", err)
	}
	return nil
}
