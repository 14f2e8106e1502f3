package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
)

func exportVerb() verb {
	return verb{
		name:  "export",
		short: "write down everything that was said, in an open form",
		intro: `  hark export >hark.jsonl
  hark export --format markdown -o hark.md

JSONL is one record a line: conversations with their messages, reminders, and
what is remembered; hark import reads it. Markdown is for people. There are no
secrets in either: no tokens, devices or keys. To keep everything, see hark backup.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			form := fs.String("format", "jsonl", "`FORM`: jsonl or markdown")
			file := fs.String("o", "", "write to this `FILE`")
			return func(ctx context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words; -o FILE names the file"}
				}
				return c.export(ctx, *form, *file)
			}
		},
	}
}

func (c *cli) export(ctx context.Context, form, file string) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	path := "/api/export?" + url.Values{"format": {form}}.Encode()
	if file != "" {
		if _, err := os.Stat(file); err == nil {
			return fmt.Errorf("%s exists already: choose another name", file)
		}
		return h.fetch(ctx, path, file)
	}
	req, err := h.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	resp, err := h.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var last tailBytes
	if _, err := io.Copy(c.out, io.TeeReader(resp.Body, &last)); err != nil {
		return &unreachable{"The line to Hark broke in the middle of the export (" + plainCause(err) + ").", err}
	}
	if form == "jsonl" && !bytes.Contains(last, []byte(`"type":"end"`)) {
		return &unreachable{msg: "The export is not whole: its last line is missing."}
	}
	return nil
}

// tailBytes keeps the last few bytes that were written.
type tailBytes []byte

func (t *tailBytes) Write(p []byte) (int, error) {
	const most = 128
	*t = append(*t, p[max(0, len(p)-most):]...)
	*t = (*t)[max(0, len(*t)-most):]
	return len(p), nil
}
