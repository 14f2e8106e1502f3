package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Candidate is an address at which a model server may be.
type Candidate struct {
	Kind string // what usually answers there
	URL  string
}

// Candidates returns the loopback addresses that model servers use by default,
// the likeliest first.
func Candidates() []Candidate {
	return []Candidate{
		{"Ollama", "http://127.0.0.1:11434/v1"},
		{"LM Studio", "http://127.0.0.1:1234/v1"},
		{"llama.cpp", "http://127.0.0.1:8080/v1"},
		{"vLLM", "http://127.0.0.1:8000/v1"},
		{"KoboldCpp", "http://127.0.0.1:5001/v1"},
		{"Jan", "http://127.0.0.1:1337/v1"},
		{"Text generation web UI", "http://127.0.0.1:5000/v1"},
	}
}

// Found is a model server that answered.
type Found struct {
	Kind   string   // "Ollama", "LM Studio", …
	URL    string   // base address, with /v1
	Models []string // in the server's order, for most servers the latest first
}

const (
	detectTimeout = time.Second // loopback answers in milliseconds, or is busy
	maxModelList  = 1 << 20
)

// Detect asks all candidates at once for their models and returns those that
// answer as a model server does, in the order of the candidates. It takes a
// second at most, follows no redirect, sends no key, and leaves out candidates
// that are not on loopback.
func Detect(ctx context.Context, candidates []Candidate) []Found {
	ctx, cancel := context.WithTimeout(ctx, detectTimeout)
	defer cancel()
	client := &http.Client{
		// Never through a proxy: it would carry the question off this machine.
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	all := make([]*Found, len(candidates))
	var wg sync.WaitGroup
	for i, c := range candidates {
		if end, err := parseEndpoint(c.URL); err == nil && isLoopback(end.base) {
			wg.Go(func() { all[i] = ask(ctx, client, c.Kind, end) })
		}
	}
	wg.Wait()
	var out []Found
	for _, f := range all {
		if f != nil {
			out = append(out, *f)
		}
	}
	return out
}

func isLoopback(u url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

func ask(ctx context.Context, client *http.Client, kind string, end endpoint) *Found {
	models, owner, err := listModels(ctx, client, end, nil)
	if err != nil {
		return nil
	}
	// The port is a guess; some servers tell who they are.
	switch owner {
	case "library":
		kind = "Ollama"
	case "organization_owner":
		kind = "LM Studio"
	case "llamacpp":
		kind = "llama.cpp"
	case "vllm":
		kind = "vLLM"
	}
	return &Found{Kind: kind, URL: end.String(), Models: models}
}

// Models asks the server for the names of its models.
func (c *client) Models(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	models, _, err := listModels(ctx, c.http, c.end, func(h http.Header) { c.wire.sign(h, c) })
	if err != nil {
		return nil, fmt.Errorf("list models at %s: %w", c.end, err)
	}
	return models, nil
}

func listModels(ctx context.Context, client *http.Client, end endpoint, sign func(http.Header)) (ids []string, owner string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, end.models(), nil)
	if err != nil {
		return nil, "", fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("User-Agent", "hark")
	if sign != nil {
		sign(r.Header)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", errNoList
	}
	defer resp.Body.Close()
	var list struct {
		Data []struct {
			ID      string `json:"id"`
			OwnedBy string `json:"owned_by"`
		} `json:"data"`
	}
	dec := json.NewDecoder(io.LimitReader(resp.Body, maxModelList))
	if err := dec.Decode(&list); resp.StatusCode != http.StatusOK || err != nil || list.Data == nil {
		return nil, "", errNoList
	}
	for _, m := range list.Data {
		if m.ID != "" {
			ids = append(ids, strings.ToValidUTF8(m.ID, "\uFFFD"))
			owner = m.OwnedBy
		}
	}
	return ids, owner, nil
}

// errNoList stands for whatever went wrong: the error itself may hold the
// address with what is secret in it.
var errNoList = errors.New("no list of models")

// notForChat are parts of the names of models that don't chat.
var notForChat = []string{
	"embed", "rerank", "bge-", "bge_", "minilm", "gte-", "e5-", "whisper", "-tts", "tts-", "kokoro",
	"clip", "moderation", "guard", "stable-diffusion", "sdxl", "flux", "dall-e", "transcribe",
}

// ChatModel picks the model to talk to: the first that chats, rather one for
// talk than one for code or without instructions. It returns "" when there is
// none.
func ChatModel(models []string) string {
	best, rank := "", 3
	for _, m := range models {
		if r := chatRank(strings.ToLower(m)); r < rank {
			best, rank = m, r
		}
	}
	return best
}

func chatRank(m string) int {
	for _, part := range notForChat {
		if strings.Contains(m, part) {
			return 3
		}
	}
	name, _, _ := strings.Cut(m, ":")
	switch {
	case strings.HasSuffix(name, "-base"), strings.Contains(m, "-base-"), strings.Contains(m, ":base"):
		return 2
	case strings.Contains(m, "code"):
		return 1
	}
	return 0
}
