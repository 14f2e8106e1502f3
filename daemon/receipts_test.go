package daemon

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hark/store"
)

// A receipt moves the push that it came with, forward only and however often
// it is sent, and needs no cookie.
func TestReceipts(t *testing.T) {
	p := newPhone(t)
	id := p.fireNow("hello")
	p.delivery(id, store.Accepted)
	receipt := p.d.push.Receipt(id, p.id, 1)
	told := func(event string) string {
		t.Helper()
		if resp := p.tell(fmt.Sprintf(`{"receipt":%q,"event":%q}`, receipt, event)); resp.StatusCode != http.StatusNoContent {
			t.Fatalf("%s: %d %s", event, resp.StatusCode, resp.Body)
		}
		var out struct{ Devices []delivered }
		p.call(200, &out, "GET", "/api/messages/"+id+"/delivery", "", as(p.cookie))
		return out.Devices[0].State
	}
	for _, c := range [][2]string{{"shown", store.Shown}, {"closed", store.Shown}, {"clicked", store.Acted}, {"shown", store.Acted}, {"acted", store.Acted}} {
		if got := told(c[0]); got != c[1] {
			t.Errorf("after %s: %s, want %s", c[0], got, c[1])
		}
	}
	var out struct{ Devices []delivered }
	p.call(200, &out, "GET", "/api/messages/"+id+"/delivery", "")
	if d := out.Devices[0]; d.Name != "phone" || d.Device != p.id || len(d.Times) != 4 || d.Times[store.Acted].IsZero() {
		t.Errorf("%+v", d)
	}
	head := p.d.db.Head()
	told("clicked")
	if p.d.db.Head() != head {
		t.Error("a receipt that said nothing new was written")
	}
	var dev store.Device
	p.call(200, &dev, "GET", "/api/devices/me", "", as(p.cookie))
	if dev.Push == nil || dev.Push.LastShown == nil {
		t.Errorf("the device lacks when it last showed a push: %+v", dev.Push)
	}
}

// When a message says something new, as a reply that ends after it had asked,
// what comes late about the old notification does not count for the new one, and
// above all does not take its push out of the outbox.
func TestReceiptOfOldNews(t *testing.T) {
	p := newPhone(t)
	id := p.fireNow("May I?")
	p.delivery(id, store.Accepted)
	err := p.d.db.Update(func(tx *store.Tx) error {
		m, err := tx.Message(id)
		if err != nil {
			return err
		}
		_, err = tx.QueuePush(m, store.PushNews)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.delivery(id, store.Accepted)
	for i, want := range []string{store.Accepted, store.Acted} {
		round := i + 1
		p.tell(fmt.Sprintf(`{"receipt":%q,"event":"clicked"}`, p.d.push.Receipt(id, p.id, round)))
		if d := p.delivery(id, want); d.Round != 2 {
			t.Errorf("%+v", d)
		}
	}
	if n := p.took.Load(); n != 2 {
		t.Errorf("%d pushes, want 2", n)
	}
}

// A receipt that is forged, cut, or taken from another message or device counts
// for nothing; who tries many meets a limit.
func TestReceiptForged(t *testing.T) {
	p := newPhone(t)
	other, _ := p.pairPhone()
	id := p.fireNow("hello")
	second := p.fireNow("world")
	p.delivery(id, store.Accepted)
	p.delivery(second, store.Accepted)
	good := p.d.push.Receipt(id, p.id, 1)
	mac := good[strings.LastIndexByte(good, '.'):]
	for _, forged := range []string{
		"", ".", "..", "...", good + "A", good[:len(good)-2], good + ".x",
		id + "." + other + ".1" + mac,    // another device
		second + "." + p.id + ".1" + mac, // another message
		id + "." + p.id + ".2" + mac,     // another round
		id + "." + p.id + ".1.",          // no proof
		id + "." + p.id + ".1." + mac,    // two dots
		id + p.id + ".1" + mac,           // run together
		"\t." + p.id + ".1" + mac, "…….", // not ours at all
		id + "." + p.id + ".1." + strings.Repeat("A", 22),
	} {
		resp := p.fails(403, "forbidden", "POST", "/api/push/receipt", fmt.Sprintf(`{"receipt":%q,"event":"shown"}`, strings.ToValidUTF8(forged, "")), stranger)
		if strings.Contains(string(resp.Body), p.id) {
			t.Errorf("%q: the answer tells something: %s", forged, resp.Body)
		}
	}
	for _, m := range []string{id, second} {
		if d := p.delivery(m, store.Accepted); len(d.Times) != 2 {
			t.Errorf("%+v", d)
		}
	}
	limited := false
	for range 100 {
		limited = limited || p.tell(`{"receipt":"x.y.z","event":"shown"}`).StatusCode == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("a hundred forged receipts met no limit")
	}
	if resp := p.tell(fmt.Sprintf(`{"receipt":%q,"event":"shown"}`, good)); resp.StatusCode != http.StatusNoContent {
		t.Errorf("a good receipt from the same address: %d", resp.StatusCode)
	}
}

// What is no receipt is told what to send, and a body of any size costs nothing.
func TestReceiptMistakes(t *testing.T) {
	p := newPhone(t)
	p.fails(400, "bad_json", "POST", "/api/push/receipt", `{"event":`, stranger)
	p.fails(422, "invalid", "POST", "/api/push/receipt", `{"event":"nonsense"}`, stranger)
	p.fails(422, "invalid", "POST", "/api/push/receipt", `{"event":7}`, stranger)
	p.fails(413, "too_large", "POST", "/api/push/receipt", `{"event":"shown","receipt":"`+strings.Repeat("x", maxReceipt)+`"}`, stranger)
	for _, event := range []string{"seen", "visible", "hidden"} {
		body := `{"event":"` + event + `","messages":["x"]}`
		p.fails(401, "unauthorized", "POST", "/api/push/receipt", body, stranger)
		p.fails(403, "forbidden", "POST", "/api/push/receipt", body)
		p.call(204, nil, "POST", "/api/push/receipt", body, as(p.cookie))
	}
	many := `{"event":"seen","messages":["` + strings.Repeat(`","`, maxSeen) + `"]}`
	p.fails(422, "invalid", "POST", "/api/push/receipt", many, as(p.cookie))
	p.fails(422, "invalid", "POST", "/api/push/receipt", `{"event":"visible","page":"`+strings.Repeat("p", maxPageName+1)+`"}`, as(p.cookie))
	p.fails(404, "not_found", "GET", "/api/messages/nothing/delivery", "")
	p.fails(401, "unauthorized", "GET", "/api/messages/nothing/delivery", "", stranger)
}

// A page in sight that says it has seen a message spares the notification; one
// that says nothing does not, and neither does a device whose page is hidden.
func TestSeenSparesThePush(t *testing.T) {
	p := newPhone(t)
	l := p.listen("", as(p.cookie))
	l.until("ready")
	says := func(body string) {
		t.Helper()
		p.call(204, nil, "POST", "/api/push/receipt", body, as(p.cookie))
	}
	says(`{"event":"visible"}`)
	if !p.d.present(p.id) {
		t.Fatal("the phone shows Hark, and is not present")
	}
	id := p.fireNow("hello")
	says(`{"event":"seen","messages":["` + id + `","unknown"]}`)
	p.delivery(id, store.Withheld)
	if n := p.took.Load(); n != 0 {
		t.Errorf("%d pushes went out", n)
	}
	silent := p.fireNow("nobody looks")
	d := p.delivery(silent, store.Accepted)
	if wait := d.Times[store.Accepted].Sub(d.Queued()); wait.Seconds() < 2 {
		t.Errorf("the page was given %v to say that it has seen the message", wait)
	}
	says(`{"event":"hidden"}`)
	if p.d.present(p.id) {
		t.Error("the page is hidden, and the phone is present")
	}
	p.delivery(p.fireNow("at once"), store.Accepted)
}
