package agent

import (
	"bytes"
	"encoding/json"
)

// maxEvent bounds one event. Chunks are a few hundred bytes; a tool call whose
// arguments carry a whole file is the largest honest one.
const maxEvent = 4 << 20

// maxEagerLines bounds how often an event of many lines is tried for being
// whole before its blank line, so that it can't cost quadratic time.
const maxEagerLines = 16

// sseScanner finds the data of server-sent events in bytes that arrive in any
// portions. It is more forgiving than the standard, because model servers are
// less careful than browsers: data that is whole by itself counts at once, so
// a missing blank line between events, or after the last one, does no harm.
type sseScanner struct {
	line    []byte
	data    []byte // of the event that is being read
	lines   int    // in data
	skipLF  bool   // the last byte was the CR of a possible CR LF
	anyLine bool
}

// feed passes the data of each event that b completes to each, in order. The
// bytes passed are valid only during the call.
func (s *sseScanner) feed(b []byte, each func([]byte) error) error {
	for len(b) > 0 {
		if s.skipLF {
			s.skipLF = false
			if b[0] == '\n' {
				b = b[1:]
				continue
			}
		}
		i := bytes.IndexAny(b, "\r\n")
		part := b
		if i >= 0 {
			part = b[:i]
		}
		if len(s.line)+len(s.data)+len(part) > maxEvent {
			return errTooBig()
		}
		s.line = append(s.line, part...)
		if i < 0 {
			return nil
		}
		s.skipLF = b[i] == '\r'
		b = b[i+1:]
		line := s.line
		s.line = s.line[:0]
		if err := s.endLine(line, each); err != nil {
			return err
		}
	}
	return nil
}

func (s *sseScanner) endLine(line []byte, each func([]byte) error) error {
	if !s.anyLine {
		s.anyLine = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	if len(line) == 0 {
		return s.flush(each)
	}
	rest, ok := bytes.CutPrefix(line, []byte("data"))
	if !ok || (len(rest) > 0 && rest[0] != ':') {
		return nil // a comment, or a field that chat servers give no meaning
	}
	rest = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte(":")), []byte(" "))
	if len(s.data) > 0 {
		s.data = append(s.data, '\n')
	}
	s.data = append(s.data, rest...)
	s.lines++
	if s.lines <= maxEagerLines && (isDone(s.data) || json.Valid(s.data)) {
		return s.flush(each)
	}
	return nil
}

// flush ends an event; at the end of a stream, call it once more after end.
func (s *sseScanner) flush(each func([]byte) error) error {
	data := bytes.TrimSpace(s.data)
	s.data, s.lines = s.data[:0], 0
	if len(data) == 0 {
		return nil
	}
	return each(data)
}

// end passes a last event that no line break ended, if it is whole. What is
// not whole was cut off, and is dropped.
func (s *sseScanner) end(each func([]byte) error) error {
	if len(s.line) > 0 {
		line := s.line
		s.line = nil
		return s.endLine(line, each)
	}
	return nil
}

func isDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }

func errTooBig() *Error {
	return &Error{
		Code: CodeTooBig, Retryable: true,
		Detail: "The model's answer grew without an end, so Hark stopped it. Ask again, or choose another model.",
	}
}
