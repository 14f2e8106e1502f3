//go:build desktop

package app

import (
	"context"
	"encoding/json"
	"html"
	"math/rand/v2"
	goruntime "runtime"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// tell shows what Hark says as notifications of the system while the window is
// out of sight, and follows a daemon that has moved.
func (w *window) tell(ctx context.Context) {
	canTell := true
	if err := runtime.InitializeNotifications(w.wails); err != nil {
		w.o.log().Warn("no notifications", "err", err)
		canTell = false
	}
	runtime.OnNotificationResponse(w.wails, w.clicked)
	n := &notices{since: time.Now()}
	f := &follower{
		find: w.o.Find,
		came: func(p Place) {
			if p.origin() != w.origin {
				w.anew(p)
			}
		},
		message: func(ctx context.Context, place Place, m message) {
			if out, ok := n.of(ctx, place, w.device(), m, time.Now()); ok && canTell {
				w.notify(out)
			}
		},
	}
	f.run(ctx)
}

// notify shows a notice, unless the page is in sight and shows it anyway.
func (w *window) notify(out notice) {
	if sight, _ := w.look(); sight {
		return
	}
	if goruntime.GOOS == "linux" {
		out.Text = html.EscapeString(out.Text) // notification servers there read markup
	}
	err := runtime.SendNotification(w.wails, runtime.NotificationOptions{
		ID: out.ID, Title: out.Title, Body: out.Text,
		Data: map[string]any{"conversation": out.Conversation, "message": out.Message},
	})
	if err != nil {
		w.o.log().Warn("a notification could not be shown", "err", err)
	}
}

// clicked leads to the message that a notification was about.
func (w *window) clicked(r runtime.NotificationResult) {
	if r.Error != nil || r.Response.ActionIdentifier != defaultAction {
		return
	}
	w.show()
	to := map[string]any{"conversation": r.Response.UserInfo["conversation"], "message": r.Response.UserInfo["message"]}
	detail, err := json.Marshal(to)
	if err != nil {
		return
	}
	// JSON is JavaScript, so what the values are does not matter.
	runtime.WindowExecJS(w.wails, "window.dispatchEvent(new CustomEvent('hark:open', {detail: "+string(detail)+"}))")
}

// defaultAction is what the library calls a click on the notification itself.
const defaultAction = "DEFAULT_ACTION"

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
