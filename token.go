package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
)

// token is a bearer token as Hark lists it; Token itself is there only in the
// answer that makes it.
type token struct {
	ID       string     `json:"id"`
	Token    string     `json:"token"`
	Name     string     `json:"name"`
	Scopes   []string   `json:"scopes"`
	Created  time.Time  `json:"created"`
	LastUsed *time.Time `json:"last_used"`

	Icon        string     `json:"icon"`
	MaxPriority int        `json:"max_priority"`
	Rate        int        `json:"rate"`
	MutedUntil  *time.Time `json:"muted_until"`
}

func tokenCreateVerb() verb {
	return verb{
		name:  "token create",
		args:  "NAME",
		short: "make a token for a script",
		intro: `  hark token create backup
  hark token create dashboard --scope fire,read
  hark token create noisy --max-priority 2 --rate 10
  hark token create nas | ssh nas 'umask 77; cat > .hark-token'

The token is printed once and kept nowhere. NAME is what its messages are
signed with.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			var scopes []string
			fs.Func("scope", "what it may do, `A,B` of fire, read, chat, admin (default fire)", func(s string) error {
				scopes = append(scopes, splitList(s)...)
				return nil
			})
			body := tokenFlags(fs)
			return func(ctx context.Context, words []string) error {
				if len(words) != 1 {
					return usageError{msg: "it takes one NAME"}
				}
				if len(scopes) == 0 {
					scopes = []string{"fire"}
				}
				body["name"], body["scopes"] = words[0], scopes
				return c.createToken(ctx, body)
			}
		},
	}
}

func (c *cli) createToken(ctx context.Context, body map[string]any) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	var text json.RawMessage
	if err := h.call(ctx, http.MethodPost, "/api/tokens", body, &text); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(text)
	}
	var made token
	if err := json.Unmarshal(text, &made); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "Token %q may %s. It is shown this once:\n", made.Name, strings.Join(made.Scopes, ", "))
	_, err = fmt.Fprintln(c.out, made.Token)
	return err
}

func tokenListVerb() verb {
	return verb{
		name:  "token list",
		short: "list the tokens",
		intro: "  hark token list\n",
		setup: func(c *cli, _ *flag.FlagSet) action {
			return func(ctx context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words"}
				}
				return c.listTokens(ctx)
			}
		},
	}
}

func (c *cli) listTokens(ctx context.Context) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	var text json.RawMessage
	tokens, err := h.tokens(ctx, &text)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(text)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tSCOPES\tLAST USED\tID")
	for _, t := range tokens {
		used := "never"
		if t.LastUsed != nil && !t.LastUsed.IsZero() {
			used = t.LastUsed.Local().Format("2006-01-02 15:04")
		}
		if t.muted(time.Now()) != "" {
			used += " (muted)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", strings.TrimSpace(t.Icon+" "+t.Name), strings.Join(t.Scopes, ","), used, t.ID)
	}
	return w.Flush()
}

// tokens lists the tokens; text receives the answer as it came.
func (h *client) tokens(ctx context.Context, text *json.RawMessage) ([]token, error) {
	if err := h.call(ctx, http.MethodGet, "/api/tokens", nil, text); err != nil {
		return nil, err
	}
	var list struct{ Tokens []token }
	err := json.Unmarshal(*text, &list)
	return list.Tokens, err
}

func tokenRevokeVerb() verb {
	return verb{
		name:  "token revoke",
		args:  "ID|NAME",
		short: "make a token useless at once",
		intro: `  hark token revoke backup
  hark token revoke 01JA2B3C4D5E6F7G8H9JKMNPQR

Messages that came with it stay.
`,
		setup: onOneToken((*cli).revokeToken),
	}
}

// onOneToken sets a verb up that takes the id or name of a token and no flags.
func onOneToken(do func(c *cli, ctx context.Context, which string) error) func(*cli, *flag.FlagSet) action {
	return func(c *cli, _ *flag.FlagSet) action {
		return func(ctx context.Context, words []string) error {
			if len(words) != 1 {
				return usageError{msg: "it takes one ID or NAME"}
			}
			return do(c, ctx, words[0])
		}
	}
}

func (c *cli) revokeToken(ctx context.Context, which string) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	gone, err := h.tokenNamed(ctx, which)
	if err != nil {
		return err
	}
	if err := h.call(ctx, http.MethodDelete, "/api/tokens/"+url.PathEscape(gone.ID), nil, nil); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(map[string]string{"id": gone.ID, "name": gone.Name})
	}
	_, err = fmt.Fprintf(c.err, "Token %q is revoked.\n", cmp.Or(gone.Name, gone.ID))
	return err
}
