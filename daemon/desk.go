package daemon

import (
	"errors"
	"strings"
	"time"

	"hark/daemon/agent"
	"hark/scheduler"
	"hark/store"
)

// desk gives the built-in assistant what it needs of the other rooms.
func (d *Daemon) desk() agent.Desk {
	return agent.Desk{
		LooksLikeReminder: scheduler.LooksLikeReminder,
		Remind:            d.remind,
		Done:              d.deskDone,
		Snooze:            d.deskSnooze,
		Say:               sayReminder,
		Language:          phraseLanguage,
		Changed:           d.due.Kick,
		Status:            d.models.say,
	}
}

// untold is what a reminder says whose phrase was only a time.
const untold = "It is time."

func (d *Daemon) remind(phrase, zone string, at time.Time) (*store.Reminder, string, error) {
	where, err := time.LoadLocation(zone)
	if err != nil {
		return nil, "", err
	}
	p, err := scheduler.Parse(phrase, at, where)
	var ambiguous *scheduler.AmbiguousError
	if errors.As(err, &ambiguous) {
		return nil, "", d.choices(ambiguous, zone, at)
	} else if err != nil {
		return nil, "", err
	}
	return d.draft(p, zone, at)
}

// choices has every reading of a phrase drafted.
func (d *Daemon) choices(err *scheduler.AmbiguousError, zone string, at time.Time) error {
	out := &agent.AmbiguousError{Question: err.Question}
	for _, c := range err.Choices {
		r, say, err := d.draft(c, zone, at)
		if err != nil {
			return err
		}
		out.Choices = append(out.Choices, agent.Choice{Reminder: r, Say: say})
	}
	return out
}

// draft is the reminder that a phrase means, and when it comes, in words.
func (d *Daemon) draft(p scheduler.Phrase, zone string, at time.Time) (*store.Reminder, string, error) {
	r := &store.Reminder{Text: p.Text, Schedule: p.Schedule.String(), Zone: zone}
	if r.Text == "" {
		r.Text = untold
	}
	err := d.db.View(func(tx *store.Tx) error { return scheduler.Plan(tx, r, at, localZone()) })
	if err != nil {
		return nil, "", err
	}
	return r, sayReminder(r, at, p.Lang), nil
}

func (d *Daemon) deskDone(tx *store.Tx, id, lang string) (string, error) {
	r, err := scheduler.Done(tx, id, "", localZone())
	if err != nil || r.Next == nil {
		return "", err
	}
	return sayReminder(r, tx.Now(), lang), nil
}

func (d *Daemon) deskSnooze(tx *store.Tx, id, until, zone, lang string, at time.Time) (string, error) {
	where, err := time.LoadLocation(zone)
	if err != nil {
		return "", err
	}
	to, err := scheduler.When(until, at, where)
	if err != nil {
		return "", err
	}
	r, err := scheduler.Snooze(tx, id, "", localZone(), to)
	if err != nil {
		return "", err
	}
	return scheduler.SayTime(r.Snoozed.In(where), lang) + " (" + zone + ")", nil
}

// phraseLanguage is that of what remind says of a phrase.
func phraseLanguage(phrase, zone string, at time.Time) string {
	where, err := time.LoadLocation(zone)
	if err != nil {
		return ""
	}
	return scheduler.Language(phrase, at, where)
}

func sayReminder(r *store.Reminder, now time.Time, lang string) string {
	schedule, err := scheduler.ParseSchedule(r.Schedule)
	if err != nil {
		return r.Schedule
	}
	where, err := time.LoadLocation(r.Zone)
	if err != nil {
		where = time.UTC
	}
	say := scheduler.Say(schedule, where, now, lang)
	if r.Held != nil {
		say += heldBack(lang) + r.Held.In(where).Format("15:04")
	}
	return say
}

// heldBack begins to say until when quiet hours hold a reminder back.
func heldBack(lang string) string {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	switch base {
	case "de":
		return "; Ruhezeiten halten sie zurück bis "
	case "es":
		return "; las horas de silencio lo retienen hasta las "
	}
	return "; quiet hours hold it back until "
}

// model is asked once for each run of a turn.
func (d *Daemon) model(choice string) agent.Model {
	d.background(d.models.look)
	s, err := d.loadSettings()
	if err != nil {
		d.log.Error("settings can't be read", "err", err)
	}
	return d.models.answering(s, choice)
}
