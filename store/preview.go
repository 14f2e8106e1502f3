package store

import (
	"strings"
	"unicode"
)

// previewLen is the length of a conversation's preview in characters.
const previewLen = 160

// preview is the beginning of a message on one line, without the marks of
// Markdown: what a list of conversations shows.
func preview(m *Message) string {
	s := m.Text
	if len(s) > 8*previewLen { // enough for any character and the marks between
		s = strings.ToValidUTF8(s[:8*previewLen], "")
	}
	if m.Format == "" && m.Role == Assistant {
		s = unmark(s)
	}
	if m.Title != "" {
		s = m.Title + ": " + s
	}
	if s == "" && m.Error != nil {
		s = m.Error.Detail
	}
	return joinWords(s)
}

// joinWords joins the words of s by single spaces, up to the length.
func joinWords(s string) string {
	var b strings.Builder
	n, gap := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			gap = n > 0
			continue
		}
		if gap {
			n++
		}
		if n >= previewLen-1 {
			b.WriteString("…")
			break
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// unmark drops what Markdown would not show. It need not be exact: a mark too
// many or too few harms nobody here.
func unmark(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		line = strings.TrimLeft(line, " \t")
		line = strings.TrimLeft(strings.TrimLeft(line, "#>"), " ")
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case c == '\\' && i+1 < len(line) && unicode.IsPunct(rune(line[i+1])):
				i++
				b.WriteByte(line[i])
			case c == '*' || c == '`':
			case c == ']' && strings.HasPrefix(line[i:], "](") && strings.Contains(line[i:], ")"):
				i += strings.IndexByte(line[i:], ')')
			case c == '[' && strings.Contains(line[i:], "]("):
			default:
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

// Plain is the beginning of what m says, in at most about so many bytes, without
// the marks of Markdown, which a notification would show.
func (m *Message) Plain(bytes int) string {
	s := m.Text
	if len(s) > bytes {
		s = strings.ToValidUTF8(s[:bytes], "")
	}
	if m.Format == "" && m.Role == Assistant {
		s = unmark(s)
	}
	return s
}
