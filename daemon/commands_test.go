package daemon

import (
	"fmt"
	"strings"
	"testing"

	"hark/store"
)

// typed sends what the owner types and returns the reply, which is there at once.
func (r *rig) typed(text string) store.Message {
	r.t.Helper()
	var out chatAccepted
	r.call(202, &out, "POST", "/api/assistant/chat", fmt.Sprintf(`{"text":%q,"zone":"UTC"}`, text))
	var m store.Message
	r.call(200, &m, "GET", "/api/messages/"+out.Assistant, "")
	if m.Status != out.Status {
		r.t.Errorf("%s: told as %s, is %s", text, out.Status, m.Status)
	}
	return m
}

// Commands about sources are answered at once and by no model; whatever else
// begins with a slash is for the assistant.
func TestCommands(t *testing.T) {
	r := newRig(t, nil) // nothing runs that could ask a model
	for _, name := range []string{"backup", "Night backup", "nas one", "nas two"} {
		r.call(201, nil, "POST", "/api/tokens", fmt.Sprintf(`{"name":%q,"scopes":["fire"]}`, name))
	}
	r.call(201, nil, "POST", "/api/tokens", `{"name":"reader","scopes":["read"]}`)
	for _, c := range []struct{ text, want string }{
		{"/help", "/mute NAME"},
		{"/sources", "backup – never used\nnas one"},
		{"/mute backup 2h", "backup makes no sound until "},
		{"/sources", "backup – never used, muted until "},
		{"/MUTE night backup for 1d", "Night backup makes no sound until "},
		{"/mute night", "Night backup makes no sound until "},
		{"/mute nas 1h", "could be: nas one, nas two"},
		{"/mute reader", "Nothing here is called “reader”"},
		{"/mute backup soon", "“soon” is no time such as"},
		{"/mute", "Which one?"},
		{" /unmute backup ", "backup is heard again."},
		{"/unmute backup", "backup is not muted."},
		{"/unmute", "Which one?"},
	} {
		m := r.typed(c.text)
		if !strings.Contains(m.Text, c.want) || m.Status != store.Done || m.Source.Kind != "command" || m.Format != "plain" {
			t.Errorf("%s: %+v", c.text, m)
		}
	}
	for _, text := range []string{"/etc/passwd has grown", "/mutes", "/", "/mute backup\nand more", "what does /help do?"} {
		if m := r.typed(text); m.Status != store.Pending {
			t.Errorf("%q was taken for a command: %+v", text, m)
		}
	}
}

// What is muted by a command arrives without a sound, and is heard after.
func TestMuteCommand(t *testing.T) {
	r := newRig(t, nil)
	secret := r.token("fire")
	silent := func() bool {
		var a fired
		r.call(200, &a, "POST", "/api/assistant/fire", "x", bearer(secret))
		var m store.Message
		r.call(200, &m, "GET", "/api/messages/"+a.Message, "")
		return m.Silent
	}
	r.typed("/mute script 1h")
	if !silent() {
		t.Error("muted, and not silent")
	}
	r.typed("/unmute script")
	if silent() {
		t.Error("still silent")
	}
}

// A token that may only chat decides nothing about other programs.
func TestCommandsAreTheOwners(t *testing.T) {
	r := newRig(t, nil)
	secret := r.token("chat")
	r.call(201, nil, "POST", "/api/tokens", `{"name":"backup","scopes":["fire"]}`)
	var out chatAccepted
	r.call(202, &out, "POST", "/api/assistant/chat", `{"text":"/mute backup"}`, bearer(secret))
	var m store.Message
	r.call(200, &m, "GET", "/api/messages/"+out.Assistant, "")
	if !strings.HasPrefix(m.Text, "Only the owner") || strings.Contains(r.typed("/sources").Text, "muted") {
		t.Errorf("%+v", m)
	}
}
