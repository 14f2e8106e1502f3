package daemon

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// visit is what a browser does with a link: it keeps the referrer and follows
// nothing by itself.
func (r *rig) visit(path string, change ...func(*http.Request)) *answer {
	r.t.Helper()
	q := r.request("GET", path, "", change...)
	q.Header.Del("Authorization")
	resp, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	return &answer{StatusCode: resp.StatusCode, Header: resp.Header}
}

type madeTicket struct{ Ticket, Path, Device string }

func (r *rig) ticket(body string) (t madeTicket) {
	r.t.Helper()
	r.call(200, &t, "POST", "/api/ticket", body)
	return t
}

// No device can become another one, which would outlive its own removal.
func TestTicketOfOtherDevice(t *testing.T) {
	r := newRig(t, nil)
	phone, desk := r.device(), r.device()
	var me store.Device
	r.call(200, &me, "GET", "/api/devices/me", "", as(desk))
	r.fails(403, "forbidden", "POST", "/api/ticket", `{"device":"`+me.ID+`"}`, as(phone))
	r.call(200, nil, "POST", "/api/ticket", `{"device":"`+me.ID+`"}`, as(desk))
	r.call(200, nil, "POST", "/api/ticket", `{}`, as(phone))
}

// A ticket makes a browser a device without a word typed, once; its secret goes
// into no cache and no referrer, and looking whether the page is there does not
// use it up.
func TestTicketLogin(t *testing.T) {
	r := newRig(t, nil)
	made := r.ticket(`{"name":"Window on desk"}`)
	if len(made.Ticket) < 26 || made.Path != "/login?ticket="+made.Ticket {
		t.Errorf("%+v", made)
	}
	if head := r.send("HEAD", made.Path, ""); head.StatusCode != http.StatusOK || len(head.cookies()) > 0 {
		t.Errorf("HEAD: %d %v", head.StatusCode, head.cookies())
	}
	resp := r.visit(made.Path, header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Mode", "navigate"))
	h := resp.Header
	if resp.StatusCode != http.StatusSeeOther || h.Get("Location") != "/" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", resp.StatusCode, h)
	}
	c := resp.cookies()[0]
	if c.Name != cookieName || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("%+v", c)
	}
	var me store.Device
	r.call(200, &me, "GET", "/api/devices/me", "", as(c))
	if me.ID != made.Device || me.Name != "Window on desk" {
		t.Errorf("%+v", me)
	}
	again := r.visit(made.Path)
	if again.StatusCode != http.StatusForbidden || len(again.cookies()) > 0 {
		t.Errorf("used twice: %d", again.StatusCode)
	}
}

// A window that comes back is the device that it was; a browser that is known
// stays what it is; one that the owner has removed becomes a new one.
func TestTicketDevice(t *testing.T) {
	r := newRig(t, nil)
	first := r.ticket(`{"name":"Window"}`)
	known := r.visit(first.Path).cookies()[0]
	second := r.ticket(`{"device":"` + first.Device + `"}`)
	if resp := r.visit(second.Path, as(known)); resp.StatusCode != http.StatusSeeOther || len(resp.cookies()) > 0 {
		t.Errorf("a known browser: %d %v", resp.StatusCode, resp.cookies())
	}
	if resp := r.visit(second.Path); resp.StatusCode != http.StatusForbidden {
		t.Error("the ticket of a known browser can be used again")
	}
	r.visit(r.ticket(`{"device":"` + first.Device + `"}`).Path)
	var all struct{ Devices []store.Device }
	r.call(200, &all, "GET", "/api/devices", "")
	if len(all.Devices) != 1 || all.Devices[0].Name != "Window" {
		t.Errorf("%+v", all.Devices)
	}
	r.call(204, nil, "DELETE", "/api/devices/"+first.Device, "")
	if anew := r.ticket(`{"device":"` + first.Device + `"}`); anew.Device == first.Device {
		t.Error("a removed device came back")
	}
}

// Only the owner gets tickets, and guessing them meets a limit.
func TestTicketRefusals(t *testing.T) {
	r := newRig(t, nil)
	r.fails(403, "forbidden", "POST", "/api/ticket", "{}", bearer(r.token("chat")))
	r.fails(401, "unauthorized", "POST", "/api/ticket", "{}", func(q *http.Request) { q.Header.Del("Authorization") })
	for range 100 {
		if resp := r.visit("/login?ticket=" + strings.Repeat("A", 26)); resp.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a hundred wrong tickets met no limit")
}

// A ticket is void after thirty seconds.
func TestTicketExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTickets()
		old, expires := s.make(ticket{})
		if time.Until(expires) != 30*time.Second {
			t.Errorf("expires in %v", time.Until(expires))
		}
		time.Sleep(29 * time.Second)
		fresh, _ := s.make(ticket{})
		time.Sleep(time.Second)
		if _, ok := s.take(old); ok {
			t.Error("an old ticket works")
		}
		if _, ok := s.take(fresh); !ok {
			t.Error("a fresh ticket does not work")
		}
	})
}
