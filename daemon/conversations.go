package daemon

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"hark/store"
)

// listConversations tells the inbox first, then by the latest message.
func (d *Daemon) listConversations(w http.ResponseWriter, _ *http.Request, _ caller) error {
	all := []*store.Conversation{}
	var cursor store.Cursor
	err := d.db.View(func(tx *store.Tx) error {
		cursor = tx.Cursor()
		cs, err := tx.Conversations()
		all = append(all, cs...)
		return err
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b *store.Conversation) int {
		if a.Inbox != b.Inbox {
			if a.Inbox {
				return -1
			}
			return 1
		}
		return b.LastAt.Compare(a.LastAt.Time)
	})
	writeJSON(w, http.StatusOK, map[string]any{"conversations": all, "cursor": cursor})
	return nil
}

func (d *Daemon) getConversation(w http.ResponseWriter, r *http.Request, _ caller) error {
	var c *store.Conversation
	err := d.db.View(func(tx *store.Tx) (err error) {
		c, err = tx.Conversation(r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, c)
	return nil
}

const maxConversationTitle = 200 // characters

func (d *Daemon) patchConversation(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in struct {
		Title    *string `json:"title"`
		Archived *bool   `json:"archived"`
		Muted    *bool   `json:"muted"`
		Model    *string `json:"model"` // id of a model of the settings; empty: the default
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Title != nil {
		*in.Title = strings.Join(strings.Fields(*in.Title), " ")
		if *in.Title == "" || utf8.RuneCountInString(*in.Title) > maxConversationTitle {
			return fault("invalid", "A title has 1 to %d characters.", maxConversationTitle)
		}
	}
	var c *store.Conversation
	err := d.db.Update(func(tx *store.Tx) (err error) {
		if c, err = tx.Conversation(r.PathValue("id")); err != nil {
			return err
		}
		if in.Title != nil {
			c.Title = *in.Title
		}
		if in.Archived != nil {
			c.Archived = *in.Archived
		}
		set(&c.Muted, in.Muted)
		if in.Model != nil {
			if err := knownModel(tx, *in.Model); err != nil {
				return err
			}
			c.Model = *in.Model
		}
		return tx.PutConversation(c)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, c)
	return nil
}

// deleteConversation ends what is being written there first.
func (d *Daemon) deleteConversation(w http.ResponseWriter, r *http.Request, _ caller) error {
	id := r.PathValue("id")
	if a := d.agent.Load(); a != nil {
		if err := a.StopAll(r.Context(), id); err != nil {
			return err
		}
	}
	if err := d.db.DeleteConversation(id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

const (
	defaultPage = 50
	maxPage     = 200
)

// listMessages tells a page of a thread, oldest first. Following the stream
// from its cursor misses nothing and doubles nothing.
func (d *Daemon) listMessages(w http.ResponseWriter, r *http.Request, _ caller) error {
	limit, err := queryNumber(r, "limit", defaultPage, maxPage)
	if err != nil {
		return err
	}
	before := r.URL.Query().Get("before")
	if before != "" && !store.ValidID(before) {
		return fault("bad_request", "before must be the id of a message.")
	}
	page := struct {
		Messages []*store.Message `json:"messages"`
		More     bool             `json:"more"`
		Cursor   store.Cursor     `json:"cursor"`
	}{Messages: []*store.Message{}}
	err = d.db.View(func(tx *store.Tx) error {
		page.Cursor = tx.Cursor()
		if _, err := tx.Conversation(r.PathValue("id")); err != nil {
			return err
		}
		ms, more, err := tx.Messages(r.PathValue("id"), before, max(limit, 1))
		page.Messages, page.More = append(page.Messages, ms...), more
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}

// markRead takes the newest message that the owner has seen.
func (d *Daemon) markRead(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in struct {
		Upto string `json:"upto"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	var c *store.Conversation
	err := d.db.Update(func(tx *store.Tx) (err error) {
		id := r.PathValue("id")
		if c, err = tx.Conversation(id); err != nil {
			return err
		}
		if m, err := tx.Message(in.Upto); err != nil || m.Conversation != id {
			return fault("invalid", "upto must be the id of a message of this conversation.")
		}
		if err := tx.MarkRead(id, in.Upto); err != nil {
			return err
		}
		c, err = tx.Conversation(id)
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, c)
	return nil
}
