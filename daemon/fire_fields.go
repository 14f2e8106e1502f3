package daemon

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	maxTitle = 250
	maxTags  = 20
	maxTag   = 64
	maxClick = 2048
	maxAt    = 200
)

// field sets one field of a fire from a JSON value, or from a form's text. A
// value that can't be used leaves the default and a warning.
func (in *fireInput) field(name string, value any) {
	switch name {
	case "text", "message", "body":
		if s := in.clean(name, toText(value)); in.Text == "" {
			in.Text = s
		} else if s != "" && s != in.Text {
			in.warn("the text was given twice: %q was left out", name)
		}
	case "title":
		in.Title = in.short(name, value, maxTitle)
	case "conversation":
		in.Conversation = toText(value)
	case "key":
		in.Key = toText(value)
	case "replace":
		in.Replace = toText(value)
	case "priority":
		in.priority(value)
	case "tags":
		in.tags(value)
	case "click":
		in.click(toText(value))
	case "markdown":
		in.Markdown = in.truth(name, value)
	case "silent":
		in.Silent = in.truth(name, value)
	case "at":
		in.At = in.short(name, value, maxAt)
	case "ask":
		in.ask(value)
	case "actions":
		in.actions(value)
	case "run":
		in.Run = in.truth(name, value)
	default:
		in.warn("%.60q is no field of a fire and was ignored", name)
	}
}

// toText is how a value reads as text. Programs send numbers where texts are
// meant, and templates lists.
func toText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case nil:
		return ""
	}
	b, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(b)
}

// short is a single line of at most most bytes.
func (in *fireInput) short(name string, value any, most int) string {
	s := strings.Join(strings.Fields(in.clean(name, toText(value))), " ")
	if len(s) > most {
		in.warn("%s was cut to %d bytes", name, most)
		s = cut(s, most)
	}
	return s
}

var priorities = []string{"", "min", "low", "default", "high", "max"}

func (in *fireInput) priority(value any) {
	s := strings.ToLower(strings.TrimSpace(toText(value)))
	if s == "urgent" {
		s = "max"
	}
	n := slices.Index(priorities, s)
	if n <= 0 {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 1 || n > 5 {
			in.warn("priority %.20q is not 1 to 5: the default was used", s)
			return
		}
	}
	in.Priority = n
}

func (in *fireInput) tags(value any) {
	var tags []string
	if list, ok := value.([]any); ok {
		for _, tag := range list {
			tags = append(tags, toText(tag))
		}
	} else {
		s := toText(value)
		if json.Unmarshal([]byte(s), &tags) != nil {
			tags = strings.Split(s, ",")
		}
	}
	for _, tag := range tags {
		if tag = in.short("a tag", tag, maxTag); tag == "" || slices.Contains(in.Tags, tag) {
			continue
		}
		if len(in.Tags) == maxTags {
			in.warn("only the first %d tags were kept", maxTags)
			return
		}
		in.Tags = append(in.Tags, tag)
	}
}

// click takes only addresses that are safe to open: javascript: and file: are
// how a message would attack its reader.
func (in *fireInput) click(s string) {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	switch {
	case s == "":
	case err != nil || len(s) > maxClick,
		!slices.Contains([]string{"http", "https", "mailto"}, strings.ToLower(u.Scheme)),
		u.Scheme != "mailto" && u.Host == "":
		in.warn("click must be an http:, https: or mailto: address: it was left out")
	default:
		in.Click = u.String()
	}
}

func (in *fireInput) truth(name string, value any) bool {
	switch strings.ToLower(strings.TrimSpace(toText(value))) {
	case "true", "1", "yes", "on":
		return true
	case "false", "0", "no", "off", "":
		return false
	}
	in.warn("%s is neither true nor false: taken as false", name)
	return false
}
