package daemon

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hark/store"
)

type chatInput struct {
	Text         string `json:"text"`
	Conversation string `json:"conversation"`
	ReplyTo      string `json:"reply_to"`
	WhenBusy     string `json:"when_busy"`
	Zone         string `json:"zone"`

	answer func(*store.Tx) (string, error) // of a command; nil: a model answers
}

type chatAccepted struct {
	Conversation string       `json:"conversation"`
	User         string       `json:"user_message"`
	Assistant    string       `json:"assistant_message"`
	Status       store.Status `json:"status"`
	Cursor       store.Cursor `json:"cursor"`

	stop []string // replies that the message interrupts
}

// chat serves POST /api/assistant/chat. It answers when both messages are on
// disk, before any model is asked.
func (d *Daemon) chat(w http.ResponseWriter, r *http.Request, who caller) error {
	if err := d.room(); err != nil {
		return err
	}
	var in chatInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := in.check(d.cfg.Limits.ChatText); err != nil {
		return err
	}
	in.answer = d.command(&in, who)
	once, err := onceOf(r, "chat/"+who.id, in)
	if err != nil {
		return err
	}
	return d.accept(w, r, once, func(tx *store.Tx, out *chatAccepted) error { return out.put(tx, &in) })
}

// once makes a request safe to send again: by the caller's key, or, where there
// is none, not at all.
type once struct {
	scope, key string
	body       []byte // what the same key must come with again
}

// onceOf reads the Idempotency-Key of a request that asks for body.
func onceOf(r *http.Request, scope string, body any) (o once, err error) {
	o = once{scope: scope, key: r.Header.Get("Idempotency-Key")}
	if len(o.key) > maxKey {
		return o, fault("bad_request", "Idempotency-Key has more than %d characters.", maxKey)
	}
	o.body, err = marshal(body)
	return o, err
}

// before returns the answer that was given to this request, if it came before.
func (o once) before(tx *store.Tx) ([]byte, error) {
	if o.key == "" {
		return nil, nil
	}
	return tx.Once(o.scope, o.key, o.body)
}

// keep remembers the answer.
func (o once) keep(tx *store.Tx, answer any) error {
	if o.key == "" {
		return nil
	}
	b, err := marshal(answer)
	if err == nil {
		tx.SetOnce(o.scope, o.key, o.body, b)
	}
	return err
}

func (in *chatInput) check(most int) error {
	if strings.TrimSpace(in.Text) == "" {
		return fault("empty", "There is no text. Write something first.")
	}
	if len(in.Text) > most {
		return fault("too_large", "The message has %d bytes, the limit is %d. Send it in parts.", len(in.Text), most)
	}
	switch in.WhenBusy {
	case "", "queue", "interrupt", "reject":
	default:
		return fault("invalid", "when_busy is queue, interrupt or reject, not %.40q.", in.WhenBusy)
	}
	return checkZone(in.Zone)
}

// checkZone takes IANA names. "Local" would be the server's zone, which means
// nothing to the writer.
func checkZone(zone string) error {
	if zone == "" {
		return nil
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return fault("invalid", "%.60q is no IANA time zone, such as Europe/Berlin.", zone)
	}
	return nil
}

// accept writes what put does (the user's message, the assistant's pending one,
// the conversation if it is new) and the idempotency row, all or nothing, stops
// the replies that are no longer wanted, and answers. A request that came before
// gets the answer given then, and does nothing.
func (d *Daemon) accept(w http.ResponseWriter, r *http.Request, o once, put func(tx *store.Tx, out *chatAccepted) error) error {
	var out chatAccepted
	var answer []byte
	err := d.db.Update(func(tx *store.Tx) (err error) {
		out = chatAccepted{Status: store.Pending}
		if answer, err = o.before(tx); err != nil || answer != nil {
			return err
		}
		if err := put(tx, &out); err != nil {
			return err
		}
		out.Cursor = tx.Cursor()
		return o.keep(tx, out)
	})
	if err != nil {
		return err
	}
	if answer != nil {
		w.Header().Set("Idempotent-Replayed", "true")
		writeRaw(w, http.StatusAccepted, answer)
		return nil
	}
	for _, id := range out.stop {
		if err := d.stopTurn(r.Context(), id); err != nil { // the message itself is safe
			d.log.WarnContext(r.Context(), "reply not interrupted", "message", id, "err", err)
		}
	}
	d.traces.note(out.Assistant, requestOf(r.Context()))
	d.kick(out.Conversation)
	writeJSON(w, http.StatusAccepted, out)
	return nil
}

func (out *chatAccepted) put(tx *store.Tx, in *chatInput) error {
	conversation, err := thread(tx, in)
	if err != nil {
		return err
	}
	open, err := tx.OpenTurns(conversation)
	if err != nil {
		return err
	}
	// A reply that waits for the owner's word holds up nobody.
	open = slices.DeleteFunc(open, func(m *store.Message) bool { return m.Reason == store.WaitApproval })
	if len(open) > 0 && in.WhenBusy == "reject" && in.answer == nil {
		return fault("busy", "A reply is still being written here. Wait for it, stop it, or send with when_busy queue.")
	}
	question := &store.Message{
		ID: tx.NewID(), Conversation: conversation, Role: store.User, Status: store.Done,
		Text: in.Text, Source: store.Source{Kind: "chat"}, ReplyTo: in.ReplyTo, Zone: in.Zone,
	}
	reply := &store.Message{
		ID: tx.NewID(), Conversation: conversation, Role: store.Assistant, Status: store.Pending,
		Source: store.Source{Kind: "chat"}, Zone: in.Zone,
	}
	if in.answer != nil {
		if reply.Text, err = in.answer(tx); err != nil {
			return err
		}
		reply.Status, reply.Format, reply.Source.Kind = store.Done, "plain", "command"
		open, out.Status = nil, store.Done // it waits for nobody
	}
	for _, m := range open {
		reply.Reason = store.Queued
		if in.WhenBusy == "interrupt" {
			out.stop = append(out.stop, m.ID)
		}
	}
	if err := tx.PutMessage(question); err != nil {
		return err
	}
	out.Conversation, out.User, out.Assistant = conversation, question.ID, reply.ID
	return tx.PutMessage(reply)
}

// thread is the conversation that the message goes to: the one named, which
// must exist, or a new one.
func thread(tx *store.Tx, in *chatInput) (string, error) {
	if in.ReplyTo != "" {
		m, err := tx.Message(in.ReplyTo)
		if err != nil {
			return "", err
		}
		if in.Conversation != "" && m.Conversation != in.Conversation {
			return "", fault("invalid", "reply_to is a message of another conversation.")
		}
		return m.Conversation, nil
	}
	if in.Conversation == "" {
		c := &store.Conversation{ID: tx.NewID(), Title: titleOf(in.Text)}
		return c.ID, tx.PutConversation(c)
	}
	_, err := tx.Conversation(in.Conversation)
	return in.Conversation, err
}

// titleLen is what a list of conversations shows in one line, in characters.
const titleLen = 48

// titleOf makes a title of the beginning of a text, at a word's end.
func titleOf(text string) string {
	text = strings.Join(strings.FieldsFunc(cut(text, 8*titleLen), unicode.IsSpace), " ")
	if utf8.RuneCountInString(text) <= titleLen {
		return text
	}
	head := string([]rune(text)[:titleLen])
	if i := strings.LastIndexByte(head, ' '); i > len(head)/2 {
		head = head[:i]
	}
	return strings.TrimRight(head, " .,;:!?-") + "…"
}
