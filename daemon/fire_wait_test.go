package daemon

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"hark/store"
)

// Whoever waits for more answers than it may have streams open is told to come
// back later, and not at once, which would only push out another.
func TestTooManyWaits(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.StreamsPerDevice = 2 }).begin()
	secret := r.token("fire")
	var out fired
	r.call(200, &out, "POST", "/api/assistant/fire", `{"text":"Deploy?","ask":true}`, bearer(secret))
	answers := make(chan *answer, 3)
	for range cap(answers) {
		go func() {
			answers <- r.send("GET", "/api/assistant/fire/"+out.Message+"/answer?wait=30", "", bearer(secret))
		}()
	}
	first := <-answers
	if first.StatusCode != http.StatusTooManyRequests || first.Header.Get("Retry-After") != "5" {
		t.Errorf("%d, to come again after %q", first.StatusCode, first.Header.Get("Retry-After"))
	}
	r.call(200, nil, "POST", "/api/messages/"+out.Message+"/answer", `{"answer":"Yes"}`)
	for range cap(answers) - 1 {
		if a := <-answers; a.StatusCode != http.StatusOK {
			t.Errorf("%d instead of the answer", a.StatusCode)
		}
	}
}

// A call that ends when its message says something new already says nothing
// about the new button.
func TestCallOfReplacedMessage(t *testing.T) {
	called, end := make(chan bool), make(chan bool)
	home := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called <- true; <-end }))
	defer home.Close()
	at, err := url.Parse(home.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil).begin()
	secret := store.NewSecret(tokenPrefix)
	err = r.d.db.Update(func(tx *store.Tx) error {
		token := &store.Token{ID: tx.NewID(), Name: "gate", Scopes: []string{"fire"}}
		token.Callbacks = []string{at.Host}
		return tx.PutToken(token, secret)
	})
	if err != nil {
		t.Fatal(err)
	}
	fire := func(label string) (out fired) {
		r.call(200, &out, "POST", "/api/assistant/fire",
			`{"text":"gate","replace":"gate","actions":[{"kind":"http","label":"`+label+`","url":"`+home.URL+`"}]}`, bearer(secret))
		return out
	}
	id := fire("Open").Message
	done := make(chan store.Message)
	go func() {
		var m store.Message
		r.call(200, &m, "POST", "/api/messages/"+id+"/act", `{"action":"1"}`)
		done <- m
	}()
	<-called
	fire("Close")
	end <- true
	if m := <-done; m.Actions[0].Label != "Close" || m.Actions[0].State != "" {
		t.Errorf("%+v", m.Actions)
	}
}
