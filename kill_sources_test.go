package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"hark/store"
)

// Each of 200 entries of a feed is told once, in the feed's order, although the
// program is killed at random moments while it tells them.
func TestSourceKill(t *testing.T) {
	const entries = 200
	kills := 12
	if os.Getenv("HARK_SOAK") != "" {
		kills = 60
	}
	w := newWorld(t, buildHark(t, ""), "model", 0)
	shown := make(chan int, 1)
	shown <- 0
	feed := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		n := <-shown
		shown <- n
		fmt.Fprint(rw, `<feed xmlns="http://www.w3.org/2005/Atom">`)
		for i := n; i > 0; i-- {
			fmt.Fprintf(rw, `<entry><id>urn:%d</id><title>entry %d</title><updated>2026-11-22T10:00:%02dZ</updated></entry>`, i, i, i/60)
		}
		fmt.Fprint(rw, `</feed>`)
	}))
	t.Cleanup(feed.Close)
	l, err := w.start("")
	if err != nil {
		t.Fatal(err)
	}
	var source struct {
		ID   string
		Look store.Look
	}
	if err := l.call("POST", "/api/sources", `{"kind":"feed","url":"`+feed.URL+`"}`, &source); err != nil {
		t.Fatal(err)
	}
	look := func() error { return l.call("POST", "/api/sources/"+source.ID+"/look", `{}`, &source) }
	if err := look(); err != nil || !source.Look.Begun {
		t.Fatalf("first look: %+v, %v", source, err)
	}
	for k := range kills {
		<-shown
		shown <- entries * (k + 1) / kills
		looked := make(chan struct{})
		go func() { defer close(looked); _ = look() }() // it may be cut off
		<-time.After(time.Duration(rand.IntN(40)) * time.Millisecond)
		l.kill()
		<-looked
		if l, err = w.start(""); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { l.kill() }()
	if err := look(); err != nil || source.Look.Error != "" {
		t.Fatalf("last look: %+v, %v", source, err)
	}
	if got := inboxTitles(t, l); source.Look.Told != entries || got != titlesUpTo(entries) {
		t.Errorf("%d told; they are there as\n%s", source.Look.Told, got)
	}
	t.Logf("%d entries, killed %d times", entries, kills)
}

func titlesUpTo(n int) string {
	var titles []string
	for i := range n {
		titles = append(titles, fmt.Sprintf("entry %d", i+1))
	}
	return strings.Join(titles, "\n")
}

// inboxTitles are the titles of all messages of the only conversation, in order.
func inboxTitles(t *testing.T, l *life) string {
	t.Helper()
	var list struct{ Conversations []store.Conversation }
	if err := l.call("GET", "/api/conversations", "", &list); err != nil || len(list.Conversations) != 1 {
		t.Fatalf("%d conversations, %v", len(list.Conversations), err)
	}
	var titles []string
	for before, more := "", true; more; {
		var page struct {
			Messages []store.Message
			More     bool
		}
		path := "/api/conversations/" + list.Conversations[0].ID + "/messages?limit=200&before=" + before
		if err := l.call("GET", path, "", &page); err != nil {
			t.Fatal(err)
		}
		var these []string
		for _, m := range page.Messages {
			these = append(these, m.Title)
		}
		titles = append(these, titles...)
		if more = page.More; more {
			before = page.Messages[0].ID
		}
	}
	return strings.Join(titles, "\n")
}
