package push

import (
	"strings"

	"hark/store"
)

// tongue is what notifications say of themselves, in one language. What
// messages say is theirs.
type tongue struct {
	lang                              string // empty is English
	test, newMessage, deleted         string
	newMessages                       string // with their number
	mayI, incomplete                  string
	waits, waitMany, cutShort         string // the last two with how many, and what
	allow, deny, done, snooze, remind string
	wasDue                            string // before a time
}

func tongueOf(language string) *tongue {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	switch base {
	case "de":
		return german()
	case "es":
		return spanish()
	}
	return english()
}

// speak has the notification speak the language that the owner has chosen.
func (n *note) speak(tx *store.Tx) error {
	set, err := tx.Settings()
	n.say = tongueOf(set.Language)
	n.Notification.Data.Lang = n.say.lang
	return err
}

// tongue is that of the notification.
func (n *note) tongue() *tongue {
	if n.say == nil {
		return english()
	}
	return n.say
}

// theirWord is the title of a message, with the word for a reminder in this
// language.
func (t *tongue) theirWord(m *store.Message) string {
	if m.Source.Kind != "reminder" {
		return m.Title
	}
	if m.Title == english().remind {
		return t.remind
	}
	if due, ok := strings.CutPrefix(m.Title, english().wasDue); ok {
		return t.wasDue + due
	}
	return m.Title
}

func english() *tongue {
	return &tongue{
		test: "Notifications reach this device.", newMessage: "New message", deleted: "A message that was deleted",
		newMessages: "%d new messages", mayI: "May I?", incomplete: "There was no complete answer. ",
		waits: "Something waits for your decision.", waitMany: "%d steps wait for your decision.",
		cutShort: "%s was cut short. Did it take effect?",
		allow:    "Allow", deny: "Deny", done: "Done", snooze: "Snooze 10 min", remind: "Reminder", wasDue: "Reminder, was due ",
	}
}

func german() *tongue {
	return &tongue{
		lang: "de",
		test: "Benachrichtigungen erreichen dieses Gerät.", newMessage: "Neue Nachricht", deleted: "Eine gelöschte Nachricht",
		newMessages: "%d neue Nachrichten", mayI: "Darf ich?", incomplete: "Die Antwort wurde nicht fertig. ",
		waits: "Etwas wartet auf deine Entscheidung.", waitMany: "%d Schritte warten auf deine Entscheidung.",
		cutShort: "%s wurde unterbrochen. Ist es geschehen?",
		allow:    "Erlauben", deny: "Ablehnen", done: "Erledigt", snooze: "In 10 Min. wieder", remind: "Erinnerung", wasDue: "Erinnerung, war fällig ",
	}
}

func spanish() *tongue {
	return &tongue{
		lang: "es",
		test: "Las notificaciones llegan a este dispositivo.", newMessage: "Mensaje nuevo", deleted: "Un mensaje que se borró",
		newMessages: "%d mensajes nuevos", mayI: "¿Puedo?", incomplete: "La respuesta quedó sin terminar. ",
		waits: "Algo espera tu decisión.", waitMany: "%d pasos esperan tu decisión.",
		cutShort: "%s se interrumpió. ¿Llegó a hacerse?",
		allow:    "Permitir", deny: "Denegar", done: "Hecho", snooze: "Posponer 10 min", remind: "Recordatorio", wasDue: "Recordatorio, tocaba ",
	}
}
