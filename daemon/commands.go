package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hark/store"
)

// Commands are what the owner types into the composer about sources: programs
// with a token, feeds and mailboxes. The daemon answers them itself, at once, and
// asks no model. A text that only begins with a slash is no command.

// command is one that was typed.
type command struct {
	name, args string
	zone       string // of who typed it
}

const commandHelp = `/sources – who sends messages here, and who is muted
/mute NAME [TIME] – no sound from NAME for a while: 30m, 2h, 1d; an hour without TIME
/unmute NAME – with sound again
/help – this list`

// defaultMute is how long a source is muted if nobody says.
const defaultMute = time.Hour

// readCommand reads a text that is a command and nothing else.
func readCommand(text string) (c command, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "/") || strings.ContainsAny(text, "\r\n") {
		return c, false
	}
	name, args, _ := strings.Cut(text[1:], " ")
	c = command{name: strings.ToLower(name), args: strings.Join(strings.Fields(args), " ")}
	return c, slices.Contains([]string{"sources", "mute", "unmute", "help"}, c.name)
}

// command prepares the answer to a text that is a command; nil if it is none.
func (d *Daemon) command(in *chatInput, who caller) func(*store.Tx) (string, error) {
	c, ok := readCommand(in.Text)
	if !ok {
		return nil
	}
	if c.zone = in.Zone; c.zone == "" {
		c.zone = d.zone()
	}
	if !who.may(isOwner) {
		return func(*store.Tx) (string, error) {
			return "Only the owner may do this: from a paired browser, or with a token of the scope admin.", nil
		}
	}
	return c.carryOut
}

func (c command) carryOut(tx *store.Tx) (string, error) {
	if c.name == "help" {
		return commandHelp, nil
	}
	all, err := sendersOf(tx)
	if err != nil {
		return "", err
	}
	switch c.name {
	case "mute":
		return c.mute(tx, all)
	case "unmute":
		return c.unmute(tx, all)
	}
	return c.list(tx, all), nil
}

// sender is whoever sends messages, with what the owner has set for it.
type sender struct {
	name, kind string
	last       *store.Time
	options    *store.TokenOptions
	put        func() error
}

// sendersOf lists who may send, by name.
func sendersOf(tx *store.Tx) (all []sender, err error) {
	tokens, err := tx.Tokens()
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if (caller{kind: "token", scopes: t.Scopes}).may(mayFire) {
			all = append(all, sender{t.Name, "token", t.LastUsed, &t.TokenOptions, func() error { return tx.PutToken(t, "") }})
		}
	}
	watched, err := tx.Watched()
	if err != nil {
		return nil, err
	}
	for _, w := range watched {
		l, err := tx.Look(w.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, sender{w.Name, w.Kind, l.Last, &w.TokenOptions, func() error { return tx.PutWatched(w) }})
	}
	slices.SortStableFunc(all, func(x, y sender) int {
		return strings.Compare(strings.ToLower(x.name), strings.ToLower(y.name))
	})
	return all, nil
}

// muted is until when s is muted now.
func (s sender) muted(now time.Time) (time.Time, bool) {
	if until := s.options.MutedUntil; until != nil && now.Before(until.Time) {
		return until.Time, true
	}
	return time.Time{}, false
}

func (c command) list(tx *store.Tx, all []sender) string {
	if len(all) == 0 {
		return "Nothing sends messages here yet. Settings → Tokens makes a token for a script."
	}
	var b strings.Builder
	for _, s := range all {
		b.WriteString(strings.TrimSpace(s.options.Icon+" "+s.name) + " – ")
		switch {
		case s.kind != "token" && s.last == nil:
			fmt.Fprintf(&b, "%s, nothing told yet", s.kind)
		case s.kind != "token":
			fmt.Fprintf(&b, "%s, last told %s", s.kind, c.when(tx, s.last.Time))
		case s.last == nil:
			b.WriteString("never used")
		default:
			fmt.Fprintf(&b, "last used %s", c.when(tx, s.last.Time))
		}
		if until, ok := s.muted(tx.Now()); ok {
			fmt.Fprintf(&b, ", muted until %s", c.when(tx, until))
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// when is a time as its reader's clock shows it, with the day unless it is today.
func (c command) when(tx *store.Tx, at time.Time) string {
	where, err := time.LoadLocation(c.zone)
	if err != nil {
		where = time.UTC
	}
	at, now := at.In(where), tx.Now().In(where)
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("Mon 2 Jan, 15:04")
}

func (c command) mute(tx *store.Tx, all []sender) (string, error) {
	name, long := c.args, defaultMute
	if _, known := one(all, name); !known {
		if i := strings.LastIndexByte(name, ' '); i > 0 {
			d, ok := readDuration(name[i+1:])
			if !ok || d <= 0 || d > maxAhead {
				return fmt.Sprintf("“%s” is no time such as 30m, 2h or 1d. Write: /mute NAME TIME", cut(name[i+1:], 40)), nil
			}
			name, long = strings.TrimSuffix(name[:i], " for"), d
		}
	}
	s, say := pick(all, name, "/mute NAME TIME")
	if s == nil {
		return say, nil
	}
	until := store.At(tx.Now().Add(long))
	s.options.MutedUntil = &until
	return fmt.Sprintf("%s makes no sound until %s. Its messages still arrive. /unmute %s ends that.", s.name, c.when(tx, until.Time), s.name), s.put()
}

func (c command) unmute(tx *store.Tx, all []sender) (string, error) {
	s, say := pick(all, c.args, "/unmute NAME")
	if s == nil {
		return say, nil
	}
	if _, ok := s.muted(tx.Now()); !ok {
		return s.name + " is not muted.", nil
	}
	s.options.MutedUntil = nil
	return s.name + " is heard again.", s.put()
}

// one finds the sender of a name: exactly, or the only one that begins like it.
func one(all []sender, name string) (found []sender, ok bool) {
	for _, s := range all {
		if strings.EqualFold(s.name, name) {
			found = append(found, s)
		}
	}
	if len(found) == 0 && name != "" {
		for _, s := range all {
			if strings.HasPrefix(strings.ToLower(s.name), strings.ToLower(name)) {
				found = append(found, s)
			}
		}
	}
	return found, len(found) == 1
}

// pick finds the sender that is meant, or says why there is none.
func pick(all []sender, name, usage string) (*sender, string) {
	if name == "" {
		return nil, "Which one? Write: " + usage + ". /sources lists them."
	}
	found, ok := one(all, name)
	switch {
	case ok:
		return &found[0], ""
	case len(found) == 0:
		return nil, fmt.Sprintf("Nothing here is called “%s”. /sources lists who sends messages.", cut(name, 60))
	}
	names := make([]string, len(found))
	for i, s := range found {
		names[i] = s.name
	}
	return nil, fmt.Sprintf("“%s” could be: %s. Write the whole name; Settings can tell apart those of the same name.", cut(name, 60), strings.Join(names, ", "))
}
