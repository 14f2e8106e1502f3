package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// PushCheck is a look, at a time, at whether a message that was pushed has
// reached the owner.
type PushCheck struct {
	Message string `json:"message"`
	Kind    string `json:"kind,omitempty"` // of the Delivery
	Step    int    `json:"step"`           // from 1
	At      Time   `json:"at"`
}

const (
	urgent = 4
	// askAgain is after how long an approval that still waits is pushed once more.
	askAgain = time.Hour
)

// planCheck has the sender look at an urgent message or an approval again.
func (tx *Tx) planCheck(m *Message, kind string) error {
	after := askAgain
	if kind != PushApproval {
		set, err := tx.Settings()
		if err != nil || set.Escalate <= 0 || priorityOf(m) < urgent {
			return err
		}
		after = time.Duration(set.Escalate) * time.Minute
	}
	return tx.PutPushCheck(PushCheck{Message: m.ID, Kind: kind, Step: 1, At: At(tx.now.Add(after))})
}

func checkKey(c PushCheck) string {
	return checkPrefix + string(binary.BigEndian.AppendUint64(nil, uint64(max(c.At.UnixMilli(), 0)))) + "/" + c.Message
}

// PutPushCheck plans a look at c.At.
func (tx *Tx) PutPushCheck(c PushCheck) error {
	b, err := marshal(c)
	if err != nil {
		return fmt.Errorf("encode push check: %w", err)
	}
	tx.set(checkKey(c), b, 0)
	tx.pushes = true
	return nil
}

// DropPushCheck forgets it.
func (tx *Tx) DropPushCheck(c PushCheck) { tx.del(checkKey(c)) }

// PushChecks returns up to limit planned looks, earliest first.
func (tx *Tx) PushChecks(limit int) (list []PushCheck, err error) {
	tx.keys(checkPrefix, "", false, func(key string) bool {
		var b []byte
		if b, err = tx.get(key); err != nil {
			return false
		}
		var c PushCheck
		if err = json.Unmarshal(b, &c); err == nil {
			list = append(list, c)
		}
		return err == nil && len(list) < limit
	})
	return list, err
}
