package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// maxInput is the largest body Hark takes. More than that on standard input is
// a mistake in the pipe, and cutting it off would lose something silently.
const maxInput = 1 << 20

// readText fills in the text of body: the words of the command line or, without
// any, what is piped in. A title alone becomes the text, so that a command which
// printed nothing is still reported.
func (c *cli) readText(body *fireBody, words []string) error {
	body.Text = strings.Join(words, " ")
	if body.Text == "" && terminal(c.in) {
		return usageError{msg: "what should it say? Give the text as words, or pipe it in"}
	}
	if body.Text == "" || body.Text == "-" {
		text, err := io.ReadAll(io.LimitReader(c.in, maxInput+1))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		if len(text) > maxInput {
			return errors.New("more than 1 MiB came in; send the end of it: ... | tail -20 | hark fire")
		}
		body.Text = plain(string(text))
	}
	if strings.TrimSpace(body.Text) == "" {
		body.Text, body.Title = body.Title, ""
	}
	if strings.TrimSpace(body.Text) == "" {
		return usageError{msg: "the text is empty; give some, or a title with -t"}
	}
	return nil
}

// plain is what is left of a program's output when it is not a terminal that
// shows it: no colours, no cursor movements, no progress lines that were
// overwritten, valid UTF-8, no blank end.
func plain(text string) string {
	// ECMA-48 control sequences, and operating system commands such as titles and links.
	escapes := regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[ -/]*[0-~])`)
	text = escapes.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		lines[i] = line[strings.LastIndexByte(line, '\r')+1:]
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.Join(lines, "\n"))
	return strings.TrimRight(text, " \t\n")
}

// splitList splits a list written with commas; blanks around the words and
// empty words don't count.
func splitList(s string) (words []string) {
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}
