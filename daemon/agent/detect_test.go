package agent

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"
)

// Detection finds what speaks as a model server, in order, and is not held up
// or fooled by what else answers on a port.
func TestDetect(t *testing.T) {
	server := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v1/models" || r.Header.Get("Authorization") != "" {
				t.Errorf("asked for %s with %v", r.URL, r.Header)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	release := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hung.Close()
	defer close(release)
	list := server(200, `{"object":"list","data":[{"id":"nomic-embed-text:latest","owned_by":"library"},{"id":"llama3.2:3b","owned_by":"library"}]}`)
	empty := server(200, `{"object":"list","data":[]}`)
	candidates := []Candidate{
		{"a page", server(200, "<html></html>")},
		{"other json", server(200, `{"status":"ok"}`)},
		{"hung", hung.URL},
		{"guess", list},
		{"far away", "http://192.0.2.1:11434"},
		{"by name", "http://localhost.example:1"},
		{"locked", server(401, `{"data":[{"id":"m"}]}`)},
		{"elsewhere", server(302, "")},
		{"LM Studio", empty + "/v1"},
		{"gone", "http://127.0.0.1:1"},
	}
	want := []Found{
		{Kind: "Ollama", URL: list + "/v1", Models: []string{"nomic-embed-text:latest", "llama3.2:3b"}},
		{Kind: "LM Studio", URL: empty + "/v1"},
	}
	start := time.Now()
	if got := Detect(t.Context(), candidates); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if took := time.Since(start); took > 3*detectTimeout {
		t.Errorf("took %s", took)
	}
}

// The model picked is one to talk to.
func TestChatModel(t *testing.T) {
	tests := []struct {
		models []string
		want   string
	}{
		{nil, ""},
		{[]string{"nomic-embed-text:latest", "bge-m3", "whisper-large"}, ""},
		{[]string{"text-embedding-nomic", "qwen3:8b", "llama3.2"}, "qwen3:8b"},
		{[]string{"qwen2.5-coder:7b", "llama3.2:1b"}, "llama3.2:1b"},
		{[]string{"codellama:13b"}, "codellama:13b"},
		{[]string{"gemma-3-4b-base", "qwen2.5-coder"}, "qwen2.5-coder"},
		{[]string{"/models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf"}, "/models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf"},
		{[]string{"llama-guard3:1b", "mistral:7b"}, "mistral:7b"},
	}
	for _, tt := range tests {
		if got := ChatModel(tt.models); got != tt.want {
			t.Errorf("of %v got %q, want %q", tt.models, got, tt.want)
		}
	}
}
