package push

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"

	"hark/store"
)

const (
	// secretName is the value in the store that receipts are signed with.
	secretName = "receipts"
	secretSize = 32
	// macSize is how many bytes of the HMAC a receipt carries: enough that none can
	// be guessed, and few enough for a payload of 2 KB.
	macSize = 16
)

func loadSecret(db *store.DB) (secret []byte, err error) {
	err = db.Update(func(tx *store.Tx) error {
		found, err := tx.Value(secretName, &secret)
		if err != nil || (found && len(secret) == secretSize) {
			return err
		}
		secret = make([]byte, secretSize)
		if _, err := rand.Read(secret); err != nil {
			return err
		}
		return tx.SetValue(secretName, secret)
	})
	if err != nil {
		return nil, fmt.Errorf("secret for receipts: %w", err)
	}
	return secret, nil
}

// Receipt is what a device sends back to prove that it has got the push of a
// message: "<message>.<device>.<MAC>". It holds for as long as the store does.
func (s *Sender) Receipt(message, device string) string {
	return message + "." + device + "." + encode(s.mac(message, device))
}

// ReadReceipt returns what a receipt is for, and false if it is not one of ours.
// It takes the same time for any wrong one.
func (s *Sender) ReadReceipt(receipt string) (message, device string, ok bool) {
	parts := strings.Split(receipt, ".")
	if len(parts) != 3 {
		return "", "", false
	}
	got, err := decode(parts[2])
	if err != nil || !hmac.Equal(got, s.mac(parts[0], parts[1])) {
		return "", "", false
	}
	return parts[0], parts[1], true
}

func (s *Sender) mac(message, device string) []byte {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte(message + "." + device)) // neither id has a dot
	return h.Sum(nil)[:macSize]
}
