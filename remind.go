package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// reminder is a reminder as Hark answers with it, as far as it is shown here.
type reminder struct {
	ID        string      `json:"id"`
	Text      string      `json:"text"`
	Say       string      `json:"say"`
	Zone      string      `json:"zone"`
	State     string      `json:"state"`
	Recurring bool        `json:"recurring"`
	Next      *time.Time  `json:"next"`
	Held      *time.Time  `json:"held"`
	Snoozed   *time.Time  `json:"snoozed"`
	Upcoming  []time.Time `json:"upcoming"`
	Last      *struct {
		At    time.Time `json:"at"`
		State string    `json:"state"`
	} `json:"last"`
}

// choice is one reading of a phrase that has several.
type choice struct {
	Phrase string `json:"phrase"`
	Say    string `json:"say"`
}

const remindIntro = `  hark remind tomorrow at 9 call Ana
  hark remind "every weekday at 8:30 stand-up" --nag 10m
  hark remind in 20 minutes take the bread out
  hark remind --prompt "every day at 7:30 what is on today, and the weather"
  hark remind --try "last friday of the month at 17:00 invoices"

The time stands before or after the text, in English, German or Spanish. What
was understood is printed; where it is not clear, Hark asks and sets nothing.
`

// remindVerbs are the ways to deal with reminders.
func remindVerbs() []verb {
	return []verb{
		{name: "remind", args: "PHRASE...", short: "set a reminder, in plain words", intro: remindIntro, setup: setupRemind},
		{
			name: "remind add", args: "TEXT...", short: "set one, also by a text and --schedule",
			intro: "  hark remind add --schedule \"30 8 * * 1-5\" --zone Europe/Berlin stand-up\n", setup: setupRemind,
		},
		{name: "remind list", short: "list the reminders", intro: "  hark remind list\n  hark remind list --all\n", setup: setupRemindList},
		remindAct("done", "mark what came due as done"),
		{
			name: "remind snooze", args: "[WHICH]", short: "have what came due come again",
			intro: "  hark remind snooze\n  hark remind snooze --for 1h pills\n  hark remind snooze --for tonight 2\n" + whichHelp, setup: setupSnooze,
		},
		remindAct("skip", "leave out the next time"),
		remindAct("pause", "keep a reminder from coming until it is resumed"),
		remindAct("resume", "have a paused reminder come again"),
		remindAct("run", "say a reminder now"),
		{
			name: "remind edit", args: "WHICH", short: "change a reminder's text or time",
			intro: "  hark remind edit pills --phrase \"every day at 7:15\"\n  hark remind edit 2 --text \"two pills\" -p 4\n  hark remind edit 2 --nag off\n" + whichHelp,
			setup: setupRemindEdit,
		},
		{name: "remind rm", args: "WHICH", short: "delete a reminder", intro: "  hark remind rm 2\n" + whichHelp, setup: setupRemindRm},
	}
}

// setupRemind serves "remind" and "remind add".
func setupRemind(c *cli, fs *flag.FlagSet) action {
	body, try := map[string]any{}, false
	remindFlags(fs, body)
	fs.BoolFunc("prompt", "the text is for the assistant, which answers it each time", func(string) error {
		body["kind"] = "prompt"
		return nil
	})
	fs.BoolVar(&try, "try", false, "show what is understood and the next times, and set nothing")
	return func(ctx context.Context, words []string) error {
		text := strings.Join(words, " ")
		if strings.TrimSpace(text) == "" {
			return usageError{msg: "of what, and when? For example: hark remind tomorrow at 9 call Ana"}
		}
		if body["phrase"] = text; body["schedule"] != nil {
			delete(body, "phrase")
			body["text"] = text
		}
		path := "/api/reminders"
		if try {
			path += "/preview"
		}
		return c.remind(ctx, path, body)
	}
}

// remindFlags adds the flags that set fields of a reminder.
func remindFlags(fs *flag.FlagSet, body map[string]any) {
	field := func(flag, name, usage string) {
		fs.Func(flag, usage, func(s string) error { body[name] = s; return nil })
	}
	field("schedule", "schedule", "when, as a `LINE`: \"30 8 * * 1-5\", \"every 90m\", \"at 2026-12-24T18:00\"")
	field("zone", "zone", "the time zone `NAME`, such as Europe/Berlin; usually where you are")
	field("misfire", "misfire", "what becomes of a time that was missed: `late`, once or skip")
	field("conversation", "conversation", "say it in the conversation `ID` instead of the inbox")
	for _, name := range []string{"p", "priority"} {
		fs.Func(name, "`1..5`; from 4 on quiet hours do not hold it back", func(s string) error {
			if len(s) != 1 || s < "1" || s > "5" {
				return errors.New("write a number from 1 to 5")
			}
			body["priority"] = int(s[0] - '0')
			return nil
		})
	}
	fs.Func("nag", "repeat it after this `TIME` until it is done; off for once only", func(s string) error {
		if s == "off" {
			body["nag"] = nil
			return nil
		}
		every, err := time.ParseDuration(s)
		if err != nil {
			return errors.New("write 10m, 1h or off")
		}
		body["nag"] = map[string]int{"every_s": int(every / time.Second)}
		return nil
	})
}

// remind sends a phrase and shows how it was understood.
func (c *cli) remind(ctx context.Context, path string, body map[string]any) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	var text json.RawMessage
	if err := h.call(ctx, http.MethodPost, path, body, &text); err != nil {
		return c.ask(err)
	}
	if c.json {
		return c.printJSON(text)
	}
	if strings.HasSuffix(path, "/preview") {
		return c.showPreview(text)
	}
	var r reminder
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, r.line())
	return err
}

// ask shows the readings of a phrase that has several, as commands.
func (c *cli) ask(err error) error {
	if p := (*problem)(nil); errors.As(err, &p) {
		for _, one := range p.Choices {
			p.hint += fmt.Sprintf("\n  hark remind %q\n      %s", one.Phrase, one.Say)
		}
	}
	return err
}

func (c *cli) showPreview(text json.RawMessage) error {
	var p struct {
		Say, Zone string
		Next      []time.Time
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	fmt.Fprintln(c.out, p.Say)
	for _, at := range p.Next {
		fmt.Fprintln(c.out, " ", wall(at, p.Zone))
	}
	return nil
}

// line is a reminder in one line: what, when, and its id.
func (r *reminder) line() string {
	say := r.Text + ": " + r.Say
	if at := r.due(); at != nil && (r.Recurring || r.Snoozed != nil || r.Held != nil) {
		say += ", next " + wall(*at, r.Zone)
	}
	if r.Held != nil && r.Snoozed == nil {
		say += ", held back by quiet hours"
	}
	if r.State != "active" {
		say += ", " + r.State
	}
	return say + "  " + r.ID
}

// due is when a reminder comes next, or nil.
func (r *reminder) due() *time.Time {
	at := cmp.Or(r.Held, r.Next)
	if at == nil || r.Snoozed != nil && r.Snoozed.Before(*at) {
		at = r.Snoozed
	}
	return at
}

// wall shows an instant as the clocks of a zone do.
func wall(at time.Time, zone string) string {
	if where, err := time.LoadLocation(zone); err == nil {
		at = at.In(where)
	}
	return at.Format("Mon 2 Jan 2006 15:04")
}
