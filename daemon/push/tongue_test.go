package push

import (
	"reflect"
	"strings"
	"testing"

	"hark/store"
)

// A notification says in the owner's language what is not the message's own, and tells the worker of it.
func TestNotificationSpeaksTheOwnersLanguage(t *testing.T) {
	db, err := store.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for language, want := range map[string][]string{
		"de-AT": {"de", "Erinnerung", "das Brot", "Erledigt", "In 10 Min. wieder"},
		"es":    {"es", "Recordatorio", "das Brot", "Hecho", "Posponer 10 min"},
		"fr":    {"", "Reminder", "das Brot", "Done", "Snooze 10 min"},
		"":      {"", "Reminder", "das Brot", "Done", "Snooze 10 min"},
	} {
		n := &note{}
		err := db.Update(func(tx *store.Tx) error {
			if err := tx.PutSettings(store.Settings{Language: language}); err != nil {
				return err
			}
			return n.speak(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		m := &store.Message{ID: "m", Title: "Reminder", Text: "das Brot", Source: store.Source{Kind: "reminder", ID: "r"}}
		n.words(m, &store.Conversation{}, &store.Delivery{})
		at := n.Notification
		got := []string{at.Data.Lang, at.Title, at.Body}
		for _, a := range at.Actions {
			got = append(got, a.Title)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("in %q it says %q, want %q", language, got, want)
		}
	}
}

// A late reminder says so in that language, and a message that only looks like one keeps its title.
func TestLateReminderSpeaksTheOwnersLanguage(t *testing.T) {
	m := &store.Message{Title: "Reminder, was due Mon 2 Nov 07:00", Source: store.Source{Kind: "reminder"}}
	if got := german().theirWord(m); got != "Erinnerung, war fällig Mon 2 Nov 07:00" {
		t.Error(got)
	}
	m.Source.Kind, m.Title = "fire", "Reminder"
	if got := german().theirWord(m); got != "Reminder" {
		t.Error(got)
	}
}

// Each language has every word, with as much in it to fill in.
func TestTonguesSayTheSame(t *testing.T) {
	en := reflect.ValueOf(*english())
	for _, other := range []*tongue{german(), spanish()} {
		v := reflect.ValueOf(*other)
		for i := range v.NumField() {
			ours, theirs := en.Field(i).String(), v.Field(i).String()
			if theirs == "" || strings.Count(ours, "%") != strings.Count(theirs, "%") {
				t.Errorf("%s of %s: %q", v.Type().Field(i).Name, other.lang, theirs)
			}
		}
	}
}
