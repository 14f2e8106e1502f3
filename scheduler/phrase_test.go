package scheduler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// phraseNow is when the phrases of testdata are said.
func phraseNow(t testing.TB) (time.Time, *time.Location) {
	t.Helper()
	zone := mustZone(t, "Europe/Berlin")
	return time.Date(2026, 11, 18, 10, 0, 0, 0, zone), zone
}

// outcome writes what Parse made of a phrase as testdata does: the text and the schedule, or the kind of the error.
func outcome(p Phrase, err error) (text, schedule string) {
	switch {
	case errors.As(err, new(*UnclearError)):
		return "", "!unclear"
	case errors.As(err, new(*AmbiguousError)):
		return "", "!ambiguous"
	case errors.As(err, new(*PastError)):
		return "", "!past"
	case err != nil:
		return "", err.Error()
	}
	return p.Text, p.Schedule.String()
}

type phraseCase struct{ phrase, text, schedule string }

func phraseCases(t testing.TB, file string) []phraseCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []phraseCase
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			t.Fatalf("%s: %q has %d fields", file, line, len(f))
		}
		cases = append(cases, phraseCase{f[0], f[1], f[2]})
	}
	return cases
}

// Phrases as people write them are read as people mean them, and what is no time is refused.
func TestPhrases(t *testing.T) {
	now, zone := phraseNow(t)
	files, err := filepath.Glob("testdata/phrases/*.tsv")
	if err != nil || len(files) == 0 {
		t.Fatalf("no phrases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			for _, c := range phraseCases(t, file) {
				text, schedule := outcome(Parse(c.phrase, now, zone))
				if text != c.text || schedule != c.schedule {
					t.Errorf("%q\n\tread %q  %s\n\twant %q  %s", c.phrase, text, schedule, c.text, c.schedule)
				}
			}
		})
	}
}
