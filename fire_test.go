package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// flaky gives one answer after the other, the last one for ever, and keeps the
// keys that came.
type flaky struct {
	answers []reply
	keys    []string
}

// reply is one answer. The zero reply is a line that broke after the request
// was read; with cut, it broke in the middle of the answer.
type reply struct {
	status     int
	body       string
	retryAfter string
	cut        bool
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	f.keys = append(f.keys, r.Header.Get("Idempotency-Key"))
	say := f.answers[0]
	if len(f.answers) > 1 {
		f.answers = f.answers[1:]
	}
	if say.status == 0 {
		return nil, syscall.ECONNRESET
	}
	body := io.Reader(strings.NewReader(say.body))
	if say.cut {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	header := http.Header{}
	header.Set("Retry-After", say.retryAfter)
	return &http.Response{StatusCode: say.status, Header: header, Body: io.NopCloser(body)}, nil
}

// fireAt runs "hark fire" on f in fake time; it returns how long that took.
func fireAt(t *testing.T, f *flaky, args ...string) (status int, out string, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		env := map[string]string{"HARK_URL": "http://hark.example", "HARK_TOKEN": "hark_x"}
		var stdout, stderr bytes.Buffer
		c := &cli{out: &stdout, err: &stderr, wire: f, getenv: func(k string) string { return env[k] }}
		began := time.Now()
		status = c.status(c.run(t.Context(), fireVerb(), args))
		out, took = stdout.String()+stderr.String(), time.Since(began)
	})
	return status, out, took
}

// An answer that got lost may have been a yes, so every try of one fire carries
// the same key, and the next fire another.
func TestFireKeepsItsKey(t *testing.T) {
	ok := `{"message":"01J","warnings":[]}`
	first := &flaky{answers: []reply{{}, {status: 200, body: ok[:9], cut: true}, {status: 500, body: "{}"}, {status: 200, body: ok}}}
	status, out, _ := fireAt(t, first, "hello")
	if status != exitOK || out != "01J\n" {
		t.Errorf("status %d, %q", status, out)
	}
	if len(first.keys) != 4 || strings.Count(strings.Join(first.keys, " "), first.keys[0]) != 4 || len(first.keys[0]) < 20 {
		t.Errorf("keys %q", first.keys)
	}
	second := &flaky{answers: []reply{{status: 200, body: ok}}}
	fireAt(t, second, "hello")
	if second.keys[0] == first.keys[0] {
		t.Error("two fires with one key")
	}
}

// A fire waits as long as it is told to, no longer than it may, and not at all
// for what time does not heal.
func TestFirePatience(t *testing.T) {
	full := `{"title":"The disk is full","status":507,"code":"storage_full","detail":"Make room."}`
	for _, test := range []struct {
		name     string
		args     string
		answer   reply
		status   int
		min, max time.Duration
	}{
		{"away", "hello", reply{}, exitUnreachable, time.Second, 3 * time.Second},
		{"away, patient", "hello --retry 5m", reply{}, exitUnreachable, 4 * time.Minute, 5 * time.Minute},
		{"away, at once", "hello --retry 0s", reply{}, exitUnreachable, 0, 0},
		{"full for longer than we wait", "hello", reply{status: 507, body: full, retryAfter: "60"}, exitLater, 0, 0},
		{"refused", "hello", reply{status: 403, body: `{"code":"forbidden"}`}, exitRefused, 0, 0},
		{"wrong", "hello", reply{status: 422, body: `{"code":"invalid"}`}, exitFailed, 0, 0},
	} {
		status, _, took := fireAt(t, &flaky{answers: []reply{test.answer}}, strings.Fields(test.args)...)
		if status != test.status || took < test.min || took > test.max {
			t.Errorf("%s: status %d after %v, want %d after %v to %v", test.name, status, took, test.status, test.min, test.max)
		}
	}
}

// A Hark that asks for patience gets it.
func TestFireObeysRetryAfter(t *testing.T) {
	f := &flaky{answers: []reply{{status: 503, retryAfter: "2"}, {status: 200, body: `{"message":"01J"}`}}}
	if status, out, took := fireAt(t, f, "hello"); status != exitOK || took != 2*time.Second {
		t.Errorf("status %d after %v: %s", status, took, out)
	}
}

// A page that is not Hark's, such as a router's log-in, is not taken for an answer.
func TestFireToAStranger(t *testing.T) {
	f := &flaky{answers: []reply{{status: 200, body: "<html>Log in</html>"}}}
	status, out, _ := fireAt(t, f, "hello")
	if status != exitFailed || !strings.Contains(out, "does not speak as Hark does") {
		t.Errorf("status %d: %s", status, out)
	}
}
