package certs

import (
	"errors"
	"fmt"
)

// Problem is what is wrong and what to do about it, in sentences for the owner.
type Problem struct {
	Code string `json:"code"` // stable: programs test for it
	Say  string `json:"say"`
	Cure string `json:"cure,omitempty"`
}

// Error is the sentence and its cure.
func (p *Problem) Error() string {
	if p.Cure == "" {
		return p.Say
	}
	return p.Say + " " + p.Cure
}

func problem(code, cure, format string, a ...any) *Problem {
	return &Problem{Code: code, Say: fmt.Sprintf(format, a...), Cure: cure}
}

// ProblemOf is the problem in err, or one that wraps its text; nil for nil.
func ProblemOf(err error) *Problem {
	if err == nil {
		return nil
	}
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p
	}
	return problem("failed", "", "It did not work: %v.", err)
}
