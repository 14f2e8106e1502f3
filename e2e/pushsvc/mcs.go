package pushsvc

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of MCS that matter here, and the version of the protocol.
const (
	mcsVersion       = 41
	mcsPing          = 0
	mcsPong          = 1
	mcsLogin         = 2
	mcsLoginResponse = 3
	mcsIQ            = 7 // Chromium says with it which pushes it has
	mcsData          = 8

	mcsMax  = 1 << 20
	mcsTime = 5 * time.Second // to write a message; the service is locked meanwhile
)

// mcsLine is one connection of a Chromium.
type mcsLine struct {
	conn net.Conn
	sent []sentPush // not acknowledged yet
}

type sentPush struct {
	sub *subscription
	id  string
}

// ServeMCS speaks the mobile connection server protocol with each connection of l, which must be
// TLS with a certificate that the browser trusts. It returns when l is closed.
func (s *Service) ServeMCS(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go s.mcs(conn)
	}
}

func (s *Service) mcs(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	if _, err := in.ReadByte(); err != nil { // the version. Chromium first connects once just to see that it can
		return
	}
	l := &mcsLine{conn: conn}
	defer s.mcsClosed(l)
	for {
		tag, err := in.ReadByte()
		if err != nil {
			return
		}
		n, err := binary.ReadUvarint(in)
		if err != nil || n > mcsMax {
			return
		}
		if _, err := io.CopyN(io.Discard, in, int64(n)); err != nil {
			return
		}
		s.mu.Lock()
		err = s.mcsHear(l, tag)
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// mcsHear does what a message asks; s is locked.
func (s *Service) mcsHear(l *mcsLine, tag byte) error {
	switch tag {
	case mcsPing:
		return l.write([]byte{mcsPong, 0})
	case mcsLogin:
		welcome := varintField(stringField(nil, 1, "hark-test"), 8, uint64(time.Now().UnixMilli()))
		if err := l.write(append([]byte{mcsVersion}, mcsFrame(mcsLoginResponse, welcome)...)); err != nil {
			return err
		}
		s.gcm = l
		for _, sub := range s.subs {
			if sub.sender != "" {
				sub.line = l
			}
		}
		s.note(Event{Kind: Opened})
		s.flush(l)
	case mcsIQ: // every push asks for an acknowledgement of its own, and the first is answered first
		for _, p := range l.sent {
			s.acked(p.sub, p.id, "")
		}
		l.sent = nil
	}
	return nil
}

func (s *Service) mcsClosed(l *mcsLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gcm != l {
		return
	}
	s.gcm = nil
	for _, sub := range s.subs {
		if sub.line == line(l) {
			sub.line = nil
		}
	}
	s.note(Event{Kind: Closed})
}

func (l *mcsLine) send(sub *subscription, m *message) bool {
	if l.write(mcsFrame(mcsData, stanza(sub, m))) != nil {
		return false
	}
	l.sent = append(l.sent, sentPush{sub, m.id})
	return true
}

func (l *mcsLine) write(b []byte) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(mcsTime)); err != nil {
		return err
	}
	_, err := l.conn.Write(b)
	return err
}

// mcsFrame is a message: its tag, its length as a varint, itself.
func mcsFrame(tag byte, message []byte) []byte {
	return append(protowire.AppendVarint([]byte{tag}, uint64(len(message))), message...)
}
