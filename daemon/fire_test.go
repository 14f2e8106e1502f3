package daemon

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"hark/store"
)

type fired struct {
	Message, Conversation, Cursor string
	Created                       bool `json:"created_conversation"`
	Duplicate                     bool
	Warnings                      []string
	Push                          struct{ Devices, Queued int }
}

const form = "application/x-www-form-urlencoded"

// Whatever a script sends, its text arrives whole, and what could not be done
// as asked is a warning.
func TestParseFire(t *testing.T) {
	var mp bytes.Buffer
	w := multipart.NewWriter(&mp)
	for _, f := range [][2]string{{"text", "a\nb"}, {"tags", "x"}, {"tags", "y"}} {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.CreateFormFile("file", "log.txt"); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	for _, c := range []struct {
		kind, body string
		want       fireInput
		warnings   int
	}{
		{form, "pills", fireInput{Text: "pills"}, 0},
		{form, "a=b", fireInput{Text: "a=b"}, 0},
		{form, "salt & pepper = good", fireInput{Text: "salt & pepper = good"}, 0},
		{form, "100%", fireInput{Text: "100%"}, 0},
		{form, "1+1=2", fireInput{Text: "1+1=2"}, 0},
		{form, "https://x.example/?a=1&b=%20", fireInput{Text: "https://x.example/?a=1&b=%20"}, 0},
		{form, "buy%2050%25%20milk%20%26%20eggs", fireInput{Text: "buy 50% milk & eggs"}, 0},
		{form, "text=hello+you&priority=5", fireInput{Text: "hello you", Priority: 5}, 0},
		{form, "text=50% off", fireInput{Text: "50% off"}, 0},
		{form, "message=hi&title=T&markdown=1", fireInput{Text: "hi", Title: "T", Markdown: true}, 0},
		{form, "text=a & b", fireInput{Text: "a "}, 1},
		{form, "text=a&text=b", fireInput{Text: "a"}, 1},
		{form, `{"text":"json by curl -d"}`, fireInput{Text: "json by curl -d"}, 0},
		{form, `{not json}`, fireInput{Text: "{not json}"}, 0},
		{"", "plain", fireInput{Text: "plain"}, 0},
		{"text/plain; charset=utf-8", "two\nlines\n", fireInput{Text: "two\nlines"}, 0},
		{"text/markdown", "**bold**", fireInput{Text: "**bold**", Markdown: true}, 0},
		{"text/plain", "caf\xe9", fireInput{Text: "caf\uFFFD"}, 1},
		{"text/plain", " \r\n", fireInput{}, 0},
		{w.FormDataContentType(), mp.String(), fireInput{Text: "a\nb", Tags: []string{"x", "y"}}, 1},
		{
			"application/json", `{"text":"a","priority":"high","tags":"x, y,x","click":"https://e.example/a b"}`,
			fireInput{Text: "a", Priority: 4, Tags: []string{"x", "y"}, Click: "https://e.example/a%20b"},
			0,
		},
		{
			"application/json", `{"text":"a","priority":9,"click":"javascript:alert(1)","markdown":"perhaps","unknown":1,"ask":{},"actions":[7],"run":"maybe"}`,
			fireInput{Text: "a"},
			7,
		},
		{
			"application/json", `{"text":12345678901234567890,"title":null,"silent":true,"key":"k","replace":"r"}`,
			fireInput{Text: "12345678901234567890", Silent: true, Key: "k", Replace: "r"},
			0,
		},
		{"application/json", `{"text":"a","message":"b"}`, fireInput{Text: "b"}, 1},
	} {
		in, err := parseFire(c.kind, []byte(c.body))
		if err != nil {
			t.Errorf("%s %q: %v", c.kind, c.body, err)
			continue
		}
		if len(in.warnings) != c.warnings {
			t.Errorf("%s %q: warnings %q, want %d", c.kind, c.body, in.warnings, c.warnings)
		}
		if in.warnings = nil; !reflect.DeepEqual(*in, c.want) {
			t.Errorf("%s %q: %+v, want %+v", c.kind, c.body, *in, c.want)
		}
	}
}

// No body makes parseFire fail in a way that a caller is not told, and no text
// is invalid UTF-8.
func FuzzFireBody(f *testing.F) {
	for _, kind := range []string{form, "application/json", "text/plain", "multipart/form-data; boundary=x", ""} {
		for _, body := range []string{"pills", `{"text":"a","tags":[1,null,{}],"priority":1e9}`, "text=%zz&a=b&=", "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--x--"} {
			f.Add(kind, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		in, err := parseFire(kind, body)
		if err != nil {
			if status, _ := problemKind(problemOf(err).code); status >= 500 {
				t.Fatalf("internal error: %v", err)
			}
			return
		}
		for _, s := range append([]string{in.Text, in.Title, in.Click}, in.Tags...) {
			if !utf8.ValidString(s) {
				t.Fatalf("invalid UTF-8 in %q", s)
			}
		}
		if in.Priority < 0 || in.Priority > 5 || len(in.Tags) > maxTags || len(in.Title) > maxTitle {
			t.Fatalf("out of bounds: %+v", in)
		}
	})
}

// Sixty-four scripts that fire at once make one inbox, and no message is lost.
func TestConcurrentFiresMakeOneInbox(t *testing.T) {
	r := newRig(t, nil)
	secret := r.token("fire")
	answers := make([]fired, 64)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			r.call(200, &answers[i], "POST", "/api/assistant/fire", fmt.Sprintf("message %d", i), bearer(secret))
		})
	}
	wg.Wait()
	created := 0
	ids := map[string]bool{}
	for _, a := range answers {
		if a.Created {
			created++
		}
		ids[a.Message] = true
		if a.Conversation != answers[0].Conversation {
			t.Error("two inboxes")
		}
	}
	if created != 1 || len(ids) != 64 {
		t.Errorf("%d said they made the inbox, %d messages", created, len(ids))
	}
	var list struct{ Conversations []store.Conversation }
	r.call(200, &list, "GET", "/api/conversations", "")
	if len(list.Conversations) != 1 || !list.Conversations[0].Inbox || list.Conversations[0].Unread != 64 {
		t.Errorf("%+v", list)
	}
}

// The same key is one message, whether it comes in the body or the header, and
// however the body is written.
func TestFireKey(t *testing.T) {
	r := newRig(t, nil)
	var a, b, c fired
	r.call(200, &a, "POST", "/api/assistant/fire", `{"text":"x","key":"k"}`)
	resp := r.call(200, &b, "POST", "/api/assistant/fire", `{"key":"k", "text":"x"}`)
	r.call(200, &c, "POST", "/api/assistant/fire", "x", header("Idempotency-Key", "k"))
	if a.Duplicate || !b.Duplicate || !c.Duplicate || b.Message != a.Message || c.Message != a.Message || b.Cursor != a.Cursor {
		t.Errorf("%+v\n%+v\n%+v", a, b, c)
	}
	if resp.Header.Get("Idempotent-Replayed") != "true" {
		t.Error("a repetition does not say so")
	}
	r.fails(409, "idempotency_key_reused", "POST", "/api/assistant/fire", `{"text":"y","key":"k"}`)
	other := r.token("fire")
	r.call(200, &b, "POST", "/api/assistant/fire", `{"text":"y","key":"k"}`, bearer(other))
	if b.Duplicate || b.Message == a.Message {
		t.Error("one token's key counts for another's")
	}
}

// A replace key is one message that changes in place and asks to be read again.
func TestFireReplace(t *testing.T) {
	r := newRig(t, nil)
	var a, b fired
	r.call(200, &a, "POST", "/api/assistant/fire", `{"text":"50 %","replace":"job","title":"Build"}`)
	r.call(200, nil, "POST", "/api/conversations/"+a.Conversation+"/read", `{"upto":"`+a.Message+`"}`)
	r.call(200, &b, "POST", "/api/assistant/fire", `{"text":"100 %","replace":"job"}`)
	if b.Message != a.Message || b.Created {
		t.Errorf("%+v, then %+v", a, b)
	}
	var page struct{ Messages []store.Message }
	r.call(200, &page, "GET", "/api/conversations/"+a.Conversation+"/messages", "")
	if len(page.Messages) != 1 || page.Messages[0].Text != "100 %" || page.Messages[0].Title != "" {
		t.Errorf("%+v", page)
	}
	var c store.Conversation
	r.call(200, &c, "GET", "/api/conversations/"+a.Conversation, "")
	if c.Unread != 1 || c.Preview != "100 %" {
		t.Errorf("after a replacement: %+v", c)
	}
	r.call(200, &c, "POST", "/api/conversations/"+a.Conversation+"/read", `{"upto":"`+a.Message+`"}`)
	if c.Unread != 0 {
		t.Errorf("read again, and still %d unread", c.Unread)
	}
	r.call(204, nil, "DELETE", "/api/messages/"+a.Message, "")
	r.call(200, &b, "POST", "/api/assistant/fire", `{"text":"anew","replace":"job"}`)
	if b.Message == a.Message {
		t.Error("a deleted message came back")
	}
}

// Only a body without meaning, too much, or too often is refused.
func TestFireRefusals(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.FirePerMinute = 60 })
	for _, c := range []struct {
		status           int
		code, kind, body string
	}{
		{422, "empty", form, ""},
		{422, "empty", "application/json", `{"title":"only"}`},
		{413, "too_large", "text/plain", strings.Repeat("x", 64<<10+1)},
		{413, "too_large", "text/plain", strings.Repeat("x", 1<<20+1)},
		{400, "bad_json", "application/json", `{"text":`},
		{400, "bad_json", "application/json", `["a"]`},
		{415, "unsupported_media_type", "image/png", "x"},
		{400, "bad_request", "multipart/form-data; boundary=x", "x"},
	} {
		r.fails(c.status, c.code, "POST", "/api/assistant/fire", c.body, header("Content-Type", c.kind))
	}
	var a fired
	r.call(200, &a, "POST", "/api/assistant/fire", `{"text":"x","conversation":"nowhere"}`)
	if !a.Created || len(a.Warnings) != 1 {
		t.Errorf("unknown conversation: %+v", a)
	}
	for range 60 {
		resp := r.send("POST", "/api/assistant/fire", "again")
		if resp.StatusCode == http.StatusTooManyRequests {
			if resp.Header.Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
			return
		}
	}
	t.Error("no limit was met")
}
