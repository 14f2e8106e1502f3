package main

import (
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a program wrote for a terminal is read as text.
func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[31;1mFAIL\x1b[0m x_test.go\n":                     "FAIL x_test.go",
		"10%\r 50%\r100%\r\ndone\r\n":                           "100%\ndone",
		"\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\ \x1b]0;t\x07": "link",
		"a\tb\x00c\x7f":  "a\tbc",
		"caf\xe9":        "caf\uFFFD",
		"  indented\n\n": "  indented",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// Whatever comes through a pipe, the text is valid, has no control characters
// and is the same when cleaned again.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"a", "\x1b[1", "\x1b]0;", "\r\n\r", "\x1b\x1b[0m[0m", "\xff\x1b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := plain(in)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
			t.Errorf("plain(%q) = %q", in, got)
		}
		if again := plain(got); again != got {
			t.Errorf("plain(%q) = %q, and again %q", in, got, again)
		}
	})
}

// Flags may stand before, between and after the words; after -- nothing is a flag.
func TestFlagsAnywhere(t *testing.T) {
	for _, test := range []struct{ args, words string }{
		{"-p 4 disk full", "disk full"},
		{"disk -p 4 full", "disk full"},
		{"disk full -p 4", "disk full"},
		{"-p 4 -- -3 degrees -p 5", "-3 degrees -p 5"},
		{"- -p 4", "-"},
	} {
		fs := flag.NewFlagSet("fire", flag.ContinueOnError)
		p := fs.Int("p", 0, "")
		words, err := parse(fs, strings.Fields(test.args))
		if err != nil || *p != 4 || !slices.Equal(words, strings.Fields(test.words)) {
			t.Errorf("parse(%q) = %q, %v with -p %d", test.args, words, err, *p)
		}
	}
}

// Input without an end is refused, not cut off or kept in memory.
func TestEndlessInput(t *testing.T) {
	c := &cli{in: endless{}}
	if err := c.readText(&fireBody{}, nil); err == nil || errors.As(err, new(usageError)) {
		t.Errorf("readText = %v, want an error about the size", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'y'
	}
	return len(p), nil
}
