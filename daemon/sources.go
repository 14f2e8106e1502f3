package daemon

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hark/daemon/agent"
	"hark/daemon/watch"
	"hark/store"
)

// sourceView is a source as its owner sees it, without its password.
type sourceView struct {
	*store.Watched
	Look     store.Look `json:"look"`
	Password bool       `json:"password_set"`
}

func viewSource(tx *store.Tx, s *store.Watched) (sourceView, error) {
	l, err := tx.Look(s.ID)
	l.ETag, l.Modified, l.Validity, l.UID = "", "", 0, 0 // of use to nobody else
	v := sourceView{Watched: s, Look: l}
	if s.Mail != nil {
		shown := *s.Mail
		v.Password, shown.Password = shown.Password != "", ""
		s.Mail = &shown
	}
	return v, err
}

// listSources serves GET /api/sources: what is watched, and how the last look at
// each went.
func (d *Daemon) listSources(w http.ResponseWriter, _ *http.Request, _ caller) error {
	list := []sourceView{}
	err := d.db.View(func(tx *store.Tx) error {
		all, err := tx.Watched()
		if err != nil {
			return err
		}
		for _, s := range all {
			v, err := viewSource(tx, s)
			if err != nil {
				return err
			}
			list = append(list, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"sources": list})
	return nil
}

const (
	maxSources = 200
	maxEvery   = 7 * 24 * 60 // a week, in minutes
)

// sourceFields are what can be said about a source. What is not said stays.
type sourceFields struct {
	Kind   string      `json:"kind"` // when it is made, and never again
	URL    *string     `json:"url"`
	Every  *int        `json:"every_min"`
	Run    *bool       `json:"run"`
	Paused *bool       `json:"paused"`
	Mail   *mailFields `json:"mail"`
	tokenFields
}

// set changes s. Errors are about what was asked.
func (in *sourceFields) set(tx *store.Tx, s *store.Watched) error {
	set(&s.Run, in.Run)
	set(&s.Paused, in.Paused)
	if in.Every != nil {
		if s.Every = *in.Every; s.Every < 0 || s.Every > maxEvery {
			return fault("invalid", "every_min is a number of minutes up to %d, or 0 for the usual.", maxEvery)
		}
	}
	var err error
	if s.Kind == store.WatchMail {
		err = in.Mail.set(s)
	} else {
		err = in.setFeed(s)
	}
	if err != nil {
		return err
	}
	// Who speaks is bound as the token of a script is.
	t := &store.Token{Name: s.Name, TokenOptions: s.TokenOptions}
	if in.Name == nil && t.Name == "" {
		t.Name = s.Title()
	}
	if err := in.tokenFields.set(tx, t); err != nil {
		return err
	}
	s.Name, s.TokenOptions = t.Name, t.TokenOptions
	return nil
}

func (in *sourceFields) setFeed(s *store.Watched) error {
	if in.Mail != nil {
		return fault("invalid", "mail is of a source of kind mail.")
	}
	if in.URL == nil && s.URL != "" {
		return nil
	}
	address := ""
	if in.URL != nil {
		address = strings.TrimSpace(*in.URL)
	}
	if rest, ok := strings.CutPrefix(address, "feed:"); ok { // as browsers hand feeds over
		address = strings.TrimPrefix(rest, "//")
	}
	if address != "" && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) || len(address) > maxClick {
		return fault("invalid", "url is the address of a feed, such as https://example.org/feed.xml. This was %.100q.", address)
	}
	s.URL = u.String()
	return nil
}

// createSource serves POST /api/sources. The first look has not been when the
// answer comes: ask for one by POST /api/sources/{id}/look.
func (d *Daemon) createSource(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in sourceFields
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if !slices.Contains([]string{store.WatchFeed, store.WatchMail}, in.Kind) {
		return fault("invalid", "kind is feed or mail, not %.40q.", in.Kind)
	}
	s := &store.Watched{Kind: in.Kind}
	return d.putSource(w, http.StatusCreated, func(tx *store.Tx) (*store.Watched, error) {
		all, err := tx.Watched()
		if err != nil {
			return nil, err
		}
		if len(all) >= maxSources {
			return nil, fault("invalid", "There may be %d sources.", maxSources)
		}
		s.ID = tx.NewID()
		return s, in.set(tx, s)
	})
}

func (d *Daemon) patchSource(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in sourceFields
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	return d.putSource(w, http.StatusOK, func(tx *store.Tx) (*store.Watched, error) {
		s, err := tx.WatchedOf(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		if in.Kind != "" && in.Kind != s.Kind {
			return nil, fault("invalid", "The kind of a source stays as it is. Make another one, and delete this.")
		}
		before, mailbox := s.URL, s.Place()
		if err := in.set(tx, s); err != nil {
			return nil, err
		}
		l, err := tx.Look(s.ID)
		if err != nil {
			return nil, err
		}
		if s.URL != before || s.Place() != mailbox {
			l = store.Look{Told: l.Told, Last: l.Last} // what is at another place is another beginning
		}
		l.Next = nil
		return s, tx.PutLook(s.ID, l)
	})
}

// putSource writes what change returns, has it watched, and answers with it.
func (d *Daemon) putSource(w http.ResponseWriter, status int, change func(tx *store.Tx) (*store.Watched, error)) error {
	var v sourceView
	err := d.db.Update(func(tx *store.Tx) error {
		s, err := change(tx)
		if err != nil {
			return err
		}
		if err := tx.PutWatched(s); err != nil {
			return err
		}
		v, err = viewSource(tx, s)
		return err
	})
	if err != nil {
		return err
	}
	d.watch.Changed()
	writeJSON(w, status, v)
	return nil
}

func (d *Daemon) deleteSource(w http.ResponseWriter, r *http.Request, _ caller) error {
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteWatched(r.PathValue("id")) }); err != nil {
		return err
	}
	d.watch.Changed()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// lookAtSource serves POST /api/sources/{id}/look: Hark looks now, and answers
// with how that went.
func (d *Daemon) lookAtSource(w http.ResponseWriter, r *http.Request, _ caller) error {
	id := r.PathValue("id")
	read := func() (v sourceView, err error) {
		err = d.db.View(func(tx *store.Tx) error {
			s, err := tx.WatchedOf(id)
			if err == nil {
				v, err = viewSource(tx, s)
			}
			return err
		})
		return v, err
	}
	if _, err := read(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), lookTime)
	defer cancel()
	if err := d.watch.Look(ctx, id); err != nil {
		return err
	}
	v, err := read()
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, v)
	return nil
}

// newWatcher makes what looks at the sources.
func (d *Daemon) newWatcher() *watch.Watcher {
	return watch.New(watch.Config{DB: d.db, Log: d.log, Dial: d.dialSource, Deliver: d.tellEntry, Text: agent.PageText})
}
