package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	sourcePrefix = "j/s/" // j/s/<id>            → Watched
	lookPrefix   = "j/l/" // j/l/<id>            → Look
	entryPrefix  = "j/e/" // j/e/<id>/<hash:16>  → unix s:8: entries that were told, with a TTL
)

// Kinds of what is watched.
const (
	WatchFeed = "feed"
	WatchMail = "mail"
)

// Watched is a feed or a mailbox whose entries are told as they come.
type Watched struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"` // feed or mail
	Name    string `json:"name"` // for people; what its messages are from
	Created Time   `json:"created"`
	Paused  bool   `json:"paused,omitempty"`
	Run     bool   `json:"run,omitempty"` // the assistant says what in each entry matters

	// URL is a feed's address.
	URL string `json:"url,omitempty"`
	// Every is how many minutes lie between two looks at a feed, and the longest
	// time between two at a mailbox whose server does not tell of new mail.
	Every int      `json:"every_min,omitempty"`
	Mail  *Mailbox `json:"mail,omitempty"`

	TokenOptions
}

// Mailbox is where mail is read (RFC 9051).
type Mailbox struct {
	Server   string `json:"server"`   // HOST:PORT
	Security string `json:"security"` // tls, starttls or none
	User     string `json:"user"`
	Password string `json:"password,omitempty"`
	Folder   string `json:"folder"` // INBOX, if nothing else is said
	From     string `json:"from,omitempty"`
}

// Title is what a source is called until its owner names it.
func (w *Watched) Title() string {
	if w.Mail != nil {
		return w.Mail.User
	}
	u, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// Place is which mailbox is watched; empty where none is.
func (w *Watched) Place() string {
	if w.Mail == nil {
		return ""
	}
	return w.Mail.User + "\n" + w.Mail.Server + "\n" + w.Mail.Folder
}

// Look is how the last look at something watched went, and where the next one
// goes on.
type Look struct {
	Begun bool  `json:"begun"`           // what was there at first is known
	Since *Time `json:"since,omitempty"` // of the first look
	At    *Time `json:"at,omitempty"`    // of the last look
	Good  *Time `json:"good,omitempty"`  // of the last that went well
	Next  *Time `json:"next,omitempty"`
	Told  int   `json:"told"`           // entries so far
	Last  *Time `json:"last,omitempty"` // when the latest of them was told
	// Error says what is wrong, and Cure what the owner can do; empty when the
	// last look went well. Failures counts those in a row.
	Error    string `json:"error,omitempty"`
	Cure     string `json:"cure,omitempty"`
	Failures int    `json:"failures,omitempty"`

	ETag     string `json:"etag,omitempty"`     // of a feed (RFC 9110 §8.8.3)
	Modified string `json:"modified,omitempty"` // of a feed (RFC 9110 §8.8.2)
	Validity uint32 `json:"validity,omitempty"` // of a folder (RFC 9051 §2.3.1.1)
	UID      uint32 `json:"uid,omitempty"`      // of the last message of it that was told
}

// Watched returns everything that is watched, in the order it was made.
func (tx *Tx) Watched() (list []*Watched, err error) {
	tx.keys(sourcePrefix, "", false, func(key string) bool {
		var w *Watched
		if w, err = tx.WatchedOf(key[len(sourcePrefix):]); err == nil {
			list = append(list, w)
		}
		return err == nil
	})
	return list, err
}

// WatchedOf returns one, or ErrNotFound.
func (tx *Tx) WatchedOf(id string) (*Watched, error) {
	b, err := tx.get(sourcePrefix + id)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("source %.40q: %w", id, ErrNotFound)
	}
	w := new(Watched)
	if err := json.Unmarshal(b, w); err != nil {
		return nil, fmt.Errorf("source %s: %w: %w", id, ErrCorrupt, err)
	}
	return w, nil
}

// PutWatched writes w, with its password, and sets Created if zero. It is not
// part of the feed.
func (tx *Tx) PutWatched(w *Watched) error {
	if w.Created.IsZero() {
		w.Created = At(tx.now)
	}
	b, err := marshal(w)
	if err != nil {
		return fmt.Errorf("encode source: %w", err)
	}
	tx.set(sourcePrefix+w.ID, b, 0)
	return nil
}

// DeleteWatched forgets one with all that is known of it. Its messages stay.
func (tx *Tx) DeleteWatched(id string) error {
	if _, err := tx.WatchedOf(id); err != nil {
		return err
	}
	tx.del(sourcePrefix + id)
	tx.del(lookPrefix + id)
	// Entries run out by themselves; an id never comes again.
	return nil
}

// Look returns how the last look went; the zero Look is none yet.
func (tx *Tx) Look(id string) (l Look, err error) {
	b, err := tx.get(lookPrefix + id)
	if err != nil || b == nil {
		return l, err
	}
	if err := json.Unmarshal(b, &l); err != nil {
		return l, fmt.Errorf("look at %s: %w: %w", id, ErrCorrupt, err)
	}
	return l, nil
}

// PutLook writes it, or does nothing if the source is gone.
func (tx *Tx) PutLook(id string, l Look) error {
	b, err := tx.get(sourcePrefix + id)
	if err != nil || b == nil {
		return err
	}
	if b, err = marshal(l); err != nil {
		return fmt.Errorf("encode look: %w", err)
	}
	tx.set(lookPrefix+id, b, 0)
	return nil
}

// entryFor is how long an entry is remembered after it was last there.
const entryFor = 400 * 24 * time.Hour

// Told reports when an entry of a source was told, by a key of any length and
// content; the zero time is not yet.
func (tx *Tx) Told(id, key string) (at time.Time, err error) {
	b, err := tx.get(entryKey(id, key))
	if err != nil || b == nil {
		return at, err
	}
	if len(b) != 8 {
		return at, fmt.Errorf("entry of source %s: %w", id, ErrCorrupt)
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b)), 0), nil
}

// SetTold remembers an entry for 400 days from now. It can be done again.
func (tx *Tx) SetTold(id, key string) {
	tx.set(entryKey(id, key), binary.BigEndian.AppendUint64(nil, uint64(tx.now.Unix())), entryFor)
}

func entryKey(id, key string) string {
	sum := sha256.Sum256([]byte(key))
	return entryPrefix + id + "/" + string(sum[:16])
}
