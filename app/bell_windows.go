//go:build desktop

package app

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// bell shows notifications of the system.
type bell struct{ ctx context.Context }

// newBell returns a bell that calls clicked with each notice that is clicked.
func newBell(ctx context.Context, clicked func(notice)) (*bell, error) {
	if err := runtime.InitializeNotifications(ctx); err != nil {
		return nil, err
	}
	runtime.OnNotificationResponse(ctx, func(r runtime.NotificationResult) {
		if r.Error != nil {
			return
		}
		conversation, _ := r.Response.UserInfo["conversation"].(string)
		message, _ := r.Response.UserInfo["message"].(string)
		clicked(notice{ID: r.Response.ID, Conversation: conversation, Message: message})
	})
	return &bell{ctx}, nil
}

// ring shows n.
func (b *bell) ring(n notice) error {
	return runtime.SendNotification(b.ctx, runtime.NotificationOptions{
		ID: n.ID, Title: n.Title, Body: n.Text, Data: map[string]any{"conversation": n.Conversation, "message": n.Message},
	})
}
