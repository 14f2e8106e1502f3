package app

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	noticeBytes = 240
	// urgent is the priority that no quiet hours hold back.
	urgent = 5
	// told is how many notices are remembered, so that none shows twice.
	told = 500
)

// notice is a notification of the system, and where a click on it leads.
type notice struct {
	ID, Title, Text       string
	Conversation, Message string
}

// notices decides what is worth one. It is used by one goroutine.
type notices struct {
	since time.Time // what is older was there before the window
	shown []string
}

// of returns the notice for a message that has come or has changed, if it is to
// be told: what Hark pushes to a phone is told here, under the same rules.
func (n *notices) of(ctx context.Context, place Place, device string, m message, now time.Time) (notice, bool) {
	approval := m.Status == "pending" && m.Reason == "waiting_approval"
	ended := m.Status == "done" && m.Reason != "stopped" || m.Status == "error"
	if m.Role == "user" || m.Silent || m.Created.Before(n.since) || !ended && !approval {
		return notice{}, false
	}
	key := m.ID + m.Status + m.Reason
	if slices.Contains(n.shown, key) {
		return notice{}, false
	}
	n.shown = append(n.shown, key)
	if len(n.shown) > told {
		n.shown = slices.Delete(n.shown, 0, told/2)
	}
	will := place.wishes(ctx, device, m.Conversation)
	if !will.allow(m, now) {
		return notice{}, false
	}
	out := notice{ID: m.ID, Conversation: m.Conversation, Message: m.ID, Title: cmp.Or(m.Title, m.Source.Name, "Hark")}
	switch {
	case will.private:
		out.Title, out.Text = "Hark", "There is something new"
	case approval:
		out.Text = "Hark asks before it goes on"
	default:
		out.Text = alone(shorten(m.Text))
	}
	out.Title = alone(out.Title)
	return out, true
}

// shorten is the beginning of a text, on one line, without the signs that stand
// for looks.
func shorten(text string) string {
	text = strings.Join(strings.Fields(strings.NewReplacer("**", "", "__", "", "`", "", "#", "").Replace(text)), " ")
	if len(text) <= noticeBytes {
		return text
	}
	n := noticeBytes
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// alone is a line that changes the order of no letter around it, where the
// system puts it in one with the name of the app: marks of Unicode's
// bidirectional algorithm that reach further are left out, and what may be
// written from right to left is closed in.
func alone(line string) string {
	const begin, end = "\u2068", "\u2069"
	turns := false
	line = strings.Map(func(r rune) rune {
		if r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		turns = turns || r >= 0x590 && r <= 0x8ff || r == 0x200f || r >= 0xfb1d && r <= 0xfefe ||
			r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
		return r
	}, line)
	if turns {
		return begin + line + end
	}
	return line
}

// wishes are what the owner has said about being told.
type wishes struct {
	private, muted bool
	mutes          []string
	quiet          []span
}

// span is a part of each day in which nothing is told.
type span struct {
	from, to, zone string
	chat           bool // answers in a chat too
}

// wishes asks Hark. What it does not answer is no wish: better one notice too
// many than one too few.
func (p Place) wishes(ctx context.Context, device, conversation string) (w wishes) {
	type hours struct {
		On             bool
		From, To, Zone string
	}
	var set struct {
		Zone    string
		Private bool
		Quiet   hours
	}
	if p.ask(ctx, http.MethodGet, "/api/settings", nil, &set) == nil {
		w.private = set.Private
		if set.Quiet.On {
			w.quiet = append(w.quiet, span{set.Quiet.From, set.Quiet.To, set.Zone, false})
		}
	}
	var own struct {
		Private bool
		Mutes   []string
		Quiet   *hours
	}
	if device != "" && p.ask(ctx, http.MethodGet, "/api/devices/"+url.PathEscape(device), nil, &own) == nil {
		w.private = w.private || own.Private
		w.mutes = own.Mutes
		if q := own.Quiet; q != nil {
			w.quiet = append(w.quiet, span{q.From, q.To, cmp.Or(q.Zone, set.Zone), true})
		}
	}
	var where struct{ Muted bool }
	if p.ask(ctx, http.MethodGet, "/api/conversations/"+url.PathEscape(conversation), nil, &where) == nil {
		w.muted = where.Muted
	}
	return w
}

func (w wishes) allow(m message, now time.Time) bool {
	if w.muted || m.Source.Name != "" && slices.Contains(w.mutes, m.Source.Name) {
		return false
	}
	for _, s := range w.quiet {
		if m.Priority < urgent && (s.chat || m.Source.Kind != "chat") && s.holds(now) {
			return false
		}
	}
	return true
}

// holds reports whether t lies in s. What can't be read holds nothing.
func (s span) holds(t time.Time) bool {
	from, err1 := time.Parse("15:04", s.from)
	to, err2 := time.Parse("15:04", s.to)
	zone, err3 := time.LoadLocation(s.zone)
	if s.zone == "" {
		zone, err3 = time.Local, nil
	}
	if err1 != nil || err2 != nil || err3 != nil {
		return false
	}
	minute := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	a, b, at := minute(from), minute(to), minute(t.In(zone))
	if a <= b {
		return at >= a && at < b
	}
	return at >= a || at < b
}
