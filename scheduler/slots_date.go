package scheduler

import (
	"strconv"
	"strings"
	"time"
)

// length is a length of time: calendar months and days, which keep the time of day, and elapsed time.
type length struct {
	months, days int
	elapsed      time.Duration
}

// spanUnit reads "30m", "6mo": the values of the unit and span tables.
func spanUnit(n float64, unit string) (length, bool) {
	whole := n == float64(int(n))
	switch unit {
	case "s", "m", "h":
		each := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
		return length{elapsed: time.Duration(n * float64(each)).Round(time.Second)}, true
	case "d", "w":
		if unit == "w" {
			n *= 7
		}
		if n == float64(int(n)) {
			return length{days: int(n)}, true
		}
		return length{elapsed: time.Duration(n * 24 * float64(time.Hour)).Round(time.Minute)}, n < 366
	case "mo":
		return length{months: int(n)}, whole
	case "y":
		return length{months: int(n * 12)}, n*12 == float64(int(n*12))
	}
	return length{}, false
}

// span takes lengths of time: "2 hours and 20 minutes", "an hour and a half", "1h30". attached asks for a number with
// its unit right behind it.
func (m *matcher) span(i int, attached bool, yield func(length, int)) {
	if !attached {
		m.lang.find("span", m.toks, i, func(e entry, end int) {
			cut := strings.IndexFunc(e.value, func(r rune) bool { return r > '9' })
			n, _ := strconv.Atoi(e.value[:cut])
			if s, ok := spanUnit(float64(n), e.value[cut:]); ok {
				yield(s, end)
			}
		})
	}
	m.number(i, func(n float64, at int) {
		m.lang.find("half", m.toks, at, func(_ entry, end int) { m.spanFrom(n+0.5, end, attached, yield) })
		m.spanFrom(n, at, attached, yield)
	})
}

// spanFrom continues after a number, at its unit.
func (m *matcher) spanFrom(n float64, at int, attached bool, yield func(length, int)) {
	if at >= len(m.toks) || m.spent() || attached && !m.toks[at].glued {
		return
	}
	m.lang.find("unit", m.toks, at, func(u entry, end int) {
		if s, ok := spanUnit(n, u.value); ok {
			m.spanRest(s, u.value, end, yield)
		}
		m.lang.find("half", m.toks, end, func(_ entry, end int) {
			if s, ok := spanUnit(n+0.5, u.value); ok {
				yield(s, end)
			}
		})
	})
}

// spanRest adds what may follow hours and minutes: "and 20 minutes", or "30" in "1h30".
func (m *matcher) spanRest(s length, unit string, at int, yield func(length, int)) {
	yield(s, at)
	if unit != "h" && unit != "m" {
		return
	}
	if at < len(m.toks) && unit == "h" && m.toks[at].glued && m.toks[at].isNumber() {
		if n, err := strconv.Atoi(m.toks[at].text); err == nil && n < 60 {
			yield(length{elapsed: s.elapsed + time.Duration(n)*time.Minute}, at+1)
		}
	}
	next, _ := m.lang.has("and", m.toks, at)
	m.number(max(next, at), func(n float64, at int) {
		m.lang.find("unit", m.toks, at, func(u entry, end int) {
			if more, ok := spanUnit(n, u.value); ok && (u.value == "m" && unit == "h" || u.value == "s") {
				m.spanRest(length{elapsed: s.elapsed + more.elapsed}, u.value, end, yield)
			}
		})
	})
}

// dayList takes weekdays: "monday", "mon, wed and fri", "mon-fri". plural asks for "mondays".
func (m *matcher) dayList(i int, plural bool, c capture, yield func(int, capture)) {
	m.lang.find("weekday", m.toks, i, func(e entry, end int) {
		if e.plural != plural || m.spent() {
			return
		}
		d, _ := strconv.Atoi(e.value)
		first := c.days == 0
		c := c
		c.days |= 1 << d
		c.weak = e.weak && (first || c.weak)
		yield(end, c)
		if first {
			m.dayRange(d, end, c, yield)
		}
		for next := end; next < len(m.toks); {
			step, ok := m.lang.has("and", m.toks, next)
			if !ok {
				break
			}
			next = step
			m.dayList(next, plural, c, yield)
		}
	})
}

func (m *matcher) dayRange(from, at int, c capture, yield func(int, capture)) {
	m.lang.find("range", m.toks, at, func(_ entry, at int) {
		m.lang.find("weekday", m.toks, at, func(e entry, end int) {
			to, _ := strconv.Atoi(e.value)
			c := c
			c.weak = false // "mon-fri" is nothing else
			for d := from; d != to; d = (d + 1) % 7 {
				c.days |= 1 << d
			}
			c.days |= 1 << to
			yield(end, c)
		})
	})
}

// dayOfMonth takes "24", "24th" or "24.".
func (m *matcher) dayOfMonth(i int, c capture, yield func(int, capture)) {
	m.lang.find("nth", m.toks, i, func(e entry, end int) {
		if n, _ := strconv.Atoi(e.value); n > 0 && m.toks[i].isWord() {
			c := c
			c.dom, c.spelled = n, true
			yield(end, c)
		}
	})
	text := m.toks[i].text
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 31 || len(text) > 2 {
		return
	}
	c.dom = n
	if end, ok := m.lang.has("suffix", m.toks, i+1); ok && m.toks[i+1].glued {
		yield(end, c)
		return
	}
	yield(i+1, c)
}

// digitDate takes dates in digits: ISO 8601, day.month. and day.month.year, and day/month or month/day where only one
// of the two is a date; else the capture is marked as swapped.
func (m *matcher) digitDate(i int, c capture, yield func(int, capture)) {
	text := m.toks[i].text
	if isoForm.MatchString(text) {
		c.isoDate(text, i, yield)
		return
	}
	separator := "."
	if strings.Contains(text, "/") {
		separator = "/"
	}
	f := strings.Split(text, separator)
	if len(f) < 2 || len(f) > 3 || len(f[0]) > 2 || len(f[1]) > 2 {
		return
	}
	a, err1 := strconv.Atoi(f[0])
	b, err2 := strconv.Atoi(f[1])
	if err1 != nil || err2 != nil {
		return
	}
	if len(f) == 3 {
		y, err := strconv.Atoi(f[2])
		if err != nil || len(f[2]) != 2 && len(f[2]) != 4 {
			return
		}
		if len(f[2]) == 2 {
			y += 2000
		}
		c.year = y
	}
	c.dom, c.month = a, b
	if separator == "/" {
		if b > 12 {
			c.dom, c.month = b, a
		}
		c.swapped = a <= 12 && b <= 12 && a != b
		yield(i+1, c)
		return
	}
	dotted := i+1 < len(m.toks) && m.toks[i+1].text == "." && m.toks[i+1].glued
	if dotted && len(f) == 2 {
		yield(i+2, c)
	} else if len(f) == 3 {
		yield(i+1, c)
	}
}

func (c capture) isoDate(text string, i int, yield func(int, capture)) {
	upper := strings.ToUpper(text)
	day, err := time.Parse(time.DateOnly, upper[:10])
	if err != nil {
		c.year, c.month, c.dom = 1, 2, 30 // no such day: said when it is resolved
		yield(i+1, c)
		return
	}
	c.year, c.month, c.dom = day.Year(), int(day.Month()), day.Day()
	if len(upper) > 10 {
		r, err := parseOnce(upper)
		if err != nil {
			return
		}
		o := r.(once)
		t := o.wall
		if c.exact = o.exact; !o.exact.IsZero() {
			t = o.exact
		}
		c.clocks[0] = clockTime{t.Hour(), t.Minute(), t.Second(), true, true}
		c.nclocks = 1
	}
	yield(i+1, c)
}
