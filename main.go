// Command hark is an assistant that lives on its owner's machine and can speak
// first: the server, its web app and its command line in one program.
//
// "hark serve" is the server. Every other verb is a client of a running server
// and talks HTTP to it; none opens its database, so any number of them may run
// at once, on this machine or another.
//
// # What scripts may rely on
//
// A verb's answer goes to standard output and everything else to standard
// error; with --json the answer is JSON. The exit status is one of those that
// "hark help exit" lists. A fire is acknowledged only when it is on Hark's
// disk, and trying again never makes it appear twice.
package main

import (
	"io"
	"os"

	_ "golang.org/x/crypto/x509roots/fallback" // Small containers have no authorities, and push services and models are reached by HTTPS.
)

// version is set when the program is built: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// die ends a service that can't go on, so that its manager sees it.
func die() { os.Exit(exitFailed) }

// run carries out one command line, without the program's name, and returns
// its exit status. It touches nothing of the process but signals, so that a
// test can be its terminal and its environment.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	c := &cli{in: stdin, out: stdout, err: stderr, getenv: getenv}
	return c.status(c.dispatch(args))
}
