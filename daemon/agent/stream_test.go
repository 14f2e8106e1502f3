package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// recording is one answer of a model server as testdata/stream keeps it.
type recording struct {
	status int
	typ    string
	body   []byte
	want   string
}

func readRecording(t testing.TB, file string) recording {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := recording{status: http.StatusOK, typ: "text/event-stream"}
	for _, f := range ar.Files {
		switch f.Name {
		case "body":
			r.body = f.Data
		case "want":
			r.want = string(f.Data)
		}
	}
	for line := range strings.Lines(string(ar.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "status":
			if r.status, err = strconv.Atoi(value); err != nil {
				t.Fatal(err)
			}
		case "type":
			r.typ = value
		case "lines":
			end := map[string]string{"crlf": "\r\n", "cr": "\r"}[value]
			r.body = bytes.ReplaceAll(r.body, []byte("\n"), []byte(end))
		case "end":
			r.body = bytes.TrimRight(r.body, "\n")
		}
	}
	return r
}

// speaker is a wire with its recordings.
type speaker struct {
	name string // the folder in testdata
	wire wire
	open func(ClientConfig) (Provider, *client, error)

	begin, text, reason, finish string // events; %q is what is said
}

func (s speaker) say(text string) string   { return s.begin + fmt.Sprintf(s.text, text) }
func (s speaker) think(text string) string { return s.begin + fmt.Sprintf(s.reason, text) }

func speakers() []speaker {
	return []speaker{
		{
			name: "stream", wire: chatWire{}, open: func(c ClientConfig) (Provider, *client, error) {
				p, err := NewOpenAI(c)
				if err != nil {
					return nil, nil, err
				}
				return p, p.client, nil
			}, text: "data: {\"choices\":[{\"delta\":{\"content\":%q}}]}\n\n",
			reason: "data: {\"choices\":[{\"delta\":{\"reasoning\":%q}}]}\n\n",
			finish: finishChunk,
		},
		{
			name: "messages", wire: messagesWire{}, open: func(c ClientConfig) (Provider, *client, error) {
				p, err := NewAnthropic(c)
				if err != nil {
					return nil, nil, err
				}
				return p, p.client, nil
			}, begin: "data: {\"type\":\"message_start\"}\n\n",
			text:   "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":%q}}\n\n",
			reason: "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":%q}}\n\n",
			finish: "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n",
		},
	}
}

func (s speaker) recordings(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/" + s.name + "/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d recordings of %s: %v", len(files), s.name, err)
	}
	return files
}

// outcome writes down what a stream came to, as the recordings expect it.
func outcome(text, reasoning string, res Result, err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "text %q\n", text)
	if reasoning != "" {
		fmt.Fprintf(&b, "reasoning %q\n", reasoning)
	}
	for _, c := range res.Calls {
		fmt.Fprintf(&b, "call %s %s %s\n", c.ID, c.Name, c.Arguments)
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		fmt.Fprintf(&b, "error %s\n", e.Code)
	case err != nil:
		fmt.Fprintf(&b, "error %v\n", err)
	default:
		fmt.Fprintf(&b, "finish %s\n", res.Finish)
	}
	if res.Usage != (Usage{}) {
		fmt.Fprintf(&b, "usage %d %d", res.Usage.Input, res.Usage.Output)
		if res.Usage.Cached > 0 {
			fmt.Fprintf(&b, " %d", res.Usage.Cached)
		}
		b.WriteString("\n")
	}
	if res.Raw != nil {
		fmt.Fprintf(&b, "raw %s\n", res.Raw)
	}
	return b.String()
}

// collect runs one request and joins its deltas.
func collect(ctx context.Context, p Provider, req Request) (text, reasoning string, res Result, err error) {
	var tb, rb strings.Builder
	res, err = p.Stream(ctx, req, func(d Delta) error {
		tb.WriteString(d.Text)
		rb.WriteString(d.Reasoning)
		return nil
	})
	return tb.String(), rb.String(), res, err
}

func newOpenAI(t *testing.T, c ClientConfig) *OpenAI {
	t.Helper()
	p, err := NewOpenAI(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every habit and every fault of a model server that we know of comes to the
// outcome written beside it, over a real connection, on each wire.
func TestRecordings(t *testing.T) {
	for _, sp := range speakers() {
		for _, file := range sp.recordings(t) {
			t.Run(sp.name+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				t.Parallel()
				rec := readRecording(t, file)
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", rec.typ)
					w.WriteHeader(rec.status)
					_, _ = w.Write(rec.body)
				}))
				defer srv.Close()
				p, c, err := sp.open(ClientConfig{URL: srv.URL, Key: "sk-secret"})
				if err != nil {
					t.Fatal(err)
				}
				c.pause = time.Nanosecond // TestTries shows the real pauses
				text, reasoning, res, err := collect(t.Context(), p, Request{Model: "x"})
				if got := outcome(text, reasoning, res, err); got != rec.want {
					t.Errorf("got\n%swant\n%s", got, rec.want)
				}
				if err != nil && strings.Contains(err.Error(), "sk-se") {
					t.Errorf("the error tells the key: %v", err)
				}
			})
		}
	}
}

// decodeIn decodes one body that arrives in pieces of the given sizes, over
// and over.
func decodeIn(w wire, raw, sizes []byte) (string, error) {
	var tb, rb strings.Builder
	c := &client{}
	d := w.decoder(Request{Model: "m"}, reading{
		emit: func(d Delta) error {
			tb.WriteString(d.Text)
			rb.WriteString(d.Reasoning)
			return nil
		},
		fail: func(status int, e apiError) *Error { return c.explain("m", status, e) },
	})
	res, err := (&body{d: d}).readAll(&pieces{raw: raw, sizes: sizes}, func() {})
	return outcome(tb.String(), rb.String(), res, err), err
}

type pieces struct {
	raw   []byte
	sizes []byte
	next  int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.raw) == 0 {
		return 0, io.EOF
	}
	n := len(p.raw)
	if len(p.sizes) > 0 {
		n = int(p.sizes[p.next%len(p.sizes)])%64 + 1
		p.next++
	}
	n = copy(b, p.raw[:min(n, len(p.raw))])
	p.raw = p.raw[n:]
	return n, nil
}

// Whatever a server sends, and however the network cuts it: no panic, valid
// UTF-8, and the same outcome.
func FuzzStream(f *testing.F) { fuzzStream(f, speakers()[0]) }

// The same holds for the messages wire.
func FuzzMessages(f *testing.F) { fuzzStream(f, speakers()[1]) }

func fuzzStream(f *testing.F, sp speaker) {
	f.Helper()
	for _, file := range sp.recordings(f) {
		f.Add(readRecording(f, file).body, []byte{1, 7, 30})
	}
	f.Add([]byte("data: {\"choices\":[{\"delta\":{\"content\":\"a\xff\xfeb\"},\"finish_reason\":\"stop\"}]}\n\n"), []byte{3})
	f.Add([]byte("\xef\xbb\xbfdata: [DONE]\n\n"), []byte{0})
	f.Fuzz(func(t *testing.T, raw, sizes []byte) {
		whole, _ := decodeIn(sp.wire, raw, nil)
		single, _ := decodeIn(sp.wire, raw, []byte{0})
		cut, err := decodeIn(sp.wire, raw, sizes)
		if whole != single || whole != cut {
			t.Errorf("the same bytes:\nwhole %sone by one %scut %s", whole, single, cut)
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("error without a code: %v", err)
		}
	})
}

// The recordings come to the same outcome in pieces of any size.
func TestStreamInPieces(t *testing.T) {
	for _, sp := range speakers() {
		for _, file := range sp.recordings(t) {
			raw := readRecording(t, file).body
			whole, _ := decodeIn(sp.wire, raw, nil)
			for size := range byte(40) {
				if got, _ := decodeIn(sp.wire, raw, []byte{size}); got != whole {
					t.Errorf("%s in pieces of %d: got\n%swant\n%s", file, size+1, got, whole)
				}
			}
		}
	}
}

// Bytes that are no UTF-8 are replaced, so that they can be stored and sent on.
func TestInvalidUTF8IsReplaced(t *testing.T) {
	got, err := decodeIn(chatWire{}, []byte("data: {\"choices\":[{\"delta\":{\"content\":\"a\xffb\"},\"finish_reason\":\"stop\"}]}\n\n"), nil)
	if want := "text \"a\uFFFDb\"\nfinish stop\n"; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
