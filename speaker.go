package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"time"
)

// speaker prints messages for people, each state of a message once.
type speaker struct {
	*cli
	titles map[string]string // of conversations, by id
	seen   map[string]uint64 // hash of what was printed, by id
	seed   maphash.Seed
}

type message struct {
	ID           string
	Conversation string
	Role         string
	Status       string
	Text, Title  string
	Source       struct{ Name string }
	Error        struct{ Detail string }
	Updated      time.Time
}

// learn reads the titles of the conversations. It is a courtesy: a token may
// not be allowed to, and then ids are shown.
func (s *speaker) learn(ctx context.Context, h *client) {
	var list struct {
		Conversations []struct{ ID, Title string }
	}
	if h.call(ctx, http.MethodGet, "/api/conversations", nil, &list) != nil {
		return
	}
	for _, c := range list.Conversations {
		s.name(c.ID, c.Title)
	}
}

// conversation notes a title from the stream.
func (s *speaker) conversation(data string) {
	var c struct{ ID, Title string }
	if json.Unmarshal([]byte(data), &c) == nil {
		s.name(c.ID, c.Title)
	}
}

func (s *speaker) name(id, title string) {
	if s.titles == nil {
		s.titles = map[string]string{}
	}
	s.titles[id] = title
}

// message prints the record, unless quiet, if it is complete and was not
// printed like this before; fresh reports whether both are so.
func (s *speaker) message(data string, quiet bool) (fresh bool, err error) {
	var m message
	if err := json.Unmarshal([]byte(data), &m); err != nil {
		return false, fmt.Errorf("a message can't be read: %w", err)
	}
	if m.Status != "done" && m.Status != "error" {
		return false, nil
	}
	if !s.isNew(m) {
		return false, nil
	}
	if quiet {
		return true, nil
	}
	_, err = fmt.Fprintln(s.out, s.line(m))
	return true, err
}

// isNew tells a message from its own echo: a record comes again for changes
// that nobody reads here, such as a receipt.
func (s *speaker) isNew(m message) bool {
	if s.seen == nil || len(s.seen) > 10_000 {
		s.seen, s.seed = map[string]uint64{}, maphash.MakeSeed()
	}
	sum := maphash.String(s.seed, m.Status+"\x00"+m.Title+"\x00"+m.Text)
	if old, ok := s.seen[m.ID]; ok && old == sum {
		return false
	}
	s.seen[m.ID] = sum
	return true
}

// line is "15:04:05  Conversation  who: text", with further lines indented.
func (s *speaker) line(m message) string {
	at := m.Updated.Local()
	clock := at.Format(time.TimeOnly)
	if at.Format(time.DateOnly) != time.Now().Format(time.DateOnly) {
		clock = at.Format(time.DateTime)
	}
	where := m.Conversation
	if title := s.titles[m.Conversation]; title != "" {
		where = title
	}
	who := ""
	switch {
	case m.Source.Name != "":
		who = m.Source.Name + ": "
	case m.Role == "user":
		who = "you: "
	}
	text := m.Text
	if m.Title != "" {
		text = m.Title + "\n" + text
	}
	if m.Status == "error" {
		text = strings.TrimSpace(text + "\n(failed: " + trimStop(m.Error.Detail) + ")")
	}
	// Anyone with a token may have written this; it must not steer the terminal.
	return clock + "  " + plain(where) + "  " + strings.ReplaceAll(plain(who+text), "\n", "\n    ")
}
