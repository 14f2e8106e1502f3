package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// NewSecret makes a secret of 130 random bits. It begins with prefix, so that
// people and scanners recognise it.
func NewSecret(prefix string) string { return prefix + rand.Text() }

func secretKey(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return secretPrefix + string(h[:])
}

// PutDevice writes d and sets Updated, and Created if zero. A secret, if it is
// not empty, lets the device in; only its SHA-256 is kept.
func (tx *Tx) PutDevice(d *Device, secret string) error {
	d.Updated = At(tx.now)
	if d.Created.IsZero() {
		d.Created = d.Updated
	}
	if secret != "" {
		tx.set(secretKey(secret), []byte(recordKey(kindDevice, d.ID)), 0)
	}
	return tx.put(entry{kind: kindDevice, id: d.ID}, d, textMark{})
}

// Device returns the device with that id, or ErrNotFound.
func (tx *Tx) Device(id string) (*Device, error) {
	d := new(Device)
	return d, tx.load(kindDevice, id, d)
}

// Devices returns all devices, in the order they were paired.
func (tx *Tx) Devices() ([]*Device, error) { return all[Device](tx, kindDevice) }

// DeleteDevice revokes a device: its secret lets nobody in any more, and nothing
// is pushed to it.
func (tx *Tx) DeleteDevice(id string) error {
	if _, err := tx.Device(id); err != nil {
		return err
	}
	if err := tx.DeleteSubscription(id, "The device was removed."); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return tx.bury(kindDevice, id, "")
}

// DeviceOf returns the device that secret belongs to, or ErrNotFound.
func (tx *Tx) DeviceOf(secret string) (*Device, error) {
	id, err := tx.owner(secret, byte(kindDevice))
	if err != nil {
		return nil, err
	}
	return tx.Device(id)
}

// owner returns the id that a secret stands for.
func (tx *Tx) owner(secret string, kind byte) (string, error) {
	b, err := tx.get(secretKey(secret))
	if err != nil {
		return "", err
	}
	if len(b) < 3 || b[0] != kind {
		return "", fmt.Errorf("secret: %w", ErrNotFound)
	}
	return string(b[2:]), nil
}

// PutToken writes t, and sets Created if zero. A secret, if it is not empty,
// stands for the token; only its SHA-256 is kept. Secrets of before t.Rotated grew
// stand for nothing.
func (tx *Tx) PutToken(t *Token, secret string) error {
	if t.Created.IsZero() {
		t.Created = At(tx.now)
	}
	if secret != "" {
		tx.set(secretKey(secret), []byte(tokenPrefix+t.ID+generation(t)), 0)
	}
	b, err := marshal(t)
	if err != nil {
		return fmt.Errorf("encode token: %w", err)
	}
	tx.set(tokenPrefix+t.ID, b, 0)
	return nil
}

// Token returns the token with that id, or ErrNotFound.
func (tx *Tx) Token(id string) (*Token, error) {
	b, err := tx.get(tokenPrefix + id)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("token %.40q: %w", id, ErrNotFound)
	}
	t := new(Token)
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("token %s: %w: %w", id, ErrCorrupt, err)
	}
	return t, nil
}

// TokenOf returns the token that secret belongs to, or ErrNotFound.
func (tx *Tx) TokenOf(secret string) (*Token, error) {
	of, err := tx.owner(secret, tokenPrefix[0])
	if err != nil {
		return nil, err
	}
	id, _, _ := strings.Cut(of, ".")
	t, err := tx.Token(id)
	if err == nil && of != id+generation(t) {
		return nil, fmt.Errorf("secret of token %s: %w", id, ErrNotFound)
	}
	return t, err
}

// generation tells the secrets of a token apart.
func generation(t *Token) string {
	if t.Rotated == 0 {
		return ""
	}
	return "." + strconv.Itoa(t.Rotated)
}

// Tokens returns all tokens, in the order they were made.
func (tx *Tx) Tokens() (ts []*Token, err error) {
	tx.keys(tokenPrefix, "", false, func(key string) bool {
		var t *Token
		if t, err = tx.Token(key[len(tokenPrefix):]); err == nil {
			ts = append(ts, t)
		}
		return err == nil
	})
	return ts, err
}

// DeleteToken revokes a token.
func (tx *Tx) DeleteToken(id string) error {
	if _, err := tx.Token(id); err != nil {
		return err
	}
	tx.del(tokenPrefix + id)
	return nil
}

// onceFor is how long an idempotency key is remembered.
const onceFor = 24 * time.Hour

// Once looks up an idempotency key within a scope (say, "fire/<token id>").
// If the key came before with the same body within 24 hours, the answer given
// then is returned; with another body, ErrKeyReused; else nil.
func (tx *Tx) Once(scope, key string, body []byte) (answer []byte, err error) {
	b, err := tx.get(onceKey(scope, key))
	if err != nil || b == nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if len(b) < len(sum) {
		return nil, fmt.Errorf("idempotency row: %w", ErrCorrupt)
	}
	if [sha256.Size]byte(b) != sum {
		return nil, ErrKeyReused
	}
	return b[len(sum):], nil
}

// SetOnce remembers the answer to an idempotency key for 24 hours.
func (tx *Tx) SetOnce(scope, key string, body, answer []byte) {
	sum := sha256.Sum256(body)
	tx.set(onceKey(scope, key), append(sum[:], answer...), onceFor)
}

// onceKey hashes the caller's key, which may be of any length and content.
func onceKey(scope, key string) string {
	sum := sha256.Sum256([]byte(key))
	return oncePrefix + scope + "/" + string(sum[:])
}

// Value returns a singleton by name into v and reports whether there was one.
func (tx *Tx) Value(name string, v any) (bool, error) {
	b, err := tx.get(valuePrefix + name)
	if err != nil || b == nil {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("value %s: %w: %w", name, ErrCorrupt, err)
	}
	return true, nil
}

// SetValue writes a singleton by name, as JSON. The names "epoch", "inbox",
// "schema", "tally" and those that begin with "replace/" are the store's own.
func (tx *Tx) SetValue(name string, v any) error {
	if key := valuePrefix + name; key == epochKey || key == inboxKey || key == tallyKey || key == schemaKey || strings.HasPrefix(key, replacePrefix) {
		return errors.New("store: value " + name + " is reserved")
	}
	b, err := marshal(v)
	if err != nil {
		return fmt.Errorf("encode value %s: %w", name, err)
	}
	tx.set(valuePrefix+name, b, 0)
	return nil
}
