package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"hark/app"
	"hark/daemon"
)

// cli is one run of the program: the world it may touch, and the options that
// every client verb takes.
type cli struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	wire     http.RoundTripper // nil is the network

	url, data string
	json      bool
}

// verb is one command, such as "fire" or "token create".
type verb struct {
	name  string
	args  string // what follows the name in its usage line
	short string
	// intro is shown first by "hark help NAME": examples, then what to know.
	intro string
	// setup adds the verb's flags and returns what to do once they are read.
	setup func(c *cli, fs *flag.FlagSet) action
	// raw, where set, is given the arguments as they are, and setup is not used.
	raw func(c *cli, ctx context.Context, args []string) error
}

// action carries out a verb with its positional arguments. It ends early, and
// without an error of its own, when ctx is cancelled by the user.
type action func(ctx context.Context, args []string) error

// verbs lists the commands in the order in which help shows them.
func verbs() []verb {
	all := []verb{serveVerb(), fireVerb(), askVerb(), answerVerb(), runVerb(), tailVerb(), mcpVerb()}
	all = append(all, remindVerbs()...)
	all = append(append(all, healthVerb()), serviceVerbs()...)
	all = append(all, backupVerb(), restoreVerb(), exportVerb(), importVerb())
	return append(all, pairVerb(), phoneVerb(), openVerb(), tokenCreateVerb(), tokenListVerb(), tokenSetVerb(), tokenRotateVerb(), tokenRevokeVerb(), doctorVerb(), doctorPushVerb(), completionVerb(), versionVerb())
}

func (c *cli) dispatch(args []string) error {
	if app.Clicked(args) {
		args = []string{"open"}
	}
	if len(args) == 0 {
		_, err := io.WriteString(c.out, overview())
		return err
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return c.help(args[1:])
	case checkVerb:
		if len(args) == 2 {
			return outcome(daemon.CheckStoreChild(args[1], c.err))
		}
	case "-v", "-version", "--version":
		args = append([]string{"version"}, args[1:]...)
	}
	v, rest, err := findVerb(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends the program at once, whatever it is waiting for.
	context.AfterFunc(ctx, stop)
	return c.run(ctx, v, rest)
}

// run reads the arguments of v and carries it out.
func (c *cli) run(ctx context.Context, v verb, args []string) error {
	if v.raw != nil {
		return v.raw(c, ctx, args)
	}
	fs, do := c.flags(v)
	words, err := parse(fs, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err = io.WriteString(c.out, c.manual(v))
		return err
	case err != nil:
		return usageError{v.name, dashHint(err)}
	}
	err = do(ctx, words)
	if bad := (usageError{}); errors.As(err, &bad) && bad.verb == "" {
		return usageError{v.name, bad.msg}
	}
	return err
}

// flags makes the flag set of v, complete with the flags of all client verbs.
func (c *cli) flags(v verb) (*flag.FlagSet, action) {
	fs := flag.NewFlagSet(v.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.BoolVar(&c.json, "json", false, "print the answer as JSON")
	if v.name != "version" && v.name != "completion" {
		fs.StringVar(&c.url, "url", "", "the `ADDRESS` of Hark; its token is read from HARK_TOKEN")
		fs.StringVar(&c.data, "data", "", "the data folder `DIR` of a Hark on this machine")
	}
	return fs, v.setup(c, fs)
}

// findVerb takes the verb, of two words or else of one, off the front of args.
func findVerb(args []string) (verb, []string, error) {
	group := false
	one := verb{}
	for _, v := range verbs() {
		first, second, two := strings.Cut(v.name, " ")
		if first != args[0] {
			continue
		}
		if !two {
			one = v
		} else if len(args) > 1 && args[1] == second {
			return v, args[2:], nil
		}
		group = true
	}
	if one.name != "" {
		return one, args[1:], nil
	}
	if group {
		return verb{}, nil, usageError{args[0], "which of " + strings.Join(groupOf(args[0]), ", ") + "?"}
	}
	return verb{}, nil, usageError{"", fmt.Sprintf("there is no verb %q", args[0])}
}

// groupOf lists the second words of the verbs that begin with first.
func groupOf(first string) (seconds []string) {
	for _, v := range verbs() {
		if second, ok := strings.CutPrefix(v.name, first+" "); ok {
			seconds = append(seconds, second)
		}
	}
	return seconds
}

// parse reads flags wherever they stand among the positional words, which is
// how people type; everything after "--" is a word.
func parse(fs *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		rest := fs.Args()
		if read := len(args) - len(rest); read > 0 && args[read-1] == "--" {
			return append(words, rest...), nil
		}
		if len(rest) == 0 {
			return words, nil
		}
		words, args = append(words, rest[0]), rest[1:]
	}
}

func dashHint(err error) string {
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
		return "there is no flag " + name + " (words that begin with a dash go after --)"
	}
	return err.Error()
}

// printJSON writes v as one line of JSON.
func (c *cli) printJSON(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// terminal reports whether stream is a person's screen or keyboard. The null
// device is a character device as well, but nobody sits there.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
