package daemon

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"hark/store"
)

const (
	cookieName  = "hark_device"
	tokenPrefix = "hark_"
	// cookieAge is the longest that browsers keep a cookie; it is given anew
	// with each hour in which the device is seen.
	cookieAge = 400 * 24 * time.Hour
	// seenEvery is how exactly it is kept when a device or token was last seen:
	// an exact time would cost a write for every read.
	seenEvery = time.Hour
)

// access says who may call a route.
type access int

const (
	anyone  access = iota
	mayFire        // a token of scope fire; never a cookie, which another page's form would carry along
	mayRead        // a device, or a token of scope read, chat or admin
	mayChat        // a device, or a token of scope chat or admin
	isOwner        // a device, or a token of scope admin
	known          // any device or token
	isToken        // any token; never a cookie
)

// caller is who sent a request. The zero caller is nobody in particular.
type caller struct {
	kind    string // device or token
	id      string
	name    string
	scopes  []string     // of a token
	token   *store.Token // what the owner set for it; nil for a device and for this machine
	request string       // with which it calls
}

// key names the caller in idempotency rows and counters.
func (c caller) key() string { return c.kind + "/" + c.id }

func (c caller) may(a access) bool {
	if c.kind == "device" {
		return a != mayFire && a != isToken
	}
	switch {
	case a == anyone || a == known || a == isToken || slices.Contains(c.scopes, "admin"):
		return true
	case a == mayFire:
		return slices.Contains(c.scopes, "fire")
	case a == mayRead:
		return slices.Contains(c.scopes, "read") || slices.Contains(c.scopes, "chat")
	case a == mayChat:
		return slices.Contains(c.scopes, "chat")
	}
	return false
}

// authorise finds out who is calling and whether they may.
func (d *Daemon) authorise(w http.ResponseWriter, r *http.Request, a access) (caller, error) {
	if a == anyone {
		return caller{}, nil
	}
	who, err := d.identify(w, r, a)
	if errors.Is(err, store.ErrNotFound) {
		// A cookie of a revoked device comes from every tab, and nobody guesses
		// cookies: the page must hear that it is no longer known.
		return caller{}, d.wrongSecret(r, a, r.Header.Get("Authorization") != "")
	} else if err != nil {
		return caller{}, err
	}
	if who.kind == "" {
		return caller{}, fault("unauthorized", "%s", howToGetIn(a))
	}
	if !who.may(a) {
		return caller{}, d.notAllowed(who)
	}
	who.request = requestOf(r.Context())
	return who, nil
}

// wrongSecret refuses a secret that nobody has, and counts it if it may have been
// a guess.
func (d *Daemon) wrongSecret(r *http.Request, a access, guess bool) error {
	if guess {
		if wait := d.wrong.take(addressOf(r)); wait > 0 {
			return &problem{code: "too_many", detail: "Too many wrong tokens came from this address. Wait a little.", wait: wait}
		}
	}
	return fault("unauthorized", "This token or device is not known; it may have been revoked. %s", howToGetIn(a))
}

func (d *Daemon) notAllowed(who caller) error {
	return fault("forbidden", "The token %q has the scopes %s, which do not allow this.", who.name, strings.Join(who.scopes, ", "))
}

func howToGetIn(a access) string {
	if a == mayFire {
		return "Send a token: -H \"Authorization: Bearer hark_…\". `hark token create NAME --scope fire` makes one."
	}
	if a == isToken {
		return "Send a token: Authorization: Bearer hark_…. `hark token create NAME --scope fire` makes one."
	}
	return "Pair this browser (`hark pair` prints a link), or send a token: Authorization: Bearer hark_…"
}

// identify returns the zero caller if the request names nobody, and
// store.ErrNotFound if it names somebody unknown. A right secret is never
// refused for what others at the same address got wrong.
func (d *Daemon) identify(w http.ResponseWriter, r *http.Request, a access) (caller, error) {
	if auth := r.Header.Get("Authorization"); auth != "" {
		scheme, secret, _ := strings.Cut(auth, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return caller{}, store.ErrNotFound
		}
		return d.tokenOf(strings.TrimSpace(secret))
	}
	for _, cookie := range r.CookiesNamed(cookieName) {
		if a != mayFire && a != isToken && cookie.Value != "" {
			return d.deviceOf(w, r, cookie.Value)
		}
	}
	return caller{}, nil
}

func (d *Daemon) tokenOf(secret string) (caller, error) {
	if subtle.ConstantTimeCompare([]byte(secret), []byte(d.admin)) == 1 {
		return caller{kind: "token", id: "local", name: "this machine", scopes: []string{"admin"}}, nil
	}
	var t *store.Token
	err := d.db.View(func(tx *store.Tx) (err error) {
		t, err = tx.TokenOf(secret)
		return err
	})
	if err != nil {
		return caller{}, err
	}
	if t.LastUsed == nil || time.Since(t.LastUsed.Time) > seenEvery {
		d.touch(func(tx *store.Tx) error {
			t, err := tx.Token(t.ID)
			if err != nil {
				return err
			}
			at := store.At(tx.Now())
			t.LastUsed = &at
			return tx.PutToken(t, "")
		})
	}
	return caller{kind: "token", id: t.ID, name: t.Name, scopes: t.Scopes, token: t}, nil
}

func (d *Daemon) deviceOf(w http.ResponseWriter, r *http.Request, secret string) (caller, error) {
	var v *store.Device
	err := d.db.View(func(tx *store.Tx) (err error) {
		v, err = tx.DeviceOf(secret)
		return err
	})
	if err != nil {
		return caller{}, err
	}
	if time.Since(v.LastSeen.Time) > seenEvery {
		d.touch(func(tx *store.Tx) error {
			v, err := tx.Device(v.ID)
			if err != nil {
				return err
			}
			v.LastSeen = store.At(tx.Now())
			return tx.PutDevice(v, "")
		})
		http.SetCookie(w, d.cookie(r, secret))
	}
	return caller{kind: "device", id: v.ID, name: v.Name}, nil
}

// touch notes that somebody was here. The call goes on if that fails.
func (d *Daemon) touch(fn func(*store.Tx) error) {
	if err := d.db.Update(fn); err != nil && !errors.Is(err, store.ErrNotFound) {
		d.log.Warn("last use not noted", "err", err)
	}
}

// cookie carries a device's secret. It is Secure where the browser came by TLS,
// be it ours or that of a proxy at the public address.
func (d *Daemon) cookie(r *http.Request, secret string) *http.Cookie {
	secure := byTLS(r) || d.proxied(bareHost(r.Host))
	return &http.Cookie{
		Name: cookieName, Value: secret, Path: "/", MaxAge: int(cookieAge / time.Second),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
}
