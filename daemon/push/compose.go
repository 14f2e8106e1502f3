package push

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"hark/store"
)

// stormTag is the tag of the one notification that counts.
const stormTag = "storm"

// compose makes the notification for ds, the last of which it is about; with a
// count, for so many messages at once.
func (s *Sender) compose(sub *store.Subscription, ds []*store.Delivery, count int) (*note, error) {
	d := ds[len(ds)-1]
	n := &note{WebPush: declarative, Mutable: true}
	at := &n.Notification
	at.Dir, at.Tag, at.Timestamp = "auto", d.Message, d.Queued().UnixMilli()
	at.Data.Device, at.Data.Message, at.Data.Receipt = d.Device, d.Message, s.Receipt(d.Message, d.Device, d.Round)
	at.Renotify = d.Round > 1
	origin := strings.TrimRight(sub.Origin, "/")
	if origin == "" {
		origin = strings.TrimRight(s.cfg.Origin(), "/")
	}
	if d.Topic {
		n.topic = topicOf(d.Message)
	}
	if err := s.cfg.DB.View(n.speak); err != nil {
		return nil, err
	}
	if d.Kind == store.PushTest {
		at.Title, at.Body, at.Tag = "Hark", n.tongue().test, "test"
		at.Navigate = origin + "/?view=settings"
		at.Data.Message = ""
		return n, nil
	}
	unread, err := s.cfg.DB.Unread()
	if err != nil {
		return nil, err
	}
	err = s.cfg.DB.View(func(tx *store.Tx) error {
		m, err := tx.Message(d.Message)
		if err != nil {
			return err
		}
		hidden, err := isPrivate(tx, d.Device)
		if err != nil {
			return err
		}
		n.AppBadge = unread
		at.Data.Conversation = m.Conversation
		at.Navigate = place(origin, m)
		at.RequireInteraction = d.Priority >= topUrgency
		at.Silent = d.Priority == 1
		switch {
		case count > 0:
			at.Title, at.Body, at.Tag, at.Renotify = "Hark", fmt.Sprintf(n.tongue().newMessages, count), stormTag, false
			at.Navigate = origin + "/"
		case hidden:
			at.Title, at.Body = "Hark", n.tongue().newMessage
		default:
			return n.fill(tx, m, d)
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		// Deleted between the look into the outbox and now. The push still shows
		// something: a silent one costs the subscription.
		at.Title, at.Body, at.Navigate = "Hark", n.tongue().deleted, origin+"/"
		err = nil
	}
	return n, err
}

// place is the address of a message in the app.
func place(origin string, m *store.Message) string {
	return origin + "/?" + url.Values{"c": {m.Conversation}, "m": {m.ID}}.Encode()
}

// topicOf names a message to the push service (at most 32 characters of
// base64url) without telling its id.
func topicOf(message string) string {
	sum := sha256.Sum256([]byte(message))
	return encode(sum[:])[:32]
}

func isPrivate(tx *store.Tx, device string) (bool, error) {
	set, err := tx.Settings()
	if err != nil {
		return false, err
	}
	dev, err := tx.Device(device)
	if err != nil {
		return false, err
	}
	return set.Private || dev.Private, nil
}

// fill puts a message's words into the notification.
func (n *note) fill(tx *store.Tx, m *store.Message, d *store.Delivery) error {
	c, err := tx.Conversation(m.Conversation)
	if err != nil {
		return err
	}
	n.words(m, c, d)
	return nil
}

func (n *note) words(m *store.Message, c *store.Conversation, d *store.Delivery) {
	at, say := &n.Notification, n.tongue()
	at.Title, at.Body = say.theirWord(m), strings.TrimSpace(m.Plain(8*bodyBytes))
	if at.Title == "" && m.Source.Kind != "chat" {
		at.Title = m.Source.Name
	}
	if at.Title == "" {
		at.Title = c.Title
	}
	switch {
	case d.Kind == store.PushApproval:
		at.Title, at.Body = say.mayI, asked(m, say)
		at.RequireInteraction, n.whole = true, true
	case m.Status == store.Failed && m.Error != nil:
		at.Body = say.incomplete + m.Error.Detail
	case m.Ask != nil && m.Ask.State == store.AskOpen:
		at.RequireInteraction = true
	}
	at.Title, at.Body = aloneIn(at.Title, titleBytes), aloneIn(at.Body, bodyBytes)
	if at.Title == "" {
		at.Title = "Hark"
	}
	if at.Body == "" {
		at.Body = say.newMessage
	}
	n.offer(m, d)
	at.Data.Record = &record{
		ID: m.ID, Conversation: m.Conversation, Role: m.Role, Status: m.Status,
		Title: cutBytes(valid(m.Title), titleBytes), Text: cutBytes(valid(m.Text), textBytes), Format: m.Format,
		Source:  store.Source{Kind: m.Source.Kind, Name: cutBytes(valid(m.Source.Name), labelBytes), ID: m.Source.ID},
		Created: m.Created, Cut: true,
	}
}

// asking are the steps of a message that wait for the owner.
func asking(m *store.Message) (steps []store.Step) {
	for _, s := range m.Steps {
		if s.Approval != nil {
			steps = append(steps, s)
		}
	}
	return steps
}

// asked says what the owner is asked about. What can't be seen in it is written
// out: nobody can decide about it otherwise.
func asked(m *store.Message, say *tongue) string {
	steps := asking(m)
	switch {
	case len(steps) == 0:
		return say.waits
	case len(steps) > 1:
		return fmt.Sprintf(say.waitMany, len(steps))
	case steps[0].Status == store.StepUnknown:
		return fmt.Sprintf(say.cutShort, visible(steps[0].Tool))
	}
	args := steps[0].Args
	if args == "{}" {
		args = ""
	}
	return visible(strings.TrimSpace(steps[0].Tool + " " + args))
}

// offer adds the buttons that make sense for a message.
func (n *note) offer(m *store.Message, d *store.Delivery) {
	steps, say := asking(m), n.tongue()
	base := "/api/messages/" + url.PathEscape(m.ID)
	switch {
	case d.Kind == store.PushApproval:
		if len(steps) == 1 && steps[0].Status != store.StepUnknown && len(aloneIn(asked(m, say), 2*bodyBytes)) <= bodyBytes {
			n.button("allow", say.allow, base+"/approve", map[string]any{"step": steps[0].N, "decision": "once"})
			n.button("deny", say.deny, base+"/approve", map[string]any{"step": steps[0].N, "decision": "deny"})
		}
	case m.Ask != nil:
		if m.Ask.State != store.AskOpen || len(m.Ask.Choices) > maxActions {
			return
		}
		for i, choice := range m.Ask.Choices {
			if len(choice) <= choiceBytes {
				n.button(fmt.Sprint("answer-", i), choice, base+"/answer", map[string]any{"answer": choice})
			}
		}
	case m.Source.Kind == "reminder" && (m.Title == english().remind || m.Reason == store.Late):
		id := "/api/reminders/" + url.PathEscape(m.Source.ID)
		n.button("done", say.done, id+"/done", map[string]any{})
		n.button("snooze", say.snooze, id+"/snooze", map[string]any{"for": "10m"})
	default:
		for _, a := range m.Actions {
			switch {
			case a.Kind == "http":
				n.button(a.ID, a.Label, base+"/act", map[string]any{"action": a.ID})
			case a.Kind == "open" && a.ID != "" && a.Label != "" && len(a.URL) <= linkBytes && len(n.Notification.Actions) < maxActions:
				n.Notification.Actions = append(n.Notification.Actions, action{a.ID, aloneIn(a.Label, labelBytes), a.URL})
			}
		}
	}
}

// button adds a button that posts, if there is room for one.
func (n *note) button(id, label, path string, body map[string]any) {
	at := &n.Notification
	if len(at.Actions) == maxActions || id == "" || label == "" || len(id) > labelBytes {
		return
	}
	at.Actions = append(at.Actions, action{Action: id, Title: aloneIn(label, labelBytes)})
	if at.Data.Acts == nil {
		at.Data.Acts = map[string]act{}
	}
	at.Data.Acts[id] = act{path, body}
}
