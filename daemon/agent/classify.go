package agent

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxRetryAfter is the longest wait that a server may ask for. Who waits for a
// reply would rather be told.
const maxRetryAfter = 300 * time.Second

// explain puts an answer that is not 2xx, or an error inside one that is, into
// words. status is 0 for the latter when the error names none.
func (c *client) explain(model string, status int, e apiError) *Error {
	said := quote(e.Message, c.key)
	if said != "" {
		said = " It said: " + said + "."
	}
	if e.Type == "html" {
		return c.noChat("answers with a web page, not with a model")
	}
	if e.Type == "foreign" {
		return c.noChat("answers, but not as a model server does")
	}
	words := strings.ToLower(e.Message + " " + e.Type)
	switch {
	case status == http.StatusUnauthorized || strings.Contains(words, "invalid_api_key"):
		return c.noKey()
	case status == http.StatusForbidden:
		return &Error{
			Code: CodeAuth, Retryable: true,
			Detail: "The model server refuses this key. Check that the key (HARK_MODEL_KEY) may use the model " + name(model) + ".",
		}
	case isQuota(status, words):
		return &Error{
			Code: CodeQuota, Retryable: true,
			Detail: "The account at the model server is used up. Top it up, or choose another model." + said,
		}
	case isContext(words), status == http.StatusRequestEntityTooLarge:
		return &Error{
			Code:   CodeContext,
			Detail: "This conversation is longer than the model can read. Start a new one, or choose a model with a larger context." + said,
		}
	case isNoModel(words):
		return &Error{
			Code: CodeNotFound, Retryable: true,
			Detail: "The model server at " + c.end.String() + " has no model " + name(model) +
				". Download it there, or choose another one (HARK_MODEL).",
		}
	case status == http.StatusNotFound:
		return c.noChat("has no chat there")
	case status == http.StatusMethodNotAllowed:
		return c.noChat("has no chat there")
	}
	return c.explainStatus(status, said, words)
}

func (c *client) explainStatus(status int, said, words string) *Error {
	switch {
	case status == http.StatusTooManyRequests, status == 0 && strings.Contains(words, "rate_limit"):
		return &Error{
			Code: CodeRateLimited, Retryable: true, again: true,
			Detail: "The model server gets more requests than it allows. Wait a little and ask again." + said,
		}
	case strings.Contains(words, "loading model"):
		return &Error{
			Code: CodeServer, Retryable: true, again: true, loading: true,
			Detail: "The model server is still loading its model. Ask again in a minute.",
		}
	case status == 0 || status == http.StatusRequestTimeout || status >= 500:
		at := ""
		if status != 0 {
			at = fmt.Sprintf(" (%d)", status)
		}
		return &Error{
			Code: CodeServer, Retryable: true, again: true,
			Detail: "The model server failed" + at + ". Ask again; if it stays, look at its log." + said,
		}
	}
	return &Error{
		Code: CodeRefused, Retryable: true,
		Detail: fmt.Sprintf("The model server refuses the request (%d).%s Check the model's name and the server's version.", status, said),
	}
}

func (c *client) noKey() *Error {
	do := "The model server does not accept the key. Check it (HARK_MODEL_KEY)."
	if c.key == "" {
		do = "The model server wants a key, and none is set. Set one (HARK_MODEL_KEY)."
	}
	return &Error{Code: CodeAuth, Retryable: true, Detail: do}
}

func (c *client) noChat(what string) *Error {
	return &Error{
		Code: CodeBadAddress, Retryable: true,
		Detail: "The address " + c.end.String() + " " + what + ". Is the address complete? It often ends in /v1 (HARK_MODEL_URL).",
	}
}

func isQuota(status int, words string) bool {
	return status == http.StatusPaymentRequired ||
		strings.Contains(words, "insufficient_quota") || strings.Contains(words, "credit balance") || strings.Contains(words, "insufficient credits")
}

// isNoModel knows the words of Ollama, OpenAI, vLLM, LM Studio and OpenRouter.
func isNoModel(words string) bool {
	if strings.Contains(words, "no endpoints found") {
		return true
	}
	if !strings.Contains(words, "model") {
		return false
	}
	for _, w := range []string{"not found", "not_found", "notfound", "not exist", "not loaded", "no models loaded", "not a valid model"} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

// isContext knows the words of OpenAI, vLLM, llama.cpp and Anthropic.
func isContext(words string) bool {
	for _, w := range []string{
		"context_length_exceeded", "maximum context length", "exceed_context_size",
		"context size", "context window", "context limit", "too many tokens", "prompt is too long",
	} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

func name(model string) string {
	if model == "" {
		return "(none is set)"
	}
	return "“" + model + "”"
}

// unreachable puts a failed connection into words. It never quotes the error
// itself, which holds the address with all that may be secret in it.
func (c *client) unreachable(err error) *Error {
	e := &Error{Code: CodeUnreachable, Retryable: true, again: true}
	where := c.end.String()
	var (
		dns     *net.DNSError
		plain   tls.RecordHeaderError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &dns):
		e.Detail = "The name in " + where + " is not known. Check the address (HARK_MODEL_URL) and the network."
	case errors.As(err, &plain), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		e.Detail, e.again = "The server at "+where+" speaks plain http. Write http:// in the address (HARK_MODEL_URL).", false
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		e.Detail, e.again = "The certificate of "+where+" can't be trusted. Check the address (HARK_MODEL_URL) or renew the certificate.", false
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		e.Detail = "There is no way to " + where + ". Check that this machine and the model server are online."
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		e.Detail = "No connection to " + where + " came about in time. Check that the model server is on and reachable."
	default:
		e.Detail = "There is no connection to " + where + ". Start the model server there, or change the address (HARK_MODEL_URL)."
	}
	return e
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// retryAfter reads how long a server asks to wait: seconds or a date (RFC 9110
// §10.2.3), or OpenAI's milliseconds.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 && s < 1e6 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// looksLikePage reports whether a body is a web page.
func looksLikePage(contentType string, b []byte) bool {
	return strings.HasPrefix(contentType, "text/html") || bytes.HasPrefix(bytes.TrimSpace(b), []byte("<"))
}
