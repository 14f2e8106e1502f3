package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// sseEvent is one event of a text/event-stream.
type sseEvent struct {
	name, id, data string
}

// maxLine bounds one line of the stream; Hark's longest record is far shorter.
const maxLine = 8 << 20

// readEvents calls handle for each event of r, in order, until r ends or
// handle fails. alive is called for every line, also those that carry no
// event; retry receives the pause that the server asks for between lines.
func readEvents(r io.Reader, alive func(), retry *time.Duration, handle func(sseEvent) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var e sseEvent
	var data []string
	for lines.Scan() {
		alive()
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			data = append(data, value)
		case "retry":
			if ms, err := strconv.ParseUint(value, 10, 31); err == nil {
				*retry = time.Duration(ms) * time.Millisecond
			}
		case "":
			if lines.Text() != "" || data == nil {
				continue // a comment, or nothing to dispatch
			}
			e.data = strings.Join(data, "\n")
			if err := handle(e); err != nil {
				return err
			}
			e, data = sseEvent{}, nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the stream: %w", err)
	}
	return io.EOF
}
