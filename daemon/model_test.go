package daemon

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hark/daemon/agent"
)

// A model server on this machine is found and used; without one, or with a
// setting, it is said what answers instead.
func TestModels(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":[{"id":"nomic-embed-text","owned_by":"library"},{"id":"qwen3:8b","owned_by":"library"}]}`))
	}))
	defer srv.Close()
	here := []agent.Candidate{{Kind: "Ollama", URL: srv.URL + "/v1"}}
	for _, c := range []struct {
		m          *models
		kind, name string
		say        string
	}{
		{&models{candidates: here}, "openai", "qwen3:8b", "Found Ollama"},
		{&models{candidates: here, set: Model{Name: "nomic-embed-text"}}, "openai", "nomic-embed-text", "Found Ollama"},
		{&models{candidates: here, set: Model{Name: "other"}}, "builtin", "", "but no model other"},
		{&models{}, "builtin", "", "No model server was found"},
		{&models{candidates: here, set: Model{Kind: "builtin"}}, "builtin", "", "as set"},
		{&models{candidates: here, set: Model{URL: "http://u:pw@gpu.lan:8000/v1", Name: "big", Key: "sk-secret"}}, "openai", "big", "big"},
	} {
		if c.m.automatic() && !strings.Contains(c.m.say(), "Looking") {
			t.Errorf("before looking: %s", c.m.say())
		}
		c.m.look(t.Context())
		s := c.m.status()
		if s.Kind != c.kind || s.Name != c.name || !strings.Contains(s.Say, c.say) {
			t.Errorf("%+v, want %s %s %s", s, c.kind, c.name, c.say)
		}
		if all := s.Say + s.URL; strings.Contains(all, "pw") || strings.Contains(all, "secret") {
			t.Errorf("a secret is told: %s", all)
		}
	}
}
