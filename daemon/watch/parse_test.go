package watch

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the goldens anew")

// RSS 2.0 and 1.0, Atom and JSON Feed read as the same kind of entries, oldest
// first, whatever encoding, vocabulary or mistake is in them.
func TestFeeds(t *testing.T) {
	for _, name := range []string{"rss2.xml", "atom.xml", "rdf.xml", "feed.json"} {
		body, err := os.ReadFile(filepath.Join("testdata", "feeds", name))
		if err != nil {
			t.Fatal(err)
		}
		entries, err := parseFeed(bytes.TrimSpace(body), "https://site.example/blog/feed")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := json.MarshalIndent(entries, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "feeds", name+".golden")
		if *update {
			if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(bytes.TrimSpace(want)) != string(got) {
			t.Errorf("%s reads as\n%s\nwant\n%s", name, got, want)
		}
	}
}

// What is no feed is an error that says what to do, and a page that names its
// feed says which.
func TestNotAFeed(t *testing.T) {
	for body, want := range map[string]string{
		`<!doctype html><html><head><LINK rel=alternate href="/feed.xml?a=1&amp;b=2" type="application/rss+xml"></head></html>`: "https://site.example/feed.xml?a=1&b=2",
		`<html></html>`: "Look on the site",
		`{"a":1}`:       "Look on the site",
		``:              "Look on the site",
		`<?xml version="1.0" encoding="Shift_JIS"?><rss/>`: "in UTF-8",
	} {
		_, err := parseFeed([]byte(body), "https://site.example/blog")
		if err == nil {
			t.Errorf("%s is taken for a feed", body)
			continue
		}
		var p *problem
		if !errors.As(notFeed(&page{body: []byte(body)}, "https://site.example/blog", err), &p) || p.say == "" || !strings.Contains(p.cure, want) {
			t.Errorf("%s: %+v, want %q", body, p, want)
		}
	}
}

// No feed makes the parser panic, and whatever it reads has a key.
func FuzzFeed(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "feeds", "*[ln]"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte("\xff\xfe<\x00a\x00>\x00"))
	f.Add([]byte(`<rss><channel><item><title>a<</title></item></channel></rss>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		entries, err := parseFeed(body, "https://site.example/")
		if err != nil {
			return
		}
		for _, e := range entries {
			if len(e.Key) > maxKey || e.Link != "" && !strings.HasPrefix(e.Link, "http") {
				t.Errorf("%+v", e)
			}
		}
	})
}
