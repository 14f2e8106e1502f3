package push

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strconv"
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
// message in a round of its ledger: "<message>.<device>.<round>.<MAC>". It holds
// for as long as the store does.
func (s *Sender) Receipt(message, device string, round int) string {
	words := message + "." + device + "." + strconv.Itoa(round)
	return words + "." + encode(s.mac(words))
}

// ReadReceipt returns what a receipt is for, and false if it is not one of ours.
// It takes the same time for any wrong one.
func (s *Sender) ReadReceipt(receipt string) (message, device string, round int, ok bool) {
	dot := max(strings.LastIndexByte(receipt, '.'), 0)
	words, mac := receipt[:dot], strings.TrimPrefix(receipt[dot:], ".")
	parts := strings.Split(words, ".") // no id has a dot
	got, err := decode(mac)
	if err != nil || !hmac.Equal(got, s.mac(words)) || len(parts) != 3 {
		return "", "", 0, false
	}
	round, err = strconv.Atoi(parts[2])
	return parts[0], parts[1], round, err == nil
}

func (s *Sender) mac(words string) []byte {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte(words))
	return h.Sum(nil)[:macSize]
}
