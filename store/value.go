package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"
)

// kind is the first byte of a record's key.
type kind byte

const (
	kindMessage      kind = 'm'
	kindConversation kind = 'c'
	kindReminder     kind = 'r'
	kindDevice       kind = 'v'
)

func (k kind) String() string {
	switch k {
	case kindMessage:
		return "message"
	case kindConversation:
		return "conversation"
	case kindReminder:
		return "reminder"
	case kindDevice:
		return "device"
	}
	return "unknown"
}

// entry is one line of the feed as it lies on disk: a small header that
// followers can read without decoding the record, and the record's JSON just
// as it goes over the wire.
type entry struct {
	kind kind
	gone bool // a tombstone
	open bool // a message that is pending or streaming
	at   time.Time
	id   string
	conv string // the conversation it belongs to, if any
	data []byte
}

const (
	entryVersion = 1
	flagGone     = 1
	flagOpen     = 2
	maxEntry     = 1_000_000 // below Badger's 1 MiB threshold: values stay in the LSM tree
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode writes version, CRC-32C of the rest, kind, flags, time in
// milliseconds, id, conversation, JSON.
func (e *entry) encode() []byte {
	b := make([]byte, 5, 5+1+1+8+2+len(e.id)+len(e.conv)+len(e.data))
	b[0] = entryVersion
	var flags byte
	if e.gone {
		flags |= flagGone
	}
	if e.open {
		flags |= flagOpen
	}
	b = append(b, byte(e.kind), flags)
	b = binary.BigEndian.AppendUint64(b, uint64(e.at.UnixMilli()))
	b = append(b, byte(len(e.id)))
	b = append(b, e.id...)
	b = append(b, byte(len(e.conv)))
	b = append(b, e.conv...)
	b = append(b, e.data...)
	binary.BigEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	return b
}

// decodeEntry reads what encode wrote. The entry's data is a part of b.
func decodeEntry(b []byte) (entry, error) {
	const fixed = 5 + 1 + 1 + 8 + 1
	if len(b) < fixed+1 || b[0] != entryVersion {
		return entry{}, fmt.Errorf("%w: %d bytes, unknown form", ErrCorrupt, len(b))
	}
	if crc32.Checksum(b[5:], castagnoli) != binary.BigEndian.Uint32(b[1:]) {
		return entry{}, fmt.Errorf("%w: checksum", ErrCorrupt)
	}
	e := entry{kind: kind(b[5]), gone: b[6]&flagGone != 0, open: b[6]&flagOpen != 0}
	e.at = time.UnixMilli(int64(binary.BigEndian.Uint64(b[7:])))
	b = b[fixed-1:]
	n := int(b[0])
	if len(b) < 1+n+1 {
		return entry{}, fmt.Errorf("%w: short id", ErrCorrupt)
	}
	e.id, b = string(b[1:1+n]), b[1+n:]
	n = int(b[0])
	if len(b) < 1+n {
		return entry{}, fmt.Errorf("%w: short conversation", ErrCorrupt)
	}
	e.conv, e.data = string(b[1:1+n]), b[1+n:]
	return e, nil
}

// event makes the frame that followers write to their clients.
func (e *entry) event(epoch string, seq Seq) Event {
	name := e.kind.String()
	if e.gone {
		name = "gone"
	}
	f := make([]byte, 0, len(e.data)+len(epoch)+64)
	f = append(f, "id: "...)
	f = append(f, epoch...)
	f = append(f, '-')
	f = strconv.AppendUint(f, uint64(seq), 10)
	f = append(f, "\nevent: "...)
	f = append(f, name...)
	f = append(f, "\ndata: "...)
	at := len(f)
	f = append(f, e.data...)
	f = append(f, '\n', '\n')
	return Event{Seq: seq, Kind: name, ID: e.id, Conversation: e.conv, Frame: f, data: at}
}

// Event is one thing a follower is told.
//
// Frame is the event in text/event-stream form (WHATWG HTML §9.2), ready to be
// written; many followers share it, so it must not be changed. Events with a
// Seq carry an SSE id and must not be missed; a "delta" has none and may be.
type Event struct {
	Seq          Seq    // 0 for a delta
	Kind         string // message, conversation, reminder, device, gone or delta
	ID           string // of the record
	Conversation string // the conversation that the record belongs to, if any
	Frame        []byte
	data         int // where the JSON begins
}

// Data returns the event's JSON, a part of Frame.
func (e Event) Data() []byte { return e.Frame[e.data : len(e.Frame)-2] }
