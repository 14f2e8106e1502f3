package agent

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

const (
	// defaultMaxTokens is what the messages wire, which wants a limit, is given.
	// It is the largest that all models of the last generations take.
	defaultMaxTokens = 32_000
	smallMaxTokens   = 4_096
)

// demand is how much of a request is put to a server. Servers and models refuse
// what they don't know, and an answer without it is better than none.
type demand struct {
	usage     bool // the chat wire's stream_options
	thinking  bool // the messages wire's thinking
	tools     bool
	raw       bool // what the provider wanted back
	maxTokens int
}

// demands remembers per model what it refused for good. What it refused because
// of one request, or what the owner must hear of each time, it forgets.
type demands struct {
	mu      sync.Mutex
	learned map[string]demand
}

func (s *demands) of(req Request) demand {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.learned[req.Model]
	if !ok {
		a = demand{usage: true, thinking: true, maxTokens: defaultMaxTokens}
	}
	a.tools, a.raw = len(req.Tools) > 0, true
	return a
}

func (s *demands) learn(model string, was, is demand) {
	if was.raw != is.raw || was.tools != is.tools || is.maxTokens == smallMaxTokens {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.learned == nil {
		s.learned = map[string]demand{}
	}
	s.learned[model] = is
}

var tokenLimit = regexp.MustCompile(`max_tokens\D*\d+ > (\d+)`)

// relent looks at a refusal and returns what to ask for instead, if there is
// something to leave out. It gives in on each point once, so it ends.
func (a demand) relent(status int, raw []byte) (demand, bool) {
	e := parseAPIError(raw)
	words := strings.ToLower(strings.NewReplacer("`", "", "\"", "", "'", "").Replace(e.Message))
	if words == "" {
		words = strings.ToLower(string(raw))
	}
	if a.tools && refusesTools(status, words) {
		a.tools = false
		return a, true
	}
	if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
		return a, false
	}
	if m := tokenLimit.FindStringSubmatch(words); m != nil {
		n, err := strconv.Atoi(m[1])
		ok := err == nil && n > 0 && n < a.maxTokens
		a.maxTokens = n
		return a, ok
	}
	switch {
	case a.usage && (strings.Contains(words, "stream_options") || strings.Contains(words, "include_usage")):
		a.usage = false
	case a.raw && (strings.Contains(words, "signature") || strings.Contains(words, "reasoning")):
		a.raw = false
	case a.thinking && strings.Contains(words, "thinking"):
		a.thinking = false
	case a.maxTokens > smallMaxTokens && strings.Contains(words, "max_tokens") && !strings.Contains(words, "max_completion_tokens"):
		a.maxTokens = smallMaxTokens
	default:
		return a, false
	}
	return a, true
}

// refusesTools knows the words of Ollama, vLLM, llama.cpp, OpenRouter, Groq and
// DeepSeek for a model that can't use tools. A fault in one tool's schema is
// not among them.
func refusesTools(status int, words string) bool {
	if status < 400 || strings.Contains(words, "schema") {
		return false
	}
	if !strings.Contains(words, "tool") && !strings.Contains(words, "function call") {
		return false
	}
	for _, w := range []string{"not support", "support tool use", "requires --jinja", "enable-auto-tool-choice", "unsupported"} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}
