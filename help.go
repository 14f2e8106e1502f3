package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"hark/daemon"
)

// overview is what "hark" and "hark help" print.
func overview() string {
	var b strings.Builder
	b.WriteString(`Hark is an assistant that lives on this machine and can speak first.

  hark serve                       start it, then open the link it prints
  hark fire The oven is hot        let a script say something
  make 2>&1 | tail -5 | hark fire -t Build

`)
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %-18s %s\n", v.name, v.short)
	}
	b.WriteString(`
  hark help VERB         what a verb takes, with examples
  hark help exit         what the exit status says
  hark help environment  the variables that are read
  hark help man          all of this as a man page: hark help man | man -l -
`)
	return b.String()
}

const exitHelp = `The exit status says what happened, for scripts:

  0    done
  1    failed: Hark answered with an error, or something on this machine failed
  2    the command line can't be understood; nothing was sent
  3    no answer: Hark is not running, or can't be reached; try again later
  4    refused: no token, a wrong one, or one without the scope for this
  5    not found: no such conversation, token or message
  6    not now: too fast, the disk is full, or Hark is starting; try again later
  78   serve, started by systemd: its settings can't be read; it is not started again
  130  interrupted from the keyboard

hark ask also has 11 and more, 20, 21 and 22 (hark help ask); hark run passes on
the status of the command that it ran.

  hark fire --retry 10m -t Backup Done || echo "not told: status $?" >>backup.log

The sentence on standard error says more, and says what to do.
`

const environmentHelp = `A flag goes before its variable.

  HARK_URL     the address of Hark, for machines it does not run on
  HARK_TOKEN   the token for that address; it goes before the one of this machine
  HARK_DATA    the data folder of the Hark on this machine

Without any of them, the Hark of this user on this machine is meant: its data
folder holds local.json with the address and a token that only the user can read.

  export HARK_URL=https://hark.example HARK_TOKEN=hark_...
  hark fire "From another machine"

"hark help serve" lists the variables of the server.
`

// help carries out "hark help WORDS".
func (c *cli) help(words []string) error {
	text := ""
	switch topic := strings.Join(words, " "); topic {
	case "":
		text = overview()
	case "exit":
		text = exitHelp
	case "environment":
		text = environmentHelp
	case "man":
		text = c.manPage()
	default:
		for _, v := range verbs() {
			if v.name == topic || strings.HasPrefix(v.name, topic+" ") {
				if text != "" {
					text += "\n"
				}
				text += c.manual(v)
			}
		}
	}
	if text == "" {
		return usageError{"", fmt.Sprintf("there is no help about %q", strings.Join(words, " "))}
	}
	_, err := io.WriteString(c.out, text)
	return err
}

// manual is the help text of v: examples first, then the flags.
func (c *cli) manual(v verb) string {
	if v.raw != nil {
		return daemon.Usage(c.getenv)
	}
	fs, _ := c.flags(v)
	usage := strings.TrimSpace("hark " + v.name + " [flags] " + v.args)
	head := strings.ToUpper(v.short[:1]) + v.short[1:] + "."
	return head + "\n\n" + v.intro + "\nUsage: " + usage + "\n\n" + flagList(fs)
}

// flagList describes the flags of fs: those of the verb, then those of all verbs.
// Flags with the same description are two names of one flag.
func flagList(fs *flag.FlagSet) string {
	names := map[string]string{}
	var own, common []*flag.Flag
	fs.VisitAll(func(f *flag.Flag) {
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		if before := names[f.Usage]; before != "" {
			names[f.Usage] = before + ", " + dashes + f.Name
			return
		}
		names[f.Usage] = dashes + f.Name
		switch f.Name {
		case "url", "data", "json":
			common = append(common, f)
		default:
			own = append(own, f)
		}
	})
	var b strings.Builder
	width := 0
	for _, f := range append(own, common...) {
		value, _ := flag.UnquoteUsage(f)
		names[f.Usage] = strings.TrimSpace(names[f.Usage] + " " + value)
		width = max(width, len(names[f.Usage]))
	}
	for _, f := range append(own, common...) {
		_, usage := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(&b, "  %-*s  %s\n", width, names[f.Usage], usage)
	}
	return b.String()
}
