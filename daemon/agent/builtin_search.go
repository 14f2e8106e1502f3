package agent

import (
	"strings"
	"time"

	"hark/store"
)

func (b *builtin) search(words string) reply {
	const limit, budget = 40, 300 * time.Millisecond
	found, _, more, err := b.a.cfg.DB.Search(words, 0, limit, budget)
	if err != nil {
		b.a.log(b.q.id).Error("search failed", "err", err)
		return reply{text: "I could not search just now. Please try again."}
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
		return reply{text: "I found nothing about “" + escape(words) + "” among the newest messages. The search screen looks through all of them."}
	case len(lines) == 0:
		return reply{text: "I found nothing about “" + escape(words) + "”."}
	}
	text := foundPrefix + escape(words) + "”, newest first:\n\n" + strings.Join(lines, "\n")
	if more {
		text += "\n\nThere may be more: the search screen looks through everything."
	}
	return reply{text: text}
}

const (
	foundPrefix = "Here is what I found about “"
	maxHits     = 8
)

// isSearch reports whether m is a search or its result: that a word was looked
// for is nothing to find.
func (b *builtin) isSearch(m *store.Message) bool {
	if m.Role == store.User {
		return understand(m.Text, nil).verb == verbSearch
	}
	return strings.HasPrefix(m.Text, foundPrefix) || strings.HasPrefix(m.Text, "I found nothing about “")
}

func (b *builtin) hit(m *store.Message, words string) string {
	who := "you"
	switch {
	case m.Source.Name != "":
		who = m.Source.Name
	case m.Role == store.Assistant:
		who = "Hark"
	}
	return "- **" + m.Created.In(b.q.zone).Format("2 Jan 2006, 15:04") + "**, " + escape(who) + ": " + escape(around(m.Text, words))
}
