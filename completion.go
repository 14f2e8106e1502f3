package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// helpTopics are what "hark help" knows beside the verbs.
func helpTopics() []string { return []string{"exit", "environment", "man"} }

func completionVerb() verb {
	return verb{
		name:  "completion",
		args:  "bash|zsh|fish|powershell",
		short: "print what lets a shell complete verbs and flags",
		intro: `  source <(hark completion bash)        # in ~/.bashrc
  source <(hark completion zsh)         # in ~/.zshrc, after compinit
  hark completion fish > ~/.config/fish/completions/hark.fish
  hark completion powershell | Out-String | Invoke-Expression   # in $PROFILE

The packages for Linux bring those for bash, zsh and fish.
`,
		setup: func(c *cli, _ *flag.FlagSet) action {
			return func(_ context.Context, words []string) error {
				shells := map[string]func([]place) string{
					"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion, "powershell": powershellCompletion,
				}
				if len(words) != 1 || shells[words[0]] == nil {
					return usageError{msg: "for which shell: bash, zsh, fish or powershell?"}
				}
				_, err := io.WriteString(c.out, shells[words[0]]((&cli{getenv: homely}).places()))
				return err
			}
		},
	}
}

// place is a point in a command line and what may stand there. Its path is the
// verb so far: "", "fire", "token", "token create".
type place struct {
	path  string
	words []word
}

// word is one thing that may stand in a place, with what it means.
type word struct {
	text, usage string
	value       bool // a flag that takes a value
}

// places lists what may stand where, after the table of verbs.
func (c *cli) places() []place {
	all := []place{{path: ""}}
	at := func(path string) *place {
		i := slices.IndexFunc(all, func(p place) bool { return p.path == path })
		if i < 0 {
			all, i = append(all, place{path: path}), len(all)
		}
		return &all[i]
	}
	add := func(path string, w word) {
		p := at(path)
		if !slices.ContainsFunc(p.words, func(have word) bool { return have.text == w.text }) {
			p.words = append(p.words, w)
		}
	}
	var topics []word
	for _, v := range verbs() {
		first, second, two := strings.Cut(v.name, " ")
		usage := v.short
		if two {
			add(first, word{text: second, usage: v.short})
			usage = first + " …"
		}
		add("", word{text: first, usage: usage})
		topics = append(topics, word{text: first, usage: usage})
		for _, w := range c.flagWords(v) {
			add(v.name, w)
		}
	}
	add("", word{text: "help", usage: "what a verb takes, with examples"})
	for _, w := range topics {
		add("help", w)
	}
	for _, topic := range helpTopics() {
		add("help", word{text: topic, usage: "help about " + topic})
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		add("completion", word{text: shell, usage: "for " + shell})
	}
	return all
}

// flagWords are the flags of a verb.
func (c *cli) flagWords(v verb) (words []word) {
	if v.raw != nil {
		line := regexp.MustCompile(`(?m)^  (--[a-z-]+)( [^ ]+)? +(.*)$`)
		for _, m := range line.FindAllStringSubmatch(c.manual(v), -1) {
			words = append(words, word{m[1], m[3], m[2] != ""})
		}
		return words
	}
	fs, _ := c.flags(v)
	fs.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		words = append(words, word{dashes + f.Name, usage, value != ""})
	})
	return words
}

func spelt(words []word) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.text
	}
	return strings.Join(all, " ")
}

func bashCompletion(all []place) string {
	var b strings.Builder
	b.WriteString(`# bash completion for hark
_hark_words() {
	case "$1" in
`)
	for _, p := range all {
		fmt.Fprintf(&b, "	'%s') echo '%s' ;;\n", p.path, spelt(p.words))
	}
	b.WriteString(`	*) return 1 ;;
	esac
}
_hark() {
	local cur=${COMP_WORDS[COMP_CWORD]} words
	case $COMP_CWORD in
	1) words=$(_hark_words '') ;;
	2) words=$(_hark_words "${COMP_WORDS[1]}") ;;
	*) words=$(_hark_words "${COMP_WORDS[1]} ${COMP_WORDS[2]}" || _hark_words "${COMP_WORDS[1]}") ;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _hark hark
`)
	return b.String()
}

func zshCompletion(all []place) string {
	quote := strings.NewReplacer(`'`, `'\''`, `:`, `\:`)
	var b strings.Builder
	b.WriteString(`#compdef hark
_hark_list() {
	case "$1" in
`)
	for _, p := range all {
		fmt.Fprintf(&b, "	'%s') list=(\n", p.path)
		for _, w := range p.words {
			fmt.Fprintf(&b, "		'%s:%s'\n", quote.Replace(w.text), quote.Replace(w.usage))
		}
		b.WriteString("	) ;;\n")
	}
	b.WriteString(`	*) return 1 ;;
	esac
}
_hark() {
	local -a list
	case $CURRENT in
	2) _hark_list '' ;;
	3) _hark_list "$words[2]" ;;
	*) _hark_list "$words[2] $words[3]" || _hark_list "$words[2]" ;;
	esac
	_describe hark list || _files
}
if [ "$funcstack[1]" = _hark ]; then _hark "$@"; else compdef _hark hark; fi
`)
	return b.String()
}

func fishCompletion(all []place) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var b strings.Builder
	b.WriteString("# fish completion for hark\n")
	for _, p := range all {
		first, second, two := strings.Cut(p.path, " ")
		when := "__fish_use_subcommand"
		switch {
		case two:
			when = "__fish_seen_subcommand_from " + first + "; and __fish_seen_subcommand_from " + second
		case first != "":
			when = "__fish_seen_subcommand_from " + first
			var seconds []string // after one of these, their own flags count
			for _, q := range all {
				if s, ok := strings.CutPrefix(q.path, first+" "); ok {
					seconds = append(seconds, s)
				}
			}
			if len(seconds) > 0 {
				when += "; and not __fish_seen_subcommand_from " + strings.Join(seconds, " ")
			}
		}
		for _, w := range p.words {
			what := "-f -a " + w.text
			if name, ok := strings.CutPrefix(w.text, "--"); ok {
				what = "-l " + name
			} else if name, ok := strings.CutPrefix(w.text, "-"); ok {
				what = "-s " + name
			}
			if w.value {
				what += " -r"
			}
			fmt.Fprintf(&b, "complete -c hark -n '%s' %s -d '%s'\n", when, what, quote.Replace(w.usage))
		}
	}
	return b.String()
}

func powershellCompletion(all []place) string {
	quote := strings.NewReplacer(`'`, `''`)
	var b strings.Builder
	b.WriteString(`# PowerShell completion for hark
Register-ArgumentCompleter -Native -CommandName hark, hark.exe -ScriptBlock {
	param($current, $line, $position)
	$places = @{
`)
	for _, p := range all {
		fmt.Fprintf(&b, "		'%s' = @(\n", p.path)
		for _, w := range p.words {
			fmt.Fprintf(&b, "			@('%s', '%s')\n", quote.Replace(w.text), quote.Replace(w.usage))
		}
		b.WriteString("		)\n")
	}
	b.WriteString(`	}
	$before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | Select-Object -Skip 1 | ForEach-Object { "$_" })
	$path = ($before | Select-Object -First 2) -join ' '
	if (-not $places.ContainsKey($path)) { $path = "$($before | Select-Object -First 1)" }
	$places[$path] | Where-Object { $_ -and $_[0].StartsWith($current) } | ForEach-Object {
		[System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
	}
}
`)
	return b.String()
}
