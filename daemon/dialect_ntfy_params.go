package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ntfyParams are the parameters of a publication: of JSON at the root, of headers
// with or without X-, of the query; in this order.
type ntfyParams struct {
	r     *http.Request
	query url.Values
	json  map[string]string
}

// get returns the first that is given of these names, which are lower case.
func (p ntfyParams) get(names ...string) string {
	for _, name := range names {
		if v := p.json[name]; v != "" {
			return v
		}
	}
	for _, name := range names {
		for _, header := range []string{"X-" + name, name} {
			v := strings.TrimSpace(decodeHeader(p.r.Header.Get(header)))
			if v != "" && (name != "priority" || !isUrgency(v)) {
				return v
			}
		}
	}
	for _, name := range names {
		if v := strings.TrimSpace(p.query.Get(name)); v != "" {
			return v
		}
	}
	return ""
}

// fromJSON takes the parameters out of a JSON body.
func (p *ntfyParams) fromJSON(body []byte) error {
	var fields map[string]any
	if err := decodeJSON(body, &fields); err != nil {
		return err
	}
	p.json = map[string]string{}
	for name, value := range fields {
		p.json[name] = toText(value)
		if list, ok := value.([]any); ok && len(list) == 0 {
			p.json[name] = ""
		}
	}
	return nil
}

// urgency is the form of a Priority header that is about HTTP/2 and HTTP/3
// (RFC 9218): proxies add it.
var urgency = regexp.MustCompile(`^(u=\d|i(=\?[01])?)(\s*,\s*(u=\d|i(=\?[01])?))*$`)

func isUrgency(value string) bool { return urgency.MatchString(strings.TrimSpace(value)) }

// decodeHeader reads a header's text: UTF-8; Latin-1, which HTTP began with and
// browsers' fetch still sends; or encoded words (RFC 2047). Words that can't be
// decoded stay as they are.
func decodeHeader(value string) string {
	if !utf8.ValidString(value) {
		latin := make([]rune, 0, len(value))
		for _, b := range []byte(value) {
			latin = append(latin, rune(b))
		}
		value = string(latin)
	}
	if !strings.Contains(value, "=?") {
		return value
	}
	decoder := mime.WordDecoder{CharsetReader: func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("charset %q is not known", charset)
	}}
	if text, err := decoder.DecodeHeader(value); err == nil {
		return text
	}
	return value
}

// wordy is a duration as people write it.
var wordy = regexp.MustCompile(`^(\d{1,6})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)$`)

// ntfyDelay is an ntfy delay as a native fire's time: seconds since 1970 become a
// date, "2 days" a duration, and the rest are phrases.
func ntfyDelay(value string) string {
	value = strings.TrimSpace(value)
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && n > 1e9 && n < 1e11 {
		return time.Unix(n, 0).UTC().Format(time.RFC3339)
	}
	if m := wordy.FindStringSubmatch(strings.ToLower(value)); m != nil {
		return m[1] + m[2][:1]
	}
	return value
}

// isFile reports whether a body can't be meant to be read.
func isFile(body []byte) bool {
	kind := http.DetectContentType(body)
	return len(body) > 0 && !strings.HasPrefix(kind, "text/") &&
		(kind != "application/octet-stream" || strings.ContainsRune(string(body[:min(len(body), 512)]), 0))
}

// fileLeftOut notes that a file was sent. The message says so too, if it says
// nothing else: its reader would look for it.
func (in *fireInput) fileLeftOut(name string) {
	in.warn("files are not supported: the text was delivered without it")
	if name = in.short("filename", name, maxTitle); name == "" {
		in.left = "A file was sent. Hark keeps no files."
	} else {
		in.left = "The file " + name + " was sent. Hark keeps no files."
	}
}

// maxDrained is how much of a file is read, and forgotten, so that its sender
// gets to hear the answer.
const maxDrained = 32 << 20

func drain(w http.ResponseWriter, r *http.Request) error {
	line := http.NewResponseController(w)
	_ = line.SetReadDeadline(time.Now().Add(bodyTime)) // a test's writer has none
	_, err := io.Copy(io.Discard, http.MaxBytesReader(unwrap(w), r.Body, maxDrained))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return fault("too_large", "Hark keeps no files, and this one is too large to read past. Send a link to it.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return fault("slow_body", "The request did not arrive within %d seconds.", int(bodyTime/time.Second))
	case err != nil:
		return fault("bad_request", "The request broke off before its end. Send it again.")
	}
	_ = line.SetReadDeadline(time.Time{})
	return nil
}

// cutTo keeps the beginning of a long text and says in it that there was more.
func (in *fireInput) cutTo(most int) {
	mark := fmt.Sprintf("\n\n… (the text had %d bytes; the rest was left out)", len(in.Text))
	in.warn("the text has %d bytes, the limit is %d: the rest was left out", len(in.Text), most)
	in.Text = cut(in.Text, max(most-len(mark), 0)) + mark
}

// ntfyActions reads buttons in ntfy's forms: a JSON list, or the short form.
func (in *fireInput) ntfyActions(text string) {
	var list []any
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		if json.Unmarshal([]byte(text), &list) != nil {
			in.warn("actions can't be read as JSON: they were left out")
			return
		}
	} else {
		var why string
		if list, why = shortActions(text); why != "" {
			in.warn("actions can't be read: %s", why)
		}
	}
	for _, action := range list {
		if fields, ok := action.(map[string]any); ok {
			maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
		}
	}
	if len(list) > 0 {
		in.actions(list)
	}
}
