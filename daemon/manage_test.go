package daemon

import (
	"strings"
	"testing"

	"hark/store"
)

// Devices can be listed, named and revoked; each knows which one it is.
func TestDevices(t *testing.T) {
	r := newMemoryRig(t)
	phone, tablet := r.device(), r.device()
	var list struct {
		Devices []struct {
			ID, Name string
			Current  bool
		}
	}
	r.call(200, &list, "GET", "/api/devices", "", as(tablet))
	if len(list.Devices) != 2 || list.Devices[0].Current || !list.Devices[1].Current {
		t.Fatalf("%+v", list)
	}
	id := list.Devices[0].ID
	var v store.Device
	r.call(200, &v, "PATCH", "/api/devices/"+id, `{"name":" Kitchen  phone "}`, as(tablet))
	if v.Name != "Kitchen phone" {
		t.Errorf("%+v", v)
	}
	r.fails(422, "invalid", "PATCH", "/api/devices/"+id, `{"name":""}`)
	r.call(204, nil, "DELETE", "/api/devices/"+id, "", as(tablet))
	for range 3 * wrongPerMinute { // all its tabs, at once
		r.fails(401, "unauthorized", "GET", "/api/devices", "", as(phone))
	}
	r.fails(404, "not_found", "GET", "/api/devices/"+id, "")
}

// A browser that does not name itself is named by what it says it is.
func TestDeviceNames(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36":  "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1":    "Safari on iPhone",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130.0": "Edge on Windows",
		"": "Browser",
	} {
		if got := deviceName(" ", agent); got != want {
			t.Errorf("%s: %s, want %s", agent, got, want)
		}
	}
	if got := deviceName(strings.Repeat("ä", 100), ""); len(got) > maxName {
		t.Errorf("a name of %d bytes", len(got))
	}
}

// A revoked token opens nothing, and its streams end.
func TestTokens(t *testing.T) {
	r := newMemoryRig(t)
	var made struct{ ID, Token string }
	r.call(201, &made, "POST", "/api/tokens", `{"name":"dash","scopes":["read","read"]}`)
	l := r.listen("", bearer(made.Token))
	l.until("ready")
	a := r.call(200, nil, "GET", "/api/tokens", "")
	if strings.Contains(string(a.Body), made.Token) || !strings.Contains(string(a.Body), `"scopes":["read"]`) {
		t.Errorf("%s", a.Body)
	}
	r.call(204, nil, "DELETE", "/api/tokens/"+made.ID, "")
	l.until("bye")
	r.fails(401, "unauthorized", "GET", "/api/conversations", "", bearer(made.Token))
	r.fails(404, "not_found", "DELETE", "/api/tokens/"+made.ID, "")
	r.fails(422, "invalid", "POST", "/api/tokens", `{"name":"","scopes":["read"]}`)
	r.fails(422, "invalid", "POST", "/api/tokens", `{"name":"x","scopes":[]}`)
	r.fails(422, "invalid", "POST", "/api/tokens", `{"name":"x","scopes":["root"]}`)
}

// Reminders are made of a phrase or a schedule; what is unclear is asked.
func TestReminders(t *testing.T) {
	r := newMemoryRig(t)
	var v store.Reminder
	r.call(201, &v, "POST", "/api/reminders", `{"phrase":"remind me in 2 hours to take the bread out","zone":"Europe/Berlin"}`)
	if v.Text != "take the bread out" || v.State != store.Active || v.Next == nil || v.Zone != "Europe/Berlin" {
		t.Errorf("%+v", v)
	}
	r.call(200, &v, "GET", "/api/reminders/"+v.ID, "")
	r.call(204, nil, "DELETE", "/api/reminders/"+v.ID, "")
	r.fails(404, "not_found", "GET", "/api/reminders/"+v.ID, "")
	r.fails(422, "unclear", "POST", "/api/reminders", `{"phrase":"the bread","zone":"UTC"}`)
	r.fails(422, "invalid", "POST", "/api/reminders", `{"text":"x","schedule":"often","zone":"UTC"}`)
	r.fails(422, "past", "POST", "/api/reminders", `{"text":"x","schedule":"at 2001-01-01T00:00:00","zone":"UTC"}`)
	r.fails(422, "invalid", "POST", "/api/reminders", `{"text":"x","schedule":"every 90m","zone":"Mars"}`)
	r.fails(422, "empty", "POST", "/api/reminders", `{"schedule":"every 90m","zone":"UTC"}`)
	r.fails(404, "not_found", "POST", "/api/reminders", `{"text":"x","schedule":"every 90m","zone":"UTC","conversation":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}`)
}

// A conversation that is deleted takes its running reply with it.
func TestDeleteWhileWriting(t *testing.T) {
	url, asked := hanging(t)
	r := newRig(t, func(c *Config) { c.Model = Model{URL: url, Name: "m"} }).begin()
	a, b := r.say("tell me a long story"), r.say("and me")
	<-asked
	<-asked
	r.call(204, nil, "DELETE", "/api/conversations/"+a.Conversation, "")
	r.fails(404, "not_found", "GET", "/api/messages/"+a.Assistant, "")
	r.call(204, nil, "DELETE", "/api/messages/"+b.Assistant, "")
	r.fails(404, "not_found", "GET", "/api/messages/"+b.Assistant, "")
	r.call(200, nil, "GET", "/api/messages/"+b.User, "")
}

// Searching pages through what fits.
func TestSearchPages(t *testing.T) {
	r := newMemoryRig(t)
	for range 5 {
		r.call(200, nil, "POST", "/api/assistant/fire", "needle in the hay")
	}
	seen := map[string]bool{}
	next := ""
	for {
		var page struct {
			Messages []store.Message
			More     bool
			Next     string
		}
		r.call(200, &page, "GET", "/api/search?q=NEEDLE&limit=2"+next, "")
		for _, m := range page.Messages {
			seen[m.ID] = true
		}
		if !page.More {
			break
		}
		next = "&before=" + page.Next
	}
	if len(seen) != 5 {
		t.Errorf("%d of 5 found", len(seen))
	}
	r.fails(422, "invalid", "GET", "/api/search?q=+", "")
	r.fails(400, "bad_request", "GET", "/api/search?q=a&before=x", "")
	r.fails(400, "bad_request", "GET", "/api/search?q=a&limit=many", "")
}
