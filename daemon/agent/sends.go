package agent

import (
	"encoding/json"
	"strings"

	"hark/store"
)

// sends reports whether a call would carry something out of the house, or to an
// address that nobody has named. That is how a page or a message has a model
// give away what it knows: "now read https://thief.example/?said=…".
func (r *run) sends(l *line) bool {
	switch t := r.tools[l.Step.Tool]; {
	case t.Open:
		// Whom it reaches, and with which of the words, nobody here can tell; the
		// owner's own are no excuse, for a PIN may be among them.
		var args map[string]json.RawMessage
		return json.Unmarshal([]byte(l.Args), &args) != nil || len(args) > 0
	case !t.Sends:
		return false
	}
	var in struct{ URL string }
	if err := (Call{Args: []byte(l.Args)}).Arguments(&in); err != nil {
		return false // the tool refuses it
	}
	address := bare(in.URL)
	if address == "" || r.q.names(address) {
		return false
	}
	for _, earlier := range r.j.lines {
		// A page may name what is to be read next; what a tool of ours has found in
		// the messages may be the model's own words.
		if earlier.Tool && r.tools[earlier.Step.Tool].External && strings.Contains(earlier.Result, address) {
			return false
		}
	}
	return true
}

// bare is an address as people write it.
func bare(address string) string {
	address = strings.TrimSpace(address)
	for _, scheme := range []string{"https://", "http://"} {
		if len(address) >= len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
			address = address[len(scheme):]
		}
	}
	return strings.TrimSuffix(address, "/")
}

// names reports whether an address stands in what the owner or a program wrote.
// What the model wrote in earlier replies does not count.
func (q *question) names(address string) bool {
	wrote := func(m *store.Message) bool { return m != nil && !isReply(m) && strings.Contains(m.Text, address) }
	for _, m := range q.earlier {
		if wrote(m) {
			return true
		}
	}
	return wrote(q.user) || wrote(q.replyTo)
}
