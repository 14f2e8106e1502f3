package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

const whichHelp = `
WHICH is a number of "hark remind list", an id, or words of the text. Without
it, what came due last is meant.
`

// remindAct is a verb that does one thing to a reminder.
func remindAct(name, short string) verb {
	return verb{
		name: "remind " + name, args: "[WHICH]", short: short,
		intro: "  hark remind " + name + "\n  hark remind " + name + " 2\n  hark remind " + name + " pills\n" + whichHelp,
		setup: func(c *cli, _ *flag.FlagSet) action {
			return func(ctx context.Context, words []string) error {
				return c.change(ctx, words, http.MethodPost, "/"+name, nil)
			}
		},
	}
}

func setupSnooze(c *cli, fs *flag.FlagSet) action {
	until := fs.String("for", "10m", "for how long, or until when: `10m`, 1h, tonight, tomorrow, \"friday at 9\"")
	return func(ctx context.Context, words []string) error {
		return c.change(ctx, words, http.MethodPost, "/snooze", map[string]string{"for": *until})
	}
}

func setupRemindEdit(c *cli, fs *flag.FlagSet) action {
	body := map[string]any{}
	remindFlags(fs, body)
	fs.Func("text", "another `TEXT`", func(s string) error { body["text"] = s; return nil })
	fs.Func("phrase", "another time as a `PHRASE`, with or without a text", func(s string) error { body["phrase"] = s; return nil })
	return func(ctx context.Context, words []string) error {
		switch {
		case len(words) == 0:
			return usageError{msg: "which one? See: hark remind list"}
		case len(body) == 0:
			return usageError{msg: "what shall change? Give --phrase, --text or another flag"}
		}
		return c.change(ctx, words, http.MethodPatch, "", body)
	}
}

func setupRemindRm(c *cli, _ *flag.FlagSet) action {
	return func(ctx context.Context, words []string) error {
		if len(words) == 0 {
			return usageError{msg: "which one? See: hark remind list"}
		}
		return c.change(ctx, words, http.MethodDelete, "", nil)
	}
}

func setupRemindList(c *cli, fs *flag.FlagSet) action {
	all := fs.Bool("all", false, "those that are done as well")
	return func(ctx context.Context, words []string) error {
		if len(words) > 0 {
			return usageError{msg: "it takes no words"}
		}
		h, err := c.connect()
		if err != nil {
			return err
		}
		var text json.RawMessage
		rs, err := h.reminders(ctx, &text)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(text)
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "\tNEXT\tTEXT\tWHEN\tID")
		for i, r := range rs {
			if r.State == "done" && !*all {
				continue
			}
			next := r.State
			if at := r.due(); at != nil && r.State == "active" {
				next = wall(*at, r.Zone)
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", i+1, next, oneLine(r.Text), r.Say, r.ID)
		}
		return w.Flush()
	}
}

// oneLine keeps a table a table.
func oneLine(s string) string {
	const most = 48
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return s
}

// reminders lists the reminders in the order of their numbers: the next one
// first, then those that are paused, then those that are done. text receives the
// answer as it came.
func (h *client) reminders(ctx context.Context, text *json.RawMessage) ([]reminder, error) {
	if err := h.call(ctx, http.MethodGet, "/api/reminders", nil, text); err != nil {
		return nil, err
	}
	var list struct{ Reminders []reminder }
	if err := json.Unmarshal(*text, &list); err != nil {
		return nil, err
	}
	rank := map[string]int{"active": 0, "paused": 1, "done": 2}
	slices.SortStableFunc(list.Reminders, func(a, b reminder) int {
		if by := cmp.Compare(rank[a.State], rank[b.State]); by != 0 {
			return by
		}
		x, y := a.due(), b.due()
		if x == nil || y == nil {
			return cmp.Compare(b.ID, a.ID)
		}
		return x.Compare(*y)
	})
	return list.Reminders, nil
}

// change does something to the reminder that words mean and shows what it is
// after that.
func (c *cli) change(ctx context.Context, words []string, method, action string, body any) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	rs, err := h.reminders(ctx, new(json.RawMessage))
	if err != nil {
		return err
	}
	r, err := pick(rs, strings.Join(words, " "))
	if err != nil {
		return err
	}
	path := "/api/reminders/" + url.PathEscape(r.ID) + action
	if method == http.MethodDelete {
		if err := h.call(ctx, method, path, nil, nil); err != nil {
			return err
		}
		if c.json {
			return c.printJSON(map[string]string{"id": r.ID, "text": r.Text})
		}
		_, err = fmt.Fprintf(c.err, "Deleted: %s: %s\n", r.Text, r.Say)
		return err
	}
	var text json.RawMessage
	if err := h.call(ctx, method, path, body, &text); err != nil {
		return c.ask(err)
	}
	if c.json {
		return c.printJSON(text)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, r.line())
	return err
}

// pick finds the reminder that was meant.
func pick(rs []reminder, which string) (reminder, error) {
	if which == "" {
		return latest(rs)
	}
	if n, err := strconv.Atoi(which); err == nil && n >= 1 && n <= len(rs) {
		return rs[n-1], nil
	}
	var hits []reminder
	for _, r := range rs {
		if strings.EqualFold(r.ID, which) || strings.EqualFold(r.Text, which) {
			return r, nil
		}
		if strings.Contains(strings.ToLower(r.Text), strings.ToLower(which)) {
			hits = append(hits, r)
		}
	}
	switch len(hits) {
	case 0:
		return reminder{}, &problem{Status: http.StatusNotFound, Title: fmt.Sprintf("There is no reminder %q", which), hint: "See: hark remind list", Code: "not_found"}
	case 1:
		return hits[0], nil
	}
	return reminder{}, fmt.Errorf("%d reminders fit %q; give a number or an id (hark remind list)", len(hits), which)
}

// latest is the reminder that came due last and has not been answered.
func latest(rs []reminder) (found reminder, err error) {
	for _, r := range rs {
		if r.Last != nil && r.Last.State != "done" && r.Last.State != "skipped" && (found.Last == nil || r.Last.At.After(found.Last.At)) {
			found = r
		}
	}
	if found.Last == nil {
		return found, usageError{msg: "nothing has come due that waits; which one? See: hark remind list"}
	}
	return found, nil
}
