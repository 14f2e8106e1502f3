package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// replacePrefix is k/replace/<sender>/<hash> → the id of the message that a
// sender's replace key stands for, with a time to live.
const replacePrefix = valuePrefix + "replace/"

// replaceFor is how long a replace key is remembered that is not used: longer
// than what is said once a month or a quarter comes again.
const replaceFor = 100 * 24 * time.Hour

// replaceKey hashes the sender's key, which may be of any length and content.
func replaceKey(sender, key string) string {
	sum := sha256.Sum256([]byte(key))
	return replacePrefix + sender + "/" + hex.EncodeToString(sum[:16])
}

// Replaces returns the id of the message (or of the reminder that is to become
// one) that a sender's replace key stands for, or nothing. It may be gone.
func (tx *Tx) Replaces(sender, key string) (message string, err error) {
	b, err := tx.get(replaceKey(sender, key))
	if err != nil || b == nil {
		return "", err
	}
	if err := json.Unmarshal(b, &message); err != nil {
		return "", fmt.Errorf("replace key: %w: %w", ErrCorrupt, err)
	}
	return message, nil
}

// SetReplaces has a sender's replace key stand for a message, until it was not
// used for 100 days. The days of a message that is to come count from due; the
// zero time is now.
func (tx *Tx) SetReplaces(sender, key, message string, due time.Time) error {
	b, err := marshal(message)
	if err != nil {
		return fmt.Errorf("encode replace key: %w", err)
	}
	tx.set(replaceKey(sender, key), b, replaceFor+max(due.Sub(tx.now), 0))
	return nil
}

// endReplaceKeys gives an end to replace keys of earlier versions, which had none.
func (db *DB) endReplaceKeys() error {
	for more := true; more; {
		var keys []string
		err := db.snapshot(func(txn *badger.Txn) error {
			it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(replacePrefix)})
			defer it.Close()
			for it.Rewind(); it.Valid() && len(keys) < purgeBite; it.Next() {
				if it.Item().ExpiresAt() == 0 {
					keys = append(keys, string(it.Item().Key()))
				}
			}
			return nil
		})
		if more = len(keys) == purgeBite; err != nil || len(keys) == 0 {
			return err
		}
		if err := db.Update(func(tx *Tx) error {
			for _, key := range keys {
				b, err := tx.get(key)
				if err != nil {
					return err
				}
				tx.set(key, b, replaceFor)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
