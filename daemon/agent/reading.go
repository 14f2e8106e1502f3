package agent

import "errors"

// Limits on one answer. A model that repeats itself for ever must end.
const (
	maxAnswer = 512 << 10 // text, reasoning and calls; the store takes no longer reply
	maxWire   = 128 << 20 // bytes read; a token costs some 300 of them
)

// errEnd stops the reading after the end marker; it never leaves the package.
var errEnd = errors.New("end of the stream")

// decoder turns the events of one answer into deltas and a result.
type decoder interface {
	// event takes the data of one event, or a whole answer that came as one
	// JSON value. [errEnd] means that nothing of interest follows.
	event(data []byte) error
	// result closes the answer, which may have been cut off.
	result() (Result, error)
	state() *reading
}

// reading is what the decoders of all wires keep of an answer.
type reading struct {
	emit   func(Delta) error
	fail   func(status int, e apiError) *Error // an error that the server reports
	finish string                              // the server's word for why it ended
	usage  Usage
	size   int
	begun  bool // something of the answer has arrived
	ended  bool // the end marker was seen
}

func (a *reading) state() *reading { return a }

// whole reports whether the answer has been told to its end, so that what goes
// wrong with the connection no longer matters.
func (a *reading) whole() bool { return a.ended || a.finish != "" }

func (a *reading) send(d Delta) error {
	if d.Text == "" && d.Reasoning == "" {
		return nil
	}
	if err := a.grow(len(d.Text) + len(d.Reasoning)); err != nil {
		return err
	}
	return a.emit(d)
}

// grow counts n more bytes of the answer.
func (a *reading) grow(n int) error {
	a.begun = true
	if a.size += n; a.size > maxAnswer {
		return errTooBig()
	}
	return nil
}

func errUnreadable() *Error {
	return &Error{
		Code: CodeBadAnswer, Retryable: true, again: true,
		Detail: "The model server sent something that Hark can't read. Ask again; if it stays, update the model server.",
	}
}

func errCut() *Error {
	return &Error{
		Code: CodeCut, Retryable: true, again: true,
		Detail: "The answer broke off before its end: the model server, or something between it and Hark, closed the line. Ask again.",
	}
}
