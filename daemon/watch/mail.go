package watch

import "context"

func (r *runner) runMail(ctx context.Context) { <-ctx.Done() }
