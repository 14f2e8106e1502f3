package daemon

import (
	"fmt"
	"strings"
)

// screen draws a phone's screen, or a window of a computer, with a title and
// rows, for the steps of the trust page. A row that begins with * is the one to tap, with + a switch to
// turn on, with = a button. Texts may hold entities of HTML.
func screen(window bool, title string, rows ...string) string {
	const rowHeight, top = 26, 44
	height := top + len(rows)*rowHeight + 18
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="screen" viewBox="0 0 160 %d" role="img" aria-label="%s">`, height, described(title, rows))
	if window {
		fmt.Fprintf(&b, `<rect class="case" x="1" y="1" width="158" height="%d" rx="6"/><path class="speaker" d="M2 16h156v1H2zM146 7h5v5h-5z"/>`, height-2)
	} else {
		fmt.Fprintf(&b, `<rect class="case" x="1" y="1" width="158" height="%d" rx="14"/><rect class="speaker" x="66" y="8" width="28" height="4" rx="2"/>`, height-2)
	}
	fmt.Fprintf(&b, `<text class="title" x="80" y="32">%s</text>`, title)
	for i, row := range rows {
		y := top + i*rowHeight
		kind, text := row[0], strings.TrimLeft(row, "*+=")
		class := "row"
		if kind == '*' || kind == '+' || kind == '=' {
			class = "row tap"
		}
		fmt.Fprintf(&b, `<rect class="%s" x="10" y="%d" width="140" height="%d" rx="5"/>`, class, y, rowHeight-4)
		if kind == '=' {
			fmt.Fprintf(&b, `<text class="button" x="80" y="%d">%s</text>`, y+15, text)
			continue
		}
		fmt.Fprintf(&b, `<text class="label" x="17" y="%d">%s</text>`, y+15, text)
		switch kind {
		case '+':
			fmt.Fprintf(&b, `<rect class="on" x="122" y="%d" width="22" height="12" rx="6"/><circle class="knob" cx="138" cy="%d" r="4.5"/>`, y+5, y+11)
		case '*':
			fmt.Fprintf(&b, `<path class="more" d="M140 %dl4 4-4 4"/>`, y+7)
		}
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// described is the drawing in words.
func described(title string, rows []string) string {
	words := []string{"Screen “" + title + "”"}
	for _, row := range rows {
		text := strings.TrimLeft(row, "*+=")
		switch row[0] {
		case '*', '=':
			text = "tap “" + text + "”"
		case '+':
			text = "switch on “" + text + "”"
		default:
			continue
		}
		words = append(words, text)
	}
	return strings.Join(words, ", ")
}
