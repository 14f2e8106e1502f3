package watch

import (
	"strings"
	"testing"
)

const mixed = `Message-ID: <a@b>
From: =?utf-8?q?J=C3=B6rg?= <j@b>
Subject: =?iso-8859-1?q?Gr=FC=DFe?= from
	afar
Date: Sun, 22 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sch=F6ne=
 Zeit
--y
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+SGk8L3A+
--y--
--x
Content-Type: text/plain
Content-Disposition: attachment; filename=secret.txt

not this
--x--
`

// Of a message one reads who sent it, what about, and its text, whatever it is
// wrapped in; attachments are not read.
func TestReadLetter(t *testing.T) {
	l := readLetter([]byte(strings.ReplaceAll(mixed, "\n", "\r\n")))
	if l.id != "<a@b>" || l.from != "Jörg <j@b>" || l.subject != "Grüße from afar" || l.plain != "Schöne Zeit" || l.html != "<p>Hi</p>" || l.at.IsZero() {
		t.Errorf("%+v", l)
	}
	begin, _, _ := strings.Cut(mixed, "--y\nContent-Type: text/html")
	if cut := readLetter([]byte(begin)); cut.plain != "Schöne Zeit" {
		t.Errorf("of a message that was cut: %q", begin)
	}
}

// A sender is watched for by any part of name or address.
func TestMatches(t *testing.T) {
	for wanted, want := range map[string]bool{"": true, " , ": false, "bob": true, "eve, BOB@site": true, "eve": false} {
		if got := matches("Bob <bob@site.example>", wanted); got != want {
			t.Errorf("%q: %v", wanted, got)
		}
	}
}

// No message makes the reader panic, or takes it long.
func FuzzLetter(f *testing.F) {
	f.Add([]byte(mixed))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\n----"))
	f.Add([]byte("Subject: =?x?q?a?=\nContent-Transfer-Encoding: base64\n\n!!!"))
	f.Fuzz(func(_ *testing.T, raw []byte) { readLetter(raw) })
}
