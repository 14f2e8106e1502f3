package daemon

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"hark/daemon/push"
	"hark/store"
)

const (
	maxOrigin  = 300
	maxDisplay = 40
)

// pushView is what a page needs to know about notifications.
type pushView struct {
	Key        string `json:"key"` // applicationServerKey
	Subscribed bool   `json:"subscribed"`
	// Endpoint is the SHA-256, in hex, of the endpoint that this device gave us:
	// the page compares it with what its browser has.
	Endpoint   string           `json:"endpoint_sha256,omitempty"`
	State      *store.PushState `json:"state,omitempty"` // of this device
	Private    bool             `json:"private"`         // of this device
	PrivateAll bool             `json:"private_all"`     // of all devices
	Problems   []pushProblem    `json:"problems"`
}

// pushProblem is something about notifications that the owner should know.
type pushProblem struct {
	Code   string `json:"code"`             // setup, silent, misconfigured or off
	Device string `json:"device,omitempty"` // id; empty: all of them
	Name   string `json:"name,omitempty"`   // of the device
	Say    string `json:"say"`
	Cure   string `json:"cure"`
}

// getPush serves GET /api/push.
func (d *Daemon) getPush(w http.ResponseWriter, _ *http.Request, who caller) error {
	v, err := d.pushView(who)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, v)
	return nil
}

func (d *Daemon) pushView(who caller) (pushView, error) {
	v := pushView{Key: d.push.Key(), Problems: []pushProblem{}}
	if err := d.push.Fault(); err != nil {
		v.Problems = append(v.Problems, pushProblem{
			Code: "setup", Say: capital(err.Error()) + ".", Cure: "`hark doctor push` on the machine that runs Hark says more.",
		})
	}
	err := d.db.View(func(tx *store.Tx) error {
		set, err := tx.Settings()
		if err != nil {
			return err
		}
		v.PrivateAll = set.Private
		all, err := tx.Devices()
		if err != nil {
			return err
		}
		for _, dev := range all {
			if p, bad := problemOfDevice(dev); bad {
				v.Problems = append(v.Problems, p)
			}
			if who.kind == "device" && dev.ID == who.id {
				v.State, v.Private = dev.Push, dev.Private
			}
		}
		if who.kind != "device" {
			return nil
		}
		s, err := tx.Subscription(who.id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(s.Endpoint))
		v.Subscribed, v.Endpoint = true, hex.EncodeToString(sum[:])
		return nil
	})
	return v, err
}

// problemOfDevice says what is wrong with the notifications of a device that
// had some.
func problemOfDevice(dev *store.Device) (pushProblem, bool) {
	p := pushProblem{Device: dev.ID, Name: dev.Name}
	if dev.Push == nil {
		return p, false
	}
	p.Code = dev.Push.State
	switch dev.Push.State {
	case store.PushSilent:
		p.Say = "The push service takes what is sent to “" + dev.Name + "”, and the device shows none of it."
		p.Cure = push.DeviceCure(dev)
	case store.PushMisconfigured:
		p.Say = "The push service refuses what is sent to “" + dev.Name + "”. " + dev.Push.Detail
		p.Cure = push.DeviceCure(dev)
	case store.PushOff:
		if !strings.HasPrefix(dev.Push.Detail, push.EndedByService) {
			return p, false // as its owner wished
		}
		p.Say = "“" + dev.Name + "” gets no notifications any more: its browser gave the subscription up, or may not notify."
		p.Cure = "Open Hark there: it subscribes anew by itself, or says what is in the way. If you don't want notifications there, switch them off under Settings, or remove the device."
	default:
		return p, false
	}
	return p, true
}

// subscriptionInput is PushSubscription.toJSON() of the Push API, with what the
// page adds to it.
type subscriptionInput struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
	// OldEndpoint is the one that a pushsubscriptionchange takes the place of.
	// A device has one subscription, so that the new one replaces it anyway.
	OldEndpoint string `json:"old_endpoint"`
	Key         string `json:"key"`     // the applicationServerKey it was made with
	Origin      string `json:"origin"`  // location.origin
	Display     string `json:"display"` // display mode, such as standalone
}

// putSubscription serves PUT /api/push/subscription: where this device gets its
// pushes. Pages say it at every load; saying the same again changes nothing.
func (d *Daemon) putSubscription(w http.ResponseWriter, r *http.Request, who caller) error {
	if who.kind != "device" {
		return fault("forbidden", "Only a paired browser has notifications; a token has none.")
	}
	var in subscriptionInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	s, err := in.subscription(r)
	if err != nil {
		return err
	}
	if err := d.push.CheckEndpoint(s.Endpoint); err != nil {
		return fault("invalid", "%s.", capital(err.Error()))
	}
	if in.Key != "" && strings.TrimRight(in.Key, "=") != d.push.Key() {
		return fault("conflict", "The subscription was made with another key than the one Hark has now. Subscribe anew with the key of GET /api/push.")
	}
	s.Device, s.Key = who.id, d.push.Key()
	if err := d.db.Update(func(tx *store.Tx) error { return tx.PutSubscription(s) }); err != nil {
		return err
	}
	return d.getPush(w, r, who)
}

// subscription checks what would else only fail when something is sent.
func (in subscriptionInput) subscription(r *http.Request) (*store.Subscription, error) {
	s := &store.Subscription{Endpoint: in.Endpoint, Origin: in.Origin, Display: cut(in.Display, maxDisplay)}
	point, err := fromBase64(in.Keys.P256dh)
	if err == nil && len(point) == 65 {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil || len(point) != 65 {
		return nil, fault("invalid", "keys.p256dh is not a P-256 public key of 65 bytes in base64url (RFC 8291 §3.1).")
	}
	auth, err := fromBase64(in.Keys.Auth)
	if err != nil || len(auth) != 16 {
		return nil, fault("invalid", "keys.auth is not 16 bytes in base64url (RFC 8291 §3.2).")
	}
	s.P256dh, s.Auth = base64.RawURLEncoding.EncodeToString(point), base64.RawURLEncoding.EncodeToString(auth)
	if s.Origin == "" {
		s.Origin = originOf(r)
	}
	if o, err := url.Parse(s.Origin); err != nil || o.Host == "" || len(s.Origin) > maxOrigin || s.Origin != o.Scheme+"://"+o.Host || (o.Scheme != "https" && o.Scheme != "http") {
		return nil, fault("invalid", "origin is not what location.origin is, such as https://hark.example.")
	}
	return s, nil
}

// originOf is the origin under which the page of a request was opened.
func originOf(r *http.Request) string {
	if byTLS(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// fromBase64 reads base64 as browsers and libraries write it: the URL's
// alphabet or the old one, padded or not.
func fromBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	return base64.RawURLEncoding.DecodeString(text)
}

// deleteSubscription ends the notifications of this device. That there were
// none is no error.
func (d *Daemon) deleteSubscription(w http.ResponseWriter, _ *http.Request, who caller) error {
	const why = "Notifications were switched off on the device."
	err := d.db.Update(func(tx *store.Tx) error {
		err := tx.DeleteSubscription(who.id, why)
		if !errors.Is(err, store.ErrNotFound) || who.kind != "device" {
			return err
		}
		dev, err := tx.Device(who.id)
		if err != nil || dev.Push == nil {
			return err
		}
		return tx.SetPushState(who.id, store.PushOff, why) // had ended already, and now is wished to
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
