package daemon

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/store"
)

// remind makes a reminder and returns it.
func (r *rig) remind(body string) (v reminderAnswer) {
	r.t.Helper()
	v.Reminder = new(store.Reminder)
	r.call(http.StatusCreated, &v, "POST", "/api/reminders", body)
	return v
}

func (r *rig) reminder(id string) *store.Reminder {
	r.t.Helper()
	v := new(store.Reminder)
	r.call(http.StatusOK, v, "GET", "/api/reminders/"+id, "")
	return v
}

// What is done to a reminder by HTTP is done, and the answer shows it.
func TestReminderLife(t *testing.T) {
	r := newMemoryRig(t)
	v := r.remind(`{"phrase":"every day at 7:00 pills","zone":"Europe/Berlin","nag":{"every_s":600}}`)
	if v.Text != "pills" || v.Nag == nil || v.Nag.Max != 5 || len(v.Upcoming) != 5 || !v.Recurring || v.Say != "Every day at 07:00 (Europe/Berlin)" {
		t.Fatalf("%+v", v.Reminder)
	}
	at := func(action, body string) *store.Reminder {
		t.Helper()
		got := new(store.Reminder)
		r.call(http.StatusOK, got, "POST", "/api/reminders/"+v.ID+"/"+action, body)
		return got
	}
	r.fails(http.StatusConflict, "conflict", "POST", "/api/reminders/"+v.ID+"/snooze", `{"for":"10m"}`)
	if got := at("run", ""); got.Last == nil || got.Last.State != "fired" || got.Nagging == nil {
		t.Errorf("run: %+v", got)
	}
	if got := at("snooze", `{"for":"10m"}`); got.Snoozed == nil || got.Last.State != "snoozed" || !got.Next.Equal(v.Next.Time) {
		t.Errorf("snooze: %+v", got)
	}
	if got := at("done", ""); got.Snoozed != nil || got.Last.State != "done" || got.State != "active" {
		t.Errorf("done: %+v", got)
	}
	m, err := r.d.message(r.reminder(v.ID).Last.Message)
	if err != nil || m.Answer == nil || m.Answer.Value != "done" || m.Answer.By != "this machine" || m.Source.ID != v.ID {
		t.Errorf("message: %+v %v", m, err)
	}
	if got := at("skip", ""); !got.Next.Equal(v.Upcoming[1].Time) {
		t.Errorf("skip: %v, want %v", got.Next, v.Upcoming[1])
	}
	if got := at("pause", ""); got.State != "paused" || got.Next != nil {
		t.Errorf("pause: %+v", got)
	}
	if got := at("resume", ""); got.State != "active" || !got.Next.Equal(v.Upcoming[1].Time) {
		t.Errorf("resume: %+v", got)
	}
	got := new(store.Reminder)
	r.call(http.StatusOK, got, "PATCH", "/api/reminders/"+v.ID, `{"text":"two pills","nag":null,"priority":5}`)
	if got.Text != "two pills" || got.Nag != nil || got.Priority != 5 || !got.Next.Equal(v.Upcoming[1].Time) {
		t.Errorf("patch: %+v", got)
	}
	r.call(http.StatusOK, got, "PATCH", "/api/reminders/"+v.ID, `{"phrase":"every monday at 9:30"}`)
	if got.Text != "two pills" || got.Schedule != "30 9 * * 1" {
		t.Errorf("patch by phrase: %+v", got)
	}
	var history struct {
		Occurrences []store.Occurrence
		More        bool
	}
	r.call(http.StatusOK, &history, "GET", "/api/reminders/"+v.ID+"/occurrences?limit=1", "")
	if len(history.Occurrences) != 1 || !history.More {
		t.Errorf("%+v", history)
	}
	r.call(http.StatusOK, &history, "GET", "/api/reminders/"+v.ID+"/occurrences?before="+history.Occurrences[0].Wall, "")
	if len(history.Occurrences) != 1 || history.More || history.Occurrences[0].State != "done" {
		t.Errorf("%+v", history)
	}
	r.call(http.StatusNoContent, nil, "DELETE", "/api/reminders/"+v.ID, "")
	for _, path := range []string{"", "/occurrences"} {
		r.fails(http.StatusNotFound, "not_found", "GET", "/api/reminders/"+v.ID+path, "")
	}
	r.fails(http.StatusNotFound, "not_found", "POST", "/api/reminders/"+v.ID+"/done", "")
}

// What does not work as written is refused with the reason, and nothing is made.
func TestReminderRefused(t *testing.T) {
	r := newMemoryRig(t)
	for body, code := range map[string]string{
		`{"phrase":"call Ana"}`:                                                           "unclear",
		`{"phrase":"tomorrow at 5 call Ana"}`:                                             "ambiguous",
		`{"phrase":"1 January 2020 at 9:00 call Ana"}`:                                    "past",
		`{"text":"x","schedule":"at 2020-01-01T09:00","zone":"UTC"}`:                      "past",
		`{"text":"x","schedule":"whenever"}`:                                              "invalid",
		`{"text":"x","schedule":"TZ=Europe/Berlin"}`:                                      "invalid",
		`{"text":"x","schedule":"0 9 * * *","zone":"Mars"}`:                               "invalid",
		`{"text":"x","schedule":"0 9 * * *","priority":6}`:                                "invalid",
		`{"text":"x","schedule":"0 9 * * *","kind":"song"}`:                               "invalid",
		`{"text":"x","schedule":"0 9 * * *","misfire":"often"}`:                           "invalid",
		`{"text":"x","schedule":"0 9 * * *","nag":{"every_s":5}}`:                         "invalid",
		`{"text":"x","schedule":"0 9 * * *","nag":7}`:                                     "invalid",
		`{"text":"x","schedule":"0 9 * * *","grace_s":-1}`:                                "invalid",
		`{"text":" ","schedule":"0 9 * * *"}`:                                             "empty",
		`{"text":"x"}`:                                                                    "empty",
		`{"text":"` + strings.Repeat("x", 65<<10) + `","schedule":"0 9 * * *"}`:           "too_large",
		`{"text":"x","schedule":"0 9 * * *","conversation":"01JD00000000000000000000ZZ"}`: "not_found",
	} {
		status, _ := problemKind(code)
		r.fails(status, code, "POST", "/api/reminders", body)
	}
	var list struct{ Reminders []store.Reminder }
	r.call(http.StatusOK, &list, "GET", "/api/reminders", "")
	if len(list.Reminders) != 0 {
		t.Errorf("%d were made", len(list.Reminders))
	}
}

// Each choice that an ambiguous phrase offers is a phrase that is not.
func TestChoices(t *testing.T) {
	r := newMemoryRig(t)
	var p struct{ Choices []choice }
	r.call(http.StatusUnprocessableEntity, &p, "POST", "/api/reminders", `{"phrase":"tomorrow at 5 call Ana","zone":"Europe/Berlin"}`)
	if len(p.Choices) < 2 {
		t.Fatal(p.Choices)
	}
	for _, c := range p.Choices {
		if v := r.remind(fmt.Sprintf(`{"phrase":%q,"zone":"Europe/Berlin"}`, c.Phrase)); v.Schedule != c.Schedule || v.Text != "call Ana" {
			t.Errorf("%q gave %q %q", c.Phrase, v.Schedule, v.Text)
		}
	}
}

// The same key makes one reminder, also where its phrase is past by then.
func TestReminderKey(t *testing.T) {
	r := newMemoryRig(t)
	body := `{"phrase":"in 10 minutes tea"}`
	first := r.remind(body)
	var ids []string
	for range 2 {
		v := new(store.Reminder)
		r.call(http.StatusCreated, v, "POST", "/api/reminders", body, header("Idempotency-Key", "k1"))
		ids = append(ids, v.ID)
	}
	if ids[0] != ids[1] || ids[0] == first.ID {
		t.Error(ids, first.ID)
	}
	r.fails(http.StatusConflict, "idempotency_key_reused", "POST", "/api/reminders", `{"phrase":"in 5 minutes tea"}`, header("Idempotency-Key", "k1"))
}

// Quiet hours count for what is made and what is there already, and the settings
// refuse what makes no sense.
func TestSettings(t *testing.T) {
	r := newMemoryRig(t).begin()
	var s store.Settings
	r.call(http.StatusOK, &s, "PUT", "/api/settings", `{"zone":"Asia/Tokyo"}`)
	if s.Zone != "Asia/Tokyo" || s.Quiet.On || s.Quiet.From != "22:00" {
		t.Errorf("%+v", s)
	}
	if v := r.remind(`{"phrase":"tomorrow at 23:30 sleep"}`); v.Zone != "Asia/Tokyo" || v.Held != nil {
		t.Errorf("%+v", v.Reminder)
	}
	early := r.remind(`{"phrase":"tomorrow at 3:00 am look at the sky"}`)
	r.call(http.StatusOK, &s, "PUT", "/api/settings", `{"quiet":{"on":true,"to":"06:30"}}`)
	if s.Zone != "Asia/Tokyo" || !s.Quiet.On || s.Quiet.From != "22:00" || s.Quiet.To != "06:30" {
		t.Errorf("%+v", s)
	}
	late := r.remind(`{"phrase":"tomorrow at 23:45 sleep"}`)
	if late.Held == nil || late.Held.Sub(late.Next.Time) != 6*time.Hour+45*time.Minute {
		t.Errorf("%+v", late.Reminder)
	}
	f := r.d.db.Follow(0, "")
	for r.reminder(early.ID).Held == nil {
		if _, err := f.Read(); err != nil {
			t.Fatal(err)
		}
		<-f.News()
	}
	for _, bad := range []string{`{"zone":"Mars"}`, `{"quiet":{"from":"25:00"}}`, `{"quiet":{"from":"6:30"}}`, `{"quiet":{"from":"06:30"}}`, `{"quiet":7}`} {
		r.fails(http.StatusUnprocessableEntity, "invalid", "PUT", "/api/settings", bad)
	}
}

// The agenda is in order, says more where there is more, and never lasts long.
func TestAgenda(t *testing.T) {
	r := newMemoryRig(t)
	r.remind(`{"text":"often","schedule":"* * * * *","zone":"UTC"}`)
	r.remind(`{"text":"daily","schedule":"0 9 * * *","zone":"UTC"}`)
	paused := r.remind(`{"text":"paused","schedule":"0 10 * * *","zone":"UTC"}`)
	r.call(http.StatusOK, nil, "POST", "/api/reminders/"+paused.ID+"/pause", "")
	var out struct {
		Items []struct {
			Reminder, Text string
			At             time.Time
			Paused         bool
		}
		More bool
	}
	from := time.Now().UTC().AddDate(0, 0, 1).Truncate(24 * time.Hour)
	ask := func(days int) {
		r.call(http.StatusOK, &out, "GET", "/api/reminders/agenda?from="+from.Format(time.RFC3339)+"&to="+from.AddDate(0, 0, days).Format(time.RFC3339), "")
	}
	if ask(62); len(out.Items) != 1000 || !out.More {
		t.Errorf("%d items, more %v", len(out.Items), out.More)
	}
	for i := range out.Items[1:] {
		if out.Items[i+1].At.Before(out.Items[i].At) {
			t.Fatal("out of order at", i)
		}
	}
	found := 0
	for _, it := range out.Items {
		if it.Text == "paused" && it.Paused || it.Text == "daily" && !it.Paused {
			found++
		}
	}
	if found != 2 {
		t.Errorf("%d of 2 others in the first 1000", found)
	}
	for _, bad := range []string{"?from=x", "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "?from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z"} {
		r.fails(http.StatusUnprocessableEntity, "invalid", "GET", "/api/reminders/agenda"+bad, "")
	}
}

// A calendar file comes in once; its entries go out again; and the secret
// address shows them until it is replaced or its device is gone.
func TestCalendar(t *testing.T) {
	r := newMemoryRig(t)
	file := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Dentist\r\nDTSTART;TZID=Europe/Berlin:20990105T090000\r\nEND:VEVENT\r\n" +
		"BEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Old\r\nDTSTART:19990105T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	calendar := header("Content-Type", "text/calendar")
	var out struct {
		Imported []store.Reminder
		Skipped  []struct{ Summary, Why string }
	}
	r.call(http.StatusOK, &out, "POST", "/api/reminders/import", file, calendar)
	if len(out.Imported) != 1 || out.Imported[0].Text != "Dentist" || len(out.Skipped) != 1 || out.Skipped[0].Why != "it is past" {
		t.Errorf("%+v", out)
	}
	r.call(http.StatusOK, &out, "POST", "/api/reminders/import", file, calendar)
	if len(out.Imported) != 0 || len(out.Skipped) != 2 {
		t.Errorf("again: %+v", out)
	}
	r.fails(http.StatusUnprocessableEntity, "invalid", "POST", "/api/reminders/import", "hello", calendar)

	a := r.send("GET", "/api/reminders/export.ics", "")
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/calendar") || !strings.Contains(string(a.Body), "SUMMARY:Dentist") {
		t.Errorf("%d %s", a.StatusCode, a.Body)
	}
	phone := r.device()
	var feed, next struct{ URL string }
	path := func(url string) string {
		_, file, _ := strings.Cut(url, calendarPath)
		return calendarPath + file
	}
	r.call(http.StatusOK, &feed, "POST", "/api/reminders/feed", "", as(phone))
	nobody := func(q *http.Request) { q.Header.Del("Authorization") }
	if a := r.send("GET", path(feed.URL), "", nobody); a.StatusCode != http.StatusOK || string(a.Body)[:15] != "BEGIN:VCALENDAR" {
		t.Errorf("%d %s", a.StatusCode, a.Body)
	}
	r.call(http.StatusOK, &next, "POST", "/api/reminders/feed", "", as(phone))
	r.fails(http.StatusNotFound, "not_found", "GET", path(feed.URL), "", nobody)
	r.fails(http.StatusNotFound, "not_found", "GET", strings.TrimSuffix(path(next.URL), ".ics"), "", nobody)
	var devices struct{ Devices []store.Device }
	r.call(http.StatusOK, &devices, "GET", "/api/devices", "")
	r.call(http.StatusNoContent, nil, "DELETE", "/api/devices/"+devices.Devices[0].ID, "")
	r.fails(http.StatusNotFound, "not_found", "GET", path(next.URL), "", nobody)
}

// A prompt of a reminder is a turn like any other. Without a model it fails, in
// words, and the third time pauses it.
func TestPromptReminder(t *testing.T) {
	r := newMemoryRig(t).begin()
	v := r.remind(`{"text":"the weather","schedule":"0 7 * * *","zone":"UTC","kind":"prompt"}`)
	for range 3 {
		ran := new(store.Reminder)
		r.call(http.StatusOK, ran, "POST", "/api/reminders/"+v.ID+"/run", "")
		m := r.settled(ran.Last.Message)
		if m.Status != store.Failed || m.Error.Code != "no_model" || m.Role != store.Assistant {
			t.Fatalf("%+v", m)
		}
	}
	f := r.d.db.Follow(0, "")
	for r.reminder(v.ID).State != store.Paused {
		if _, err := f.Read(); err != nil {
			t.Fatal(err)
		}
		<-f.News()
	}
}

// No settings make the daemon fail, or hold a reminder back for more than a day.
func FuzzSettings(f *testing.F) {
	f.Add(`{"zone":"Europe/Berlin","quiet":{"on":true,"from":"22:00","to":"07:00"}}`)
	f.Add(`{"quiet":{"on":true,"from":"00:00","to":"23:59"}}`)
	f.Add(`{"zone":"","quiet":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		r := newMemoryRig(t)
		a := r.send("PUT", "/api/settings", "{"+strings.TrimPrefix(body, "{"))
		if a.StatusCode >= 500 {
			t.Errorf("%d %s", a.StatusCode, a.Body)
		}
		v := r.remind(`{"text":"x","schedule":"30 23 * * *"}`)
		if v.Held != nil && v.Held.Sub(v.Next.Time) > 25*time.Hour {
			t.Errorf("held from %s to %s", v.Next, v.Held)
		}
	})
}

// In the thread, "snooze 1h" and "done" mean the reminder that has just spoken.
func TestAnswerInThread(t *testing.T) {
	r := newMemoryRig(t).begin()
	v := r.remind(`{"text":"pills","schedule":"0 7 * * *","zone":"UTC"}`)
	ran := new(store.Reminder)
	r.call(http.StatusOK, ran, "POST", "/api/reminders/"+v.ID+"/run", "")
	m, err := r.d.message(ran.Last.Message)
	if err != nil {
		t.Fatal(err)
	}
	say := func(text, replyTo string) *store.Message {
		t.Helper()
		var out chatAccepted
		r.call(http.StatusAccepted, &out, "POST", "/api/assistant/chat", fmt.Sprintf(`{"text":%q,"conversation":%q,"reply_to":%q}`, text, m.Conversation, replyTo))
		return r.settled(out.Assistant)
	}
	if got := say("snooze 1h", ""); !strings.HasPrefix(got.Text, "Snoozed until ") || r.reminder(v.ID).Snoozed == nil {
		t.Errorf("%s; %+v", got.Text, r.reminder(v.ID))
	}
	if got := say("done", m.ID); strings.HasPrefix(got.Text, "Done") {
		t.Errorf("done after the answer: %s", got.Text)
	}
	r.call(http.StatusOK, ran, "POST", "/api/reminders/"+v.ID+"/run", "")
	if got := say("done", ""); !strings.HasPrefix(got.Text, "Done. It comes again: Every day at 07:00") || r.reminder(v.ID).Last.State != "done" {
		t.Errorf("%s; %+v", got.Text, r.reminder(v.ID))
	}
}
