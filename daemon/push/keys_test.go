package push

import (
	"strings"
	"testing"
	"time"

	"hark/store"
)

// The key pair is made once. A pair that does not fit together is a fault that is
// told, and never replaced by a new one.
func TestKeys(t *testing.T) {
	db, err := store.Open("", nil)
	ok(t, err)
	defer func() { ok(t, db.Close()) }()
	one, err := New(Config{DB: db})
	ok(t, err)
	two, err := New(Config{DB: db})
	ok(t, err)
	if one.Key() != two.Key() || one.Fault() != nil || len(one.Key()) != 87 {
		t.Fatalf("%q, then %q: %v", one.Key(), two.Key(), one.Fault())
	}
	other, err := newKeys()
	ok(t, err)
	for _, bad := range []keys{
		{Public: one.keys.Public, Private: other.Private},
		{Public: one.keys.Private, Private: one.keys.Public},
		{Public: one.keys.Public},
		{Public: one.keys.Public, Private: "????"},
		{},
	} {
		ok(t, db.Update(func(tx *store.Tx) error { return tx.SetValue(keysName, bad) }))
		s, err := New(Config{DB: db})
		ok(t, err)
		if s.Fault() == nil || s.Key() != bad.Public {
			t.Errorf("%+v: %v", bad, s.Fault())
		}
	}
}

// With a damaged key pair nothing is sent and nothing is lost: the device says
// why, and what waits goes out when the pair is right again.
func TestKeysDamaged(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		r.stop()
		r.s.fault = errKeys
		r.run()
		m := r.say("hello", nil)
		pass(time.Hour)
		if p := r.state("phone"); p.State != store.PushMisconfigured || !strings.Contains(p.Detail, "key pair") {
			t.Errorf("%+v", p)
		}
		if d := r.delivery(m, "phone"); d.State != store.Waiting || !strings.Contains(d.Detail, "key pair") {
			t.Errorf("%+v", d)
		}
		r.stop()
		r.s.fault = nil
		r.run()
		pass(time.Second)
		if got := r.bodies(b); len(got) != 1 {
			t.Errorf("got %q", got)
		}
	})
}

// A receipt proves which push it is of; nobody can make one up, or turn one into
// that of another message or device.
func TestReceipts(t *testing.T) {
	r := newRig(t, nil)
	receipt := r.s.Receipt("message", "phone", 3)
	if m, d, n, valid := r.s.ReadReceipt(receipt); !valid || m != "message" || d != "phone" || n != 3 {
		t.Errorf("%q is of %q and %q, round %d: %v", receipt, m, d, n, valid)
	}
	mac := receipt[strings.LastIndexByte(receipt, '.'):]
	for _, forged := range []string{
		"", "..", "message.phone.", "message.phone", "message.tablet.3" + mac, "other.phone.3" + mac, "message.phone.4" + mac, "message.phone.3" + mac[:10],
		"message.phone.3." + encode(make([]byte, macSize)), receipt + ".", receipt + "AA", "messag.ephone.3" + mac,
	} {
		if m, d, _, valid := r.s.ReadReceipt(forged); valid {
			t.Errorf("%q passes for %q and %q", forged, m, d)
		}
	}
	again, err := New(r.s.cfg)
	ok(t, err)
	if _, _, _, valid := again.ReadReceipt(receipt); !valid {
		t.Error("a receipt is worth nothing after a restart")
	}
	stranger := newRig(t, nil)
	if _, _, _, valid := stranger.s.ReadReceipt(receipt); valid {
		t.Error("another Hark takes our receipt")
	}
}
