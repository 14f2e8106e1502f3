package agent

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Trial is what a short question to a model has come to.
type Trial struct {
	Model string        // that answered
	Text  string        // what it said, or the beginning of it
	Took  time.Duration // to the end of the answer
	Usage Usage
}

// tryTime bounds a trial: a large model may have to be loaded first.
const tryTime = 90 * time.Second

// Try asks a model a short question, as a turn would. The error is an [*Error].
func Try(ctx context.Context, m Model) (Trial, error) {
	p, err := Open(m)
	if err != nil {
		return Trial{}, err
	}
	slow := &Error{Code: CodeSlow, Retryable: true, Detail: "The model gave no answer within " + tryTime.String() + ". It may still be loading: try again."}
	ctx, cancel := context.WithTimeoutCause(ctx, tryTime, slow)
	defer cancel()
	name, err := chatName(ctx, p, m.Name)
	if err != nil {
		return Trial{}, err
	}
	began := time.Now()
	var said strings.Builder
	res, err := p.Stream(ctx, Request{Model: name, Turns: []Turn{{Role: RoleUser, Text: "Answer with the one word: ready"}}}, func(d Delta) error {
		if said.Len() < quoteLength {
			said.WriteString(d.Text)
		}
		return nil
	})
	var told *Error
	if err != nil && !errors.As(err, &told) {
		err = &Error{Code: CodeInternal, Retryable: true, Detail: "The trial was ended before the model answered."}
	}
	return Trial{Model: name, Text: clip(strings.TrimSpace(said.String()), quoteLength), Took: time.Since(began), Usage: res.Usage}, err
}
