package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// pairing is a one-time code for one more device.
type pairing struct {
	Code    string    `json:"code"`
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
	// QRText is the link as a QR code, in lines of half blocks.
	QRText string `json:"qr_text"`
}

func pairVerb() verb {
	return verb{
		name:  "pair",
		short: "let one more device in: a link and a QR code that work once",
		intro: `  hark pair
  hark pair --json | jq -r .url

Open the link on the phone, tablet or computer that shall see Hark, or scan the
code with its camera. The device stays paired until you remove it.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			name := fs.String("name", "", "what to call the device, `NAME`")
			return func(ctx context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words; a name goes with --name"}
				}
				return c.pair(ctx, *name)
			}
		},
	}
}

func (c *cli) pair(ctx context.Context, name string) error {
	screen := terminal(c.out) && !c.json
	text, p, err := c.newPairing(ctx, name, screen)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(text)
	}
	if screen && p.QRText != "" {
		fmt.Fprintf(c.out, "\n%s\n", strings.TrimRight(p.QRText, "\n"))
	}
	_, err = fmt.Fprintf(c.out, "\nOpen this link on the device; it works once, until %s:\n\n  %s\n\nOr type the code there: %s\n",
		p.Expires.Local().Format("15:04"), p.URL, p.Code)
	return err
}

// newPairing asks Hark for a code, and returns the answer as it came as well.
func (c *cli) newPairing(ctx context.Context, name string, qr bool) (json.RawMessage, *pairing, error) {
	h, err := c.connect()
	if err != nil {
		return nil, nil, err
	}
	path := "/api/pair/code"
	if qr {
		path += "?qr=text"
	}
	body := struct {
		Name string `json:"name,omitempty"`
	}{name}
	var text json.RawMessage
	if err := h.call(ctx, http.MethodPost, path, body, &text); err != nil {
		return nil, nil, err
	}
	p := &pairing{}
	return text, p, json.Unmarshal(text, p)
}
