package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lines is a Hark whose stream says one script per connection; the last one
// stays open. It keeps what each connection asked for.
type lines struct {
	scripts []string
	asked   []string
}

func (l *lines) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/assistant/stream" {
		http.NotFound(w, r)
		return
	}
	l.asked = append(l.asked, r.URL.Query().Get("since")+"|"+r.Header.Get("Last-Event-ID"))
	script := l.scripts[len(l.asked)-1]
	fmt.Fprint(w, "retry: 1\nevent: hello\ndata: {\"head\":\"e-5\"}\n\n"+script)
	if len(l.asked) == len(l.scripts) {
		if http.NewResponseController(w).Flush() == nil {
			<-r.Context().Done()
		}
	}
}

func said(id, seq, text string) string {
	return fmt.Sprintf("id: e-%s\nevent: message\ndata: {\"id\":%q,\"status\":\"done\",\"text\":%q,\"conversation\":\"c\"}\n\n", seq, id, text)
}

// tailOf runs "hark tail" with args on l, and returns what it printed.
func tailOf(t *testing.T, l *lines, args ...string) (status int, out, problems string) {
	t.Helper()
	hark := httptest.NewServer(l)
	defer hark.Close()
	env := map[string]string{"HARK_URL": hark.URL, "HARK_TOKEN": "hark_x"}
	var stdout, stderr bytes.Buffer
	status = run(append([]string{"tail"}, args...), nil, &stdout, &stderr, func(k string) string { return env[k] })
	return status, stdout.String(), stderr.String()
}

// texts is the last word of each line.
func texts(out string) string {
	var words []string
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		words = append(words, f[len(f)-1])
	}
	return strings.Join(words, " ")
}

// However often the line breaks, and wherever, each message is printed once
// and in order: a connection goes on from the last change that was printed.
func TestTailGoesOnWhereItWas(t *testing.T) {
	cut := said("c", "9", "three")
	l := &lines{scripts: []string{
		"",
		said("a", "6", "one") + said("b", "8", "two") + cut[:len(cut)-20],
		": nothing but a comment\n\n",
		said("b", "8", "two") + said("c", "9", "three"),
	}}
	status, out, problems := tailOf(t, l, "-n", "3")
	if status != exitOK {
		t.Fatalf("status %d: %s", status, problems)
	}
	if got := texts(out); got != "one two three" {
		t.Errorf("printed %q", got)
	}
	if got, want := strings.Join(l.asked, " "), "| |e-5 |e-8 |e-8"; got != want {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

// --since is asked for once; afterwards the cursor counts.
func TestTailSince(t *testing.T) {
	l := &lines{scripts: []string{said("a", "3", "one"), said("b", "4", "two")}}
	if status, out, problems := tailOf(t, l, "-n", "2", "--since", "e-2"); status != exitOK || texts(out) != "one two" {
		t.Errorf("status %d, %q, %s", status, out, problems)
	}
	if got := strings.Join(l.asked, " "); got != "e-2| |e-3" {
		t.Errorf("asked for %q", got)
	}
}

// A reset is told to the user, and tail goes on from where Hark says.
func TestTailReset(t *testing.T) {
	l := &lines{scripts: []string{
		"event: reset\ndata: {\"reason\":\"epoch\",\"head\":\"f-7\"}\n\n",
		said("a", "8", "one"),
	}}
	status, _, problems := tailOf(t, l, "-n", "1", "--since", "e-2")
	if status != exitOK || !strings.Contains(problems, "epoch") {
		t.Errorf("status %d, said %q", status, problems)
	}
	if got := strings.Join(l.asked, " "); got != "e-2| |f-7" {
		t.Errorf("asked for %q", got)
	}
}

// A reply is printed when it is complete, not while it grows; one that failed
// is printed with the reason.
func TestTailPrintsWhatIsComplete(t *testing.T) {
	l := &lines{scripts: []string{
		"id: e-6\nevent: message\ndata: {\"id\":\"a\",\"status\":\"streaming\",\"text\":\"half\"}\n\n" +
			"event: delta\ndata: {\"message\":\"a\",\"at\":4,\"text\":\" more\"}\n\n" +
			"id: e-7\nevent: message\ndata: {\"id\":\"a\",\"status\":\"error\",\"text\":\"half more\",\"error\":{\"detail\":\"The model went away.\"}}\n\n",
	}}
	_, out, _ := tailOf(t, l, "-n", "1")
	if strings.Count(out, "half") != 1 || !strings.Contains(out, "half more\n    (failed: The model went away)\n") {
		t.Errorf("printed %q", out)
	}
}

// What strangers wrote can't move the cursor, set a title or ring the bell of
// the terminal that shows it.
func TestTailDisarmsTheTerminal(t *testing.T) {
	l := &lines{scripts: []string{said("a", "6", "\x1b[2J\x1b]0;owned\x07a\x07b\rfake\nline")}}
	_, out, _ := tailOf(t, l, "-n", "1")
	if strings.ContainsAny(out, "\x1b\x07\r") {
		t.Errorf("printed %q", out)
	}
}

// With --json each event is one line that says which event it was, and where
// to go on after it.
func TestTailJSON(t *testing.T) {
	l := &lines{scripts: []string{said("a", "6", "<one>")}}
	_, out, _ := tailOf(t, l, "-n", "1", "--json")
	want := `{"event":"hello","data":{"head":"e-5"}}
{"event":"message","id":"e-6","data":{"id":"a","status":"done","text":"<one>","conversation":"c"}}
`
	if out != want {
		t.Errorf("printed:\n%s\nwant:\n%s", out, want)
	}
}

// A line that carries nothing for a minute is dead, whatever TCP believes, and
// tail connects again from its cursor.
func TestTailLeavesASilentLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := &deadWire{first: said("a", "6", "one")}
		var stdout, stderr bytes.Buffer
		env := map[string]string{"HARK_URL": "http://hark.example", "HARK_TOKEN": "hark_x"}
		c := &cli{out: &stdout, err: &stderr, wire: wire, getenv: func(k string) string { return env[k] }}
		began := time.Now()
		if status := c.status(c.run(t.Context(), tailVerb(), []string{"-n", "2"})); status != exitOK {
			t.Fatalf("status %d: %s", status, &stderr)
		}
		if got := texts(stdout.String()); got != "one two" || wire.resumed != "e-6" {
			t.Errorf("printed %q, went on from %q", got, wire.resumed)
		}
		if took := time.Since(began); took < silence || took > silence+longestPause {
			t.Errorf("noticed after %v, want soon after %v", took, silence)
		}
	})
}

// deadWire answers the first stream with one message and then nothing, without
// ever closing it; the second stream says one more.
type deadWire struct {
	first, resumed string
	streams        int
}

func (w *deadWire) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/api/assistant/stream" {
		return nil, errors.New("not served")
	}
	w.streams++
	if w.streams > 1 {
		w.resumed = r.Header.Get("Last-Event-ID")
		return answer(io.NopCloser(strings.NewReader(said("b", "7", "two")))), nil
	}
	reader, writer := io.Pipe()
	context.AfterFunc(r.Context(), func() { writer.CloseWithError(context.Cause(r.Context())) })
	return answer(struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(w.first), reader), reader}), nil
}

func answer(body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Body: body, Header: http.Header{}}
}

// What people write after --since, and what they must not.
func TestParseSince(t *testing.T) {
	now := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"":                          "",
		"5m":                        "2026-01-31T08:55:00Z",
		"2026-01-31T09:00:00+01:00": "2026-01-31T08:00:00Z",
		"k3x9-42":                   "k3x9-42",
		"all":                       "1970-01-01T00:00:00Z",
	} {
		if got, err := parseSince(in, now); err != nil || got != want {
			t.Errorf("parseSince(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"yesterday", "-5m", "42", "2026-01-31"} {
		if got, err := parseSince(in, now); err == nil {
			t.Errorf("parseSince(%q) = %q, want an error", in, got)
		}
	}
}
