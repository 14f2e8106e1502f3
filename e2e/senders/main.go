// Command senders says something by shoutrrr, the library with which Watchtower
// and others speak: one address of a service, then the message.
//
// It is a module of its own, so that what shoutrrr needs is no part of Hark.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/nicholas-fedor/shoutrrr"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "senders: ADDRESS MESSAGE")
		os.Exit(2)
	}
	if err := send(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "senders:", err)
		os.Exit(1)
	}
}

func send(address, message string) error {
	sender, err := shoutrrr.CreateSender(address)
	if err != nil {
		return fmt.Errorf("address: %w", err)
	}
	return errors.Join(sender.Send(message, nil)...)
}
