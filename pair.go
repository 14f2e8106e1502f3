package main

import (
	"context"
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
	// QRText is the link as a QR code in lines of half blocks, if asked for.
	QRText string `json:"qr_text,omitempty"`
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
		setup: func(c *cli, _ *flag.FlagSet) action { return c.pair },
	}
}

func (c *cli) pair(ctx context.Context, words []string) error {
	if len(words) > 0 {
		return usageError{msg: "it takes no words; the device names itself"}
	}
	screen := terminal(c.out) && !c.json
	p, err := c.newPairing(ctx, screen)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(p)
	}
	if screen && p.QRText != "" {
		fmt.Fprintf(c.out, "\n%s\n", strings.TrimRight(p.QRText, "\n"))
	}
	_, err = fmt.Fprintf(c.out, "Open this link on the device; it works once, until %s:\n\n  %s\n\nOr type the code there: %s\n",
		p.Expires.Local().Format("15:04"), p.URL, p.Code)
	return err
}

// newPairing asks Hark for a code.
func (c *cli) newPairing(ctx context.Context, qr bool) (*pairing, error) {
	h, err := c.connect()
	if err != nil {
		return nil, err
	}
	path := "/api/pair/code"
	if qr {
		path += "?qr=text"
	}
	p := &pairing{}
	return p, h.call(ctx, http.MethodPost, path, nil, p)
}
