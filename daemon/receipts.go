package daemon

import (
	"errors"
	"math"
	"net/http"
	"slices"

	"hark/store"
)

const (
	// maxReceipt bounds a body that anybody may send.
	maxReceipt  = 16 << 10
	maxSeen     = 200 // messages in one request
	maxPageName = 64  // of what a page calls itself
)

// receiptInput is what workers and pages say about pushes.
type receiptInput struct {
	Event    string   `json:"event"`
	Receipt  string   `json:"receipt"`  // of the push that it is about
	Action   string   `json:"action"`   // acted: the button
	Messages []string `json:"messages"` // seen
	Page     string   `json:"page"`     // visible, hidden: which of several tabs
}

// pushReceipt serves POST /api/push/receipt. What became of a push is proved by
// the receipt that the push carried, so that it counts without a cookie, which
// a worker may lack. What a page shows is said with the device's cookie.
func (d *Daemon) pushReceipt(w http.ResponseWriter, r *http.Request, _ caller) error {
	r.Body = http.MaxBytesReader(unwrap(w), r.Body, maxReceipt)
	var in receiptInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	var err error
	switch {
	case slices.Contains([]string{"shown", "clicked", "closed", "acted"}, in.Event):
		err = d.receipt(r, in)
	case in.Event == "seen" || in.Event == "visible" || in.Event == "hidden":
		err = d.pageSays(w, r, in)
	default:
		err = fault("invalid", "event is one of shown, clicked, closed, acted (with a receipt), seen (with messages), visible and hidden.")
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// receipt moves the push that the receipt belongs to on. The same one again
// changes nothing.
func (d *Daemon) receipt(r *http.Request, in receiptInput) error {
	message, device, round, ok := d.push.ReadReceipt(in.Receipt)
	if !ok {
		if wait := d.wrong.take(addressOf(r)); wait > 0 {
			return &problem{code: "too_many", detail: "Too many wrong receipts came from this address. Wait a little.", wait: wait}
		}
		return fault("forbidden", "This receipt was not made by this Hark.")
	}
	states := []string{store.Shown} // whatever was done with it, it was there
	if in.Event == "clicked" || in.Event == "acted" {
		states = append(states, store.Acted)
	}
	return d.advance(device, []string{message}, round, states...)
}

// pageSays takes what a page of a paired browser says about itself.
func (d *Daemon) pageSays(w http.ResponseWriter, r *http.Request, in receiptInput) error {
	who, err := d.authorise(w, r, mayRead)
	if err != nil {
		return err
	}
	if who.kind != "device" {
		return fault("forbidden", "Only a paired browser shows messages; a token does not.")
	}
	if in.Event != "seen" {
		if len(in.Page) > maxPageName {
			return fault("invalid", "page has at most %d bytes.", maxPageName)
		}
		d.streams.look(who.key(), in.Page, in.Event == "visible")
		return nil
	}
	if len(in.Messages) > maxSeen {
		return fault("invalid", "messages has at most %d ids. Send the rest in a second request.", maxSeen)
	}
	return d.advance(who.id, in.Messages, anyRound, store.Seen)
}

// anyRound stands for the round that is under way.
const anyRound = math.MaxInt

// advance moves the pushes of messages to a device through states. What is said
// of a round before the message said something new moves nothing: that push is
// still to come. If there is nothing to move, nothing is written.
func (d *Daemon) advance(device string, messages []string, round int, states ...string) error {
	// lacking asks within the transaction that acts on it: between two, a reply
	// may end and be queued.
	lacking := func(tx *store.Tx) (known []string, err error) {
		for _, id := range messages {
			p, err := tx.Delivery(id, device)
			if errors.Is(err, store.ErrNotFound) {
				continue
			} else if err != nil {
				return nil, err
			}
			if round >= p.News && slices.ContainsFunc(states, p.Lacks) {
				known = append(known, id)
			}
		}
		return known, nil
	}
	var known []string
	err := d.db.View(func(tx *store.Tx) (err error) {
		known, err = lacking(tx)
		return err
	})
	if err != nil || len(known) == 0 {
		return err
	}
	return d.db.Update(func(tx *store.Tx) error {
		known, err := lacking(tx)
		for _, id := range known {
			for _, state := range states {
				if _, err := tx.Advance(id, device, state, ""); err != nil {
					return err
				}
			}
		}
		return err
	})
}

// delivered is what became of the push of a message to one device.
type delivered struct {
	Device string                `json:"device"`
	Name   string                `json:"name,omitempty"` // none: the device was removed
	State  string                `json:"state"`
	Detail string                `json:"detail,omitempty"`
	At     store.Time            `json:"at"`
	Times  map[string]store.Time `json:"times"`
}

// getDelivery serves GET /api/messages/{id}/delivery.
func (d *Daemon) getDelivery(w http.ResponseWriter, r *http.Request, _ caller) error {
	out := []delivered{}
	err := d.db.View(func(tx *store.Tx) error {
		id := r.PathValue("id")
		if _, err := tx.Message(id); err != nil {
			return err
		}
		all, err := tx.Deliveries(id)
		for _, p := range all {
			v := delivered{Device: p.Device, State: p.State, Detail: p.Detail, At: p.At, Times: p.Times}
			if dev, err := tx.Device(p.Device); err == nil {
				v.Name = dev.Name
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			out = append(out, v)
		}
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"devices": out})
	return nil
}
