package daemon

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/store"
)

type madeToken struct {
	store.Token
	Secret string `json:"token"`
}

// What the owner sets for a token bounds what it fires, in every dialect.
func TestTokenBounds(t *testing.T) {
	r := newMemoryRig(t)
	var home fired
	r.call(200, &home, "POST", "/api/assistant/fire", "first")
	var made madeToken
	r.call(201, &made, "POST", "/api/tokens", `{"name":"nas","scopes":["fire"],"max_priority":2,"icon":"🐳","conversation":"`+home.Conversation+`"}`)
	var a fired
	r.call(200, &a, "POST", "/api/assistant/fire", `{"text":"x","priority":5}`, bearer(made.Secret))
	m, err := r.d.message(a.Message)
	if err != nil || m.Priority != 2 || len(a.Warnings) != 1 || a.Conversation != home.Conversation {
		t.Errorf("%+v %v %+v", m, err, a)
	}
	var h heard
	r.call(200, &h, "POST", "/somewhere", "x", bearer(made.Secret))
	if m, err = r.d.message(h.ID); err != nil || m.Priority != 2 || m.Conversation == home.Conversation {
		t.Errorf("by topic: %+v %v", m, err)
	}
	r.call(200, nil, "PATCH", "/api/tokens/"+made.ID, `{"max_priority":0,"conversation":""}`)
	r.call(200, &a, "POST", "/api/assistant/fire", `{"text":"x","priority":5}`, bearer(made.Secret))
	if m, err = r.d.message(a.Message); err != nil || m.Priority != 5 || len(a.Warnings) != 0 {
		t.Errorf("%+v %v %+v", m, err, a)
	}
}

// A rate is the token's own: it hears when to come again, others fire on.
func TestTokenRate(t *testing.T) {
	r := newMemoryRig(t)
	var slow madeToken
	r.call(201, &slow, "POST", "/api/tokens", `{"name":"slow","scopes":["fire"],"rate":4}`)
	other := r.token("fire")
	codes := map[int]int{}
	for range 6 {
		a := r.send("POST", "/a", "x", bearer(slow.Secret))
		codes[a.StatusCode]++
		if a.StatusCode == http.StatusTooManyRequests && (a.Header.Get("Retry-After") != "15" || !strings.Contains(string(a.Body), `"code":42901`)) {
			t.Errorf("%v %s", a.Header, a.Body)
		}
		r.call(200, nil, "POST", "/a", "x", bearer(other))
	}
	if codes[200] != 2 || codes[429] != 4 {
		t.Error(codes)
	}
}

// A muted source still speaks, without a sound, until its time is over.
func TestTokenMute(t *testing.T) {
	r := newMemoryRig(t)
	var made madeToken
	r.call(201, &made, "POST", "/api/tokens", `{"name":"noisy","scopes":["fire"],"mute":"1h"}`)
	if made.MutedUntil == nil || time.Until(made.MutedUntil.Time).Round(time.Minute) != time.Hour {
		t.Fatalf("%+v", made)
	}
	who, err := r.d.tokenOf(made.Secret)
	if err != nil {
		t.Fatal(err)
	}
	silent := func() (silent bool) {
		err := r.d.db.Update(func(tx *store.Tx) error {
			in, err := (&fireInput{Text: "x"}).bound(tx, &firing{}, who, false)
			if err == nil {
				silent = in.Silent
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return silent
	}
	if !silent() {
		t.Error("muted, and not silent")
	}
	r.call(200, nil, "PATCH", "/api/tokens/"+made.ID, `{"muted_until":null}`)
	if who, err = r.d.tokenOf(made.Secret); err != nil || silent() {
		t.Error("not muted, and silent", err)
	}
}

// A rotated token is the same token with another secret: the old one is worth
// nothing at once, also after a second time.
func TestTokenRotate(t *testing.T) {
	r := newMemoryRig(t)
	var made madeToken
	r.call(201, &made, "POST", "/api/tokens", `{"name":"nas","scopes":["fire"],"rate":100}`)
	secrets := []string{made.Secret}
	for range 3 {
		var fresh madeToken
		r.call(200, &fresh, "POST", "/api/tokens/"+made.ID+"/rotate", "")
		if fresh.ID != made.ID || fresh.Rate != 100 {
			t.Fatalf("%+v", fresh)
		}
		for _, old := range secrets {
			r.fails(401, "unauthorized", "POST", "/api/assistant/fire", "x", bearer(old))
		}
		r.call(200, nil, "POST", "/api/assistant/fire", "x", bearer(fresh.Secret))
		secrets = append(secrets, fresh.Secret)
	}
	r.fails(404, "not_found", "POST", "/api/tokens/nothing/rotate", "")
}

// What can't be set is refused, and nothing changes.
func TestTokenRefusals(t *testing.T) {
	r := newMemoryRig(t)
	var made madeToken
	r.call(201, &made, "POST", "/api/tokens", `{"name":"nas","scopes":["fire"]}`)
	for _, body := range []string{
		`{"name":" "}`, `{"max_priority":6}`, `{"rate":-1}`, `{"conversation":"nowhere"}`, `{"icon":"` + strings.Repeat("x", 40) + `"}`,
		`{"muted_until":"later"}`, `{"mute":"long"}`, `{"callbacks":["http://x/y z"]}`, `{"scopes":["admin"]}`,
	} {
		r.fails(422, "invalid", "PATCH", "/api/tokens/"+made.ID, body)
	}
	var list struct{ Tokens []store.Token }
	r.call(200, &list, "GET", "/api/tokens", "")
	if len(list.Tokens) != 1 || fmt.Sprintf("%+v", list.Tokens[0]) != fmt.Sprintf("%+v", made.Token) {
		t.Errorf("%+v, was %+v", list.Tokens, made.Token)
	}
	r.fails(403, "forbidden", "PATCH", "/api/tokens/"+made.ID, `{"rate":0}`, bearer(made.Secret))
}

// A token makes at most so many topics; what it says beyond goes to the inbox. A
// topic whose conversation was deleted counts no more.
func TestManyTopics(t *testing.T) {
	r := newMemoryRig(t)
	secret := bearer(r.token("fire"))
	var first struct{ Conversation string }
	r.call(200, &first, "POST", "/topic-0", "x", secret)
	for i := range maxTopics - 1 {
		r.call(200, nil, "POST", fmt.Sprintf("/topic-%d", i+1), "x", secret)
	}
	var over struct {
		Conversation string
		Warnings     []string
	}
	r.call(200, &over, "POST", "/one-more", "x", secret)
	var inbox struct{ Conversation string }
	r.call(200, &inbox, "POST", "/inbox", "x", secret)
	if len(over.Warnings) != 1 || over.Conversation != inbox.Conversation {
		t.Errorf("%+v, the inbox is %s", over, inbox.Conversation)
	}
	r.call(204, nil, "DELETE", "/api/conversations/"+first.Conversation, "")
	over.Warnings = nil
	r.call(200, &over, "POST", "/one-more", "x", secret)
	if len(over.Warnings) != 0 || over.Conversation == inbox.Conversation {
		t.Errorf("with room again: %+v", over)
	}
}
