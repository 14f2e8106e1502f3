package agent

import "strings"

const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

// thinkSplitter takes the thinking out of an answer's text. Servers that don't
// know their model's habits pass it on as <think>…</think> before the answer.
// Only a tag at the very beginning counts: later on it may be the subject.
type thinkSplitter struct {
	state thinkState
	held  string // may be the beginning of a tag
}

type thinkState int

const (
	thinkUnsure thinkState = iota
	thinkInside
	thinkAfter  // the closing tag was seen; drop the white space that follows it
	thinkAnswer // plain text to the end
)

// split returns what s adds to the answer and to the reasoning.
func (t *thinkSplitter) split(s string) (text, reasoning string) {
	s = t.held + s
	t.held = ""
	if t.state == thinkUnsure {
		body := strings.TrimLeft(s, " \t\r\n")
		switch {
		case strings.HasPrefix(body, thinkOpen):
			t.state, s = thinkInside, body[len(thinkOpen):]
		case strings.HasPrefix(thinkOpen, body):
			t.held = s
			return "", ""
		default:
			t.state = thinkAnswer
		}
	}
	if t.state == thinkInside {
		before, after, found := strings.Cut(s, thinkClose)
		if !found {
			keep := suffixOf(before, thinkClose)
			t.held = before[len(before)-keep:]
			return "", before[:len(before)-keep]
		}
		t.state, reasoning, s = thinkAfter, before, after
	}
	if t.state == thinkAfter {
		if s = strings.TrimLeft(s, " \t\r\n"); s != "" {
			t.state = thinkAnswer
		}
	}
	return s, reasoning
}

// rest returns what was held back when the stream ended.
func (t *thinkSplitter) rest() (text, reasoning string) {
	held := t.held
	t.held = ""
	if t.state == thinkInside {
		return "", held
	}
	return held, ""
}

// suffixOf returns how many bytes at the end of s begin tag.
func suffixOf(s, tag string) int {
	for n := min(len(s), len(tag)-1); n > 0; n-- {
		if strings.HasSuffix(s, tag[:n]) {
			return n
		}
	}
	return 0
}
