package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"
)

// Options say what [Run] shows. Find is required.
type Options struct {
	// Find returns where the daemon is now. It is asked again whenever the daemon
	// was away, for it may have moved. Its error is a sentence for people.
	Find func(context.Context) (Place, error)
	// Start starts a daemon that outlives this process, and returns when it
	// answers. Nil: none can be started from here.
	Start func(context.Context) error
	// ID tells windows of several daemons apart.
	ID string
	// State is the file in which the window keeps its size. Empty: nowhere.
	State string
	// Hidden begins without a window, in the tray.
	Hidden bool
	// Log is for what is no matter for the person at the window. Nil is silence.
	Log *slog.Logger
}

// Place is a daemon, and a token of scope admin for it.
type Place struct{ URL, Token string }

const (
	askTime   = 10 * time.Second
	maxAnswer = 1 << 20
)

// ask sends one request and reads the JSON of the answer into out.
func (p Place) ask(ctx context.Context, method, path string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(p.URL, "/")+path, sent)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no answer from Hark: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		var problem struct{ Title, Detail string }
		_ = json.Unmarshal(answer, &problem) // what is no problem of Hark's has no words either
		return fmt.Errorf("%s answered %d: %s %s", p.URL, resp.StatusCode, problem.Title, problem.Detail)
	}
	return json.Unmarshal(answer, out)
}

// login is a page's way in: an address that works once, soon, and the device
// that the page becomes.
type login struct{ URL, Device string }

// ticket asks for a way in. A device that is not empty is who the page was
// before.
func (p Place) ticket(ctx context.Context, device string) (login, error) {
	var made struct{ Path, Device string }
	name := "Hark on this computer"
	if host, err := os.Hostname(); err == nil {
		name = "Hark on " + host
	}
	err := p.ask(ctx, http.MethodPost, "/api/ticket", map[string]string{"name": name, "device": device}, &made)
	if err != nil {
		return login{}, err
	}
	if !strings.HasPrefix(made.Path, "/login?") {
		return login{}, fmt.Errorf("what answers at %s does not speak as this version of Hark does", p.URL)
	}
	return login{strings.TrimSuffix(p.URL, "/") + made.Path, made.Device}, nil
}
