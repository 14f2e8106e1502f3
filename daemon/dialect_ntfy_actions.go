package daemon

import (
	"fmt"
	"regexp"
	"strings"
)

// shortActions reads ntfy's short form of buttons:
//
//	view, Open portal, https://home.example/; http, "Turn down, now", url=https://…, method=PUT, headers.X=y
//
// Commas end a value and semicolons a button, but not inside quotes. What was
// understood is returned also if the rest can't be.
func shortActions(text string) (list []any, why string) {
	p := &shortParser{rest: text}
	for {
		p.skip()
		if p.rest == "" {
			return list, ""
		}
		fields, why := p.button()
		if why != "" {
			return list, why
		}
		if len(fields) > 0 {
			list = append(list, fields)
		}
	}
}

type shortParser struct{ rest string }

func (p *shortParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

var shortKey = regexp.MustCompile(`^([-.\w]+)\s*=\s*`)

// button reads up to a semicolon or the end.
func (p *shortParser) button() (fields map[string]any, why string) {
	fields = map[string]any{}
	for n := 0; ; n++ {
		p.skip()
		key := ""
		if m := shortKey.FindStringSubmatch(p.rest); m != nil {
			key, p.rest = m[1], p.rest[len(m[0]):]
		}
		value, end, why := p.value()
		if why != "" {
			return nil, why
		}
		if key == "" && n < 3 && value != "" {
			key = []string{"action", "label", "url"}[n]
		}
		switch head, name, dotted := strings.Cut(key, "."); {
		case key == "" && value == "":
		case key == "":
			return nil, fmt.Sprintf("nothing says what %.40q is", value)
		case dotted && head == "headers":
			headers, _ := fields["headers"].(map[string]any)
			if headers == nil {
				headers = map[string]any{}
				fields["headers"] = headers
			}
			headers[name] = value
		case dotted: // extras of a broadcast, which only Android has
		default:
			fields[strings.ToLower(key)] = value
		}
		if end {
			return fields, ""
		}
	}
}

// value reads a value, quoted or not, and its comma, or the semicolon or end.
func (p *shortParser) value() (value string, end bool, why string) {
	p.skip()
	if p.rest != "" && (p.rest[0] == '"' || p.rest[0] == '\'') {
		quote := p.rest[0]
		closing := 1
		for closing < len(p.rest) && (p.rest[closing] != quote || p.rest[closing-1] == '\\') {
			closing++
		}
		if closing == len(p.rest) {
			return "", true, "a quotation mark is not closed"
		}
		value = strings.ReplaceAll(p.rest[1:closing], `\`+string(quote), string(quote))
		p.rest = p.rest[closing+1:]
		p.skip()
		if p.rest != "" && p.rest[0] != ',' && p.rest[0] != ';' {
			return "", true, fmt.Sprintf("after the quoted %.40q there must be a comma or a semicolon", value)
		}
	} else {
		i := strings.IndexAny(p.rest, ",;")
		if i < 0 {
			i = len(p.rest)
		}
		value, p.rest = strings.TrimSpace(p.rest[:i]), p.rest[i:]
	}
	end = p.rest == "" || p.rest[0] == ';'
	p.rest = p.rest[min(1, len(p.rest)):]
	return value, end, ""
}
