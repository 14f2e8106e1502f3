package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pages are what the program prints about itself, and where Linux looks for it.
func pages() map[string][]string {
	return map[string][]string{
		"/usr/share/man/man1/hark.1":                     {"help", "man"},
		"/usr/share/bash-completion/completions/hark":    {"completion", "bash"},
		"/usr/share/zsh/vendor-completions/_hark":        {"completion", "zsh"},
		"/usr/share/fish/vendor_completions.d/hark.fish": {"completion", "fish"},
	}
}

// manual writes the man page and what shells complete by into dir, and returns
// which file goes where. The program is run on the machine that makes the
// release, whatever it is built for.
func (r *release) manual(ctx context.Context, dir string) (map[string]string, error) {
	host := filepath.Join(dir, "host-hark")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags", "-X main.version=v"+r.version, "-o", host, ".")
	build.Dir = r.root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build for this machine: %w\n%s", err, out)
	}
	defer func() { _ = os.Remove(host) }()
	made := map[string]string{}
	for to, args := range pages() {
		text, err := exec.CommandContext(ctx, host, args...).Output()
		if err != nil {
			return nil, fmt.Errorf("hark %s: %w", strings.Join(args, " "), err)
		}
		path := filepath.Join(dir, strings.Join(args, "-"))
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, err
		}
		made[to] = path
	}
	return made, nil
}
