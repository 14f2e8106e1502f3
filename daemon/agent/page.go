package agent

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// PageText is what a reader would see of a page: its title and its text, a line
// for each block, and the addresses of its links in round brackets.
func PageText(r io.Reader) (string, error) {
	z := html.NewTokenizer(r)
	var p pageReader
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return "", fmt.Errorf("the page can't be read: %w", err)
			}
			return p.text(), nil
		case html.TextToken:
			p.add(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			p.begin(z.Token())
		case html.EndTagToken:
			p.end(z.Token())
		default: // comments and the doctype are not shown
		}
	}
}

// pageReader collects the text of a page.
type pageReader struct {
	title, body strings.Builder
	hidden      atom.Atom // the element whose content nobody sees, or 0
	inTitle     bool
	link        string
}

func unseen(a atom.Atom) bool {
	return slices.Contains([]atom.Atom{atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Iframe, atom.Select}, a)
}

func isBlock(a atom.Atom) bool {
	return slices.Contains([]atom.Atom{
		atom.P, atom.Div, atom.Br, atom.Li, atom.Tr, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section,
		atom.Article, atom.Header, atom.Footer, atom.Nav, atom.Table, atom.Ul, atom.Ol, atom.Pre, atom.Blockquote, atom.Hr, atom.Dt, atom.Dd,
	}, a)
}

func (p *pageReader) begin(t html.Token) {
	switch {
	case p.hidden != 0:
	case t.DataAtom == atom.Title:
		p.inTitle = t.Type == html.StartTagToken
	case unseen(t.DataAtom) && t.Type == html.StartTagToken:
		p.hidden = t.DataAtom
	case t.DataAtom == atom.A:
		p.link = ""
		for _, a := range t.Attr {
			if a.Key == "href" && strings.HasPrefix(a.Val, "http") {
				p.link = a.Val
			}
		}
	case isBlock(t.DataAtom):
		p.body.WriteByte('\n')
	}
}

func (p *pageReader) end(t html.Token) {
	switch {
	case p.hidden != 0:
		if t.DataAtom == p.hidden {
			p.hidden = 0
		}
	case t.DataAtom == atom.Title:
		p.inTitle = false
	case t.DataAtom == atom.A && p.link != "":
		p.body.WriteString(" (" + p.link + ")")
		p.link = ""
	case isBlock(t.DataAtom):
		p.body.WriteByte('\n')
	}
}

func (p *pageReader) add(s string) {
	switch {
	case p.hidden != 0:
	case p.inTitle:
		p.title.WriteString(s)
	default:
		p.body.WriteString(s)
	}
}

func (p *pageReader) text() string {
	lines := []string{strings.Join(strings.Fields(p.title.String()), " ")}
	for line := range strings.Lines(p.body.String()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
