package store

import "testing"

// What is heard of late (a receipt that overtook the push service's answer, or
// was overtaken by the page) moves nothing back, and its time is kept: a device
// that showed a push is not taken for a silent one.
func TestAdvanceLate(t *testing.T) {
	db := open(t, t.TempDir())
	ok(t, db.Update(func(tx *Tx) error {
		at := At(tx.Now())
		return tx.PutDelivery(&Delivery{Message: "m", Device: "v", State: Waiting, At: at, Times: map[string]Time{Waiting: at}})
	}))
	for _, step := range []struct {
		state, after string
		moved        bool
	}{
		{Seen, Seen, true},
		{Shown, Seen, false},
		{Accepted, Seen, false},
		{Undelivered, Seen, false},
		{Acted, Acted, true},
		{Shown, Acted, false},
		{Withheld, Acted, false},
	} {
		var moved bool
		var d *Delivery
		ok(t, db.Update(func(tx *Tx) (err error) {
			if moved, err = tx.Advance("m", "v", step.state, ""); err != nil {
				return err
			}
			d, err = tx.Delivery("m", "v")
			return err
		}))
		if moved != step.moved || d.State != step.after || d.Lacks(step.state) {
			t.Errorf("%s: moved %t to %s (%v)", step.state, moved, d.State, d.Times)
		}
	}
	ok(t, db.View(func(tx *Tx) error {
		d, err := tx.Delivery("m", "v")
		if len(d.Times) != 5 {
			t.Errorf("times %v", d.Times)
		}
		return err
	}))
}
