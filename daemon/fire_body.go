package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fireInput is what a fire asks, whatever form it came in. Its JSON is compared
// when an idempotency key comes again.
type fireInput struct {
	Text         string
	Title        string
	Conversation string
	Topic        string `json:",omitempty"` // the name of a conversation, made if there is none; Conversation wins
	Priority     int    // 0: not said
	Tags         []string
	Click        string
	Markdown     bool
	Key          string
	Replace      string
	Silent       bool
	At           string // when to deliver: a time, a duration or a phrase; empty is at once
	Ask          *fireAsk
	Actions      []fireAction
	Run          bool // the assistant is to answer the text, which is not the owner's

	warnings []string
	left     string // what to say, if nothing else is said, of a file that was left out
}

func (in *fireInput) warn(format string, a ...any) {
	in.warnings = append(in.warnings, fmt.Sprintf(format, a...))
}

// parseFire reads the body of a fire: JSON, a form, or plain text. It is
// generous, because a script's author is not there when it runs: what it can't
// use becomes a warning. Only a body that has no meaning at all is an error.
func parseFire(contentType string, body []byte) (*fireInput, error) {
	in := new(fireInput)
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = strings.ToLower(strings.TrimSpace(strings.Split(contentType, ";")[0]))
	}
	switch {
	case isJSON(kind):
		return in, in.fromJSON(body)
	case kind == "multipart/form-data":
		return in, in.fromMultipart(body, params["boundary"])
	case kind == "application/x-www-form-urlencoded":
		// What curl -d sends, whatever the text is.
		in.fromForm(string(body))
	case kind == "", kind == "application/octet-stream", strings.HasPrefix(kind, "text/"):
		in.Markdown = kind == "text/markdown"
		in.fromText(string(body))
	default:
		return nil, fault("unsupported_media_type", "Send JSON, a form or plain text. This was %.80q.", contentType)
	}
	return in, nil
}

func (in *fireInput) fromText(text string) {
	in.Text = in.clean("text", text)
}

// clean makes s valid UTF-8 and drops the line ends that `echo` and heredocs add.
func (in *fireInput) clean(field, s string) string {
	if !utf8.ValidString(s) {
		in.warn("%s was not UTF-8: what could not be read is shown as \uFFFD", field)
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return strings.TrimRight(s, "\r\n")
}

// textNames are the fields that may hold the text. A body is a form only if it
// has one: "a=b & c" is a text.
var textNames = []string{"text", "message", "body"}

func (in *fireInput) fromForm(body string) {
	if object := strings.TrimSpace(body); strings.HasPrefix(object, "{") {
		// JSON without its Content-Type, as curl -d sends it.
		probe := new(fireInput)
		if probe.fromJSON([]byte(object)) == nil && probe.Text != "" {
			*in = *probe
			return
		}
	}
	values := url.Values{}
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		values.Add(unescape(name), unescape(value))
	}
	isForm := false
	for _, name := range textNames {
		isForm = isForm || (values.Has(name) && strings.Contains(body, name+"="))
	}
	switch {
	case isForm:
		in.fromValues(values)
	case encoded(body):
		in.fromText(unescape(body)) // curl --data-urlencode 'buy 50 % milk'
	default:
		in.fromText(body)
	}
}

// encoded reports whether s is wholly percent-encoded, as no text that a person
// wrote is.
func encoded(s string) bool {
	_, err := url.QueryUnescape(s)
	return err == nil && strings.Contains(s, "%") && !strings.ContainsAny(s, " \t\r\n\"'<>=&?!,:;/")
}

// unescape is url.QueryUnescape that leaves as they are the percent signs which
// nobody escaped.
func unescape(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			b.WriteByte('%')
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func (in *fireInput) fromMultipart(body []byte, boundary string) error {
	values, err := in.parts(body, boundary)
	if err == nil {
		in.fromValues(values)
	}
	return err
}

// parts reads the fields of a multipart form. Files among them are left out.
func (in *fireInput) parts(body []byte, boundary string) (url.Values, error) {
	values := url.Values{}
	if boundary == "" {
		return nil, fault("bad_request", "The form has no boundary. Let the program that makes it set Content-Type.")
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) && bytes.Contains(body, []byte("--"+boundary+"--")) {
			break
		} else if err != nil {
			return nil, fault("bad_request", "The form breaks off or is not well formed.")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, fault("bad_request", "The form breaks off or is not well formed.")
		}
		if part.FileName() != "" && !slices.Contains(textNames, part.FormName()) {
			in.warn("files are not supported yet: %.60q was left out", part.FileName())
			continue
		}
		values.Add(part.FormName(), string(value))
	}
	return values, nil
}

// fromValues reads the fields of a form: texts all, so that JSON is how the
// lists and objects among them are written.
func (in *fireInput) fromValues(values url.Values) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) > 1 && name != "tags" {
			in.warn("%.60q was given %d times: the first counts", name, len(values[name]))
		}
		value := any(values[name][0])
		if name == "tags" {
			value = strings.Join(values[name], ",")
		}
		in.field(name, value)
	}
}

func (in *fireInput) fromJSON(body []byte) error {
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
		in.warn("the body was not UTF-8: what could not be read is shown as \uFFFD")
	}
	var fields map[string]json.RawMessage
	if err := decodeJSON(body, &fields); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) { // so that warnings come in one order
		raw := bytes.TrimSpace(fields[name])
		var value any
		switch raw[0] {
		case '"', '[', '{':
			if err := json.Unmarshal(raw, &value); err != nil {
				return fault("bad_json", "The body can't be read as JSON.")
			}
		case 'n': // null
			continue
		default: // a number keeps all its digits
			value = string(raw)
		}
		in.field(name, value)
	}
	return nil
}
