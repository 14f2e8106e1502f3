package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Keys. Numbers are big-endian, so that their order is the order of keys.
const (
	feedPrefix   = "l/" // l/<seq:8>           → the record (see entry)
	threadPrefix = "h/" // h/<conv>/<msg>      → nothing: the order of a thread
	openPrefix   = "w/" // w/<conv>/<msg>      → nothing: open turns
	duePrefix    = "d/" // d/<unix ms:8>/<id>  → nothing: when reminders come due
	secretPrefix = "t/" // t/<sha256>          → kind and id of device or token
	tokenPrefix  = "b/" // b/<id>              → token
	oncePrefix   = "i/" // i/<scope>/<key>     → idempotent answer, with a TTL
	purgePrefix  = "x/" // x/<conv>            → nothing: a deletion under way
	valuePrefix  = "k/" // k/<name>            → singletons
	subPrefix    = "y/" // y/<device>          → push subscription
	outboxPrefix = "o/" // o/<device>/<due ms:8>/<msg> → nothing: pushes to be sent
	ledgerPrefix = "p/" // p/<msg>/<device>    → Delivery
	checkPrefix  = "z/" // z/<due ms:8>/<msg>  → PushCheck
	epochKey     = valuePrefix + "epoch"
	// e/<reminder>/<wall> and q/<reply>: see occurrences.go; j/…: see sources.go
	// m/<id> c/<id> r/<id> v/<id> → seq:8, where in the feed the record is.
)

func feedKey(s Seq) []byte { return binary.BigEndian.AppendUint64([]byte(feedPrefix), uint64(s)) }

func feedSeq(key []byte) Seq { return Seq(binary.BigEndian.Uint64(key[len(feedPrefix):])) }

func recordKey(k kind, id string) string { return string([]byte{byte(k), '/'}) + id }

// Tx is one transaction: a snapshot to read and, inside [DB.Update], a set of
// changes that become visible to others all at once or not at all. It reads
// its own writes.
type Tx struct {
	db       *DB
	txn      *badger.Txn
	batch    *batch // what earlier transactions of the group wrote
	rows     rowSet // what this one wrote
	bytes    int
	changes  []change
	convs    map[string]*Conversation // decoded, as written by this one
	minted   map[string]struct{}      // ids made by this one: nothing on disk has them
	seq      Seq
	now      time.Time
	writable bool
	pushes   bool // the sender has something to look at
}

// Now is the time of the transaction; all its records carry the same one.
func (tx *Tx) Now() time.Time { return tx.now }

// NewID returns a new id (a ULID). Ids grow in the order of commits, also
// across restarts and when the clock is set back. Only inside Update.
func (tx *Tx) NewID() string {
	id := tx.db.ids.next(tx.now)
	if tx.minted == nil {
		tx.minted = map[string]struct{}{}
	}
	tx.minted[id] = struct{}{}
	return id
}

// Cursor is, inside Update, the position of the last change made so far, and
// inside View one that misses nothing after the snapshot.
func (tx *Tx) Cursor() Cursor { return Cursor{tx.db.epoch, tx.seq} }

// get returns the value of key, or nil.
func (tx *Tx) get(key string) ([]byte, error) {
	if r, ok := tx.rows.of[key]; ok {
		return r.value, nil
	}
	if tx.batch != nil {
		if r, ok := tx.batch.rows.of[key]; ok {
			return r.value, nil
		}
	}
	item, err := tx.txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return item.ValueCopy(nil)
}

func (tx *Tx) set(key string, value []byte, ttl time.Duration) {
	if value == nil {
		value = []byte{}
	}
	tx.rows.set(key, row{value, ttl})
	tx.bytes += len(key) + len(value) + 32 // 32: about what the engine adds
}

func (tx *Tx) del(key string) {
	tx.rows.set(key, row{})
	tx.bytes += len(key) + 32
}

// keys calls fn with each key below prefix, after the part given, in order
// (or in reverse), until fn says stop. It sees the transaction's own writes.
func (tx *Tx) keys(prefix, from string, reverse bool, fn func(key string) (more bool)) {
	it := tx.txn.NewIterator(badger.IteratorOptions{Reverse: reverse, PrefetchValues: false, Prefix: []byte(prefix)})
	defer it.Close()
	mine := tx.overlay(prefix, from, reverse)
	start := prefix + from
	if reverse && from == "" {
		start = prefix + "\xff"
	}
	before := func(a, b string) bool { return a != b && (a < b) != reverse }
	for it.Seek([]byte(start)); ; {
		disk, ok := "", it.Valid()
		if ok {
			disk = string(it.Item().Key())
		}
		switch {
		case len(mine) > 0 && (!ok || !before(disk, mine[0].key)):
			if ok && disk == mine[0].key {
				it.Next()
			}
			k := mine[0]
			if mine = mine[1:]; !k.gone && !fn(k.key) {
				return
			}
		case !ok:
			return
		default:
			it.Next()
			if !fn(disk) {
				return
			}
		}
	}
}

type overlayKey struct {
	key  string
	gone bool
}

// overlay lists the keys that are written but not yet on disk, in order.
func (tx *Tx) overlay(prefix, from string, reverse bool) (out []overlayKey) {
	start := ""
	if from != "" {
		start = prefix + from
	}
	for _, key := range tx.rows.below(prefix, start, reverse) {
		out = append(out, overlayKey{key, tx.rows.of[key].value == nil})
	}
	if tx.batch != nil {
		for _, key := range tx.batch.rows.below(prefix, start, reverse) {
			if _, hidden := tx.rows.of[key]; !hidden {
				out = append(out, overlayKey{key, tx.batch.rows.of[key].value == nil})
			}
		}
	}
	slices.SortFunc(out, func(a, b overlayKey) int {
		if reverse {
			a, b = b, a
		}
		return strings.Compare(a.key, b.key)
	})
	return out
}

// seqOf returns where in the feed a record is, or 0.
func (tx *Tx) seqOf(k kind, id string) (Seq, error) {
	key := recordKey(k, id)
	if _, fresh := tx.minted[id]; fresh {
		if _, ok := tx.rows.of[key]; !ok {
			return 0, nil
		}
	}
	b, err := tx.get(key)
	if err != nil || len(b) != 8 {
		return 0, err
	}
	return Seq(binary.BigEndian.Uint64(b)), nil
}

// load reads a record into v. It returns ErrNotFound if there is none.
func (tx *Tx) load(k kind, id string, v any) error {
	seq, err := tx.seqOf(k, id)
	if err != nil {
		return err
	}
	if seq == 0 {
		return fmt.Errorf("%s %.40q: %w", k, id, ErrNotFound)
	}
	b, err := tx.get(string(feedKey(seq)))
	if err != nil {
		return err
	}
	e, err := decodeEntry(b)
	if err != nil {
		return fmt.Errorf("%s %s: %w", k, id, err)
	}
	if err := json.Unmarshal(e.data, v); err != nil {
		return fmt.Errorf("%s %s: %w", k, id, err)
	}
	return nil
}

// put writes a record and moves its feed entry to the end.
func (tx *Tx) put(e entry, v any, mark textMark) error {
	if !tx.writable {
		return errors.New("store: write outside Update")
	}
	if len(e.id) == 0 || len(e.id) > 64 || len(e.conv) > 64 {
		return fmt.Errorf("store: %s id %.80q must have 1 to 64 bytes", e.kind, e.id)
	}
	var err error
	if e.data, err = marshal(v); err != nil {
		return fmt.Errorf("encode %s: %w", e.kind, err)
	}
	if len(e.data) > maxEntry {
		return fmt.Errorf("%s of %d bytes: %w", e.kind, len(e.data), ErrTooBig)
	}
	old, err := tx.seqOf(e.kind, e.id)
	if err != nil {
		return err
	}
	tx.append(e, old, mark)
	return nil
}

// append gives e the next Seq; old is the entry that it replaces, if any. A
// tombstone drops the record's key.
func (tx *Tx) append(e entry, old Seq, mark textMark) {
	if old != 0 {
		tx.del(string(feedKey(old)))
	}
	tx.seq++
	e.at = tx.now
	tx.set(string(feedKey(tx.seq)), e.encode(), 0)
	if e.gone {
		tx.del(recordKey(e.kind, e.id))
	} else {
		tx.set(recordKey(e.kind, e.id), binary.BigEndian.AppendUint64(nil, uint64(tx.seq)), 0)
	}
	tx.changes = append(tx.changes, change{seq: tx.seq, old: old, entry: e, text: mark})
}

// bury deletes a record and leaves a tombstone in the feed.
func (tx *Tx) bury(k kind, id, conv string) error {
	data, err := marshal(struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	}{k.String(), id})
	if err != nil {
		return err
	}
	old, err := tx.seqOf(k, id)
	if err != nil {
		return err
	}
	tx.append(entry{kind: k, gone: true, id: id, conv: conv, data: data}, old, textMark{})
	return nil
}

// marshal is json.Marshal without escaping for HTML, which nothing here is.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
