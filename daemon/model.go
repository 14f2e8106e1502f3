package daemon

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"hark/daemon/agent"
	"hark/store"
)

// lookAgain is how soon a model server is looked for again when somebody needs
// one: it may have been started since.
const lookAgain = 15 * time.Second

// models knows which model answers: the one that was configured, or else the
// first found on this machine that can chat, or else none.
type models struct {
	set        Model // as configured by flags, environment or file
	candidates []agent.Candidate

	mu      sync.Mutex
	found   []agent.Found
	looked  time.Time
	looking bool
}

// automatic reports whether nobody has said where the model is.
func (m *models) automatic() bool {
	return m.set.Kind != "builtin" && m.set.URL == "" && m.set.Key == ""
}

// chosen is the model of the settings that answers: the one chosen for the
// conversation, else the default, else the first.
func chosen(s store.Settings, choice string) (store.Model, bool) {
	for _, id := range []string{choice, s.Default} {
		for _, m := range s.Models {
			if id != "" && m.ID == id {
				return m, true
			}
		}
	}
	if len(s.Models) > 0 {
		return s.Models[0], true
	}
	return store.Model{}, false
}

// answering is the model to ask. A choice made for the conversation comes
// first, then what was configured, then the default of the settings, then what
// is found on this machine.
func (m *models) answering(s store.Settings, choice string) agent.Model {
	v, ok := chosen(s, choice)
	if ok && (m.automatic() || choice != "" && v.ID == choice) {
		return agent.Model{Kind: v.Kind, URL: v.URL, Name: v.Model, Key: v.Key}
	}
	return m.current()
}

// look asks the usual addresses on this machine, unless that was done just now.
func (m *models) look(ctx context.Context) {
	m.mu.Lock()
	if !m.automatic() || m.looking || time.Since(m.looked) < lookAgain {
		m.mu.Unlock()
		return
	}
	m.looking = true
	m.mu.Unlock()
	found := agent.Detect(ctx, m.candidates)
	m.mu.Lock()
	m.found, m.looking, m.looked = found, false, time.Now()
	m.mu.Unlock()
}

// current is the model to ask now; the zero Model is the built-in assistant.
func (m *models) current() agent.Model {
	if !m.automatic() {
		if m.set.Kind == "builtin" {
			return agent.Model{}
		}
		return agent.Model{Kind: m.set.Kind, URL: m.set.URL, Name: m.set.Name, Key: m.set.Key}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.found {
		name := agent.ChatModel(f.Models)
		if m.set.Name != "" {
			name = ""
			if slices.Contains(f.Models, m.set.Name) {
				name = m.set.Name
			}
		}
		if name != "" {
			return agent.Model{URL: f.URL, Name: name}
		}
	}
	return agent.Model{}
}

// foundModel is a server on this machine.
type foundModel struct {
	Name   string   `json:"name"` // what it is: Ollama, LM Studio, …
	URL    string   `json:"url"`
	Models []string `json:"models"`
}

// modelStatus is what GET /api/status says of the model.
type modelStatus struct {
	Kind  string       `json:"kind"` // openai or builtin
	Name  string       `json:"name,omitempty"`
	URL   string       `json:"url,omitempty"`
	Found []foundModel `json:"found"`
	Say   string       `json:"say"`
}

func (m *models) status() modelStatus {
	s := modelStatus{Kind: "builtin", Found: []foundModel{}, Say: m.say()}
	if c := m.current(); !c.IsZero() {
		s.Kind, s.Name, s.URL = "openai", c.Name, publicAddress(c.URL)
		if c.Kind != "" {
			s.Kind = c.Kind
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.found {
		s.Found = append(s.Found, foundModel{f.Kind, f.URL, append([]string{}, f.Models...)})
	}
	return s
}

// publicAddress leaves out what may be secret in an address.
func publicAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

const howToConnect = "To connect a model, start Ollama, LM Studio or llama.cpp on this machine, or set HARK_MODEL_URL."

// say tells in a sentence or two which model answers, and why.
func (m *models) say() string {
	c := m.current()
	if !m.automatic() {
		if c.IsZero() {
			return "The built-in assistant answers, as set."
		}
		return "Answers come from " + c.String() + "."
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, f := range m.found {
		names = append(names, fmt.Sprintf("%s at %s (%s)", f.Kind, f.URL, count(len(f.Models), "model")))
	}
	switch {
	case m.looked.IsZero():
		return "Looking for a model on this machine."
	case len(names) == 0:
		return "No model server was found on this machine; the built-in assistant answers. " + howToConnect
	case c.IsZero() && m.set.Name != "":
		return "Found " + strings.Join(names, ", ") + ", but no model " + m.set.Name + "; the built-in assistant answers. Download it there."
	case c.IsZero():
		return "Found " + strings.Join(names, ", ") + ", but no model to chat with; the built-in assistant answers. Download one there."
	}
	return "Found " + strings.Join(names, ", ") + ". Answers come from " + c.Name + "."
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
