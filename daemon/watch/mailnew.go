package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"hark/store"
)

// lookAtMail tells of the messages that came since the last look. at is the
// folder as it stands.
func (r *runner) lookAtMail(ctx context.Context, box *mailbox, at *imap.SelectData) error {
	here := func(uid imap.UID) func(*store.Look) {
		return func(l *store.Look) { l.Validity, l.UID = at.UIDValidity, uint32(uid) }
	}
	var l store.Look
	err := r.w.cfg.DB.View(func(tx *store.Tx) (err error) {
		l, err = tx.Look(r.s.ID)
		return err
	})
	if err != nil {
		return err
	}
	if !l.Begun {
		last, err := r.lastUID(box, at)
		if err == nil {
			_, err = r.begin(nil, here(last))
		}
		return err
	}
	uids, err := r.newUIDs(box, at, l)
	if err != nil {
		return err
	}
	for _, uid := range uids {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		raw, came, err := box.message(uid)
		if err != nil {
			return err
		}
		// Of those that were there at first only their time is known. raw is nil
		// when a message was deleted meanwhile.
		if raw == nil || l.Validity != at.UIDValidity && l.Since != nil && !came.After(l.Since.Time) {
			continue
		}
		m := readLetter(raw)
		if !matches(m.from, r.s.Mail.From) {
			continue
		}
		e, err := r.letterEntry(m, fmt.Sprintf("%d/%d", at.UIDValidity, uid))
		if err != nil {
			return err
		}
		if err := r.tell(e, here(uid)); err != nil {
			return err
		}
	}
	if len(uids) == 0 && l.Validity == at.UIDValidity {
		return nil
	}
	last := imap.UID(l.UID)
	if l.Validity != at.UIDValidity {
		if last, err = r.lastUID(box, at); err != nil {
			return err
		}
	}
	if len(uids) > 0 {
		last = max(last, uids[len(uids)-1])
	}
	return r.finish(nil, here(last))
}

// lastUID is the number of the newest message of the folder, or 0.
func (r *runner) lastUID(box *mailbox, at *imap.SelectData) (last imap.UID, err error) {
	if at.UIDNext > 0 {
		return at.UIDNext - 1, nil
	}
	all, err := box.search(&imap.SearchCriteria{})
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	return last, err
}

// newUIDs are the numbers of messages that may not have been told. Where a server
// has numbered its messages anew (RFC 9051 §2.3.1.1), they are those since the
// day before the last look; that they are told once is held by their keys.
func (r *runner) newUIDs(box *mailbox, at *imap.SelectData, l store.Look) ([]imap.UID, error) {
	if l.Validity != at.UIDValidity {
		since := time.Now()
		if l.Good != nil {
			since = l.Good.Time
		}
		return box.search(&imap.SearchCriteria{Since: since.AddDate(0, 0, -1)})
	}
	if at.UIDNext > 0 && uint32(at.UIDNext) <= l.UID+1 {
		return nil, nil
	}
	uids, err := box.search(&imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(l.UID + 1)}}}})
	// "7:*" finds the newest message also where its number is below 7.
	return slices.DeleteFunc(uids, func(uid imap.UID) bool { return uint32(uid) <= l.UID }), err
}

func (b *mailbox) search(what *imap.SearchCriteria) (uids []imap.UID, err error) {
	err = b.within(func() error {
		data, err := b.UIDSearch(what, nil).Wait()
		if err == nil {
			uids = data.AllUIDs()
		}
		return err
	})
	slices.Sort(uids)
	return uids, err
}

// message is the beginning of a message, and when it came; or nil if it is gone.
// It stays unread.
func (b *mailbox) message(uid imap.UID) (raw []byte, came time.Time, err error) {
	part := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: mailSize}}
	err = b.within(func() error {
		got, err := b.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{part}}).Collect()
		for _, m := range got {
			for _, s := range m.BodySection {
				if m.UID == uid {
					raw, came = s.Bytes, m.InternalDate
				}
			}
		}
		return err
	})
	return raw, came, err
}

// matches reports whether a sender is one of those that are watched for: parts of
// names or addresses, with commas between them. None is anybody.
func matches(from, wanted string) bool {
	if strings.TrimSpace(wanted) == "" {
		return true
	}
	for part := range strings.SplitSeq(strings.ToLower(wanted), ",") {
		if part = strings.TrimSpace(part); part != "" && strings.Contains(strings.ToLower(from), part) {
			return true
		}
	}
	return false
}

// letterEntry is a message as an entry. number stands for one without an id. Ids
// alone are not enough: there are programs that use one again.
func (r *runner) letterEntry(m letter, number string) (Entry, error) {
	text := m.plain
	if text == "" && m.html != "" {
		var err error
		if text, err = r.w.cfg.Text(strings.NewReader(m.html)); err != nil {
			return Entry{}, err
		}
	}
	key := number
	if m.id != "" {
		key = strings.Join([]string{m.id, m.at.UTC().Format(time.RFC3339), m.subject}, "\n")
	}
	text = strings.TrimSpace("From " + cmp.Or(m.from, "nobody") + "\n\n" + text)
	return Entry{Key: key, Title: cmp.Or(m.subject, "(no subject)"), Text: text, At: m.at}, nil
}
