package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// tokenFlags are what the owner allows a token. The map holds those that were
// given, as the API takes them.
func tokenFlags(fs *flag.FlagSet) map[string]any {
	body := map[string]any{}
	text := func(name, field, usage string) {
		fs.Func(name, usage, func(s string) error {
			body[field] = s
			return nil
		})
	}
	number := func(name, field, usage string) {
		fs.Func(name, usage, func(s string) error {
			n, err := strconv.Atoi(s)
			body[field] = n
			return err
		})
	}
	text("icon", "icon", "the `EMOJI` its messages are shown with")
	text("conversation", "conversation", "the `ID` of the conversation for what names none (empty: the inbox)")
	number("max-priority", "max_priority", "its messages are at most this loud, `1-5` (0: any)")
	number("rate", "rate", "how many messages a minute, `N` (0: no limit of its own)")
	text("mute", "mute", "no sound for this long, such as `1h` or 2d (0: end it)")
	fs.Func("callback", "a host that buttons of its messages may call, `HOST` or HOST:PORT (needed in your own network; empty: none)", func(s string) error {
		hosts, _ := body["callbacks"].([]string)
		body["callbacks"] = append(append([]string{}, hosts...), splitList(s)...)
		return nil
	})
	return body
}

func tokenSetVerb() verb {
	return verb{
		name:  "token set",
		args:  "ID|NAME",
		short: "change what a token may, or mute it",
		intro: `  hark token set backup --mute 1h
  hark token set scanner --max-priority 3 --rate 30 --icon 🔎
  hark token set home --callback homeassistant.local:8123

What is muted still arrives, without a sound.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			body := tokenFlags(fs)
			fs.Func("name", "the `NAME` its messages are signed with", func(s string) error {
				body["name"] = s
				return nil
			})
			return func(ctx context.Context, words []string) error {
				switch {
				case len(words) != 1:
					return usageError{msg: "it takes one ID or NAME"}
				case len(body) == 0:
					return usageError{msg: "say what to change, such as --mute 1h"}
				}
				return c.setToken(ctx, words[0], body)
			}
		},
	}
}

func (c *cli) setToken(ctx context.Context, which string, body map[string]any) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	t, err := h.tokenNamed(ctx, which)
	if err != nil {
		return err
	}
	var text json.RawMessage
	if err := h.call(ctx, http.MethodPatch, "/api/tokens/"+url.PathEscape(t.ID), body, &text); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(text)
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.err, "Token %q is changed%s.\n", t.Name, t.muted(time.Now()))
	return err
}

// muted says, as a part of a sentence, that a token is.
func (t token) muted(now time.Time) string {
	if t.MutedUntil == nil || t.MutedUntil.Before(now) {
		return ""
	}
	return ", and muted until " + t.MutedUntil.Local().Format("2006-01-02 15:04")
}

func tokenRotateVerb() verb {
	return verb{
		name:  "token rotate",
		args:  "ID|NAME",
		short: "give a token a new secret",
		intro: `  hark token rotate backup

The new secret is printed once; the old one is useless at once. All else about the
token stays: its name, its messages, what it may.
`,
		setup: onOneToken((*cli).rotateToken),
	}
}

func (c *cli) rotateToken(ctx context.Context, which string) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	t, err := h.tokenNamed(ctx, which)
	if err != nil {
		return err
	}
	var text json.RawMessage
	if err := h.call(ctx, http.MethodPost, "/api/tokens/"+url.PathEscape(t.ID)+"/rotate", nil, &text); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(text)
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "Token %q has a new secret. It is shown this once:\n", t.Name)
	_, err = fmt.Fprintln(c.out, t.Token)
	return err
}

// tokenNamed finds the token that a person means by an id or a name.
func (h *client) tokenNamed(ctx context.Context, which string) (token, error) {
	tokens, err := h.tokens(ctx, new(json.RawMessage))
	if err != nil {
		return token{}, err
	}
	var named []token
	for _, t := range tokens {
		if t.ID == which {
			return t, nil
		}
		if t.Name == which {
			named = append(named, t)
		}
	}
	switch len(named) {
	case 0:
		return token{}, &problem{Status: http.StatusNotFound, Title: fmt.Sprintf("There is no token %q", which), hint: "See: hark token list", Code: "not_found"}
	case 1:
		return named[0], nil
	}
	return token{}, fmt.Errorf("%d tokens are called %q; give the ID of one (hark token list)", len(named), which)
}
