package push

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"hark/store"
)

// The buttons of a notification are those that make sense for the message, at
// most two, and each says what the worker is to post.
func TestButtons(t *testing.T) {
	reminder := store.Source{Kind: "reminder", ID: "r1"}
	for name, c := range map[string]struct {
		change func(*store.Message)
		want   string // action=path of each
	}{
		"reminder":     {func(m *store.Message) { m.Source, m.Title = reminder, "Reminder" }, "done=/api/reminders/r1/done snooze=/api/reminders/r1/snooze"},
		"late":         {func(m *store.Message) { m.Source, m.Title, m.Reason = reminder, "Reminder, was due 9:00", store.Late }, "done=/api/reminders/r1/done snooze=/api/reminders/r1/snooze"},
		"missed":       {func(m *store.Message) { m.Source, m.Title = reminder, "Missed" }, ""},
		"ask":          {func(m *store.Message) { m.Ask = &store.Ask{Choices: []string{"Yes", "No"}, State: store.AskOpen} }, "answer-0=/api/messages/ID/answer answer-1=/api/messages/ID/answer"},
		"ask for much": {func(m *store.Message) { m.Ask = &store.Ask{Choices: []string{"a", "b", "c"}, State: store.AskOpen} }, ""},
		"answered":     {func(m *store.Message) { m.Ask = &store.Ask{Choices: []string{"Yes", "No"}, State: store.AskAnswered} }, ""},
		"actions": {func(m *store.Message) {
			m.Actions = []store.Action{{ID: "a", Kind: "http", Label: "Restart"}, {ID: "b", Kind: "open", Label: "Log", URL: "https://log.example"}, {ID: "c", Kind: "http", Label: "third"}}
		}, "a=/api/messages/ID/act b=https://log.example"},
		"plain": {func(*store.Message) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, nil, func(r *rig) {
				b := r.device("phone")
				m := r.say("hello", c.change)
				pass(time.Second)
				n := r.notes(b)[0].Notification
				var got []string
				for _, a := range n.Actions {
					got = append(got, a.Action+"="+a.Navigate+n.Data.Acts[a.Action].Path)
				}
				if s := strings.ReplaceAll(strings.Join(got, " "), m.ID, "ID"); s != c.want {
					t.Errorf("%s, want %s", s, c.want)
				}
				if n.RequireInteraction != (name == "ask" || name == "ask for much") {
					t.Errorf("requireInteraction %v", n.RequireInteraction)
				}
			})
		})
	}
}

// The payload is what the worker and browsers with declarative push expect.
func TestPayload(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		m := r.say("The backup **failed** <b>&", func(m *store.Message) { m.Format, m.Title = "", "Backup" })
		pass(time.Second)
		texts, err := b.Inbox()
		ok(r.t, err)
		at, _ := json.Marshal(m.Created)
		want := fmt.Sprintf(`{"web_push":8030,"notification":{"title":"Backup","body":"The backup failed <b>&",`+
			`"navigate":"https://hark.example.org/?c=%[2]s&m=%[1]s","tag":"%[1]s","dir":"auto","timestamp":%[4]d,`+
			`"data":{"message":"%[1]s","conversation":"%[2]s","device":"phone","receipt":"%[3]s",`+
			`"record":{"id":"%[1]s","conversation":"%[2]s","role":"assistant","status":"done","title":"Backup",`+
			`"text":"The backup **failed** <b>&","source":{"kind":"fire","name":"backup"},"created":%[5]s,"cut":true}}},`+
			`"app_badge":1,"mutable":true}`, m.ID, r.conv, r.s.Receipt(m.ID, "phone", 1), m.Created.UnixMilli(), at)
		if got := string(texts[0]); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// Whatever is said, the payload is JSON in UTF-8 and never longer than a push
// may be; no button is left without what it posts.
func FuzzPayload(f *testing.F) {
	f.Add("Backup", "done", "plain", 3, 1900)
	f.Add("", strings.Repeat("\x01", 4000), "", 5, 900)
	f.Add("\xff\xfe", strings.Repeat("\"\\\u2028𝄞", 900), "x", 1, 1900)
	f.Add(strings.Repeat("<", 500), "# a *b* [c](d)", "", 2, 900)
	f.Fuzz(func(t *testing.T, title, text, label string, number, limit int) {
		limit = map[bool]int{true: smallPayload, false: maxPayload}[limit <= smallPayload]
		m := &store.Message{
			ID: "01JD0000000000000000000000", Conversation: "01JC0000000000000000000000", Role: store.Assistant, Status: store.Done,
			Title: title, Text: text, Format: label, Source: store.Source{Kind: "fire", Name: label},
			Actions: []store.Action{{ID: label, Kind: "http", Label: label}, {ID: "open", Kind: "open", Label: title, URL: "https://" + label}},
		}
		if number%2 == 0 {
			m.Ask = &store.Ask{Choices: []string{label, title}, State: store.AskOpen}
		}
		n := &note{WebPush: declarative, Mutable: true}
		n.Notification.Navigate, n.Notification.Tag = place("https://"+label, m), m.ID
		n.Notification.Data.Receipt = strings.Repeat("r", 80)
		n.words(m, &store.Conversation{ID: m.Conversation, Title: label}, &store.Delivery{Message: m.ID, Priority: number})
		b, err := n.encode(limit)
		if err != nil {
			t.Fatal(err)
		}
		var back note
		if err := json.Unmarshal(b, &back); err != nil || len(b) > limit || !utf8.Valid(b) {
			t.Fatalf("%d bytes, %v: %q", len(b), err, b)
		}
		for _, a := range back.Notification.Actions {
			if _, posts := back.Notification.Data.Acts[a.Action]; !posts && a.Navigate == "" {
				t.Errorf("button %q leads nowhere: %s", a.Action, b)
			}
		}
		if back.Notification.Title == "" || back.Notification.Body == "" {
			t.Errorf("says nothing: %s", b)
		}
	})
}

// The same payload goes to many devices at once, and each of them can read it: the
// library writes into the slice that it is given.
func TestManyDevices(t *testing.T) {
	r := newRig(t, nil)
	front := httptest.NewServer(r.svc.Handler())
	defer front.Close()
	r.s.client = http.DefaultClient
	r.s.policy.admitted[strings.TrimPrefix(front.URL, "http://")] = "itself"
	payload := make([]byte, 0, 2*recordSize) // room behind it, for who writes there
	payload = append(payload, `{"web_push":8030}`...)
	texts := map[string]int{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i := range 20 {
		b, err := r.svc.Subscribe(r.s.Key())
		ok(t, err)
		wait.Go(func() {
			a := r.s.post(t.Context(), subscriptionOf(fmt.Sprint(i), front.URL+"/wpush/v2/"+b.Token, b), letter{payload: payload, record: recordSize, ttl: time.Minute})
			if a.status != http.StatusCreated {
				t.Errorf("device %d: %+v", i, a)
			}
			inbox, err := b.Inbox()
			if err != nil || len(inbox) != 1 {
				t.Errorf("device %d: %d pushes, %v", i, len(inbox), err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			texts[string(inbox[0])]++
		})
	}
	wait.Wait()
	if got := slices.Collect(maps.Keys(texts)); len(got) != 1 || got[0] != string(payload) {
		t.Errorf("devices read %q", got)
	}
}
