package agent

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape keeps words from being read as Markdown, and on one line.
func escape(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if strings.ContainsRune("\\`*_[]<>#|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sentence gives an error's text a capital and a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if r, n := utf8.DecodeRuneInString(s); n > 0 {
		s = string(unicode.ToUpper(r)) + s[n:]
	}
	if s != "" && !strings.ContainsAny(s[len(s)-1:], ".?!”)") {
		s += "."
	}
	return s
}

// excerptLength is how much of a found message is shown, in characters.
const excerptLength = 140

// around returns the part of text in which the first of words occurs.
func around(text, words string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= excerptLength {
		return string(runes)
	}
	at := 0
	for _, w := range strings.Fields(strings.ToLower(words)) {
		// ToLower may change the length of a text, so the place is a guess that
		// is good enough for a window.
		if i := strings.Index(strings.ToLower(string(runes)), w); i >= 0 {
			at = utf8.RuneCountInString(strings.ToLower(string(runes))[:i])
			break
		}
	}
	from := max(0, min(at-excerptLength/3, len(runes)-excerptLength))
	out := string(runes[from : from+excerptLength])
	if from > 0 {
		out = "…" + out
	}
	if from+excerptLength < len(runes) {
		out += "…"
	}
	return out
}
