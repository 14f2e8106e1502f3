package daemon

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"hark/store"
)

// mailFields are what can be said about a mailbox. What is not said stays; a
// password also only as long as the server does, for it is never sent to another.
type mailFields struct {
	Server   *string `json:"server"` // HOST or HOST:PORT
	Security *string `json:"security"`
	User     *string `json:"user"`
	Password *string `json:"password"`
	Folder   *string `json:"folder"`
	From     *string `json:"from"`
}

func (in *mailFields) set(s *store.Watched) error {
	m := store.Mailbox{Security: "tls", Folder: "INBOX"}
	if s.Mail != nil {
		m = *s.Mail
	}
	if in == nil {
		in = &mailFields{}
	}
	before := m.Server
	for to, from := range map[*string]*string{&m.Server: in.Server, &m.Security: in.Security, &m.User: in.User, &m.Folder: in.Folder, &m.From: in.From} {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
		if strings.ContainsAny(*to, "\r\n\x00") || len(*to) > 255 {
			return fault("invalid", "A field of mail has at most 255 bytes in one line.")
		}
	}
	m.Folder = cmp.Or(m.Folder, "INBOX")
	if !slices.Contains([]string{"tls", "starttls", "none"}, m.Security) {
		return fault("invalid", "security is tls, starttls or none, not %.40q.", m.Security)
	}
	server, ok := mailServer(m.Server, m.Security)
	if !ok {
		return fault("invalid", "server is the IMAP server of your mail provider, such as imap.example.org. This was %.100q.", m.Server)
	}
	if m.Server = server; server != before {
		m.Password = ""
	}
	if in.Password != nil {
		m.Password = *in.Password
	}
	if m.User == "" || m.Password == "" || len(m.Password) > 1000 {
		return fault("invalid", "A mailbox needs user and password. A provider with two-step login gives out a password for programs.")
	}
	s.Mail = &m
	return nil
}

// mailServer makes HOST:PORT of what people write.
func mailServer(s, security string) (string, bool) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), "993"
		if security != "tls" {
			port = "143"
		}
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, "/@?#% ") {
		return "", false
	}
	return net.JoinHostPort(strings.ToLower(host), port), true
}
