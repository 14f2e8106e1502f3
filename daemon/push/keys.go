package push

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"hark/store"
)

// keysName is the value in the store that holds the key pair.
const keysName = "vapid"

// keys are the pair that says who sends (VAPID, RFC 8292), as base64url without
// padding: the public one as an uncompressed point, the private one as its
// 32 bytes.
type keys struct {
	Public  string `json:"public"`
	Private string `json:"private"`
}

// loadKeys reads the pair, and makes it if there is none.
func loadKeys(db *store.DB) (k keys, err error) {
	err = db.Update(func(tx *store.Tx) error {
		found, err := tx.Value(keysName, &k)
		if found || err != nil {
			return err
		}
		if k, err = newKeys(); err != nil {
			return err
		}
		return tx.SetValue(keysName, k)
	})
	if err != nil {
		return k, fmt.Errorf("push keys: %w", err)
	}
	return k, nil
}

func newKeys() (keys, error) {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return keys{}, fmt.Errorf("make a key pair: %w", err)
	}
	return keys{Public: encode(private.PublicKey().Bytes()), Private: encode(private.Bytes())}, nil
}

// errKeys is told where the key pair is used. A new pair would look like a cure
// and leave every device deaf.
var errKeys = errors.New("the key pair for notifications in the data folder is damaged: its two halves don't fit together. Restore the folder from a backup; without one, every device has to subscribe again")

// check holds the public key against the private one.
func (k keys) check() error {
	public, err1 := decode(k.Public)
	secret, err2 := decode(k.Private)
	if err1 != nil || err2 != nil {
		return errKeys
	}
	private, err := ecdh.P256().NewPrivateKey(secret)
	if err != nil || !bytes.Equal(private.PublicKey().Bytes(), public) {
		return errKeys
	}
	return nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
