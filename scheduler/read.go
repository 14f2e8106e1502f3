package scheduler

// read finds the ways to split the phrase: none, one, or two that contradict each other.
func (m *matcher) read() (found []reading, a ask) {
	a = m.command(0)
	m.head = a
	start, end := a.end, m.contentEnd(a.end)
	whole := func(e int, _ parts) bool { return e <= len(m.toks) }
	headEnd, head := m.best(start, a.morning, whole)
	if lead, _ := m.longest(m.lang.lead, start); headEnd == 0 && lead > 0 && start > 0 { // "remind me that tomorrow …"
		if headEnd, head = m.best(lead, a.morning, whole); headEnd > 0 {
			start = lead
		}
	}
	if headEnd >= end && headEnd > 0 {
		return []reading{{parts: head, used: headEnd - start}}, a
	}
	if headEnd > 0 && (m.swallows(headEnd, head) || m.stopped(headEnd)) {
		return nil, a
	}
	textStart := max(start, headEnd)
	if headEnd > 0 {
		if again := m.command(headEnd); again.strong {
			textStart, a.strong, a.reply = again.end, true, again.reply
		}
	}
	tailAt, textEnd, tail := m.suffix(textStart, end, a)
	switch {
	case headEnd > 0 && tailAt > 0:
		r := reading{used: headEnd - start + end - tailAt, text: [2]int{textStart, textEnd}}
		var ok bool
		if r.parts, ok = head.merge(tail); ok {
			return []reading{r}, a
		}
		if head.onlyRepeats() && tail.repeat.unit != "" { // "weekly plan every monday"
			return []reading{{parts: tail, used: end - tailAt, text: [2]int{start, textEnd}}}, a
		}
		return []reading{
			{parts: head, used: headEnd - start, text: [2]int{textStart, end}},
			{parts: tail, used: end - tailAt, text: [2]int{start, textEnd}},
		}, a
	case headEnd > 0:
		return []reading{{parts: head, used: headEnd - start, text: [2]int{textStart, end}}}, a
	case tailAt > 0:
		return []reading{{parts: tail, used: end - tailAt, text: [2]int{start, textEnd}}}, a
	}
	return m.middle(start, end, a), a
}

// swallows says whether a number stands right behind a day that has no time yet: "tomorrow 5 pushups" is five pushups
// or five o'clock.
func (m *matcher) swallows(at int, p parts) bool {
	if p.nclocks > 0 || p.in != (length{}) || p.step > 0 || at >= len(m.toks) || !m.toks[at].isNumber() {
		return false
	}
	hour := false
	m.clock("hour", at, capture{}, func(int, capture) { hour = true })
	return hour
}

// stopped says whether the words behind a time change it in a way the grammar does not know: "every day except …", or
// "friday in two weeks", where one time stands beside another that does not go with it.
func (m *matcher) stopped(at int) bool {
	if _, ok := m.lang.has("stop", m.toks, at); ok {
		return true
	}
	if at >= len(m.toks) {
		return false
	}
	end, _ := m.best(at, false, func(e int, p parts) bool { return e > at+1 || !p.onlyRepeats() }) // "weekly plan" is text
	return end > 0
}

// crowded says whether another time ends right before the one that begins at token at.
func (m *matcher) crowded(start, at int) bool {
	for i := max(start, at-4); i < at; i++ {
		if end, _ := m.best(i, false, func(e int, _ parts) bool { return e == at }); end > 0 {
			return true
		}
	}
	return false
}

// contentEnd is where the phrase ends without its closing marks and courtesies.
func (m *matcher) contentEnd(start int) int {
	end := len(m.toks)
	for end > start {
		if t := m.toks[end-1]; t.isMark() && t.text != ")" && t.text != "\"" {
			end--
			continue
		}
		cut := end
		for i := max(start, end-3); i < end; i++ {
			if e, _ := m.longest(m.lang.tail, i); e == end {
				cut = i
				break
			}
		}
		if cut == end {
			break
		}
		end = cut
	}
	return end
}

// farFromEnd is how many tokens a time may have: what stands further from the end is text.
const farFromEnd = 24

// suffix finds the longest time that ends the phrase, and where it begins; 0 if there is none, or if the word before
// it makes it part of the text.
func (m *matcher) suffix(start, end int, a ask) (at, textEnd int, p parts) {
	for i := max(start+1, end-farFromEnd); i < end; i++ {
		e, p := m.best(i, a.morning, func(e int, _ parts) bool { return e >= end })
		if e == 0 {
			continue
		}
		at, denied := m.denied(start, i, a)
		if denied || at <= start || m.crowded(start, i) {
			return 0, 0, parts{}
		}
		return i, at, p
	}
	return 0, 0, parts{}
}

// denied says whether the word before token i binds the time to the text. textEnd is where the text ends: after "set a
// reminder" the word is no part of it ("… to call mom for tomorrow").
func (m *matcher) denied(start, i int, a ask) (textEnd int, denied bool) {
	for j := max(start, i-2); j < i; j++ {
		if e, ok := m.lang.has("deny", m.toks, j); ok && e == i {
			return j, !a.counted
		}
	}
	return i, false
}

// middle finds a complete time, a day with a time of day, between two pieces of text.
func (m *matcher) middle(start, end int, a ask) []reading {
	if end-start > 2*farFromEnd {
		return nil
	}
	for i := start + 1; i < end; i++ {
		e, p := m.best(i, a.morning, func(_ int, p parts) bool {
			return p.nclocks+p.part > 0 && (p.day.kind != noDay || p.repeat.unit != "")
		})
		if e == 0 {
			continue
		}
		if _, denied := m.denied(start, i, a); denied || m.stopped(e) {
			return nil
		}
		return []reading{{parts: p, used: e - i, text: [2]int{start, i}, tail: [2]int{e, end}}}
	}
	return nil
}
