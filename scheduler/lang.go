package scheduler

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// languages are tried in this order; of two that understand as much of a phrase, the earlier one wins.
func languages() []string { return []string{"en", "de", "es"} }

// loadedLanguages reads the tables at the first phrase. A test holds that they can be read.
var loadedLanguages = sync.OnceValues(func() ([]*language, error) {
	var all []*language
	for _, code := range languages() {
		data, err := phraseFiles.ReadFile("phrases/" + code + ".txt")
		if err != nil {
			return nil, err
		}
		l, err := parseLanguage(code, string(data))
		if err != nil {
			return nil, fmt.Errorf("phrases/%s.txt: %w", code, err)
		}
		all = append(all, l)
	}
	return all, nil
})

// language is one table: words by their table's name, and sentences by how they may begin.
type language struct {
	code  string
	words map[string]lexicon
	parts []part
	byKey map[string][]*sentence // sentences that begin with this word, and under "" with a slot
	lead  []*sentence
	ask   []*sentence // commands
	tail  []*sentence
}

// lexicon holds a table's entries by their first token.
type lexicon map[string][]entry

type entry struct {
	tokens []string
	value  string
	weak   bool // too common to be a time on its own
	plural bool // means every one of them
}

// part is a part of the day.
type part struct {
	name  string
	at    int    // minutes after midnight: what it means without a clock time
	clock string // how a 12-hour clock reads in it: am, noon, pm or night
}

// wordTables are the kinds of lines that list words; all others list sentences.
func wordTables() []string {
	return []string{"deny", "stop", "number", "half", "and", "range", "unit", "span", "weekday", "month", "nth", "suffix", "part", "ampm"}
}

func parseLanguage(code, text string) (*language, error) {
	l := &language{code: code, words: map[string]lexicon{}, byKey: map[string][]*sentence{}}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		head, entries, found := strings.Cut(line, ": ")
		kind, args, _ := strings.Cut(head, " ")
		var err error
		switch {
		case !found:
			err = fmt.Errorf("a line is \"kind: entries\"")
		case slices.Contains(wordTables(), kind):
			err = l.addWords(kind, args, entries)
		default:
			err = l.addSentences(kind, args, entries)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	l.joinWeekdayParts()
	for _, lex := range l.words {
		for _, es := range lex {
			slices.SortStableFunc(es, func(a, b entry) int { return len(b.tokens) - len(a.tokens) })
		}
	}
	return l, nil
}

func (l *language) addWords(kind, value, entries string) error {
	if kind == "part" {
		f := strings.Fields(value)
		if len(f) != 3 {
			return fmt.Errorf("a part is \"name HH:MM clock\"")
		}
		at, err := time.Parse("15:04", f[1])
		if err != nil {
			return err
		}
		value = strconv.Itoa(len(l.parts))
		l.parts = append(l.parts, part{f[0], at.Hour()*60 + at.Minute(), f[2]})
	}
	for e := range strings.SplitSeq(strings.ReplaceAll(entries, `","`, "COMMA"), ",") {
		e = strings.TrimSpace(e)
		w := entry{value: value, weak: strings.HasSuffix(e, "?"), plural: strings.HasSuffix(e, "*")}
		for _, t := range tokens(strings.ReplaceAll(strings.TrimRight(e, "?*"), "COMMA", ",")) {
			w.tokens = append(w.tokens, t.text)
		}
		if len(w.tokens) == 0 {
			return fmt.Errorf("an entry is empty")
		}
		l.add(kind, w)
	}
	return nil
}

func (l *language) add(table string, e entry) {
	if l.words[table] == nil {
		l.words[table] = lexicon{}
	}
	l.words[table][e.tokens[0]] = append(l.words[table][e.tokens[0]], e)
}

// partNamed is 1 + the index of a part of the day, or 0.
func (l *language) partNamed(name string) int {
	return 1 + slices.IndexFunc(l.parts, func(p part) bool { return p.name == name })
}

// joinWeekdayParts makes the compounds that German writes in one word: Freitagabend.
func (l *language) joinWeekdayParts() {
	for day, days := range l.words["weekday"] {
		for partWord, parts := range l.words["part"] {
			if !days[0].weak && !days[0].plural && len(parts[0].tokens) == 1 {
				l.add("weekdaypart", entry{tokens: []string{day + partWord}, value: days[0].value + " " + parts[0].value})
			}
		}
	}
}

func (l *language) addSentences(kind, args, entries string) error {
	args, reply, _ := strings.Cut(args, "=")
	for form := range strings.SplitSeq(entries, " | ") {
		elems, err := compile(form)
		if err != nil {
			return err
		}
		s := &sentence{kind: kind, args: strings.Fields(args), reply: strings.TrimSpace(reply), elems: elems}
		switch kind {
		case "command":
			l.ask = append(l.ask, s)
		case "polite":
			l.tail = append(l.tail, s)
		case "lead":
			l.lead = append(l.lead, s)
		default:
			if !slices.Contains(sentenceKinds(), kind) {
				return fmt.Errorf("there is no kind %q", kind)
			}
			for _, key := range s.firstWords() {
				l.byKey[key] = append(l.byKey[key], s)
			}
		}
	}
	return nil
}

// find yields the entries of a table that stand at position i, longest first.
func (l *language) find(table string, toks []token, i int, yield func(entry, int)) {
	if i >= len(toks) {
		return
	}
	for _, e := range l.words[table][toks[i].text] {
		if hasWords(toks, i, e.tokens) {
			yield(e, i+len(e.tokens))
		}
	}
}

func hasWords(toks []token, i int, words []string) bool {
	if i+len(words) > len(toks) {
		return false
	}
	for j, w := range words {
		if toks[i+j].text != w {
			return false
		}
	}
	return true
}

// has says whether an entry of the table stands at position i, and where the longest one ends.
func (l *language) has(table string, toks []token, i int) (int, bool) {
	end := 0
	l.find(table, toks, i, func(_ entry, e int) { end = max(end, e) })
	return end, end > 0
}
