package agent

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// The built-in assistant answers in the language of what it is told, and where that does not show in the one that the
// owner has chosen.
func TestBuiltinAnswersInTheLanguageOfTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changed := 0
		h := newHouse(t, "", nil, func(c *Config) {
			c.Desk = desk(&changed)
			c.Desk.Language = func(phrase, _ string, _ time.Time) string {
				return map[bool]string{true: "de"}[strings.Contains(phrase, "Brot")]
			}
		})
		ask := func(text, want string) {
			t.Helper()
			if got := h.settled(h.say(text)); !strings.Contains(got, want) {
				t.Errorf("%q got %q, want it to say %q", text, got, want)
			}
			time.Sleep(time.Second)
		}
		choose := func(language string) {
			t.Helper()
			if err := h.db.Update(func(tx *store.Tx) error { return tx.PutSettings(store.Settings{Language: language}) }); err != nil {
				t.Fatal(err)
			}
		}
		ask("Was kannst du?", "Ich bin Hark")
		ask("¿Qué sabes hacer?", "Soy Hark")
		ask("What can you do?", "I'm Hark")
		ask("/help", "I'm Hark")
		ask("Hallo Hark!", "erinnere mich")
		ask("muchas gracias", "De nada")
		ask("meine Erinnerungen", "Du hast keine Erinnerungen")
		ask("remind me in 2 minutes to Brot holen", "Ich erinnere dich: **Brot holen**")
		ask("borra el recordatorio 1", "Borrado: **Brot holen**")
		ask("rückgängig", "Ich weiß nicht, was ich zurücknehmen soll")
		ask("Dichte etwas", "no model is connected")
		choose("de-CH")
		ask("Dichte etwas", "Kein Modell ist verbunden")
		ask("/help", "Ich bin Hark")
		ask("/search Brot", "Das habe ich zu „Brot“ gefunden")
		ask("what time is it?", "It is ")
		choose("fr")
		ask("Écris un poème", "no model is connected")
	})
}

// Each language has every sentence, with as much in it to fill in.
func TestTonguesSayTheSame(t *testing.T) {
	en := reflect.ValueOf(*english())
	for _, other := range tongues()[1:] {
		v := reflect.ValueOf(*other)
		for i := range v.NumField() {
			name, ours, theirs := v.Type().Field(i).Name, en.Field(i).String(), v.Field(i).String()
			if theirs == "" || strings.Count(ours, "%") != strings.Count(theirs, "%") {
				t.Errorf("%s of %s: %q", name, other.lang, theirs)
			}
		}
	}
}

// "Later" puts off the reminder that has just spoken, by itself or with a time; a
// sentence that begins with it is for the model.
func TestLaterIsNotAlwaysSnooze(t *testing.T) {
	for text, want := range map[string]intent{
		"Später":                             {verb: verbSnooze, lang: "de"},
		"später um 9":                        {verb: verbSnooze, lang: "de", rest: "9"},
		"verschiebe auf morgen":              {verb: verbSnooze, lang: "de", rest: "morgen"},
		"más tarde":                          {verb: verbSnooze, lang: "es"},
		"más tarde a las 9":                  {verb: verbSnooze, lang: "es", rest: "las 9"},
		"pospón hasta mañana":                {verb: verbSnooze, lang: "es", rest: "mañana"},
		"Später koche ich. Was brauche ich?": {},
		"Más tarde cocino. ¿Qué necesito?":   {},
	} {
		if got := understand(text, nil); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}
