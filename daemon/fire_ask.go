package daemon

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxChoices = 8
	maxChoice  = 80
	// maxAhead is the longest that a question waits for its answer, or a message
	// for its time.
	maxAhead = 366 * 24 * time.Hour
)

// fireAsk is the question that a fire puts to the owner.
type fireAsk struct {
	Choices []string
	Text    bool          // or any text
	Timeout time.Duration // 0: waits for ever
	Default string        // counts when the time is up; empty: nothing does
}

// ask reads a question: an object; a list of choices, also as one text with
// commas; or true, which is Yes or No.
func (in *fireInput) ask(value any) {
	ask := &fireAsk{}
	text, isText := value.(string)
	if isText {
		var inside any
		if text = strings.TrimSpace(text); json.Unmarshal([]byte(text), &inside) == nil && inside != nil {
			value = inside // a form's field holds JSON as text
		}
	}
	switch v := value.(type) {
	case map[string]any:
		in.askFields(ask, v)
	case []any:
		in.choices(ask, v)
	case bool:
		if !v {
			return
		}
		ask.Choices = []string{"Yes", "No"}
	case string:
		if v == "" {
			return
		}
		in.choices(ask, v)
	}
	if len(ask.Choices) == 0 && !ask.Text {
		in.warn(`ask has neither choices nor "text": true: delivered without a question`)
		return
	}
	in.Ask = ask
}

func (in *fireInput) askFields(ask *fireAsk, fields map[string]any) {
	for _, name := range sortedNames(fields) {
		switch value := fields[name]; name {
		case "choices":
			in.choices(ask, value)
		case "text":
			ask.Text = in.truth("ask.text", value)
		case "timeout":
			d, ok := readDuration(toText(value))
			if !ok || d < time.Second || d > maxAhead {
				in.warn("ask.timeout %.40q is not a time such as 10m, 1h or 2d: the question stays open", toText(value))
				continue
			}
			ask.Timeout = d
		case "default":
			ask.Default = in.short("ask.default", value, maxChoice)
		default:
			in.warn("%.60q is no field of ask and was ignored", name)
		}
	}
	if ask.Default == "" {
		return
	}
	if i := slices.IndexFunc(ask.Choices, func(c string) bool { return strings.EqualFold(c, ask.Default) }); i >= 0 {
		ask.Default = ask.Choices[i]
	} else if !ask.Text {
		in.warn("ask.default %.80q is none of the choices: it was left out", ask.Default)
		ask.Default = ""
	}
}

// choices reads a list, or a text with commas.
func (in *fireInput) choices(ask *fireAsk, value any) {
	list, ok := value.([]any)
	if !ok {
		for choice := range strings.SplitSeq(toText(value), ",") {
			list = append(list, choice)
		}
	}
	for _, choice := range list {
		c := in.short("a choice", choice, maxChoice)
		if c == "" || slices.ContainsFunc(ask.Choices, func(b string) bool { return strings.EqualFold(b, c) }) {
			continue
		}
		if len(ask.Choices) == maxChoices {
			in.warn("only the first %d choices were kept", maxChoices)
			return
		}
		ask.Choices = append(ask.Choices, c)
	}
}

// readDuration reads "90s", "10m", "1h30m", "2d", or a number of seconds.
func readDuration(s string) (time.Duration, bool) {
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), " ", ""))
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		if n < 0 || n > maxAhead.Seconds() {
			return 0, false
		}
		return time.Duration(n * float64(time.Second)), true
	}
	days := time.Duration(0)
	if head, rest, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.Atoi(head)
		if err != nil || n < 0 || n > 366 {
			return 0, false
		}
		if days = time.Duration(n) * 24 * time.Hour; rest == "" {
			return days, true
		}
		s = rest
	}
	d, err := time.ParseDuration(s)
	return days + d, err == nil && d >= 0
}
