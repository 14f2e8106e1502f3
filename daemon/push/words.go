package push

import (
	"fmt"
	"strings"
	"unicode"
)

// The marks of Unicode's bidirectional algorithm (UAX #9) that reach beyond the
// letter they stand at. begin and end put words into a direction of their own.
const (
	reaching = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
	begin    = "\u2068"
	end      = "\u2069"
)

// valid is s as a notification can show it: in UTF-8, and without control
// characters but line ends, each of which would take six bytes of JSON.
func valid(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// visible is s with every character written out that shows nothing by itself,
// or changes how the others show: the mark that turns letters round becomes
// ⟨U+202E⟩. Line ends and tabs stay, and what belongs to an emoji or joins the
// letters of a script that needs it. The page does the same.
func visible(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return s
	}
	var b strings.Builder
	all := []rune(s)
	for i, r := range all {
		if unseen(r) && (i == 0 || !belongs(all[i-1], r, all[min(i+1, len(all)-1)])) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unseen follows Unicode's Default_Ignorable_Code_Point, and adds what else has
// no looks of its own. Signs of Format that are seen, such as the Arabic number
// sign, stay.
func unseen(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Zl, unicode.Zp, unicode.Cc):
		return true
	}
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// The characters that are unseen and yet have work to do between others.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
	asEmoji   = '\ufe0f'
)

func belongs(before, r, after rune) bool {
	switch r {
	case asEmoji:
		return unicode.Is(unicode.So, before)
	case joiner, nonJoiner:
		emoji := r == joiner && (before == asEmoji || unicode.In(before, unicode.So, unicode.Sk)) && unicode.Is(unicode.So, after)
		return emoji || joins(before) && joins(after)
	}
	return false
}

// joins are the letters from Arabic to Myanmar, whose shape depends on their
// neighbours.
func joins(r rune) bool {
	return r >= 0x600 && r < 0x10a0 && unicode.In(r, unicode.L, unicode.M)
}

// aloneIn is the beginning of s in at most n bytes, such that it changes the
// order of nothing but itself: a lock screen puts it in one line with the name
// of the app and the time. Marks that reach further are left out, and what may
// be written from right to left is closed in, each line by itself.
func aloneIn(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(reaching, r) {
			return -1
		}
		return r
	}, valid(s))
	for room := n; room > 0; {
		cut := cutBytes(s, room)
		lines := strings.Split(cut, "\n")
		for i, line := range lines {
			if strings.ContainsFunc(line, leftward) {
				lines[i] = begin + line + end
			}
		}
		whole := strings.Join(lines, "\n")
		if len(whole) <= n {
			return whole
		}
		room -= 1 + (len(whole)-n)/8 // a shorter text may have fewer lines to close in
	}
	return ""
}

// leftward are the letters that are written from right to left, and the marks
// that count as such (the blocks that UAX #44 reserves for them).
func leftward(r rune) bool {
	return r >= 0x590 && r <= 0x8ff || r == 0x200f || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfefe ||
		r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}
