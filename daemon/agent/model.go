package agent

import (
	"context"
	"log/slog"
	"strings"
)

// Model names a model and how to reach it. The zero Model is the built-in
// assistant, which needs none.
type Model struct {
	Kind string // the wire: "openai" or "anthropic"; empty is "openai"
	URL  string // empty with a key set: OpenAI or Anthropic itself
	Name string // empty: one of the server's that can chat
	Key  string // never in a log
}

// IsZero reports whether no model is set.
func (m Model) IsZero() bool { return m.URL == "" && m.Name == "" && m.Key == "" }

// String names the model without its key.
func (m Model) String() string {
	if m.IsZero() {
		return "built-in assistant"
	}
	where := "OpenAI"
	if m.Kind == "anthropic" {
		where = "Anthropic"
	}
	if end, err := parseEndpoint(m.URL); err == nil {
		where = end.String()
	}
	return strings.TrimSpace(m.Name + " at " + where)
}

// LogValue keeps the key out of logs.
func (m Model) LogValue() slog.Value { return slog.StringValue(m.String()) }

// GoString keeps the key out of debug prints.
func (m Model) GoString() string { return "agent.Model(" + m.String() + ")" }

const openAIAddress = "https://api.openai.com/v1"

// Open returns a provider for m. The error is an [*Error].
func Open(m Model) (Provider, error) {
	c := ClientConfig{URL: m.URL, Key: m.Key}
	switch m.Kind {
	case "", "openai":
		if c.URL == "" && c.Key != "" {
			c.URL = openAIAddress
		}
		return NewOpenAI(c)
	case "anthropic":
		return NewAnthropic(c)
	}
	return nil, &Error{
		Code: CodeBadAddress, Retryable: true,
		Detail: "Hark does not know the model kind " + quote(m.Kind, m.Key) + ". Use openai or anthropic (HARK_MODEL_KIND).",
	}
}

// maxProviders bounds how many providers are kept with their open connections.
const maxProviders = 16

// provider returns the provider of m and the name of its model.
func (a *Agent) provider(ctx context.Context, m Model) (Provider, string, error) {
	a.mu.Lock()
	p := a.providers[m]
	if p == nil {
		var err error
		if p, err = a.cfg.Open(m); err != nil {
			a.mu.Unlock()
			return nil, "", err
		}
		if len(a.providers) >= maxProviders {
			clear(a.providers)
		}
		a.providers[m] = p
	}
	a.mu.Unlock()
	name, err := chatName(ctx, p, m.Name)
	return p, name, err
}

// chatName is the model to ask at a provider: the one named, or the first that
// can chat.
func chatName(ctx context.Context, p Provider, name string) (string, error) {
	lister, ok := p.(interface {
		Models(context.Context) ([]string, error)
	})
	if name != "" || !ok {
		return name, nil
	}
	// When the list fails, the request itself will say more clearly why.
	if models, err := lister.Models(ctx); err == nil {
		if name = ChatModel(models); name == "" {
			return "", &Error{
				Code: CodeNotFound, Retryable: true,
				Detail: "The model server has no model to chat with. Download one there, then ask again.",
			}
		}
	}
	return name, nil
}
