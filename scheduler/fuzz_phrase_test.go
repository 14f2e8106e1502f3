package scheduler

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Whatever people type is read or refused quickly, its text is a part of what they typed, and its times are ahead.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/phrases/*.tsv")
	for _, file := range files {
		for i, c := range phraseCases(f, file) {
			if i%4 == 0 {
				f.Add(c.phrase, int64(1_795_000_000))
			}
		}
	}
	f.Add(strings.Repeat("at 9 and ", 300), int64(0))
	f.Add(strings.Repeat("mon, ", 500), int64(-1))
	zone := mustZone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, phrase string, unix int64) {
		now := time.Unix(unix%(1<<33), 0)
		began := time.Now()
		p, err := Parse(phrase, now, zone)
		LooksLikeReminder(phrase)
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("%q takes %s", phrase, took)
		}
		if err != nil {
			if err.Error() == "" {
				t.Fatalf("%q is refused without a word", phrase)
			}
			return
		}
		if len(p.At) == 0 || !p.At[0].After(now) || p.Say == "" || !utf8.ValidString(p.Text) {
			t.Fatalf("%q at %s: %+v", phrase, now, p)
		}
		if s, err := ParseSchedule(p.Schedule.String()); err != nil || s.String() != p.Schedule.String() {
			t.Fatalf("%q gives %q, which reads back as %q, %v", phrase, p.Schedule, s, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	now, zone := phraseNow(b)
	for _, phrase := range []string{
		"call mom tomorrow at 9", "every other friday 18:00 put the bins out", "erinnere mich morgen um halb neun daran, Mama anzurufen",
		"there is no time at all in this rather long sentence about nothing in particular",
	} {
		b.Run(strings.Fields(phrase)[0], func(b *testing.B) {
			for b.Loop() {
				_, _ = Parse(phrase, now, zone)
			}
		})
	}
}

func BenchmarkNext(b *testing.B) {
	now, zone := phraseNow(b)
	for _, text := range []string{"30 8 * * 1-5", "every 90m between 9 and 17", "DTSTART:20061120T180000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"} {
		s, err := ParseSchedule(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.Fields(text)[0], func(b *testing.B) {
			for b.Loop() {
				s.Next(now, zone)
			}
		})
	}
}
