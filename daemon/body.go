package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// bodyTime is how long a body may take to arrive. A megabyte in 30 seconds is
// slower than any line that carries a chat.
const bodyTime = 30 * time.Second

// readBody reads the whole body, which call has limited.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	line := http.NewResponseController(w)
	// A writer without a deadline (a test's) has no slow line either.
	_ = line.SetReadDeadline(time.Now().Add(bodyTime))
	b, err := io.ReadAll(r.Body)
	var tooBig *http.MaxBytesError
	switch {
	case err == nil:
		_ = line.SetReadDeadline(time.Time{}) // else the handler would be taken for abandoned
		return b, nil
	case errors.As(err, &tooBig):
		return nil, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close") // the server would wait for the rest before it answers
		return nil, fault("slow_body", "The request did not arrive within %d seconds.", int(bodyTime/time.Second))
	}
	p := fault("bad_request", "The request broke off before its end. Send it again.")
	p.cause = err
	return nil, p
}

// readJSON reads a body that is a JSON object into v. Fields that v lacks are
// ignored: a newer client may know more than we.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if kind := r.Header.Get("Content-Type"); kind != "" && !isJSON(kind) {
		return fault("unsupported_media_type", "Send JSON: -H \"Content-Type: application/json\". This was %.80q.", kind)
	}
	b, err := readBody(w, r)
	if err != nil {
		return err
	}
	return decodeJSON(b, v)
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// decodeJSON is json.Unmarshal with errors that people can act on.
func decodeJSON(b []byte, v any) error {
	if !utf8.Valid(b) {
		return fault("bad_json", "The body is not UTF-8. Save the text as UTF-8 and send it again.")
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return fault("bad_json", "The body is empty. Send a JSON object, such as {\"text\":\"hello\"}.")
	}
	err := json.Unmarshal(b, v)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		line, column := lineColumn(b, syntax.Offset)
		return fault("bad_json", "Line %d, column %d: %s. Are quotes and line breaks inside texts written as \\\" and \\n?",
			line, column, strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.As(err, &kind) && kind.Field != "":
		return fault("invalid", "%q must be %s, not %s.", kind.Field, kindName(kind.Type.String()), kind.Value)
	case errors.As(err, &kind):
		return fault("bad_json", "The body must be a JSON object, not %s.", kind.Value)
	}
	return fault("bad_json", "The body can't be read as JSON.")
}

// lineColumn is where in b the byte before offset is, as editors count.
func lineColumn(b []byte, offset int64) (line, column int) {
	before := b[:min(max(int(offset)-1, 0), len(b))]
	line = 1 + bytes.Count(before, []byte("\n"))
	column = utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return line, column
}

func kindName(goType string) string {
	switch strings.TrimLeft(goType, "*") {
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "int":
		return "a whole number"
	case "[]string":
		return "a list of texts"
	}
	return "of another kind"
}
