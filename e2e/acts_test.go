//go:build e2e

package e2e_test

import "fmt"

func (w *world) doesReminder() {
	before := len(w.desk.Shown())
	var r struct{ ID string }
	err := w.hark.call("POST", "/api/reminders", map[string]any{"phrase": "in 1 second water the plants", "priority": 5}, &r)
	if err != nil {
		w.t.Fatal(err)
	}
	n := w.noted(before, "Reminder", "water the plants")
	w.clicked(n, w.button(n, "Done"))
	eventually(w.t, "the reminder to be done", func() error {
		var now struct {
			Last struct{ State, Message string }
		}
		if err := w.hark.call("GET", "/api/reminders/"+r.ID, nil, &now); err != nil {
			return err
		}
		if now.Last.State != "done" {
			return fmt.Errorf("it is %q", now.Last.State)
		}
		return nil
	})
}

func (w *world) answers() {
	m, before := w.fire("Deploy", "Ship it?", "--choices", "Yes,No")
	n := w.noted(before, "Deploy", "Ship it?")
	w.clicked(n, w.button(n, "Yes"))
	eventually(w.t, "the answer", func() error {
		var now struct {
			Ask    struct{ State string }
			Answer struct{ Value string }
		}
		if err := w.hark.call("GET", "/api/messages/"+m.Message, nil, &now); err != nil {
			return err
		}
		if now.Ask.State != "answered" || now.Answer.Value != "Yes" {
			return fmt.Errorf("%+v", now)
		}
		return nil
	})
	w.becomes(m.Message, "acted")
}

func (w *world) allows() {
	before := len(w.desk.Shown())
	var turn struct {
		Message string `json:"assistant_message"`
	}
	if err := w.hark.call("POST", "/api/assistant/chat", map[string]any{"text": "I like tea"}, &turn); err != nil {
		w.t.Fatal(err)
	}
	n := w.noted(before, "May I?", `remember {"text":"The owner likes tea."}`)
	w.clicked(n, w.button(n, "Allow"))
	eventually(w.t, "the tool to have run", func() error {
		var memory struct {
			Facts []struct{ Text string }
		}
		if err := w.hark.call("GET", "/api/memory", nil, &memory); err != nil {
			return err
		}
		if len(memory.Facts) != 1 || memory.Facts[0].Text != "The owner likes tea." {
			return fmt.Errorf("%+v", memory)
		}
		return nil
	})
	// Its answer comes as a notification, as every answer does that nobody has seen.
	w.noted(before, "I like tea", "Noted.")
}
