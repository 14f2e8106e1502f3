package scheduler

import (
	"strconv"
	"strings"
	"time"
)

// capture is what the slots of one sentence took.
type capture struct {
	clocks  [2]clockTime
	nclocks int
	n       float64
	span    length
	days    int // weekdays as bits, Sunday first
	weekday time.Weekday
	month   int
	dom     int
	year    int
	nth     int
	part    int // 1 + index into language.parts
	exact   time.Time
	weak    bool
	spelled bool // dom was a word: "the first"
	dated   bool // a weekday was given
	swapped bool // the date in digits could be read the other way round as well
}

// clockTime is a time of day as it was said.
type clockTime struct {
	hour, minute, second int
	written              bool // as 9:30, not as "9" or "half past nine"
	fixed                bool // there is no second reading on a 12-hour clock
}

func slotNames() []string {
	return []string{
		"n", "unit", "span", "short", "weekday", "weekdaypart", "days", "plural", "month", "nth", "part",
		"ampm", "dom", "year", "date", "hour", "hm", "h.m", "hhmm", "time",
	}
}

// slot yields what the named slot may take at position i, which exists.
func (m *matcher) slot(name string, i int, c capture, yield func(int, capture)) {
	switch name {
	case "n":
		m.number(i, func(n float64, end int) { c.n = n; yield(end, c) })
	case "span":
		m.span(i, false, func(s length, end int) { c.span = s; yield(end, c) })
	case "short":
		m.span(i, true, func(s length, end int) { c.span = s; yield(end, c) })
	case "days":
		m.dayList(i, false, c, yield)
	case "plural":
		m.dayList(i, true, c, yield)
	case "dom":
		m.dayOfMonth(i, c, yield)
	case "year":
		if y, err := strconv.Atoi(m.toks[i].text); err == nil && len(m.toks[i].text) == 4 {
			c.year = y
			yield(i+1, c)
		}
	case "date":
		m.digitDate(i, c, yield)
	case "hour", "hm", "h.m", "hhmm":
		m.clock(name, i, c, yield)
	case "time":
		m.clock("hm", i, c, func(end int, c capture) { m.withHalf(end, c, yield) })
		m.clock("hour", i, c, func(end int, c capture) { m.withHalf(end, c, yield) })
	default:
		m.word(name, i, c, yield)
	}
}

// word takes an entry of a word table.
func (m *matcher) word(name string, i int, c capture, yield func(int, capture)) {
	m.lang.find(name, m.toks, i, func(e entry, end int) {
		c := c
		c.weak = c.weak || e.weak
		v, _ := strconv.Atoi(e.value)
		switch name {
		case "weekday":
			if e.plural {
				return
			}
			c.weekday, c.dated = time.Weekday(v), true
			end = m.afterAbbreviation(end)
		case "weekdaypart":
			day, part, _ := strings.Cut(e.value, " ")
			d, _ := strconv.Atoi(day)
			v, _ = strconv.Atoi(part)
			c.weekday, c.part, c.dated = time.Weekday(d), v+1, true
		case "month":
			c.month = v
			end = m.afterAbbreviation(end)
		case "nth":
			c.nth = v
		case "part":
			c.part = v + 1
		case "ampm":
			c.setHalf(e.value)
		}
		yield(end, c)
	})
}

// afterAbbreviation steps over the full stop of "Dec." and "Fr.", if more follows.
func (m *matcher) afterAbbreviation(i int) int {
	if i+1 < len(m.toks) && m.toks[i].text == "." && m.toks[i].glued && len(m.toks[i-1].text) <= 4 {
		return i + 1
	}
	return i
}

// setHalf reads the last clock time on a 12-hour clock.
func (c *capture) setHalf(half string) {
	if c.nclocks == 0 {
		return
	}
	t := &c.clocks[c.nclocks-1]
	if t.hour < 1 || t.hour > 12 {
		c.nclocks = -1 // "17 pm" is a slip; refuse the reading
		return
	}
	t.fixed = true
	t.hour %= 12
	if half == "pm" {
		t.hour += 12
	}
}

func (m *matcher) withHalf(i int, c capture, yield func(int, capture)) {
	m.word("ampm", i, c, yield)
	yield(i, c)
}

// number takes digits ("90", "1.5", "1,5") or number words.
func (m *matcher) number(i int, yield func(float64, int)) {
	if i >= len(m.toks) {
		return
	}
	if m.toks[i].isNumber() {
		if n, err := strconv.ParseFloat(strings.Replace(m.toks[i].text, ",", ".", 1), 64); err == nil && n < 1e6 {
			yield(n, i+1)
		}
		return
	}
	m.lang.find("number", m.toks, i, func(e entry, end int) {
		n, _ := strconv.ParseFloat(e.value, 64)
		yield(n, end)
	})
}

// clock takes a time of day: "9" or "nine" for hour, "9:30" for hm, "9.30" for h.m, "0930" for hhmm.
func (m *matcher) clock(name string, i int, c capture, yield func(int, capture)) {
	if i >= len(m.toks) || c.nclocks == len(c.clocks) {
		return
	}
	set := func(t clockTime, end int) {
		c := c
		c.clocks[c.nclocks] = t
		c.nclocks++
		yield(end, c)
	}
	text := m.toks[i].text
	if name == "hour" {
		m.number(i, func(n float64, end int) {
			h := int(n)
			if float64(h) == n && h >= 0 && h <= 24 && !strings.ContainsAny(text, ".,") {
				set(clockTime{hour: h, fixed: h == 0 || h > 12 || text[0] == '0'}, end)
			}
		})
		return
	}
	if name == "hhmm" {
		if len(text) != 4 || !m.toks[i].isNumber() {
			return
		}
		text = text[:2] + ":" + text[2:]
	}
	separator := map[string]string{"hm": ":", "h.m": ".", "hhmm": ":"}[name]
	hour, minute, found := strings.Cut(text, separator)
	h, err1 := strconv.Atoi(hour)
	mi, err2 := strconv.Atoi(minute)
	if found && err1 == nil && err2 == nil && len(minute) == 2 && h <= 24 && mi < 60 && (h < 24 || mi == 0) {
		set(clockTime{hour: h, minute: mi, written: true, fixed: h == 0 || h > 12 || text[0] == '0'}, i+1)
	}
}
