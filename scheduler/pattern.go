package scheduler

import (
	"fmt"
	"slices"
	"strings"
)

// sentence is one way to say something: a row of words, choices and slots.
type sentence struct {
	kind  string
	args  []string
	reply string // the text of a reminder that has none of its own
	elems []elem
}

// elem is a slot, or a choice of word rows (a plain word is a choice of one).
type elem struct {
	slot     string
	choices  [][]string
	optional bool
}

// compile reads the notation of phrases/README.txt.
func compile(form string) ([]elem, error) {
	var elems []elem
	for form = strings.TrimSpace(form); form != ""; form = strings.TrimSpace(form) {
		var e elem
		closing := map[byte]string{'[': "]", '(': ")", '{': "}"}[form[0]]
		if closing == "" {
			word := form
			if i := strings.IndexAny(form, " [({"); i > 0 {
				word = form[:i]
			}
			for _, t := range tokens(word) {
				elems = append(elems, elem{choices: [][]string{{t.text}}})
			}
			form = form[len(word):]
			continue
		}
		inner, rest, found := strings.Cut(form[1:], closing)
		if !found {
			return nil, fmt.Errorf("%q lacks a %s", form, closing)
		}
		e.optional = form[0] == '['
		form = rest
		switch {
		case closing == "}":
			e.slot = inner
		case strings.HasPrefix(inner, "{") && strings.HasSuffix(inner, "}"):
			e.slot = inner[1 : len(inner)-1]
		default:
			for choice := range strings.SplitSeq(inner, "/") {
				var words []string
				for _, t := range tokens(choice) {
					words = append(words, t.text)
				}
				e.choices = append(e.choices, words)
			}
		}
		if e.slot != "" && !slices.Contains(slotNames(), e.slot) {
			return nil, fmt.Errorf("there is no slot {%s}", e.slot)
		}
		elems = append(elems, e)
	}
	return elems, nil
}

// firstWords lists the words a sentence may begin with; "" stands for a slot.
func (s *sentence) firstWords() []string {
	var keys []string
	for _, e := range s.elems {
		if e.slot != "" {
			keys = append(keys, "")
		}
		for _, c := range e.choices {
			keys = append(keys, c[0])
		}
		if !e.optional {
			break
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// matcher reads one phrase in one language. steps bounds its work, whatever the phrase.
type matcher struct {
	lang  *language
	all   []*language
	toks  []token
	head  ask // the command in front
	steps int
}

// maxSteps is ten times what the hardest phrase of the tests takes, and about a millisecond.
const maxSteps = 20_000

func (m *matcher) spent() bool {
	m.steps++
	return m.steps > maxSteps
}

// match yields every end at which the sentence may stop when it begins at i.
func (m *matcher) match(elems []elem, i int, c capture, yield func(int, capture)) {
	if len(elems) == 0 {
		yield(i, c)
		return
	}
	if m.spent() {
		return
	}
	e, rest := elems[0], elems[1:]
	if i < len(m.toks) {
		if e.slot != "" {
			m.slot(e.slot, i, c, func(end int, c capture) { m.match(rest, end, c, yield) })
		}
		for _, words := range e.choices {
			if hasWords(m.toks, i, words) {
				m.match(rest, i+len(words), c, yield)
			}
		}
	}
	if e.optional {
		m.match(rest, i, c, yield)
	}
}

// longest is where the longest of the sentences ends that begin at i.
func (m *matcher) longest(sentences []*sentence, i int) (end int, which *sentence) {
	for _, s := range sentences {
		m.match(s.elems, i, capture{}, func(e int, _ capture) {
			if e > end && m.boundary(e) {
				end, which = e, s
			}
		})
	}
	return end, which
}

// boundary says whether a reading may begin or end before token i: not within "9:30x" or "mp3".
func (m *matcher) boundary(i int) bool {
	if i <= 0 || i >= len(m.toks) {
		return true
	}
	return !m.toks[i].glued || m.toks[i].isMark() || m.toks[i-1].isMark()
}
