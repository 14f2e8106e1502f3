package push

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hark/store"
)

// What an approval asks about is read as it will be run: a character that turns
// the letters round, or that nobody sees, is written out.
func TestApprovalShowsWhatIsUnseen(t *testing.T) {
	for args, want := range map[string]string{
		"{\"path\":\"/tmp/\u202etxt.exe\"}":                    `⟨U+202E⟩`,
		"{\"to\":\"ana\u200b@x.example\"}":                     `⟨U+200B⟩`,
		"{\"to\":\"a\u2066b\u2069c\"}":                         `a⟨U+2066⟩b⟨U+2069⟩c`,
		"{\"to\":\"a\U000e0041b\"}":                            `a⟨U+E0041⟩b`,
		"{\"to\":\"a\u00ad\u3164\ufe0fb\"}":                    `a⟨U+00AD⟩⟨U+3164⟩⟨U+FE0F⟩b`,
		"{\"to\":\"I ❤\ufe0f 👨\u200d👩\u200d👧 می\u200cخواهم\"}": "I ❤\ufe0f 👨\u200d👩\u200d👧 می\u200cخواهم",
		"{\"to\":\"a\u200cb❤\ufe0f\ufe0f\u200d\"}":             "a⟨U+200C⟩b❤\ufe0f⟨U+FE0F⟩⟨U+200D⟩",
		"{\"to\":\"a\u2028b\"}":                                `a⟨U+2028⟩b`,
		"{\"to\":\"été, дом, 家, \u0600\"}":                     "été, дом, 家, \u0600",
	} {
		m := &store.Message{Steps: []store.Step{{N: 2, Tool: "files__wri\u202ete", Args: args, Status: store.StepWaiting, Approval: &store.Approval{}}}}
		n := &note{}
		n.words(m, &store.Conversation{}, &store.Delivery{Kind: store.PushApproval})
		got := strings.TrimPrefix(n.Notification.Body, begin)
		if !strings.Contains(got, want) || !strings.HasPrefix(got, "files__wri⟨U+202E⟩te ") {
			t.Errorf("%q is asked about as %q", args, got)
		}
	}
	m := &store.Message{Steps: []store.Step{{Tool: "wri\u202ete", Status: store.StepUnknown, Approval: &store.Approval{}}}}
	if got := asked(m, english()); !strings.HasPrefix(got, "wri⟨U+202E⟩te was cut short") {
		t.Errorf("got %q", got)
	}
}

// What an approval asks about is there to its end where it can be allowed: also
// when the marks that close its lines in are what makes it too long.
func TestApprovalIsWholeWhereItIsAllowed(t *testing.T) {
	for lines := range 60 {
		args := "{" + strings.Repeat("\"ש\":1,\n", lines) + `"delete":"all"}`
		m := &store.Message{ID: "m", Steps: []store.Step{{N: 2, Tool: "files", Args: args, Status: store.StepWaiting, Approval: &store.Approval{}}}}
		n := &note{}
		n.words(m, &store.Conversation{}, &store.Delivery{Kind: store.PushApproval})
		whole, mayAllow := strings.Contains(n.Notification.Body, `"delete":"all"}`), len(n.Notification.Actions) > 0
		if whole != mayAllow {
			t.Errorf("%d lines: whole %t, can be allowed %t", lines, whole, mayAllow)
		}
	}
}

// The words of a script change the order of no letter around them on a lock
// screen, whatever marks they hold, and are still read in their own order.
func TestWordsStayAmongThemselves(t *testing.T) {
	for s, want := range map[string]string{
		"Backup done":                     "Backup done",
		"Fertig: 3 Grüße 👍🏽":              "Fertig: 3 Grüße 👍🏽",
		"evil\u202e gnihtemos":            "evil gnihtemos",
		"\u2069\u2069out":                 "out",
		"שלום":                            begin + "שלום" + end,
		"log\nمرحبا \u202bx\nend":         "log\n" + begin + "مرحبا x" + end + "\nend",
		strings.Repeat("ש", titleBytes):   begin + strings.Repeat("ש", 55) + "…" + end,
		strings.Repeat("ש\n", titleBytes): strings.Repeat(begin+"ש"+end+"\n", 13) + "…",
	} {
		got := aloneIn(s, titleBytes)
		if got != want || len(got) > titleBytes || !utf8.ValidString(got) || strings.Count(got, begin) != strings.Count(got, end) {
			t.Errorf("%q becomes %q (%d bytes), want %q", s, got, len(got), want)
		}
	}
	inTime(t, nil, func(r *rig) {
		b := r.device("phone")
		r.say("מים\u202e", func(m *store.Message) {
			m.Title, m.Actions = "x\u202e", []store.Action{{ID: "a", Kind: "http", Label: "כן"}}
		})
		pass(time.Second)
		n := r.notes(b)[0].Notification
		if n.Title != "x" || n.Body != begin+"מים"+end || n.Actions[0].Title != begin+"כן"+end {
			t.Errorf("got %+v", n)
		}
		if n.Data.Record.Text != "מים\u202e" {
			t.Errorf("the record is not as it was said: %q", n.Data.Record.Text)
		}
	})
}
