//go:build desktop

package app

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// tell shows what Hark says as notifications of the system while the window is
// out of sight, and follows a daemon that has moved.
func (w *window) tell(ctx context.Context) {
	b, err := newBell(w.wails, w.clicked)
	if err != nil {
		w.o.log().Warn("no notifications", "err", err)
	}
	n := &notices{since: time.Now()}
	f := &follower{
		find: w.o.Find,
		came: func(p Place) {
			if p.origin() != w.origin {
				w.anew(p)
			}
		},
		message: func(ctx context.Context, place Place, m message) {
			if out, ok := n.of(ctx, place, w.device(), m, time.Now()); ok && b != nil {
				w.notify(b, out)
			}
		},
	}
	f.run(ctx)
}

// shortPause and longPause lie between two tries to reach Hark.
const shortPause, longPause = time.Second, 15 * time.Second

// run follows until ctx ends.
func (f *follower) run(ctx context.Context) {
	pause := shortPause
	for ctx.Err() == nil {
		if heard, _ := f.listen(ctx); heard { // why it ended is no matter: it is tried again
			pause = shortPause
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)):
		case <-ctx.Done():
		}
		pause = min(2*pause, longPause)
	}
}

// notify shows a notice, unless the page is in sight and shows it anyway.
func (w *window) notify(b *bell, out notice) {
	if sight, _ := w.look(); sight {
		return
	}
	if err := b.ring(out); err != nil {
		w.o.log().Warn("a notification could not be shown", "err", err)
	}
}

// clicked leads to the message that a notice was about.
func (w *window) clicked(n notice) {
	w.show()
	detail, err := json.Marshal(map[string]string{"conversation": n.Conversation, "message": n.Message})
	if err != nil {
		return
	}
	// JSON is JavaScript, so what the values are does not matter.
	runtime.WindowExecJS(w.wails, "window.dispatchEvent(new CustomEvent('hark:open', {detail: "+string(detail)+"}))")
}
