//go:build !desktop

package app

import "context"

// Windowed says that this build has no window: [Run] opens the browser.
const Windowed = false

// Run opens the default browser at the daemon and returns once it has been
// asked to. The daemon has to run already.
func Run(ctx context.Context, o Options) error {
	place, err := o.Find(ctx)
	if err != nil {
		return err
	}
	return Browse(ctx, place)
}
