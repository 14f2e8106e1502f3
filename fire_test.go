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

// flaky answers one request after the other from its list, and keeps the keys
// that came. A nil answer is a line that broke after the request was read.
type flaky struct {
	answers []*http.Response
	keys    []string
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	f.keys = append(f.keys, r.Header.Get("Idempotency-Key"))
	resp := f.answers[0]
	if len(f.answers) > 1 {
		f.answers = f.answers[1:]
	}
	if resp == nil {
		return nil, syscall.ECONNRESET
	}
	return resp, nil
}

func says(status int, retryAfter, body string) *http.Response {
	resp := answer(io.NopCloser(strings.NewReader(body)))
	resp.StatusCode = status
	if retryAfter != "" {
		resp.Header.Set("Retry-After", retryAfter)
	}
	return resp
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
	cut := answer(io.NopCloser(io.MultiReader(strings.NewReader(ok[:9]), iotest.ErrReader(io.ErrUnexpectedEOF))))
	first := &flaky{answers: []*http.Response{nil, cut, says(500, "", "{}"), says(200, "", ok)}}
	status, out, _ := fireAt(t, first, "hello")
	if status != exitOK || out != "01J\n" {
		t.Errorf("status %d, %q", status, out)
	}
	if len(first.keys) != 4 || strings.Count(strings.Join(first.keys, " "), first.keys[0]) != 4 || len(first.keys[0]) < 20 {
		t.Errorf("keys %q", first.keys)
	}
	second := &flaky{answers: []*http.Response{says(200, "", ok)}}
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
		answer   *http.Response
		status   int
		min, max time.Duration
	}{
		{"away", "hello", nil, exitUnreachable, time.Second, 3 * time.Second},
		{"away, patient", "hello --retry 5m", nil, exitUnreachable, 4 * time.Minute, 5 * time.Minute},
		{"away, at once", "hello --retry 0s", nil, exitUnreachable, 0, 0},
		{"full for longer than we wait", "hello", says(507, "60", full), exitLater, 0, 0},
		{"refused", "hello", says(403, "", `{"code":"forbidden"}`), exitRefused, 0, 0},
		{"wrong", "hello", says(422, "", `{"code":"invalid"}`), exitFailed, 0, 0},
	} {
		status, _, took := fireAt(t, &flaky{answers: []*http.Response{test.answer}}, strings.Fields(test.args)...)
		if status != test.status || took < test.min || took > test.max {
			t.Errorf("%s: status %d after %v, want %d after %v to %v", test.name, status, took, test.status, test.min, test.max)
		}
	}
}

// A Hark that asks for patience gets it.
func TestFireObeysRetryAfter(t *testing.T) {
	f := &flaky{answers: []*http.Response{says(503, "2", `{"code":"unavailable"}`), says(200, "", `{"message":"01J"}`)}}
	if status, out, took := fireAt(t, f, "hello"); status != exitOK || took != 2*time.Second {
		t.Errorf("status %d after %v: %s", status, took, out)
	}
}

// A page that is not Hark's, such as a router's log-in, is not taken for an answer.
func TestFireToAStranger(t *testing.T) {
	f := &flaky{answers: []*http.Response{says(200, "", "<html>Log in</html>")}}
	status, out, _ := fireAt(t, f, "hello")
	if status != exitFailed || !strings.Contains(out, "does not speak as Hark does") {
		t.Errorf("status %d: %s", status, out)
	}
}
