package daemon

import (
	"net/http"
	"net/url"
	"testing"

	"hark/store"
)

// A token that is revoked hears nothing more, also while it is told the past.
func TestNtfyPastEnds(t *testing.T) {
	r := newMemoryRig(t)
	for range 3 {
		r.fireMany(pastBite, "a")
	}
	sub, err := newSubscription(r.d.db, "a", ntfyParams{r: &http.Request{Header: http.Header{}}, query: url.Values{"since": {"all"}}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.d.streams.open("x")
	if err != nil {
		t.Fatal(err)
	}
	told := make(outletChan, 4*pastBite)
	r.d.streams.end("x")
	if ok, err := sub.past(told, l); ok || err != nil || len(told) > pastBite {
		t.Errorf("%v %v, %d messages", ok, err, len(told))
	}
}

// fireMany has a topic say something n times.
func (r *rig) fireMany(n int, topic string) {
	r.t.Helper()
	err := r.d.db.Update(func(tx *store.Tx) error {
		c, err := topicConversation(tx, topic, caller{id: "x"})
		for range n {
			if err == nil {
				_, err = tx.Deliver(&store.Message{Conversation: c.id, Role: store.Assistant, Status: store.Done, Text: "x"})
			}
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}
