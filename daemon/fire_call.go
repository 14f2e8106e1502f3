package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hark/daemon/agent"
	"hark/store"
)

const (
	callTime = 10 * time.Second
	// callBytes is how much of an answer is read; what it says is not shown.
	callBytes = 64 << 10
)

// States of an action that calls an address.
const (
	callRunning = "running"
	callDone    = "done"
	callFailed  = "failed"
)

// hiddenFire is what is kept of a fire beside its message.
type hiddenFire struct {
	Calls map[string]fireAction // by the action's id
}

// buttons makes the actions of a message, as its readers see them, and the calls
// of those that have one.
func (out *firing) buttons(list []fireAction, who caller) (shown []store.Action, calls map[string]fireAction) {
	for _, a := range list {
		s := store.Action{ID: strconv.Itoa(len(shown) + 1), Kind: a.Kind, Label: a.Label}
		if a.Kind == actionOpen {
			s.URL = a.URL
		} else {
			if _, ok := callbackOf(who.token, a.URL); !ok {
				out.Warnings = append(out.Warnings, fmt.Sprintf("this token may not call the address of the action %q: it was left out. The owner allows hosts by hark token create NAME --callback HOST:PORT", a.Label))
				continue
			}
			if calls == nil {
				calls = map[string]fireAction{}
			}
			calls[s.ID] = a
		}
		shown = append(shown, s)
	}
	return shown, calls
}

func putCalls(tx *store.Tx, id string, calls map[string]fireAction, again bool) error {
	switch {
	case len(calls) > 0:
		return tx.PutHidden(id, hiddenFire{Calls: calls})
	case again:
		tx.DropHidden(id)
	}
	return nil
}

// checkCallback makes a host that a token may call uniform: HOST or HOST:PORT.
func checkCallback(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), ""
	}
	n, numErr := strconv.Atoi(port)
	u, urlErr := url.Parse("http://" + net.JoinHostPort(host, "1"))
	if host == "" || len(s) > 255 || port != "" && (numErr != nil || n < 1 || n > 65535) ||
		urlErr != nil || u.Hostname() != host || strings.ContainsAny(host, "/@?#% *") {
		return "", fault("invalid", "A callback is a host that actions may call: HOST, or HOST:PORT for one in your own network. %.80q is none.", s)
	}
	return s, nil
}

// callbackOf finds what lets a token call an address.
func callbackOf(t *store.Token, address string) (callback string, ok bool) {
	u, err := url.Parse(address)
	if t == nil || err != nil {
		return "", false
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	full := net.JoinHostPort(host, port)
	if slices.Contains(t.Callbacks, full) {
		return full, true
	}
	return host, slices.Contains(t.Callbacks, host)
}

// admits is the guard of calls: an address in the owner's own network is called only where
// the owner has named host and port, one of this machine only where they have
// named it as such, and a link-local one (where clouds keep their keys) never.
func admits(callback string) func(address string, ip netip.Addr) bool {
	return func(address string, ip netip.Addr) bool {
		ip = ip.Unmap().WithZone("")
		host, _, err := net.SplitHostPort(callback)
		if err != nil || callback != strings.ToLower(address) {
			return false
		}
		if ip.IsLoopback() {
			literal, err := netip.ParseAddr(host)
			return host == "localhost" || err == nil && literal.IsLoopback()
		}
		return ip.IsPrivate() || netip.MustParsePrefix("100.64.0.0/10").Contains(ip)
	}
}

// errRedirect ends a call that is sent elsewhere.
var errRedirect = errors.New("it was sent on to another address, which is not followed")

// callBack makes the call of an action and says what went wrong, for people.
func (d *Daemon) callBack(ctx context.Context, a fireAction, callback, message string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	guard := &agent.Fetcher{Lookup: d.lookup, Admit: admits(callback)}
	// No proxy: it would do the looking up, and could not be held to the guard.
	tr := &http.Transport{DialContext: guard.Dial, TLSHandshakeTimeout: callTime, MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true}
	client := &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect }}
	r, err := http.NewRequestWithContext(ctx, a.Method, a.URL, strings.NewReader(a.Body))
	if err != nil {
		return errors.New("the address can't be called")
	}
	r.Header.Set("User-Agent", "hark")
	for name, value := range a.Header {
		r.Header.Set(name, value)
	}
	if a.Body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	r.Header.Set("Hark-Message", message)
	resp, err := client.Do(r)
	switch {
	case errors.Is(err, errRedirect):
		return errRedirect
	case errors.Is(err, agent.ErrNotPublic):
		return errors.New("the address is in a private network, or on this machine, and the token does not name it with its port: it was not called")
	case ctx.Err() != nil:
		return fmt.Errorf("no answer within %d seconds", int(callTime.Seconds()))
	case err != nil:
		return errors.New("the address does not answer")
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, callBytes)); err != nil {
		return errors.New("the answer broke off")
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("it answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return nil
}
