package scheduler

import "strings"

// ask is the command a phrase began with.
type ask struct {
	end     int    // where the rest begins
	reply   string // text to use where the phrase has none
	lang    string
	morning bool // to wake somebody
	counted bool // "set a reminder for …": "for" may stand before the time
	strong  bool // asks for a reminder and means nothing else
}

// command reads the request in front of token i, in any language: "/remind morgen um 9".
func (m *matcher) command(i int) ask {
	for i < len(m.toks) && strings.Contains("¿¡", m.toks[i].text) {
		i++
	}
	a := ask{end: i}
	for _, l := range m.all {
		end, s := m.longest(l.ask, i)
		if end <= a.end || s == nil {
			continue
		}
		a = ask{end: end, reply: s.reply, lang: l.code, strong: true}
		for _, arg := range s.args {
			a.morning = a.morning || arg == "wake"
			a.counted = a.counted || arg == "for"
			a.strong = a.strong && arg != "weak"
		}
	}
	for a.end > i && a.end < len(m.toks) && (m.toks[a.end].text == "," || m.toks[a.end].text == ":") {
		a.end++
	}
	return a
}
