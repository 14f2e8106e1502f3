package daemon

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"hark/store"
)

// ntfyKeys are the secrets of a request in ntfy's ways: a header, or the same
// header's value in ?auth=, for those who can send an address only.
func ntfyKeys(r *http.Request) []string {
	keys := headerKeys(r.Header.Get("Authorization"))
	if auth := r.URL.Query().Get("auth"); auth != "" {
		if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(auth, "=")); err == nil {
			keys = append(keys, headerKeys(string(raw))...)
		} else {
			keys = append(keys, auth)
		}
	}
	return keys
}

// gotifyKeys are the secrets of a request in Gotify's ways.
func gotifyKeys(r *http.Request) []string {
	keys := headerKeys(r.Header.Get("Authorization"))
	for _, key := range []string{r.Header.Get("X-Gotify-Key"), r.URL.Query().Get("token")} {
		if key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// headerKeys reads the value of an Authorization header. Of a name and password
// either may be the token: senders differ in which they let one leave empty. A
// scheme that is not about tokens is none of ours.
func headerKeys(value string) (keys []string) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer":
		keys = append(keys, rest)
	case "basic":
		pair, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return []string{rest} // wrong, and counted as such
		}
		name, password, _ := strings.Cut(string(pair), ":")
		for _, key := range []string{password, name} {
			if key != "" {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// welcome finds out who is calling and whether they may. As everywhere, a right
// secret counts whatever others at the same address got wrong.
func (d *Daemon) welcome(r *http.Request, rt dialect) (guest, error) {
	keys := rt.keys(r)
	for _, key := range keys {
		who, err := d.tokenOf(key)
		switch {
		case errors.Is(err, store.ErrNotFound):
			continue
		case err != nil:
			return guest{}, err
		case !who.may(rt.may) && rt.may != anyone:
			return guest{}, d.notAllowed(who)
		}
		who.request = requestOf(r.Context())
		return guest{who, key}, nil
	}
	if len(keys) > 0 {
		return guest{}, d.wrongSecret(r, rt.may, true)
	}
	return guest{}, fault("unauthorized", "%s", howToGetIn(rt.may))
}
