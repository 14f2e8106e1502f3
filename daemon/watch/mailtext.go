package watch

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxParts   = 200 // of one message, at all depths
	maxNesting = 10
)

// letter is a message as it is told (RFC 5322, RFC 2045).
type letter struct {
	id, from, subject string
	at                time.Time
	plain, html       string // the first text of either kind that is no attachment
}

// readLetter reads a message, or its beginning. What can't be decoded is shown as
// it is: who sent it is still known.
func readLetter(raw []byte) letter {
	var l letter
	m, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return l
	}
	words := &mime.WordDecoder{CharsetReader: func(name string, in io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(in)
		return strings.NewReader(inCharset(name, b)), err
	}}
	header := func(name string) string {
		s := m.Header.Get(name)
		if out, err := words.DecodeHeader(s); err == nil {
			s = out
		} else if !utf8.ValidString(s) {
			s = inCharset("", []byte(s))
		}
		return strings.Join(strings.Fields(s), " ")
	}
	l.subject, l.from, l.id = header("Subject"), header("From"), header("Message-Id")
	if at, err := m.Header.Date(); err == nil {
		l.at = at
	}
	parts := maxParts
	l.read(textproto.MIMEHeader(m.Header), m.Body, 0, &parts)
	return l
}

// read goes through the parts of a message.
func (l *letter) read(h textproto.MIMEHeader, body io.Reader, depth int, parts *int) {
	if *parts--; *parts < 0 || depth > maxNesting {
		return
	}
	kind, params, err := mime.ParseMediaType(cmp.Or(h.Get("Content-Type"), "text/plain"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	if strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); *parts > 0; {
			p, err := r.NextRawPart()
			if err != nil {
				return // its end, or where it was cut
			}
			l.read(p.Header, p, depth+1, parts)
		}
		return
	}
	to := &l.plain
	if kind == "text/html" {
		to = &l.html
	}
	if place, _, _ := mime.ParseMediaType(h.Get("Content-Disposition")); place == "attachment" || !strings.HasPrefix(kind, "text/") || *to != "" {
		return
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	b, _ := io.ReadAll(body) // as much as can be decoded
	*to = strings.TrimSpace(strings.ReplaceAll(inCharset(params["charset"], b), "\r\n", "\n"))
}

// inCharset decodes text, as Latin-1 if nothing better is known.
func inCharset(name string, raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	if text, ok := decode(name, raw); ok && name != "" && !isUTF8(name) {
		return text
	}
	text, _ := decode("windows-1252", raw)
	return text
}

func isUTF8(name string) bool {
	return strings.EqualFold(name, "utf-8") || strings.EqualFold(name, "utf8")
}
