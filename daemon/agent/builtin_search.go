package agent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hark/store"
)

func (b *builtin) search(words string) reply {
	const limit, budget = 40, 300 * time.Millisecond
	found, _, more, err := b.a.cfg.DB.Search(words, 0, limit, budget)
	if err != nil {
		b.a.log(b.q.id).Error("search failed", "err", err)
		return reply{text: b.say.searchFailed}
	}
	var lines []string
	for _, m := range found {
		if m.ID == b.q.user.ID || m.Status.Open() || b.isSearch(m) {
			continue
		}
		if len(lines) == maxHits {
			more = true
			break
		}
		lines = append(lines, b.hit(m, words))
	}
	switch {
	case len(lines) == 0 && more:
		return reply{text: fmt.Sprintf(b.say.nothingNew, escape(words))}
	case len(lines) == 0:
		return reply{text: fmt.Sprintf(b.say.nothing, escape(words))}
	}
	text := fmt.Sprintf(b.say.found, escape(words), strings.Join(lines, "\n"))
	if more {
		text += b.say.foundMore
	}
	return reply{text: text}
}

const maxHits = 8

// isSearch reports whether m is a search or its result: that a word was looked
// for is nothing to find.
func (b *builtin) isSearch(m *store.Message) bool {
	if m.Role == store.User {
		return understand(m.Text, nil).verb == verbSearch
	}
	return slices.ContainsFunc(tongues(), func(t *tongue) bool {
		return strings.HasPrefix(m.Text, head(t.found)) || strings.HasPrefix(m.Text, head(t.nothing))
	})
}

func (b *builtin) hit(m *store.Message, words string) string {
	who := b.say.you
	switch {
	case m.Source.Name != "":
		who = m.Source.Name
	case m.Role == store.Assistant:
		who = "Hark"
	}
	return "- **" + m.Created.In(b.q.zone).Format(b.say.date) + "**, " + escape(who) + ": " + escape(around(m.Text, words))
}
