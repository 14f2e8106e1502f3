package main

import (
	"context"
	"fmt"
	"runtime"
)

// soaking makes sure that the tests can make a Debian and a Windows of their
// own, and runs args.
func soaking(ctx context.Context, args []string) error {
	if runtime.GOOS != "linux" {
		fmt.Println("soaking: NOT TESTED with a Debian and a Windows: that needs Linux")
		return nil
	}
	err := debian(ctx, "the tests of the service and of Windows", map[string]string{
		"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container", "nsenter": "util-linux", "ps": "procps",
		"wine": "wine", "x86_64-w64-mingw32-dlltool": "binutils-mingw-w64-x86-64",
	})
	if err != nil || len(args) == 0 {
		return err
	}
	return command(ctx, nil, args[0], args[1:]...)
}
