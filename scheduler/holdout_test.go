package scheduler

import "testing"

// Most phrases that nobody had in mind while writing the grammar are read as meant, and hardly one is misread: what is
// not understood asks.
func TestHoldout(t *testing.T) {
	now, zone := phraseNow(t)
	cases := phraseCases(t, "testdata/holdout.tsv")
	hits, misread := 0, 0
	for _, c := range cases {
		text, schedule := outcome(Parse(c.phrase, now, zone))
		if text == c.text && schedule == c.schedule {
			hits++
			continue
		}
		if schedule[0] != '!' {
			misread++
		}
		t.Logf("%q\n\tread %q  %s\n\twant %q  %s", c.phrase, text, schedule, c.text, c.schedule)
	}
	t.Logf("%d of %d as meant, %d misread", hits, len(cases), misread)
	if hits*10 < len(cases)*9 || misread*20 > len(cases) {
		t.Errorf("less than 90 %% as meant, or more than 5 %% misread")
	}
}
