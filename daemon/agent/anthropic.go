package agent

import (
	"net/http"
	"strings"
)

const (
	messagesPath     = "/messages"
	messagesVersion  = "2023-06-01"
	anthropicHost    = "api.anthropic.com"
	anthropicAddress = "https://" + anthropicHost + "/v1"
)

// Anthropic is a client of the messages wire: Anthropic's own service, and
// servers that speak as it does. It is safe for concurrent use. It tries again
// as [OpenAI] does. Thinking is asked for where the model can; its signatures
// are in [Result.Raw]. Instructions, tools and the last two entries of the
// owner are marked for the provider's cache. It never puts the key into an
// error.
type Anthropic struct{ *client }

// NewAnthropic returns a client. An empty address is Anthropic itself; one
// that can't be read is an [*Error].
func NewAnthropic(c ClientConfig) (*Anthropic, error) {
	if strings.TrimSpace(c.URL) == "" {
		c.URL = anthropicAddress
	}
	cl, err := newClient(messagesWire{}, c)
	if err != nil {
		return nil, err
	}
	return &Anthropic{cl}, nil
}

// messagesWire is Anthropic's wire.
type messagesWire struct{}

func (messagesWire) path() string { return messagesPath }

func (messagesWire) sign(h http.Header, c *client) {
	h.Set("anthropic-version", messagesVersion)
	if c.key == "" {
		return
	}
	h.Set("x-api-key", c.key)
	if c.end.base.Hostname() != anthropicHost {
		h.Set("Authorization", "Bearer "+c.key) // half of those who imitate it look here
	}
}

func (messagesWire) decoder(req Request, a reading) decoder {
	return &messagesDecoder{reading: a, model: req.Model}
}
