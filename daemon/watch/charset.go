package watch

import (
	"strings"
	"unicode/utf8"
)

// windows1252 is what stands at 0x80 to 0x9F in the encoding that Latin-1 is
// taken for everywhere (WHATWG Encoding §9.1).
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// decode reads text in the named encoding. The many others that there are would
// cost a megabyte of tables; ok is false for them.
func decode(name string, raw []byte) (text string, ok bool) {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return strings.ToValidUTF8(string(raw), "\uFFFD"), true
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "iso-8859-15":
	default:
		return "", false
	}
	if utf8.Valid(raw) && !isASCII(raw) {
		return string(raw), true // it says so, but it is not
	}
	high := []rune(windows1252)
	var b strings.Builder
	for _, c := range raw {
		switch {
		case c >= 0x80 && c < 0xa0:
			b.WriteRune(high[c-0x80])
		case c == 0xa4 && strings.EqualFold(name, "iso-8859-15"):
			b.WriteRune('€')
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String(), true
}

func isASCII(raw []byte) bool {
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
