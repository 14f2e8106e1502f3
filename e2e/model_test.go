//go:build e2e

package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// model is a model server that speaks the OpenAI chat dialect and does one thing: it wants to
// remember something, and says so when it could.
type model struct{ server *httptest.Server }

func startModel(t *testing.T) *model {
	t.Helper()
	m := &model{httptest.NewServer(http.HandlerFunc(answer))}
	t.Cleanup(m.server.Close)
	return m
}

func (m *model) env() []string {
	return []string{"HARK_MODEL_URL=" + m.server.URL + "/v1", "HARK_MODEL=test"}
}

func answer(w http.ResponseWriter, r *http.Request) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		fmt.Fprint(w, `{"data":[{"id":"test"}]}`)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	const chunk = "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"test\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n"
	if strings.Contains(string(asked), `"role":"tool"`) {
		fmt.Fprintf(w, chunk, `{"role":"assistant","content":"Noted."}`, "null")
		fmt.Fprintf(w, chunk, `{}`, `"stop"`)
	} else {
		fmt.Fprintf(w, chunk, `{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"remember","arguments":"{\"text\":\"The owner likes tea.\"}"}}]}`, "null")
		fmt.Fprintf(w, chunk, `{}`, `"tool_calls"`)
	}
	fmt.Fprint(w, "data: [DONE]\n\n")
}
