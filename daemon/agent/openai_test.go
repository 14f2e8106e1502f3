package agent

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A stop reaches the model server at once, and the words so far are kept.
func TestStopClosesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan struct{})
		p := serve(t, func(w http.ResponseWriter, r *http.Request) {
			say(w, textChunk("Hel"))
			<-r.Context().Done()
			close(closed)
		})
		wish := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		start := time.Now()
		_, err := p.Stream(ctx, Request{}, func(Delta) error { cancel(wish); return nil })
		if !errors.Is(err, wish) || time.Since(start) > time.Second {
			t.Errorf("ended with %v after %s", err, time.Since(start))
		}
		<-closed
	})
}

// Who takes the answer may end it with an error of his own.
func TestEmitErrorEndsTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		p := serve(t, func(w http.ResponseWriter, _ *http.Request) { say(w, textChunk("a")+textChunk("b")) })
		n := 0
		_, err := p.Stream(t.Context(), Request{}, func(Delta) error { n++; return full })
		if !errors.Is(err, full) || n != 1 {
			t.Errorf("got %v after %d deltas", err, n)
		}
	})
}

// An old server that refuses stream_options is asked without, and from then on
// without at once.
func TestStreamOptionsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var with []bool
		p := serve(t, func(w http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body)
			has := strings.Contains(string(raw), "stream_options")
			if with = append(with, has); has {
				w.WriteHeader(http.StatusBadRequest)
				say(w, `{"error":{"message":"Unrecognized request argument supplied: stream_options"}}`)
				return
			}
			say(w, textChunk("Hi")+finishChunk+"data: [DONE]\n\n")
		})
		for range 2 {
			if text, _, _, err := collect(t.Context(), p, Request{}); text != "Hi" || err != nil {
				t.Fatalf("got %q, %v", text, err)
			}
		}
		if len(with) != 3 || !with[0] || with[1] || with[2] {
			t.Errorf("requests with stream_options: %v", with)
		}
	})
}

// The request is what the wire wants: roles, calls, results and tools.
func TestRequestOnTheWire(t *testing.T) {
	raw, err := chatWire{}.encode(Request{
		Model: "m",
		Turns: []Turn{
			{Role: RoleUser, Text: "hi"},
			{Role: RoleAssistant, Calls: []ToolCall{{ID: "a", Name: "f", Arguments: `{"x":1}`}}},
			{Role: RoleTool, CallID: "a", Text: "ok"},
		},
		Tools: []Tool{{Name: "f", Description: "d", Parameters: json.RawMessage(`{"type":"object"}`)}},
	}, demand{usage: true})
	want := `{"model":"m","messages":[{"role":"user","content":"hi"},` +
		`{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},` +
		`{"role":"tool","content":"ok","tool_call_id":"a"}],` +
		`"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"properties":{},"type":"object"}}}],` +
		`"stream":true,"stream_options":{"include_usage":true}}`
	if err != nil || string(raw) != want {
		t.Errorf("got  %s, %v\nwant %s", raw, err, want)
	}
}

// A model that never ends is stopped.
func TestRunawayAnswerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := serve(t, func(w http.ResponseWriter, r *http.Request) {
			piece := textChunk(strings.Repeat("la", 8<<10))
			for r.Context().Err() == nil {
				say(w, piece)
			}
		})
		text, _, _, err := collect(t.Context(), p, Request{})
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeTooBig || len(text) > maxAnswer {
			t.Errorf("got %v with %d bytes", err, len(text))
		}
	})
}

// A redirect is told, not followed, and the key goes nowhere else.
func TestRedirectIsNotFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hits := 0
		p := serve(t, func(w http.ResponseWriter, r *http.Request) {
			hits++
			http.Redirect(w, r, "https://login.example/v1/chat/completions?next=secret", http.StatusFound)
		})
		_, _, _, err := collect(t.Context(), p, Request{})
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeBadAddress || hits != 1 ||
			!strings.Contains(e.Detail, "https://login.example/v1.") || strings.Contains(e.Detail, "secret") {
			t.Errorf("got %v after %d requests", err, hits)
		}
	})
}

// Each way not to reach a server has a sentence that says what to do.
func TestUnreachable(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	tests := map[string]struct{ url, code, say string }{
		"nobody there":           {"http://u:pw@" + gone.Addr().String() + "?k=pw", CodeUnreachable, "Start the model server"},
		"https to a plain one":   {strings.Replace(plain.URL, "http:", "https:", 1), CodeUnreachable, "speaks plain http"},
		"unknown certificate":    {secure.URL, CodeUnreachable, "certificate"},
		"no chat at the address": {plain.URL, CodeBadAddress, "/v1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newOpenAI(t, ClientConfig{URL: tt.url})
			p.pause = time.Nanosecond
			_, _, _, err := collect(t.Context(), p, Request{Model: "m"})
			var e *Error
			if !errors.As(err, &e) || e.Code != tt.code || !strings.Contains(e.Detail, tt.say) {
				t.Errorf("got %v, want %s with %q", err, tt.code, tt.say)
			}
			if err != nil && strings.Contains(err.Error(), "pw") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

// People write a server's address in many ways, and all of them work.
func TestAddresses(t *testing.T) {
	tests := map[string]string{
		"http://127.0.0.1:11434":                            "http://127.0.0.1:11434/v1/chat/completions",
		"http://127.0.0.1:11434/":                           "http://127.0.0.1:11434/v1/chat/completions",
		"127.0.0.1:1234":                                    "http://127.0.0.1:1234/v1/chat/completions",
		"localhost:8080/v1":                                 "http://localhost:8080/v1/chat/completions",
		"[::1]:8080":                                        "http://[::1]:8080/v1/chat/completions",
		"192.168.1.5:8000/v1/":                              "http://192.168.1.5:8000/v1/chat/completions",
		"nas.local:8000":                                    "http://nas.local:8000/v1/chat/completions",
		"api.openai.com":                                    "https://api.openai.com/v1/chat/completions",
		" https://openrouter.ai/api/v1 ":                    "https://openrouter.ai/api/v1/chat/completions",
		"https://openrouter.ai/api":                         "https://openrouter.ai/api/v1/chat/completions",
		"https://x.example/v1/chat/completions":             "https://x.example/v1/chat/completions",
		"https://x.example/api/chat/completions/":           "https://x.example/api/chat/completions",
		"https://x.example/v1/messages":                     "https://x.example/v1/chat/completions",
		"https://x.example/v1/models":                       "https://x.example/v1/chat/completions",
		"https://g.example/v1beta/openai/":                  "https://g.example/v1beta/openai/chat/completions",
		"https://z.example/api/paas/v4":                     "https://z.example/api/paas/v4/chat/completions",
		"https://a.example/openai/v1?api-version=preview#x": "https://a.example/openai/v1/chat/completions?api-version=preview",
	}
	for in, want := range tests {
		e, err := parseEndpoint(in)
		if err != nil || e.with(chatPath) != want {
			t.Errorf("%q: got %s, %v, want %s", in, e.with(chatPath), err, want)
		}
	}
	for _, bad := range []string{"", " ", "ftp://x", "http://", "http://[::1", "://"} {
		var e *Error
		if _, err := NewOpenAI(ClientConfig{URL: bad}); !errors.As(err, &e) || e.Code != CodeBadAddress {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}
