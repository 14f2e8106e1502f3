package agent

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

const chatPath = "/chat/completions"

var versionSegment = regexp.MustCompile(`(^|/)v[0-9]+[a-z0-9]*(/|$)`)

// endpoint is the address of a model server, as people write it in many ways.
type endpoint struct {
	base  url.URL // up to and with the version, without a trailing slash
	shown string  // for sentences: no user, no query
}

// parseEndpoint accepts a bare host, a base with or without /v1, and the full
// address of the chat call. Hosts without a scheme are taken as http when they
// are on this network, and as https otherwise.
func parseEndpoint(raw string) (endpoint, error) {
	s := strings.TrimSpace(raw)
	if s == "" {
		return endpoint{}, badAddress("No address of a model server is set.")
	}
	if !strings.Contains(s, "://") {
		s = guessScheme(s) + "://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return endpoint{}, badAddress("The address of the model server can't be read.")
	}
	path := strings.TrimRight(u.Path, "/")
	full := strings.HasSuffix(path, chatPath) || strings.HasSuffix(path, messagesPath)
	for _, call := range []string{chatPath, messagesPath, "/models"} {
		path = strings.TrimSuffix(path, call)
	}
	if !full && !versionSegment.MatchString(path) {
		path += "/v1"
	}
	u.Path, u.RawPath, u.Fragment = path, "", ""
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}
	return endpoint{base: *u, shown: shown.String()}, nil
}

func badAddress(what string) *Error {
	return &Error{
		Code: CodeBadAddress, Retryable: true,
		Detail: what + " It looks like http://127.0.0.1:11434/v1 (HARK_MODEL_URL).",
	}
}

func guessScheme(s string) string {
	host, _, _ := strings.Cut(s, "/")
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()) {
		return "http"
	}
	if !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".lan") {
		return "http"
	}
	return "https"
}

func (e endpoint) models() string { return e.with("/models") }

func (e endpoint) with(path string) string {
	u := e.base
	u.Path += path
	return u.String()
}

// String shows the address without what may be secret in it.
func (e endpoint) String() string { return e.shown }

var _ fmt.Stringer = endpoint{}
