package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"time"

	"hark/store"
)

// problem is an error that the caller is told: a code from the table below and
// a sentence that says what to do. Everything else is told as "internal".
type problem struct {
	code   string
	detail string
	wait   time.Duration  // Retry-After, if not zero
	allow  string         // Allow, for 405
	extra  map[string]any // further members of the answer
	cause  error
}

func (p *problem) Error() string { return p.code + ": " + p.detail }
func (p *problem) Unwrap() error { return p.cause }

// fault makes a problem with a formatted detail.
func fault(code, format string, a ...any) *problem {
	return &problem{code: code, detail: fmt.Sprintf(format, a...)}
}

// problemKind gives a code its status and title. Codes are stable: programs
// test for them.
func problemKind(code string) (status int, title string) {
	switch code {
	case "bad_request":
		return http.StatusBadRequest, "The request can't be read"
	case "bad_json":
		return http.StatusBadRequest, "The body is not valid JSON"
	case "bad_cursor":
		return http.StatusBadRequest, "The cursor can't be read"
	case "unauthorized":
		return http.StatusUnauthorized, "Who are you?"
	case "wrong_code":
		return http.StatusForbidden, "This pairing code does not work"
	case "forbidden":
		return http.StatusForbidden, "Not allowed"
	case "not_secure":
		return http.StatusForbidden, "Not without HTTPS"
	case "cross_site":
		return http.StatusForbidden, "Another site may not do this"
	case "not_found":
		return http.StatusNotFound, "Not found"
	case "method_not_allowed":
		return http.StatusMethodNotAllowed, "Not done this way"
	case "busy":
		return http.StatusConflict, "A reply is being written"
	case "answered":
		return http.StatusConflict, "Answered before"
	case "expired":
		return http.StatusGone, "Too late"
	case "conflict":
		return http.StatusConflict, "Not possible now"
	case "idempotency_key_reused":
		return http.StatusConflict, "This key was used for something else"
	case "too_large":
		return http.StatusRequestEntityTooLarge, "Too large"
	case "unsupported_media_type":
		return http.StatusUnsupportedMediaType, "This kind of body is not read here"
	case "wrong_host":
		return http.StatusMisdirectedRequest, "Hark does not go by this name"
	case "invalid", "empty", "unclear", "ambiguous", "past":
		return http.StatusUnprocessableEntity, "That does not work as written"
	case "too_many":
		return http.StatusTooManyRequests, "Too many"
	case "slow_body":
		return http.StatusRequestTimeout, "The request took too long to arrive"
	case "unavailable":
		return http.StatusServiceUnavailable, "Not available now"
	case "storage_full":
		return http.StatusInsufficientStorage, "The disk is full"
	}
	return http.StatusInternalServerError, "Something went wrong inside Hark"
}

// problemOf says what the caller is told of err.
func problemOf(err error) *problem {
	var p *problem
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooBig):
		return fault("too_large", "The request is larger than %d bytes. Send less at once.", tooBig.Limit)
	case errors.Is(err, store.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return fault("not_found", "There is nothing with this id. It may have been deleted.")
	case errors.Is(err, store.ErrTooBig):
		return fault("too_large", "This is more than one message can hold. Split it.")
	case errors.Is(err, store.ErrKeyReused):
		return fault("idempotency_key_reused", "The key came before with different content. Use a new key for a new message.")
	case errors.Is(err, store.ErrClosed):
		return &problem{code: "unavailable", detail: "Hark is stopping. Try again in a moment.", wait: stopWait}
	case errors.Is(err, errDiskFull), isDiskFull(err):
		return &problem{code: "storage_full", detail: diskFullDetail, wait: time.Minute}
	}
	return &problem{code: "internal", detail: "The request may be sent again.", cause: err}
}

const (
	stopWait       = 2 * time.Second
	diskFullDetail = "The disk with Hark's data folder is nearly full. Nothing was changed. Make room, then try again."
)

// fail answers with what went wrong, as application/problem+json.
func (d *Daemon) fail(w http.ResponseWriter, r *http.Request, err error) {
	d.failAs(w, r, err, func(status int, p *problem) (string, any) {
		_, title := problemKind(p.code)
		body := map[string]any{"title": title, "status": status, "code": p.code, "detail": p.detail, "request_id": requestOf(r.Context())}
		maps.Copy(body, p.extra)
		return "application/problem+json", body
	})
}

// failAs is the one place where an error becomes an answer, whose body shape
// makes.
func (d *Daemon) failAs(w http.ResponseWriter, r *http.Request, err error, shape func(status int, p *problem) (kind string, body any)) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // the caller has gone
	}
	p := problemOf(err)
	status, _ := problemKind(p.code)
	if status >= http.StatusInternalServerError {
		d.logFault(w, r, status, err)
	}
	if p.code == "internal" { // p is of this request alone: nobody else names it so
		p.detail += " The log says more, at request=" + requestOf(r.Context()) + "."
	}
	h := w.Header()
	if status == http.StatusUnauthorized {
		h.Add("WWW-Authenticate", `Bearer realm="hark"`)
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.wait+time.Second-1)/time.Second)))
	}
	kind, body := shape(status, p)
	h.Set("Content-Type", kind)
	writeJSON(w, status, body)
}

// logFault says once in the log why an answer is not what was asked for. That
// Hark is starting or stopping, or that the disk is full, is no fault of a
// request; those who only ask whether Hark is ready are told often.
func (d *Daemon) logFault(w http.ResponseWriter, r *http.Request, status int, err error) {
	level := slog.LevelError
	switch {
	case status != http.StatusInternalServerError && r.URL.Path == "/readyz":
		level = slog.LevelDebug
	case status != http.StatusInternalServerError:
		level = slog.LevelWarn
	}
	if rw, ok := w.(*response); ok && rw.logged {
		return
	}
	logged(w)
	d.log.Log(r.Context(), level, "request failed", "method", r.Method, "route", r.Pattern, "status", status, "err", err)
}

// writeJSON answers with v. The Content-Type is application/json unless it was
// set before. Nothing here is cached: every answer is about now.
func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := marshal(v)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	writeRaw(w, status, b)
}

// marshal is json.Marshal without escaping for HTML, which no answer is.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// writeRaw answers with ready JSON.
func writeRaw(w http.ResponseWriter, status int, b []byte) {
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(b)+1))
	w.WriteHeader(status)
	// Who does not read the answer any more needs no other one.
	_, _ = w.Write(append(b, '\n'))
}
