package daemon

import (
	"strings"
	"testing"

	"hark/store"
)

// What a device may be told to do about its notifications is checked, and kept.
func TestDeviceChoices(t *testing.T) {
	p := newPhone(t)
	for _, bad := range []string{
		`{"quiet":{"from":"25:00","to":"07:00"}}`, `{"quiet":{"from":"22:00"}}`, `{"quiet":{"from":"22:00","to":"22:00"}}`,
		`{"quiet":{"from":"22:00","to":"07:00","zone":"Mars/Base"}}`, `{"quiet":7}`, `{"mutes":[""]}`, `{"mutes":7}`, `{"private":1}`,
		`{"mutes":[` + strings.Repeat(`"a",`, 200) + `"b"]}`,
	} {
		p.fails(422, "invalid", "PATCH", "/api/devices/me", bad, as(p.cookie))
	}
	var v store.Device
	p.call(200, &v, "PATCH", "/api/devices/me", `{"quiet":{"from":"22:00","to":"07:00","zone":"Europe/Berlin"},"private":true,"mutes":["b","a"]}`, as(p.cookie))
	if v.Quiet == nil || v.Quiet.Zone != "Europe/Berlin" || !v.Private || strings.Join(v.Mutes, "") != "ab" {
		t.Errorf("%+v", v)
	}
	v = store.Device{}
	p.call(200, &v, "PATCH", "/api/devices/me", `{"quiet":null}`, as(p.cookie))
	if v.Quiet != nil || !v.Private || len(v.Mutes) != 2 {
		t.Errorf("only quiet was to change: %+v", v)
	}
	p.fails(422, "invalid", "PUT", "/api/settings", `{"escalate_min":-1}`)
	var set store.Settings
	p.call(200, &set, "PUT", "/api/settings", `{"escalate_min":0,"private":true}`)
	if set.Escalate != 0 || !set.Private {
		t.Errorf("%+v", set)
	}
}

// Whether pushes carry text and come again is for the owner to say. A program
// that may chat changes neither, nor anything else of what it sent along.
func TestPushSettingsAreTheOwners(t *testing.T) {
	p := newPhone(t)
	p.call(200, nil, "PUT", "/api/settings", `{"escalate_min":7,"private":true}`)
	chat := bearer(p.token("chat"))
	for _, bad := range []string{`{"private":false}`, `{"private":true}`, `{"escalate_min":0}`, `{"zone":"Asia/Tokyo","escalate_min":9}`} {
		w := p.fails(403, "forbidden", "PUT", "/api/settings", bad, chat)
		if !strings.Contains(string(w.Body), "private and escalate_min") {
			t.Errorf("%s: %s", bad, w.Body)
		}
	}
	p.call(200, nil, "PUT", "/api/settings", `{"quiet":{"on":false}}`, chat)
	var set store.Settings
	p.call(200, &set, "GET", "/api/settings", "")
	if set.Escalate != 7 || !set.Private || set.Zone == "Asia/Tokyo" {
		t.Errorf("%+v", set)
	}
	p.call(200, nil, "PUT", "/api/settings", `{"private":false}`, bearer(p.token("admin")))
}
