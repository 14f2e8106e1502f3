package daemon

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// wellFormed holds what every decoder promises: valid UTF-8, nothing beyond its
// bounds, and an answer that can be written.
func wellFormed(t *testing.T, in *fireInput) {
	t.Helper()
	texts := append([]string{in.Text, in.Title, in.Click}, append(in.Tags, in.warnings...)...)
	for _, a := range in.Actions {
		texts = append(texts, a.Label)
		if a.Kind != actionOpen && a.Kind != actionHTTP {
			t.Fatalf("action %+v", a)
		}
	}
	for _, s := range texts {
		if !utf8.ValidString(s) {
			t.Fatalf("invalid UTF-8 in %q", s)
		}
	}
	if in.Priority < 0 || in.Priority > 5 || len(in.Tags) > maxTags || len(in.Title) > maxTitle || len(in.Actions) > maxActions {
		t.Fatalf("out of bounds: %+v", in)
	}
	if _, err := json.Marshal(in); err != nil {
		t.Fatal(err)
	}
}

// Whatever headers and query say, and however they say it, the message is whole
// and has a text.
func FuzzNtfyParams(f *testing.F) {
	f.Add("X-Title", "=?UTF-8?B?w7Y=?=", "message=a&prio=5", "text")
	f.Add("Priority", "u=1, i", "p=high&at=tomorrow", "")
	f.Add("Actions", "view, a, https://x.example; http", "tags=a,b&md=yes&f=", "")
	f.Add("Title", "=?x?q?=zz?=", "in=1e99&actions=[{}]&attach=%ff", "\xff")
	f.Fuzz(func(t *testing.T, name, value, query, body string) {
		q, _ := url.ParseQuery(query)
		r := &http.Request{Header: http.Header{http.CanonicalHeaderKey(name): {value}}, Method: http.MethodPost}
		in := &fireInput{Topic: "x"}
		in.fromText(body)
		in.fromNtfy(ntfyParams{r: r, query: q})
		if in.Text == "" {
			t.Fatal("nothing to read")
		}
		wellFormed(t, in)
	})
}

// JSON at the root never makes an error that a sender is not told.
func FuzzNtfyJSON(f *testing.F) {
	f.Add([]byte(`{"topic":"a","message":"b","tags":["x"],"priority":4,"actions":[{"action":"view","label":"a","url":"https://x.example"}]}`))
	f.Add([]byte(`{"message":null,"tags":{},"priority":"u=1","actions":"view, a, b","delay":1700000000}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := ntfyParams{r: &http.Request{Header: http.Header{}}}
		if err := p.fromJSON(body); err != nil {
			if status, _ := problemKind(problemOf(err).code); status >= 500 {
				t.Fatal(err)
			}
			return
		}
		in := new(fireInput)
		in.fromNtfy(p)
		wellFormed(t, in)
	})
}

// The short form of buttons ends, whatever quotes and commas it has.
func FuzzShortActions(f *testing.F) {
	f.Add(`view, "a, b", url=https://x.example; http, b, https://y.example, headers.X=1, body='{"a": "b"}'`)
	f.Add(`view, 'a\'b', x;;;,,,=;"`)
	f.Fuzz(func(t *testing.T, text string) {
		in := new(fireInput)
		in.ntfyActions(strings.ToValidUTF8(text, "?"))
		wellFormed(t, in)
	})
}

// A delay is a date, a duration or a phrase, and never longer than what came.
func FuzzNtfyDelay(f *testing.F) {
	for _, s := range []string{"30m", "2 days", "1639194738", "tomorrow, 10am", "-1", "999999999999999999999", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := ntfyDelay(s); len(got) > len(s)+20 {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// Encoded words decode to text or stay as they are.
func FuzzEncodedWords(f *testing.F) {
	for _, s := range []string{"=?UTF-8?B?w7Y=?=", "=?iso-8859-1?Q?=FC?= a =?utf-8?q?b?=", "=?", "=?x?b??=", "plain"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in := new(fireInput)
		in.Title = in.short("title", decodeHeader(s), maxTitle)
		wellFormed(t, in)
	})
}

// Gotify's messages, in each of their forms.
func FuzzGotify(f *testing.F) {
	f.Add("application/json", []byte(`{"message":"a","priority":8,"extras":{"client::display":{"contentType":"text/markdown"}}}`), "")
	f.Add("application/x-www-form-urlencoded", []byte("message=a&title=%zz"), "priority=1e400")
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhi\r\n--x--"), "")
	f.Add("application/json", []byte(`{"extras":{"client::notification":{"click":{"url":"javascript:x"}}},"message":[]}`), "message=x")
	f.Fuzz(func(t *testing.T, kind string, body []byte, query string) {
		q, _ := url.ParseQuery(query)
		in := new(fireInput)
		if _, err := in.fromGotify(kind, body, q); err != nil {
			if status, _ := problemKind(problemOf(err).code); status >= 500 {
				t.Fatal(err)
			}
			return
		}
		wellFormed(t, in)
	})
}

// Whatever JSON a program posts, there is something to read or it says nothing.
func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"alerts":[{"status":"firing","labels":{"alertname":"a"},"annotations":{"summary":"b"}}],"title":"t"}`))
	f.Add([]byte(`{"alerts":[{"labels":1}],"blocks":[{"text":{"text":"x"},"fields":[[[[[[[[{}]]]]]]]]}]}`))
	f.Add([]byte(`{"a":{"b":"` + "```" + `"}}`))
	f.Add([]byte(`{"text":"<https://x.example|a> <b> <https:|>"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, ok := readObject(body)
		if !ok {
			return
		}
		in := new(fireInput)
		in.fromReport(fields, body)
		in.complete("")
		if in.Text == "" {
			t.Fatal("nothing to read")
		}
		wellFormed(t, in)
	})
}
