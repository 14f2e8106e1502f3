package daemon

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"hark/store"
)

const (
	// maxAnswer bounds an answer in words, in bytes.
	maxAnswer = 4000
	// crowdedWait is how long who waits for an answer makes room for others.
	crowdedWait = 5 * time.Second
)

// answered is what who asked gets to know.
type answered struct {
	Answered bool        `json:"answered"`
	Answer   *string     `json:"answer"` // nil: the time is up, and there is no default
	By       string      `json:"by,omitempty"`
	At       *store.Time `json:"at,omitempty"`
}

func standingAnswer(m *store.Message) answered {
	out := answered{Answered: m.Ask.State == store.AskAnswered}
	if a := m.Answer; a != nil {
		out.Answer, out.By, out.At = &a.Value, a.By, &a.At
	}
	return out
}

// late is the problem of an answer that comes after the question has ended, with
// what stands.
func late(m *store.Message) *problem {
	p := fault("answered", "This was answered before, and the first answer counts.")
	if m.Ask.State == store.AskExpired {
		p = fault("expired", "The time for an answer is over.")
		if m.Ask.Default != "" {
			p.detail += " It was taken as “" + m.Ask.Default + "”."
		}
	}
	a := standingAnswer(m)
	p.extra = map[string]any{"answered": a.Answered, "answer": a.Answer}
	if a.At != nil {
		p.extra["by"], p.extra["at"] = a.By, a.At
	}
	return p
}

// answerMessage takes the owner's answer to a question. The first one counts,
// and is told to everybody with the message; sending the same one again is no
// mistake.
func (d *Daemon) answerMessage(w http.ResponseWriter, r *http.Request, who caller) error {
	var in struct {
		Answer string `json:"answer"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	var m *store.Message
	err := d.db.Update(func(tx *store.Tx) (err error) {
		if m, err = tx.Message(r.PathValue("id")); err != nil {
			return err
		}
		if m.Ask == nil {
			return fault("conflict", "This message asks nothing.")
		}
		return answerAsk(tx, m, in.Answer, who.name)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, m)
	return nil
}

// answerAsk writes an answer into an open question.
func answerAsk(tx *store.Tx, m *store.Message, text, by string) error {
	value, err := fitting(m.Ask, text)
	if m.Ask.State != store.AskOpen {
		if err == nil && m.Answer != nil && m.Answer.Value == value && m.Answer.By == by {
			return nil // the answer got lost on its way, and was sent again
		}
		return late(m)
	}
	if err != nil {
		return err
	}
	m.Ask.State = store.AskAnswered
	m.Answer = &store.Answer{Value: value, By: by, At: store.At(tx.Now())}
	return tx.PutMessage(m)
}

// fitting is the answer that a text means: a choice, or, where words are taken,
// the text.
func fitting(ask *store.Ask, text string) (string, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	if i := slices.IndexFunc(ask.Choices, func(c string) bool { return strings.EqualFold(c, text) }); i >= 0 {
		return ask.Choices[i], nil
	}
	switch {
	case !ask.Text:
		return "", fault("invalid", "Answer one of: %s.", strings.Join(ask.Choices, ", "))
	case text == "":
		return "", fault("empty", "There is no answer. Send {\"answer\": \"…\"}.")
	case len(text) > maxAnswer:
		return "", fault("too_large", "An answer has at most %d bytes.", maxAnswer)
	}
	return text, nil
}

// awaitAnswer serves GET /api/assistant/fire/{message}/answer?wait=55 to the
// program that has asked: 200 with the answer, 204 while there is none, 410 when
// the time is up, with the default.
func (d *Daemon) awaitAnswer(w http.ResponseWriter, r *http.Request, who caller) error {
	wait, err := queryNumber(r, "wait", 0, int(maxWait/time.Second))
	if err != nil {
		return err
	}
	l, err := d.streams.open(who.key())
	if err != nil {
		return err
	}
	defer d.streams.shut(l)
	waits(w)
	over := time.NewTimer(time.Duration(wait) * time.Second)
	defer over.Stop()
	for seen := store.Seq(0); ; {
		news := d.db.News()
		if head := d.db.Head().Seq; head != seen { // text of a running reply is no news here
			seen = head
			m, err := d.ownFire(r.PathValue("id"), who)
			switch {
			case err != nil:
				return err
			case m == nil: // still to come
			case m.Ask == nil:
				return fault("conflict", "This message asks nothing.")
			case m.Ask.State == store.AskExpired:
				return late(m)
			case m.Ask.State == store.AskAnswered:
				writeJSON(w, http.StatusOK, standingAnswer(m))
				return nil
			}
		}
		select {
		case <-news:
			continue
		case <-r.Context().Done():
			return context.Cause(r.Context())
		case <-l.end:
			if l.reason == "superseded" { // who asks again at once would only push out another
				return &problem{code: "too_many", detail: "This token waits for more answers than it may have streams open. Ask again in a moment.", wait: crowdedWait}
			}
		case <-over.C:
		}
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// ownFire is a message that the caller has fired (or any fired one, for who may
// read), nil where it is still to come, or [store.ErrNotFound].
func (d *Daemon) ownFire(id string, who caller) (m *store.Message, err error) {
	err = d.db.View(func(tx *store.Tx) error {
		m, err = tx.Message(id)
		if errors.Is(err, store.ErrNotFound) {
			r, missing := tx.Reminder(id)
			if missing != nil || r.Post == nil || !owns(r.Post, who) {
				return err
			}
			m, err = nil, nil
			return nil
		}
		if err == nil && !owns(m, who) {
			return store.ErrNotFound
		}
		return err
	})
	return m, err
}

// owns reports whether a message is a fire of the caller's.
func owns(m *store.Message, who caller) bool {
	return m.Source.Kind == "fire" && (m.Source.ID == who.id || who.may(mayRead))
}

// withdraw takes back what the caller has fired, come or still to come: a
// question that nobody waits for any more need not be answered.
func (d *Daemon) withdraw(w http.ResponseWriter, r *http.Request, who caller) error {
	id := r.PathValue("id")
	err := d.db.Update(func(tx *store.Tx) error {
		m, err := tx.Message(id)
		if err == nil && m.Source.Kind == "fire" && m.Source.ID == who.id {
			return tx.DeleteMessage(id)
		}
		later, err := tx.Reminder(id)
		if err == nil && later.Post != nil && later.Post.Source.ID == who.id {
			return tx.DeleteReminder(id)
		}
		return store.ErrNotFound
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
