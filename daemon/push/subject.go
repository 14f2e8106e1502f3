package push

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// private are the endings of names that mean nothing outside somebody's own
// network. Apple's push service refuses a subject with one of them.
func private() []string {
	return []string{"local", "localhost", "localdomain", "invalid", "test", "example", "lan", "internal", "home", "arpa"}
}

// Subject reads who answers for the pushes: a mail address, with or without
// mailto:, or an https URL, in the form that is sent but without mailto:. What
// Apple's push service is known to refuse is an error that says what to write.
func Subject(s string) (string, error) {
	s = strings.TrimSpace(s)
	var host string
	if strings.HasPrefix(s, "https://") {
		u, err := url.Parse(s)
		if err != nil || u.User != nil {
			return "", fmt.Errorf("the subject of pushes %.80q is not an address; write it as https://example.org", s)
		}
		host = u.Hostname()
	} else {
		s = strings.TrimPrefix(s, "mailto:")
		at := strings.LastIndexByte(s, '@')
		if at < 1 || strings.ContainsAny(s, " <>:\"\\\r\n\t") {
			return "", fmt.Errorf("the subject of pushes %.80q is not a mail address; write it as you@example.org", s)
		}
		host = s[at+1:]
	}
	if !publicName(host) {
		return "", fmt.Errorf("the subject of pushes %.80q names no host of the internet; write a mail address of yours", s)
	}
	return s, nil
}

// publicName reports whether a host's name looks like one of the internet.
func publicName(host string) bool {
	labels := strings.Split(strings.ToLower(host), ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || slices.Contains(labels, "") || slices.Contains(private(), last) {
		return false
	}
	return strings.ContainsFunc(last, func(r rune) bool { return r < '0' || r > '9' }) // no IP address
}

// errApple is why a push to an Apple device can't be sent.
var errApple = errors.New("the push service of Apple wants to know whom to ask about these pushes: set HARK_PUSH_SUBJECT to a mail address of yours, or open Hark by a public https name")

// subjectFor returns what to say to the push service at host: what the owner
// set, or the origin of the page. Apple's takes no private name, the others do.
func (s *Sender) subjectFor(host, origin string) (string, error) {
	if s.cfg.Subject != "" {
		return Subject(s.cfg.Subject)
	}
	for _, from := range []string{origin, s.cfg.Origin()} {
		if v, err := Subject(from); err == nil && strings.HasPrefix(v, "https://") {
			return v, nil
		}
	}
	if strings.HasSuffix(strings.ToLower(host), ".apple.com") {
		return "", errApple
	}
	return "https://localhost", nil
}
