package scheduler

// reading is one way to split a phrase into its text and its time.
type reading struct {
	parts parts
	used  int // tokens that speak of time
	text  [2]int
	tail  [2]int // a second piece of text, behind a time in the middle
}

// chain yields every row of sentences that begins at i: where it ends and what it says.
func (m *matcher) chain(i int, p parts, yield func(end int, p parts)) {
	if i >= len(m.toks) || m.spent() {
		return
	}
	try := func(s *sentence) {
		m.match(s.elems, i, capture{}, func(end int, c capture) {
			next := p
			if end == i || !m.boundary(end) || !m.fits(s, i, end, p) || !next.add(m.lang, s, c) {
				return
			}
			yield(end, next)
			at := end
			for at < len(m.toks) && (m.toks[at].text == ",") {
				at++
			}
			if and, ok := m.lang.has("and", m.toks, at); ok && next.nclocks > 0 {
				at = and
			}
			m.chain(at, next, yield)
		})
	}
	for _, s := range m.lang.byKey[m.toks[i].text] {
		try(s)
	}
	for _, s := range m.lang.byKey[""] {
		try(s)
	}
}

// fits says whether a sentence that is short of words may stand here.
func (m *matcher) fits(s *sentence, i, end int, p parts) bool {
	switch {
	case s.kind == "bare":
		return m.mayBeBare(i, end, p)
	case s.kind == "in" && len(s.args) > 0: // "20m tea", "set a timer for 3 minutes", "10 minutes"
		return i == m.head.end && (s.args[0] == "short" || m.head.counted || end >= m.contentEnd(i))
	}
	return true
}

// mayBeBare says whether a number alone may be an hour: right after a day ("friday 18") and with nothing behind it that
// it could count, or after another clock time ("at 8 and 20").
func (m *matcher) mayBeBare(i, end int, p parts) bool {
	if !m.toks[i].isNumber() {
		return false
	}
	if p.nclocks > 0 {
		_, and := m.lang.has("and", m.toks, i-1)
		return and && m.toks[i-1].text != ","
	}
	if p.day.kind == noDay && p.repeat.unit == "" {
		return false
	}
	if end >= len(m.toks) || m.toks[end].isMark() {
		return true
	}
	lead, _ := m.longest(m.lang.lead, end)
	return lead > 0
}

// best is the longest acceptable chain from i that satisfies ok.
func (m *matcher) best(i int, morning bool, ok func(end int, p parts) bool) (end int, p parts) {
	if !m.boundary(i) {
		return 0, parts{}
	}
	m.chain(i, parts{morning: morning}, func(e int, q parts) {
		if e > end && q.strong && q.sound() && ok(e, q) {
			end, p = e, q
		}
	})
	return end, p
}

// sound refuses rows that say things which do not go together.
func (p parts) sound() bool {
	timed := p.nclocks > 0 || p.part > 0
	switch {
	case p.step > 0:
		return !timed && p.in == length{} && p.repeat.every <= 1 && (p.repeat.unit == "" || p.repeat.days != 0 && p.repeat.nth == 0 || p.repeat.unit == "d") && p.day.kind == noDay
	case p.windows:
		return false
	case p.in.elapsed > 0:
		return !timed && p.repeat.unit == "" && (p.day.kind == noDay || p.day == dayRef{kind: dayOffset})
	case p.in != length{}:
		return p.repeat.unit == "" && p.day.kind == noDay && p.nclocks <= 1
	case p.repeat.unit != "":
		return p.fitsRepeat()
	}
	return p.nclocks <= 1
}

// fitsRepeat says whether a day may stand beside a repetition: "every month on the 15th".
func (p parts) fitsRepeat() bool {
	r := p.repeat
	switch p.day.kind {
	case noDay:
		return true
	case dayWeekday:
		return r.unit == "w" && r.days == 0
	case dayOfTheMonth:
		return r.unit == "mo" && r.dom == 0 && r.nth == 0
	case dayDate:
		return r.unit == "y" && r.dom == 0 && p.day.year == 0
	case dayMonthEnd:
		return r.unit == "mo" && r.dom == 0 && r.nth == 0
	default:
		return false
	}
}

// onlyRepeats says whether nothing but a repetition was said, and no day of it.
func (p parts) onlyRepeats() bool {
	return p.repeat.unit != "" && p.repeat.days == 0 && p.repeat.dom == 0 && p.day.kind == noDay && p.nclocks+p.part == 0
}

// merge joins a time at the beginning with one at the end: "on friday take out the bins at 18:00".
func (p parts) merge(q parts) (parts, bool) {
	if p.day.kind != noDay && q.day.kind != noDay || p.nclocks > 0 && q.nclocks > 0 || p.part > 0 && q.part > 0 ||
		p.in != (length{}) && q.in != (length{}) || p.repeat.unit != "" && q.repeat.unit != "" || p.step > 0 && q.step > 0 ||
		p.windows && q.windows {
		return p, false
	}
	if q.day.kind != noDay {
		p.day, p.exact = q.day, q.exact
	}
	if q.nclocks > 0 {
		p.clocks, p.nclocks = q.clocks, q.nclocks
	}
	if q.repeat.unit != "" {
		p.repeat = q.repeat
	}
	if q.windows {
		p.window, p.windows = q.window, true
	}
	p.part = max(p.part, q.part)
	p.step = max(p.step, q.step)
	if q.in != (length{}) {
		p.in = q.in
	}
	return p, p.sound()
}
