package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// chat is a conversation of another assistant, as far as Hark takes it over.
type chat struct {
	from, id, title string
	created         time.Time
	said            []utterance
	left            int // messages that hold nothing Hark can show
}

type utterance struct {
	id, role, text string
	at             time.Time // zero: not known
}

// readChats reads a list of conversations, or a single one.
func readChats(data []byte, read func(json.RawMessage) (chat, error)) (records []json.RawMessage, left int, err error) {
	var list []json.RawMessage
	if t := bytes.TrimSpace(data); len(t) > 0 && t[0] != '[' {
		list = []json.RawMessage{t}
	} else if err := json.Unmarshal(data, &list); err != nil {
		return nil, 0, fmt.Errorf("not valid JSON: %w", err)
	}
	for i, one := range list {
		c, err := read(one)
		if err != nil {
			return nil, 0, fmt.Errorf("conversation %d: %w", i+1, err)
		}
		left += c.left
		if len(c.said) > 0 {
			records = append(records, c.records()...)
		}
	}
	return records, left, nil
}

// records are a chat in Hark's own form. Ids are made of what the other assistant
// called things, so that they are the same each time, and sort in the order in
// which things were said.
func (c chat) records() (out []json.RawMessage) {
	const layout = "2006-01-02T15:04:05.000Z07:00"
	add := func(v any) {
		if b, err := json.Marshal(v); err == nil { // maps of strings can't fail
			out = append(out, b)
		}
	}
	if c.created.IsZero() {
		c.created = c.said[0].at
	}
	if c.created.Before(time.UnixMilli(0)) {
		c.created = time.UnixMilli(0) // not known at all
	}
	conv := foreignID(c.created, c.from, c.id)
	add(map[string]any{"type": "conversation", "id": conv, "title": c.title, "created": c.created.UTC().Format(layout)})
	last := c.created.Truncate(time.Millisecond)
	for n, s := range c.said {
		at := s.at.Truncate(time.Millisecond)
		if !at.After(last) {
			at = last.Add(time.Millisecond) // not known, or out of order
		}
		last = at
		add(map[string]any{
			"type": "message", "id": foreignID(at, c.from, c.id, cmp.Or(s.id, strconv.Itoa(n))), "conversation": conv,
			"role": s.role, "status": "done", "text": s.text, "created": at.UTC().Format(layout),
			"source": map[string]string{"kind": "chat", "name": c.from},
		})
	}
	return out
}

// foreignID is a ULID whose random part is a hash of names.
func foreignID(at time.Time, names ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(max(at.UnixMilli(), 0))<<16)
	copy(b[6:], sum[:10])
	// 26 digits of 5 bits hold 130: two zero bits come first.
	var wide [20]byte
	copy(wide[4:], b[:])
	digits := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").EncodeToString(wide[:])
	return digits[len(digits)-26:]
}

// seconds is a Unix time with a fraction.
func seconds(s float64) time.Time {
	if s <= 0 || s > 1e11 || math.IsNaN(s) {
		return time.Time{}
	}
	return time.UnixMilli(int64(s * 1000))
}

// role maps the names of roles; empty is one that is not shown.
func role(name string) string {
	switch strings.ToLower(name) {
	case "user", "human":
		return "user"
	case "assistant", "ai", "bot":
		return "assistant"
	}
	return ""
}

func (c *chat) say(s utterance) {
	if s.role == "" || strings.TrimSpace(s.text) == "" {
		c.left++
		return
	}
	c.said = append(c.said, s)
}

// chatGPT reads one conversation of conversations.json: a tree, of which the
// branch that was shown last is taken.
func chatGPT(data json.RawMessage) (chat, error) {
	type node struct {
		Parent  string
		Message *struct {
			ID         string
			Author     struct{ Role string }
			CreateTime float64 `json:"create_time"`
			Content    struct {
				Type  string `json:"content_type"`
				Parts []any
				Text  string
			}
			Metadata struct {
				Hidden bool `json:"is_visually_hidden_from_conversation"`
			}
		}
	}
	var in struct {
		ID, Title      string
		ConversationID string  `json:"conversation_id"`
		CreateTime     float64 `json:"create_time"`
		Current        string  `json:"current_node"`
		Mapping        map[string]node
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return chat{}, err
	}
	c := chat{from: "ChatGPT", id: cmp.Or(in.ConversationID, in.ID, in.Current), title: in.Title, created: seconds(in.CreateTime)}
	var branch []node
	for at, steps := in.Current, 0; at != "" && steps < len(in.Mapping); steps++ {
		n, ok := in.Mapping[at]
		if !ok {
			break
		}
		branch, at = append(branch, n), n.Parent
	}
	slices.Reverse(branch)
	for _, n := range branch {
		m := n.Message
		if m == nil || m.Metadata.Hidden || m.Author.Role == "system" || m.Author.Role == "tool" {
			continue
		}
		var parts []string
		for _, p := range m.Content.Parts {
			if s, ok := p.(string); ok && s != "" {
				parts = append(parts, s)
			}
		}
		s := utterance{id: m.ID, role: role(m.Author.Role), text: strings.Join(parts, "\n\n"), at: seconds(m.CreateTime)}
		if m.Content.Type == "code" {
			s.text = "```\n" + m.Content.Text + "\n```"
		}
		c.say(s)
	}
	return c, nil
}

// openWebUI reads one exported chat: its messages are a tree as well.
func openWebUI(data json.RawMessage) (chat, error) {
	type message struct {
		ID, ParentID, Role, Content string
		Timestamp                   float64
	}
	var in struct {
		ID, Title string
		CreatedAt float64 `json:"created_at"`
		Chat      struct {
			Title    string
			Messages []message
			History  struct {
				Messages  map[string]message
				CurrentID string `json:"currentId"`
			}
		}
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return chat{}, err
	}
	c := chat{from: "Open WebUI", id: in.ID, title: cmp.Or(in.Title, in.Chat.Title), created: seconds(in.CreatedAt)}
	branch := in.Chat.Messages
	if tree := in.Chat.History.Messages; len(tree) > 0 {
		branch = nil
		for at, steps := in.Chat.History.CurrentID, 0; at != "" && steps < len(tree); steps++ {
			m, ok := tree[at]
			if !ok {
				break
			}
			branch, at = append(branch, m), m.ParentID
		}
		slices.Reverse(branch)
	}
	for _, m := range branch {
		c.say(utterance{id: m.ID, role: role(m.Role), text: m.Content, at: seconds(m.Timestamp)})
	}
	return c, nil
}

// libreChat reads one exported conversation: a list, or a tree of children of
// which the last of each is what was shown.
func libreChat(data json.RawMessage) (chat, error) {
	type message struct {
		MessageID       string `json:"messageId"`
		ParentMessageID string `json:"parentMessageId"`
		Sender, Text    string
		IsCreatedByUser bool `json:"isCreatedByUser"`
		CreatedAt       time.Time
		Content         []struct {
			Type string
			Text json.RawMessage
		}
		Children []json.RawMessage
	}
	var in struct {
		ConversationID string `json:"conversationId"`
		Title          string
		CreatedAt      time.Time
		Messages       []json.RawMessage
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return chat{}, err
	}
	c := chat{from: "LibreChat", id: in.ConversationID, title: in.Title, created: in.CreatedAt}
	take := func(raw json.RawMessage) (message, error) {
		var m message
		if err := json.Unmarshal(raw, &m); err != nil {
			return m, err
		}
		s := utterance{id: m.MessageID, role: "assistant", text: m.Text, at: m.CreatedAt}
		if m.IsCreatedByUser || strings.EqualFold(m.Sender, "user") {
			s.role = "user"
		}
		for _, part := range m.Content {
			var plain string
			if s.text == "" && part.Type == "text" && json.Unmarshal(part.Text, &plain) == nil {
				s.text = plain
			}
		}
		c.say(s)
		return m, nil
	}
	for _, raw := range in.Messages {
		for raw != nil {
			m, err := take(raw)
			if err != nil {
				return c, err
			}
			raw = nil
			if len(m.Children) > 0 {
				raw = m.Children[len(m.Children)-1]
			}
		}
	}
	return c, nil
}
