package daemon

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A report is what a program posts to a webhook: JSON of its own making. Its text
// is looked for under the names that programs use; alerts have their own form; and
// what has no text at all is shown as it is.

// Names under which programs put what they have to say, the likeliest first.
var (
	reportTexts  = []string{"message", "text", "body", "content", "msg", "description"}
	reportTitles = []string{"title", "subject", "summary", "name"}
	reportParts  = []string{"attachments", "embeds", "blocks", "sections", "fields"} // of chat services
)

// maxDepth is how deep a report is looked into.
const maxDepth = 6

// readReport returns the fields of a body that is a report: JSON, and not only what
// fires are made of.
func readReport(body []byte) map[string]json.RawMessage {
	fields, ok := readObject(body)
	if !ok || onlyParameters(fields) {
		return nil
	}
	return fields
}

func hasAlerts(fields map[string]json.RawMessage) bool {
	raw := bytes.TrimSpace(fields["alerts"])
	return len(raw) > 2 && raw[0] == '['
}

// fromReport makes a report readable. JSON in which there are parameters of ntfy
// only, and no text, is none.
func (in *fireInput) fromReport(fields map[string]json.RawMessage, body []byte) {
	if raw, ok := fields["alerts"]; ok && in.fromAlerts(fields, raw) {
		return
	}
	for _, name := range reportTitles {
		if text := textOf(fields[name]); text != "" {
			in.Title = in.short("title", text, maxTitle)
			break
		}
	}
	for _, name := range reportTexts {
		if text := textOf(fields[name]); text != "" {
			in.fromText(slackLinks(text))
			break
		}
	}
	if in.Text == "" {
		for _, name := range reportParts {
			in.fromText(slackLinks(strings.Join(textsIn(fields[name], 0), "\n")))
			if in.Text != "" {
				break
			}
		}
	}
	switch {
	case in.Text == "" && in.Title == "" && !onlyParameters(fields):
		in.asItIs(body)
	case textOf(fields["version"]) != "" && textOf(fields["type"]) == "failure": // Apprise
		in.Priority = 4
	}
	if raw := bytes.TrimSpace(fields["attachments"]); textOf(fields["type"]) != "" && len(raw) > 2 && raw[0] == '[' {
		in.warn("files are not supported: attachments were left out")
	}
}

// onlyParameters reports whether fields are but what publishers send around a
// text.
func onlyParameters(fields map[string]json.RawMessage) bool {
	for name := range fields {
		if !slices.Contains(slices.Concat(reportTexts, reportTitles, []string{
			"topic", "priority", "tags", "click", "icon", "actions", "attach", "markdown", "filename", "email", "call",
			"delay", "cache", "firebase", "sequence_id", "extras", "template",
			"conversation", "key", "replace", "silent", "at", "ask", "run",
		}), name) {
			return false
		}
	}
	return true
}

// asItIs shows a report nobody has a form for: plain fields as lines, and what has
// more inside as a block of code.
func (in *fireInput) asItIs(body []byte) {
	names, values, flat := flatFields(body)
	if flat && len(names) > 0 {
		var b strings.Builder
		for i, name := range names {
			b.WriteString(name + ": " + cmp.Or(values[i], "-") + "\n")
		}
		in.fromText(b.String())
		return
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, bytes.TrimSpace(body), "", "  ") != nil || len(names) == 0 {
		return
	}
	text := in.clean("body", pretty.String())
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	in.Text, in.Markdown = fence+"json\n"+text+"\n"+fence, true
}

// flatFields reads the fields of an object in their order. flat is false if one of
// them is a list or an object.
func flatFields(body []byte) (names, values []string, flat bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, false
	}
	flat = true
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, nil, false
		}
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return nil, nil, false
		}
		flat = flat && raw[0] != '[' && raw[0] != '{'
		names, values = append(names, name), append(values, textOf(raw))
	}
	if _, err := dec.Token(); err != nil && err != io.EOF {
		return nil, nil, false
	}
	return names, values, flat
}

// textOf is a JSON value as text; empty for null, lists and objects.
func textOf(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null" {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// textsIn collects what there is to read in the attachments, embeds or blocks that
// chat services' webhooks take.
func textsIn(raw json.RawMessage, depth int) (texts []string) {
	var list []json.RawMessage
	var fields map[string]json.RawMessage
	switch {
	case depth > maxDepth:
	case json.Unmarshal(raw, &list) == nil:
		for _, item := range list {
			texts = append(texts, textsIn(item, depth+1)...)
		}
	case json.Unmarshal(raw, &fields) == nil:
		for _, name := range []string{"pretext", "title", "name", "text", "description", "value", "fallback"} {
			if text := textOf(fields[name]); text != "" && !slices.Contains(texts, text) && (name != "fallback" || len(texts) == 0) {
				texts = append(texts, text)
			}
		}
		for _, name := range []string{"text", "fields", "elements", "facts"} {
			texts = append(texts, textsIn(fields[name], depth+1)...)
		}
	}
	return texts
}

var slackLink = regexp.MustCompile(`<((?:https?|mailto):[^|<>\s]+)(?:\|([^<>]*))?>`)

// slackLinks makes links that Slack's senders write, <address|words>, readable.
func slackLinks(text string) string {
	if !utf8.ValidString(text) || !strings.Contains(text, "<") {
		return text
	}
	return slackLink.ReplaceAllStringFunc(text, func(link string) string {
		m := slackLink.FindStringSubmatch(link)
		if m[2] == "" || m[2] == m[1] {
			return m[1]
		}
		return m[2] + " (" + m[1] + ")"
	})
}
