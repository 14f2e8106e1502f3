package agent

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

func reminder(text, zone string, at time.Time) *store.Reminder {
	next := store.At(at)
	return &store.Reminder{
		Text: text, Schedule: "at " + next.String(), Zone: zone, Next: &next, State: store.Active, Kind: "message",
	}
}

// desk reads one phrase, "remind me in 2 minutes to X", and nothing else.
func desk(changed *int) Desk {
	phrase := regexp.MustCompile(`^(?:remind me )?(?:in 2 minutes to (.+)|to (.+) in 2 minutes)$`)
	return Desk{
		LooksLikeReminder: func(s string) bool { return strings.HasPrefix(s, "remind me ") },
		Remind: func(s, zone string, at time.Time) (*store.Reminder, string, error) {
			m := phrase.FindStringSubmatch(s)
			switch {
			case strings.HasPrefix(s, "remind me at 3"):
				return nil, "", &AmbiguousError{Question: "which 3 o'clock?", Choices: []Choice{
					{reminder("yawn", zone, at.Add(time.Hour)), "today at 03:00"},
					{reminder("yawn", zone, at.Add(13*time.Hour)), "today at 15:00"},
				}}
			case s == "remind me in 2 minutes":
				m = []string{"", "", ""}
			case m == nil:
				return nil, "", errors.New("when shall I remind you?")
			case m[1] == "":
				m[1] = m[2]
			}
			return reminder(m[1], zone, at.Add(2*time.Minute)), "today, in 2 minutes", nil
		},
		Changed: func() { *changed++ },
		Status:  func() string { return "Nothing was found on this machine." },
	}
}

func (h *house) reminders() (rs []*store.Reminder) {
	h.t.Helper()
	if err := h.db.View(func(tx *store.Tx) (err error) {
		rs, err = tx.Reminders()
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return rs
}

// A whole talk with the built-in assistant: it does what it says, says what it
// understood, and does not pretend.
func TestBuiltinTalk(t *testing.T) {
	const bread, dentist = "remind me in 2 minutes to take the bread out", "remind me in 2 minutes to call the dentist"
	tests := []struct {
		say  string
		want string
		left int
	}{
		{"Hello!", "Write “remind me", 0},
		{"my reminders", "You have no reminders", 0},
		{"remind me to buy milk", "When shall I remind you?", 0},
		{bread, "I'll remind you: **take the bread out**\n\ntoday, in 2 minutes", 1},
		{dentist, "call the dentist", 2},
		{"/remind in 2 minutes to *water* the plants", `\*water\* the plants`, 3},
		{"What reminders do I have?", "2. **call the dentist**", 3},
		{"cancel the reminder", "1. **take the bread out**", 3},
		{"cancel reminder cat", "No reminder fits “cat”", 3},
		{"cancel reminder the", "Several reminders fit “the”", 3},
		{"Cancel the dentist reminder.", "Cancelled: **call the dentist**", 2},
		{"remind me at 3 to yawn", "1. today at 03:00\n2. today at 15:00\n\nAnswer with the number.", 2},
		{"15:00", "**yawn**\n\ntoday at 15:00", 3},
		{"undo", "Cancelled: **yawn**", 2},
		{"remind me at 3 to yawn", "Which 3 o'clock?", 2},
		{"1", "**yawn**\n\ntoday at 03:00", 3},
		{"2", "no model is connected", 3},
		{"cancel reminder yawn", "Cancelled: **yawn**", 2},
		{"remind me to sit", "When shall", 2},
		{"in 2 minutes", "**sit**", 3},
		{"undo", "Cancelled: **sit**", 2},
		{"remind me in 2 minutes", "Of what shall I remind you?", 2},
		{"Take a walk", "**Take a walk**", 3},
		{"undo", "Cancelled: **Take a walk**", 2},
		{"cancel reminder #2", `Cancelled: **\*water\* the plants**`, 1},
		{"undo", "don't know what to take back", 1},
		{dentist, "call the dentist", 2},
		{"cancel that", "Cancelled: **call the dentist**", 1},
		{"/search bread", "Here is what I found about “bread”", 1},
		{"find unicorns", "I found nothing about “unicorns”", 1},
		{"cancel all reminders", "Cancelled: **take the bread out**", 0},
		{"what time is it?", "Europe/Berlin", 0},
		{"help", "Nothing was found on this machine", 0},
		{"Write a poem about the sea", "no model is connected", 0},
		{"thanks", "welcome", 0},
	}
	synctest.Test(t, func(t *testing.T) {
		changed := 0
		h := newHouse(t, "", nil, func(c *Config) { c.Desk = desk(&changed) })
		for _, tt := range tests {
			got := h.settled(h.say(tt.say))
			if !strings.HasPrefix(got, "done ") || !strings.Contains(got, tt.want) {
				t.Errorf("%q got %q, want it to say %q", tt.say, got, tt.want)
			}
			if left := len(h.reminders()); left != tt.left {
				t.Errorf("%q left %d reminders, want %d", tt.say, left, tt.left)
			}
			time.Sleep(time.Second)
		}
		if changed == 0 {
			t.Error("the scheduler was never told")
		}
	})
}

// A reminder counts from when it was written, has the id of its answer, and a
// turn that runs twice makes one.
func TestReminderIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changed := 0
		h := newHouse(t, "", nil, func(c *Config) { c.Desk = desk(&changed) })
		h.conv = h.open()
		id := h.write(h.conv, "remind me in 2 minutes to stretch")
		written := time.Now()
		time.Sleep(time.Minute) // it waits for its turn
		h.a.Kick(h.conv)
		synctest.Wait()
		time.Sleep(3 * time.Minute)
		if err := h.a.Retry(id); err != nil {
			t.Fatal(err)
		}
		if got := h.settled(id); !strings.Contains(got, "just passed") {
			t.Errorf("got %q", got)
		}
		rs := h.reminders()
		if len(rs) != 1 || rs[0].ID != id || rs[0].Conversation != h.conv || rs[0].Next.Sub(written).Round(time.Second) != 2*time.Minute {
			t.Errorf("got %d reminders, %+v", len(rs), rs[0])
		}
	})
}

// With a model connected, reminders and commands still never reach it, and
// everything else does.
func TestReminderNeedsNoModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changed := 0
		h := newHouse(t, "", echo, func(c *Config) { c.Desk = desk(&changed) })
		for _, tt := range []struct{ say, want string }{
			{"undo", "done re: undo"},
			{"remind me in 2 minutes to stretch", "done I'll remind you"},
			{"my reminders", "done Your reminders"},
			{"remind me in 2 minutes to sit", "done I'll remind you"},
			{"undo", "done Cancelled: **sit**"},
			{"undo", "done re: undo"},
			{"find me a recipe for bread", "done re: find me"},
			{"delete the second paragraph", "done re: delete the"},
			{"remind me to rest", "done When shall"},
			{"What is the capital of Peru?", "done re: What is"},
			{"in 2 minutes", "done re: in 2"},
			{"remind me to rest", "done When shall"},
			{"and buy bread in 2 minutes", "done re: and buy"},
			{"remind me why the sky is blue", "done re: remind me why"},
			{"hello", "done re: hello"},
			{"what is a reminder?", "done re: what is a"},
		} {
			if got := h.settled(h.say(tt.say)); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q got %q, want %q", tt.say, got, tt.want)
			}
		}
		if len(h.reminders()) != 1 || changed == 0 {
			t.Errorf("%d reminders, told %d times", len(h.reminders()), changed)
		}
	})
}

// A model that can't be used is an error with a sentence, and the reply can be
// tried again.
func TestModelThatCannotBeUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := Model{Kind: "telepathy", URL: "http://x", Key: "sk-secret"}
		h := newHouse(t, "", nil, func(c *Config) { c.Model = func(string) Model { return model } })
		h.want(h.say("Write a poem"), "error model_bad_address")
		for _, s := range []string{model.String(), model.GoString(), model.LogValue().String()} {
			if strings.Contains(s, "secret") {
				t.Errorf("the key is told: %s", s)
			}
		}
	})
}

// What is found is shown on one line, around the word that was looked for.
func TestAround(t *testing.T) {
	long := strings.Repeat("é ", 300) + "the boiler " + strings.Repeat("x ", 300)
	got := around(long, "Boiler")
	if !strings.Contains(got, "the boiler") || !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") {
		t.Errorf("got %q", got)
	}
	if got := around("short\n text", "x"); got != "short text" {
		t.Errorf("got %q", got)
	}
}
