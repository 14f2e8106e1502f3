package daemon

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	maxActions     = 4
	maxLabel       = 60
	maxCallHeaders = 16
	maxCallBody    = 4 << 10
)

// Kinds of an action.
const (
	actionOpen = "open" // leads to an address
	actionHTTP = "http" // has Hark call an address that the token names
)

// fireAction is a button below a message.
type fireAction struct {
	Kind   string
	Label  string
	URL    string
	Method string            // of http; empty is POST
	Header map[string]string // of http
	Body   string            // of http
}

// actions reads a list of buttons; a form's field holds it as JSON.
func (in *fireInput) actions(value any) {
	if text, ok := value.(string); ok {
		if text = strings.TrimSpace(text); text == "" {
			return
		}
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			in.warn("actions is a list of objects, as JSON: it was left out")
			return
		}
	}
	if one, ok := value.(map[string]any); ok {
		value = []any{one}
	}
	list, ok := value.([]any)
	if !ok {
		in.warn("actions is a list of objects: it was left out")
		return
	}
	for i, item := range list {
		if len(in.Actions) == maxActions {
			in.warn("only the first %d actions were kept", maxActions)
			return
		}
		fields, ok := item.(map[string]any)
		if !ok {
			in.warn("action %d is not an object: it was left out", i+1)
			continue
		}
		if a, why := in.action(fields); why != "" {
			in.warn("action %d %s: it was left out", i+1, why)
		} else {
			in.Actions = append(in.Actions, a)
		}
	}
}

// action reads one button, or says why it can't be one.
func (in *fireInput) action(fields map[string]any) (a fireAction, why string) {
	for _, name := range sortedNames(fields) {
		switch value := fields[name]; name {
		case "kind", "action", "type":
			a.Kind = strings.ToLower(strings.TrimSpace(toText(value)))
		case "label":
			a.Label = in.short("an action's label", value, maxLabel)
		case "url":
			a.URL = strings.TrimSpace(toText(value))
		case "method":
			a.Method = strings.ToUpper(strings.TrimSpace(toText(value)))
		case "headers", "header":
			headers, ok := value.(map[string]any)
			if !ok {
				in.warn("an action's headers are an object: they were left out")
				continue
			}
			a.Header = map[string]string{}
			for k, v := range headers {
				a.Header[k] = toText(v)
			}
		case "body":
			a.Body = toText(value)
		case "id", "clear": // of other programs' actions; nothing is lost without them
		default:
			in.warn("%.60q is no field of an action and was ignored", name)
		}
	}
	return a, a.check()
}

// check gives a button its defaults and says, as the end of a sentence, what is
// wrong with it, or "".
func (a *fireAction) check() (why string) {
	switch a.Kind {
	case "", "view":
		a.Kind = actionOpen
	case actionOpen, actionHTTP:
	default:
		return "is neither open nor http"
	}
	if a.Label == "" {
		return "has no label"
	}
	u, err := url.Parse(a.URL)
	if err != nil || a.URL == "" || len(a.URL) > maxClick {
		return "has no url that can be read"
	}
	u.Scheme = strings.ToLower(u.Scheme)
	web := (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
	if a.Kind == actionOpen {
		if !web && u.Scheme != "mailto" {
			return "has no http:, https: or mailto: address"
		}
		a.URL, a.Method, a.Header, a.Body = u.String(), "", nil, ""
		return ""
	}
	return a.checkCall(u, web)
}

func (a *fireAction) checkCall(u *url.URL, web bool) (why string) {
	if a.Method == "" {
		a.Method = http.MethodPost
	}
	switch {
	case !web:
		return "has no http: or https: address"
	case u.User != nil:
		return "has a password in its address; send it as a header"
	case !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, a.Method):
		return "has a method other than GET, POST, PUT, PATCH and DELETE"
	case len(a.Body) > maxCallBody:
		return "has too long a body"
	case len(a.Header) > maxCallHeaders:
		return "has too many headers"
	}
	for name, value := range a.Header {
		if !isHeader(name, value) {
			return "has a header that can't be sent"
		}
	}
	a.URL = u.String()
	return ""
}

// isHeader reports whether a caller may have this header sent. Those that are
// about the connection are Hark's own.
func isHeader(name, value string) bool {
	if name == "" || len(name) > 100 || len(value) > 2000 || strings.ContainsAny(value, "\r\n\x00") {
		return false
	}
	for _, c := range []byte(name) {
		if !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return !slices.Contains([]string{
		"Host", "Content-Length", "Connection", "Transfer-Encoding", "Upgrade", "Te", "Trailer", "Proxy-Authorization",
	}, http.CanonicalHeaderKey(name))
}

func sortedNames(fields map[string]any) []string { return slices.Sorted(maps.Keys(fields)) }
