package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hark/daemon"
)

// answerTime bounds one request. Hark answers nearly everything but the stream
// after one write to its disk, so a line this silent is dead.
const answerTime = 15 * time.Second

// maxAnswer bounds what is read of one answer, against a stranger at the address.
const maxAnswer = 32 << 20

// client talks to one Hark at one address.
type client struct {
	base, token string
	// tokenFrom names where token came from, for the message about a wrong one.
	tokenFrom string
	// announced says that the token ends with the process that it was read from.
	announced bool
	// patience bounds one request; zero is answerTime.
	patience time.Duration

	http *http.Client
}

// problem is an answer of Hark that is an error (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	// Answer is the default of a question whose time is up.
	Answer *string `json:"answer"`
	// Choices are the readings of a phrase that can be read in several ways.
	Choices []choice `json:"choices"`

	hint string
	// passing is true where the same request may well succeed later, after
	// retryAfter at the soonest.
	passing    bool
	retryAfter time.Duration
}

// Error is a sentence or two that say what to do.
func (p *problem) Error() string {
	say := cmp.Or(p.Detail, p.Title,
		strings.TrimSpace(fmt.Sprintf("Hark answered %d %s", p.Status, http.StatusText(p.Status))))
	if p.hint != "" {
		say = trimStop(say) + ". " + p.hint
	}
	return say
}

// connect finds Hark: --url, then --data, then HARK_URL, then HARK_DATA or the
// default data folder. A token in HARK_TOKEN goes before the machine's own.
// Nothing is sent yet, so what is found may turn out to be gone.
func (c *cli) connect() (*client, error) {
	h := &client{token: c.getenv("HARK_TOKEN"), tokenFrom: "HARK_TOKEN", http: &http.Client{
		Transport: c.wire,
		// A redirect would carry the token to wherever it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	base := c.url
	if base == "" && c.data == "" {
		base = c.getenv("HARK_URL")
	}
	if base == "" {
		return h, c.find(h)
	}
	if h.token == "" {
		return nil, usageError{msg: "an address needs a token: put one in HARK_TOKEN (hark token create makes it)"}
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, usageError{msg: fmt.Sprintf("%q is not an address such as https://hark.example", base)}
	}
	h.base = strings.TrimSuffix(u.String(), "/")
	return h, nil
}

// find takes address and token from the Hark of this machine: one that keeps
// its things in the data folder, or else, if none was named, the service.
func (c *cli) find(h *client) error {
	err := h.readLocal(c.dataFolder())
	if !errors.Is(err, daemon.ErrNotRunning) || c.data != "" || c.getenv("HARK_DATA") != "" {
		return err
	}
	socket := cmp.Or(c.getenv("HARK_CONTROL"), daemon.ControlSocket)
	local, fault := daemon.AskControl(context.Background(), socket)
	switch {
	case errors.Is(fault, os.ErrPermission):
		return &problem{
			Status: http.StatusForbidden, Title: "Hark runs as a service, which answers only to root and to who installed it",
			hint: "Use sudo, or give --url and a token in HARK_TOKEN.",
		}
	case fault != nil:
		return err
	}
	h.take(local, socket)
	return nil
}

// take uses what a running Hark announces.
func (h *client) take(local daemon.Local, from string) {
	h.base = strings.TrimSuffix(local.URL, "/")
	if h.token == "" {
		h.token, h.tokenFrom, h.announced = local.Token, from, true
	}
}

// dataFolder is where the Hark of this machine keeps its things.
func (c *cli) dataFolder() string {
	return cmp.Or(c.data, c.getenv("HARK_DATA"), daemon.DefaultConfig(c.getenv).Data)
}

// readLocal takes address and token from what a running Hark announces in its
// data folder.
func (h *client) readLocal(dir string) error {
	name := filepath.Join(dir, "local.json")
	local, err := daemon.ReadLocal(dir)
	switch {
	case errors.Is(err, daemon.ErrNotRunning):
		return &unreachable{"Hark is not running (no " + name + "). Start it with: hark serve", err}
	case errors.Is(err, os.ErrPermission):
		return &problem{
			Status: http.StatusForbidden, Title: "Only the user who runs Hark may read " + name,
			hint: "Give --url and a token in HARK_TOKEN instead.",
		}
	case err != nil || local.URL == "":
		return &unreachable{name + " is damaged. Start Hark again to renew it: hark serve", err}
	}
	h.take(local, name)
	return nil
}

// request makes a request with the token on it. A body is sent as JSON.
func (h *client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.base+path, r)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+h.token)
	req.Header.Set("User-Agent", "hark/"+version)
	return req, nil
}

// do sends req and returns its good answer; anything else is an error, a
// [*problem] if Hark answered and an [*unreachable] if nothing did.
func (h *client) do(req *http.Request) (*http.Response, error) {
	resp, err := h.http.Do(req)
	if err != nil {
		if req.Context().Err() != nil && errors.Is(context.Cause(req.Context()), context.Canceled) {
			return nil, context.Canceled
		}
		return nil, &unreachable{"Hark does not answer at " + h.base + " (" + plainCause(err) + "). Is it running? Start it with: hark serve", err}
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, h.readProblem(resp)
}

// call sends one request and decodes the answer into out, unless out is nil.
func (h *client) call(ctx context.Context, method, path string, body, out any) error {
	req, err := h.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	return h.send(req, out)
}

// send is [client.call] for a request that is already made.
func (h *client) send(req *http.Request, out any) error {
	ctx, cancel := context.WithTimeout(req.Context(), cmp.Or(h.patience, answerTime))
	defer cancel()
	resp, err := h.do(req.WithContext(ctx))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return &unreachable{"The line to Hark broke in the middle of its answer (" + plainCause(err) + ").", err}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("what answers at %s does not speak as Hark does: %w", h.base, err)
	}
	return nil
}

func (h *client) readProblem(resp *http.Response) *problem {
	p := &problem{}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil || json.Unmarshal(text, p) != nil {
		*p = problem{}
	}
	p.Status = resp.StatusCode
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		p.retryAfter = time.Duration(s) * time.Second
	}
	// A token of a process that has just ended is replaced by its successor's.
	p.passing = p.exit() == exitLater || p.Status >= 500 || p.Status == http.StatusUnauthorized && h.announced
	if p.exit() == exitRefused {
		p.hint = "The token came from " + h.tokenFrom + "."
	}
	if p.Code == "" {
		p.hint = "Is it really Hark that answers at " + h.base + "?"
	}
	return p
}

// plainCause is the innermost reason, without the address again.
func plainCause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

func trimStop(s string) string { return strings.TrimRight(s, ". ") }
