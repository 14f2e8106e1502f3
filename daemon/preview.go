package daemon

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"hark/scheduler"
	"hark/store"
)

// preview is a phrase as it was understood.
type preview struct {
	Text     string       `json:"text"`
	Schedule string       `json:"schedule"`
	Zone     string       `json:"zone"`
	Next     []store.Time `json:"next"`
	Say      string       `json:"say"`
}

func newPreview(p scheduler.Phrase, zone string) preview {
	out := preview{Text: p.Text, Schedule: p.Schedule.String(), Zone: zone, Next: []store.Time{}, Say: p.Say}
	for _, at := range p.At {
		out.Next = append(out.Next, store.At(at))
	}
	return out
}

// previewReminder shows how a phrase is understood and changes nothing.
func (d *Daemon) previewReminder(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in struct {
		Phrase string      `json:"phrase"`
		Zone   string      `json:"zone"`
		Now    *store.Time `json:"now"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Zone == "" {
		in.Zone = d.zone()
	}
	now := time.Now()
	if in.Now != nil {
		now = in.Now.Time
	}
	p, err := readPhrase(in.Phrase, in.Zone, now)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, newPreview(p, in.Zone))
	return nil
}

// readPhrase reads a phrase, or says what is unclear, with the readings to
// choose from where there are some.
func readPhrase(phrase, zone string, now time.Time) (scheduler.Phrase, error) {
	if err := checkZone(zone); err != nil {
		return scheduler.Phrase{}, err
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		return scheduler.Phrase{}, err
	}
	p, err := scheduler.Parse(phrase, now, where)
	if err != nil {
		return p, phraseProblem(err, zone)
	}
	return p, nil
}

// choice is one reading of a phrase. Its Phrase has no other one.
type choice struct {
	Phrase string `json:"phrase"`
	preview
}

// phraseProblem is what a caller is told whose phrase was not read.
func phraseProblem(err error, zone string) error {
	var unclear *scheduler.UnclearError
	var ambiguous *scheduler.AmbiguousError
	var past *scheduler.PastError
	switch {
	case errors.As(err, &unclear):
		return fault("unclear", "%s", unclear.Hint)
	case errors.As(err, &ambiguous):
		return asking(fault("ambiguous", "%s", ambiguous.Question), ambiguous.Choices, zone)
	case errors.As(err, &past):
		return asking(fault("past", "%v", past), past.Choices, zone)
	}
	return err
}

func asking(p *problem, readings []scheduler.Phrase, zone string) error {
	choices := []choice{}
	for _, c := range readings {
		choices = append(choices, choice{strings.TrimSpace(c.Schedule.String() + " " + c.Text), newPreview(c, zone)})
	}
	p.extra = map[string]any{"choices": choices}
	return p
}
