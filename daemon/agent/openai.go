package agent

import "net/http"

// OpenAI is a client of the chat completions wire: Ollama, llama.cpp, LM
// Studio, vLLM, OpenRouter, OpenAI, and others. It is safe for concurrent use.
// It tries again, at most twice and only before the first delta, after 408,
// 429, 5xx and failed connections. What a server or a model can't do (token
// counts, tools) it asks for no longer. It never puts the key into an error.
type OpenAI struct{ *client }

// NewOpenAI returns a client. An address that can't be read is an [*Error].
func NewOpenAI(c ClientConfig) (*OpenAI, error) {
	cl, err := newClient(chatWire{}, c)
	if err != nil {
		return nil, err
	}
	return &OpenAI{cl}, nil
}

// chatWire is the chat completions wire.
type chatWire struct{}

func (chatWire) path() string { return chatPath }

func (chatWire) sign(h http.Header, c *client) {
	if c.key != "" {
		h.Set("Authorization", "Bearer "+c.key)
	}
}

func (chatWire) decoder(req Request, a reading) decoder {
	return &chatDecoder{reading: a, model: req.Model}
}
