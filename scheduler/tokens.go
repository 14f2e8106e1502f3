package scheduler

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a number or a single mark of a phrase.
type token struct {
	text       string // folded: lower case, no accents
	start, end int    // bytes of the original
	glued      bool   // no space before it
}

var (
	isoForm    = regexp.MustCompile(`^\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?)?`)
	numberForm = regexp.MustCompile(`^(?:\d+(?:[:./]\d+)+|\d+,\d+|\d+)`)
)

// tokens splits where letters, digits and marks meet, so that "9am", "20m" and "24.12." need no spaces. A date or a
// clock time stays one token.
func tokens(s string) []token {
	var out []token
	end := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		switch {
		case r >= '0' && r <= '9':
			size = len(isoForm.FindString(s[i:]))
			if size == 0 {
				size = len(numberForm.FindString(s[i:]))
			}
		case unicode.IsLetter(r):
			size = wordLength(s[i:])
		}
		out = append(out, token{text: fold(s[i : i+size]), start: i, end: i + size, glued: i > 0 && end == i})
		i += size
		end = i
	}
	return out
}

// wordLength covers letters, their marks, and an apostrophe between letters.
func wordLength(s string) int {
	quote := -1
	for i, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r):
			quote = -1
		case (r == '\'' || r == '’') && quote < 0:
			quote = i
		default:
			if quote >= 0 {
				return quote
			}
			return i
		}
	}
	if quote >= 0 {
		return quote
	}
	return len(s)
}

// plainLetters takes the accents off, as people do who type on a phone.
var plainLetters = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ä", "a", "é", "e", "è", "e", "ê", "e", "í", "i",
	"î", "i", "ó", "o", "ô", "o", "ö", "o", "ú", "u", "û", "u", "ü", "u", "ñ", "n", "ç", "c", "ß", "ss", "’", "'")

func fold(s string) string {
	s = strings.ToLower(s)
	for _, r := range s {
		if r >= utf8.RuneSelf {
			s = plainLetters.Replace(s)
			return strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) { // an accent typed as a mark of its own
					return -1
				}
				return r
			}, s)
		}
	}
	return s
}

func (t token) isWord() bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return unicode.IsLetter(r)
}

func (t token) isNumber() bool { return t.text != "" && t.text[0] >= '0' && t.text[0] <= '9' }

func (t token) isMark() bool { return !t.isWord() && !t.isNumber() }
