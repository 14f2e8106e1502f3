package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

const (
	// importBatch is about how many bytes of records are sent at once, below
	// what the server takes in one request.
	importBatch   = 200 << 10
	importRecords = 500 // that one transaction of the server holds
	// maxImport bounds what is read of one file, against an archive that grows
	// without end.
	maxImport = 2 << 30
)

// imported counts what became of the records.
type imported struct {
	Conversations int `json:"conversations"` // new here
	Messages      int `json:"messages"`      // new here
	Reminders     int `json:"reminders"`     // new here
	Facts         int `json:"facts"`         // new here
	Known         int `json:"known"`         // were here before
	Left          int `json:"left_out"`      // could not be taken over
}

func importVerb() verb {
	return verb{
		name: "import", args: "FILE",
		short: "take over conversations from another assistant, or from hark export",
		intro: `  hark import chatgpt-export.zip
  hark import conversations.json
  hark import old-hark.jsonl
  hark import --as openwebui chat-export.json

It reads what hark export writes, and the exports of ChatGPT (the zip or its
conversations.json), Open WebUI and LibreChat; which one it is shows in the file.
What was imported before is found again and left as it is, so it may be repeated.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			as := fs.String("as", "", "the file is from `WHOM`: hark, chatgpt, openwebui or librechat")
			return func(ctx context.Context, words []string) error {
				if len(words) != 1 {
					return usageError{msg: "it takes one file"}
				}
				return c.importFile(ctx, words[0], *as)
			}
		},
	}
}

func (c *cli) importFile(ctx context.Context, file, as string) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	h.patience = serviceTime
	data, err := readImport(file)
	if err != nil {
		return err
	}
	records, left, err := readRecords(data, as)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	total := imported{Left: left}
	for len(records) > 0 {
		n, size := 0, 0
		for n < min(len(records), importRecords) && (n == 0 || size+len(records[n]) < importBatch) {
			size += len(records[n])
			n++
		}
		var got imported
		if err := h.call(ctx, http.MethodPost, "/api/import", map[string]any{"records": records[:n]}, &got); err != nil {
			return fmt.Errorf("%w (so far: %s; the import can be repeated)", err, total.say())
		}
		total.add(got)
		records = records[n:]
	}
	if c.json {
		return c.printJSON(total)
	}
	_, err = fmt.Fprintln(c.out, total.say())
	return err
}

func (i *imported) add(o imported) {
	i.Conversations += o.Conversations
	i.Messages += o.Messages
	i.Reminders += o.Reminders
	i.Facts += o.Facts
	i.Known += o.Known
	i.Left += o.Left
}

func (i *imported) say() string {
	return fmt.Sprintf("%d conversations, %d messages, %d reminders and %d facts are new; %d records were here before, %d could not be taken over",
		i.Conversations, i.Messages, i.Reminders, i.Facts, i.Known, i.Left)
}

// readImport reads a file, or conversations.json out of a zip.
func readImport(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 4)
	if n, _ := io.ReadFull(f, head); string(head[:n]) != "PK\x03\x04" {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return readAll(f, file)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	defer func() { _ = z.Close() }()
	for _, part := range z.File {
		if part.Name != "conversations.json" && !strings.HasSuffix(part.Name, "/conversations.json") {
			continue
		}
		r, err := part.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		defer r.Close()
		return readAll(r, file)
	}
	return nil, fmt.Errorf("%s holds no conversations.json, so it is no export of ChatGPT", file)
}

func readAll(r io.Reader, file string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxImport+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if len(data) > maxImport {
		return nil, fmt.Errorf("%s is larger than %d GB; split it", file, maxImport>>30)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// errUnknownExport says what can be read.
var errUnknownExport = errors.New("this is no export that Hark knows: hark export, ChatGPT, Open WebUI or LibreChat (--as says which)")

// readRecords turns an export into Hark's own records, and counts the messages
// that could not be taken over.
func readRecords(data []byte, as string) (records []json.RawMessage, left int, err error) {
	if as == "" {
		as = kindOfExport(data)
	}
	switch as {
	case "hark":
		return readOwn(data)
	case "chatgpt":
		return readChats(data, chatGPT)
	case "openwebui":
		return readChats(data, openWebUI)
	case "librechat":
		return readChats(data, libreChat)
	}
	return nil, 0, errUnknownExport
}

// kindOfExport recognises an export by the names in its beginning.
func kindOfExport(data []byte) string {
	var first struct {
		Type           string          `json:"type"`
		Mapping        json.RawMessage `json:"mapping"`
		Chat           json.RawMessage `json:"chat"`
		ConversationID string          `json:"conversationId"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if t := bytes.TrimSpace(data); len(t) > 0 && t[0] == '[' {
		if _, err := dec.Token(); err != nil || !dec.More() {
			return ""
		}
	}
	if dec.Decode(&first) != nil {
		return ""
	}
	switch {
	case first.Type == "hark":
		return "hark"
	case first.Mapping != nil:
		return "chatgpt"
	case first.Chat != nil:
		return "openwebui"
	case first.ConversationID != "":
		return "librechat"
	}
	return ""
}

// readOwn reads lines as hark export writes them.
func readOwn(data []byte) (records []json.RawMessage, left int, err error) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(make([]byte, 0, 64<<10), 16<<20)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if !json.Valid(line) {
			return nil, 0, fmt.Errorf("line %d is not JSON", n)
		}
		records = append(records, bytes.Clone(line))
	}
	return records, 0, lines.Err()
}
