package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// phoneState is GET /api/phone, as far as a terminal shows it.
type phoneState struct {
	Mode        string `json:"mode"`
	Origin      string `json:"origin"`
	Certificate *struct {
		NotAfter time.Time `json:"not_after"`
		Root     string    `json:"root"`
	} `json:"certificate"`
	Problems []trouble `json:"problems"`
	Setup    *struct {
		Steps   []string `json:"steps"`
		Done    bool     `json:"done"`
		Problem *trouble `json:"problem"`
	} `json:"setup"`
	Tailscale struct {
		Found   bool     `json:"found"`
		Name    string   `json:"name"`
		Problem *trouble `json:"problem"`
	} `json:"tailscale"`
	Addresses []string `json:"addresses"`
}

type trouble struct{ Say, Cure string }

func (t trouble) String() string { return strings.TrimSpace(t.Say + " " + t.Cure) }

// phonePoll is how often a set-up is looked at.
const phonePoll = 300 * time.Millisecond

func phoneVerb() verb {
	return verb{
		name:  "phone",
		args:  "[WAY]",
		short: "HTTPS for the phone: how it stands, or set it up",
		intro: `  hark phone
  hark phone tailscale
  hark phone local --name hark.home.arpa
  hark phone proxy https://hark.example.org
  hark phone off

Without a WAY it shows how phones come in. A domain of your own is set up in the
app, or in hark.toml: hark serve --help lists what belongs under [tls].
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			name := fs.String("name", "", "what phones call this machine, a `NAME` or an address")
			anew := fs.Bool("new-authority", false, "with local: make another authority, which phones must be told to trust")
			return func(ctx context.Context, words []string) error {
				return c.phone(ctx, words, map[string]any{"name": *name, "new_authority": *anew})
			}
		},
	}
}

func (c *cli) phone(ctx context.Context, words []string, input map[string]any) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if len(words) == 0 {
		if err := h.call(ctx, http.MethodGet, "/api/phone", nil, &raw); err != nil {
			return err
		}
		return c.showPhone(raw)
	}
	switch {
	case words[0] == "proxy" && len(words) == 2:
		input["url"] = words[1]
	case len(words) != 1 || !slices.Contains([]string{"tailscale", "local", "off"}, words[0]):
		return usageError{msg: "which of tailscale, local, proxy URL, off?"}
	}
	if err := h.call(ctx, http.MethodPost, "/api/phone/"+words[0], input, &raw); err != nil {
		return err
	}
	return c.followPhone(ctx, h, raw)
}

// followPhone prints the steps of a set-up as they come, and then how it stands.
func (c *cli) followPhone(ctx context.Context, h *client, raw json.RawMessage) error {
	tick := time.NewTicker(phonePoll)
	defer tick.Stop()
	for shown := 0; ; {
		var now phoneState
		if err := json.Unmarshal(raw, &now); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if now.Setup == nil {
			return errors.New("the set-up is not known any more: Hark was started again")
		}
		for ; shown < len(now.Setup.Steps) && !c.json; shown++ {
			fmt.Fprintf(c.out, "%s\n", now.Setup.Steps[shown])
		}
		if now.Setup.Done {
			if p := now.Setup.Problem; p != nil {
				return errors.New(p.String())
			}
			return c.showPhone(raw)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if err := h.call(ctx, http.MethodGet, "/api/phone", nil, &raw); err != nil {
			return err
		}
	}
}

func (c *cli) showPhone(raw json.RawMessage) error {
	if c.json {
		return c.printJSON(raw)
	}
	var now phoneState
	if err := json.Unmarshal(raw, &now); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	for _, p := range now.Problems {
		fmt.Fprintf(c.out, "Problem: %s\n", p)
	}
	if now.Mode == "off" {
		fmt.Fprintf(c.out, "Phones can't come in: there is no HTTPS for them.\n\n")
		if p := now.Tailscale.Problem; p != nil {
			fmt.Fprintf(c.out, "  hark phone tailscale   %s\n", p)
		} else {
			fmt.Fprintf(c.out, "  hark phone tailscale   as %s, at home and away\n", now.Tailscale.Name)
		}
		fmt.Fprintf(c.out, "  hark phone local       in this network, at %s\n", strings.Join(now.Addresses, " or "))
		fmt.Fprintf(c.out, "  hark phone proxy URL   behind a proxy that has a certificate\n")
		return nil
	}
	fmt.Fprintf(c.out, "Phones come in at %s (%s)\n", now.Origin, now.Mode)
	if crt := now.Certificate; crt != nil {
		fmt.Fprintf(c.out, "The certificate is good until %s and is renewed by itself.\n", crt.NotAfter.Local().Format("2 January 2006"))
		if crt.Root != "" {
			fmt.Fprintf(c.out, "Fingerprint of the authority: %s\n", crt.Root)
		}
	}
	_, err := fmt.Fprintf(c.out, "`hark pair` shows the code for a phone.\n")
	return err
}
