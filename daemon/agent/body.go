package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// body is the reading side of one response.
type body struct {
	d    decoder
	sse  sseScanner
	head []byte // white space before the first telling byte
	kind byte   // 's' events, 'j' one JSON value, 'h' a web page
	json []byte
}

// feed takes the next bytes. The kind of body is told by its first byte that
// is not white space: Content-Type is wrong too often.
func (b *body) feed(p []byte) error {
	if b.kind == 0 {
		b.head = append(b.head, p...)
		rest := bytes.TrimLeft(bytes.TrimPrefix(b.head, []byte("\xef\xbb\xbf")), " \t\r\n")
		if len(rest) == 0 || len(b.head) < 3 && b.head[0] == 0xef {
			return b.tooLong(len(b.head))
		}
		switch rest[0] {
		case '<':
			b.kind = 'h'
		case '{', '[', '"':
			b.kind = 'j'
		default:
			b.kind = 's'
		}
		p, b.head = rest, nil
	}
	switch b.kind {
	case 's':
		return b.sse.feed(p, b.d.event)
	case 'j':
		b.json = append(b.json, p...)
	}
	return b.tooLong(len(b.json))
}

func (b *body) tooLong(n int) error {
	if n > maxEvent {
		return errTooBig()
	}
	return nil
}

// end closes the body and gives the result.
func (b *body) end() (Result, error) {
	switch b.kind {
	case 'h':
		return Result{}, b.d.state().fail(0, apiError{Type: "html"})
	case 'j':
		if !json.Valid(b.json) {
			return Result{}, errCut()
		}
		if err := b.d.event(b.json); err != nil {
			return Result{}, err
		}
		a := b.d.state()
		a.ended = a.begun || a.finish != ""
		if !a.ended {
			return Result{}, b.d.state().fail(0, apiError{Type: "foreign"})
		}
	case 's':
		if err := b.sse.end(b.d.event); err != nil && !errors.Is(err, errEnd) {
			return Result{}, err
		}
	}
	return b.d.result()
}

// readAll feeds b from r until the answer's end. heard is called after each
// read that brought something.
func (b *body) readAll(r io.Reader, heard func()) (Result, error) {
	buf := make([]byte, 16<<10)
	for total := 0; ; {
		n, err := r.Read(buf)
		if total += n; total > maxWire {
			return Result{}, errTooBig()
		}
		if n > 0 {
			if ferr := b.feed(buf[:n]); errors.Is(ferr, errEnd) {
				return b.d.result()
			} else if ferr != nil {
				return Result{}, ferr
			}
			heard()
		}
		switch {
		case b.kind == 'h', errors.Is(err, io.EOF), err != nil && b.d.state().whole(): // what counts has come
			return b.end()
		case err != nil:
			return Result{}, &lineError{err}
		}
	}
}

// lineError is a failure of the connection while an answer is read, as against
// one of those who take the answer.
type lineError struct{ err error }

func (e *lineError) Error() string { return "read answer: " + e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }
