package main

import (
	"fmt"
	"strings"
)

// manPage is the whole manual as man(7) has it, after the table of verbs.
func (c *cli) manPage() string {
	c = &cli{getenv: homely}
	var b strings.Builder
	fmt.Fprintf(&b, ".TH HARK 1 \"\" %s \"User Commands\"\n", roffQuote("hark "+version))
	b.WriteString(".SH NAME\nhark \\- an assistant that lives on this machine and can speak first\n")
	b.WriteString(".SH SYNOPSIS\n.B hark\n.I VERB\n[flags] [words]\n")
	b.WriteString(".SH DESCRIPTION\n")
	b.WriteString(roffText("\"hark serve\" is the server; every other verb is a client of a running one, on this machine or another. " +
		"Flags may stand anywhere among the words; words that begin with a dash go after --.\n"))
	b.WriteString(".SH VERBS\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, ".SS %s\n", roffQuote(strings.TrimSpace("hark "+v.name+" "+v.args)))
		b.WriteString(roffText(strings.ToUpper(v.short[:1]) + v.short[1:] + ".\n"))
		if v.raw != nil {
			b.WriteString(".PP\n.nf\n" + roffLines(c.manual(v)) + ".fi\n")
			continue
		}
		b.WriteString(roffText(v.intro))
		for _, w := range c.flagWords(v) {
			if w.text != "--url" && w.text != "--data" && w.text != "--json" {
				fmt.Fprintf(&b, ".TP\n.B %s\n%s", roffQuote(w.text), roffText(w.usage+"\n"))
			}
		}
	}
	b.WriteString(".SH FLAGS OF ALL VERBS\n")
	for _, w := range c.flagWords(fireVerb()) {
		if w.text == "--url" || w.text == "--data" || w.text == "--json" {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s", roffQuote(w.text), roffText(w.usage+"\n"))
		}
	}
	b.WriteString(".SH EXIT STATUS\n" + roffText(exitHelp))
	b.WriteString(".SH ENVIRONMENT\n" + roffText(environmentHelp))
	return b.String()
}

// roffText sets a help text: indented lines as they are, the rest as paragraphs.
func roffText(text string) string {
	var b strings.Builder
	asIs := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		indented := strings.HasPrefix(line, "  ")
		switch {
		case line == "" && !asIs:
			b.WriteString(".PP\n")
			continue
		case indented && !asIs:
			b.WriteString(".PP\n.nf\n")
		case !indented && asIs:
			b.WriteString(".fi\n")
			if line == "" {
				b.WriteString(".PP\n")
			}
		}
		if asIs = indented; line != "" {
			b.WriteString(roffLines(line + "\n"))
		}
	}
	if asIs {
		b.WriteString(".fi\n")
	}
	return b.String()
}

// homely is an environment that names no machine: a page that is made on one is
// read on others.
func homely(name string) string {
	if name == "HOME" {
		return "~"
	}
	return ""
}

// roffLines escapes what roff would take for its own: backslashes and dashes, and
// a dot or an apostrophe at the beginning of a line.
func roffLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			b.WriteString(`\&`)
		}
		b.WriteString(roffChars(line))
	}
	return b.String()
}

// roffChars writes text in ASCII, which every roff reads.
func roffChars(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r > '~':
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// roffQuote makes one argument of a macro.
func roffQuote(s string) string {
	return `"` + strings.ReplaceAll(roffChars(s), `"`, `\(dq`) + `"`
}
