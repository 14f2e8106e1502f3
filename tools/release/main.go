// Command release makes what people download, in bin/release: archives and
// packages for each system, the list of what is inside, and the checksums of all.
//
// The same commit makes the same bytes: times are the commit's, and nothing of
// the machine that builds goes in. `release -check` builds twice and compares;
// `release -only linux/amd64 -out DIR` makes a part of it elsewhere.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is one version of Hark on its way out.
type release struct {
	root, out string
	say       io.Writer // told what was made
	targets   []target
	version   string    // without the v
	when      time.Time // of the commit
}

// target is a system that Hark is built for.
type target struct{ os, arch string }

var targets = []target{{"linux", "amd64"}, {"linux", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"}}

func main() {
	check := flag.Bool("check", false, "build twice and compare")
	only := flag.String("only", "", "for this `OS/ARCH` alone")
	out := flag.String("out", "../../bin/release", "the `FOLDER` that is made anew")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *check, *only, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, say io.Writer, check bool, only, out string) (err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	first, err := begin(ctx, say, root, out)
	if err != nil {
		return err
	}
	if only != "" {
		first.targets = slices.DeleteFunc(slices.Clone(targets), func(t target) bool { return t.os+"/"+t.arch != only })
	}
	if len(first.targets) == 0 {
		return fmt.Errorf("there are no releases for %s", only)
	}
	sums, err := first.make(ctx)
	if err != nil || !check {
		return err
	}
	again := *first
	again.out = first.out + "-again"
	defer func() { err = errors.Join(err, os.RemoveAll(again.out)) }()
	others, err := again.make(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(sums, others) {
		return fmt.Errorf("two builds differ:\n%s\nand\n%s", strings.Join(sums, ""), strings.Join(others, ""))
	}
	_, err = fmt.Fprintln(say, "two builds, the same bytes")
	return err
}

func begin(ctx context.Context, say io.Writer, root, out string) (*release, error) {
	git := func(args ...string) (string, error) {
		b, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
		return strings.TrimSpace(string(b)), err
	}
	version, err := git("describe", "--tags", "--always", "--dirty")
	if err != nil {
		return nil, fmt.Errorf("which version is this? %w", err)
	}
	if !strings.HasPrefix(version, "v") { // no tag yet
		version = "0.0.0+" + version
	}
	stamp, err := git("log", "-1", "--format=%ct")
	if err != nil {
		return nil, err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return nil, err
	}
	return &release{root, out, say, targets, strings.TrimPrefix(version, "v"), time.Unix(seconds, 0).UTC()}, nil
}

// make builds everything and returns the lines of the checksum file.
func (r *release) make(ctx context.Context) ([]string, error) {
	if err := errors.Join(os.RemoveAll(r.out), os.MkdirAll(r.out, 0o755)); err != nil {
		return nil, err
	}
	var unit string
	for _, t := range r.targets {
		bin, err := r.build(ctx, t)
		if err != nil {
			return nil, err
		}
		if unit == "" { // the first target is one that runs where releases are made
			text, err := exec.CommandContext(ctx, "go", "-C", r.root, "run", ".", "service", "unit").Output()
			if err != nil {
				return nil, fmt.Errorf("the unit: %w", err)
			}
			unit = string(text)
		}
		if err := r.inventory(t, bin); err != nil {
			return nil, err
		}
		if err := r.archive(t, bin); err != nil {
			return nil, err
		}
		if t.os == "linux" {
			if err := r.packages(ctx, t, bin, unit); err != nil {
				return nil, err
			}
		}
		if err := os.RemoveAll(filepath.Dir(bin)); err != nil {
			return nil, err
		}
	}
	return r.checksums()
}

// build makes the program. On Windows it gets its icon and manifest.
func (r *release) build(ctx context.Context, t target) (string, error) {
	name := "hark"
	if t.os == "windows" {
		name = "hark.exe"
		resources := filepath.Join(r.root, "rsrc_windows_"+t.arch+".syso")
		if err := writeResources(filepath.Join(r.root, "frontend", "public", "icon-512.png"), resources, r.version, t.arch); err != nil {
			return "", fmt.Errorf("windows resources: %w", err)
		}
		defer func() { _ = os.Remove(resources) }()
	}
	bin := filepath.Join(r.out, t.os+"-"+t.arch, name)
	tags := ""
	if t.os == "windows" {
		tags = "desktop,production" // the window needs no C there, so one program has it all
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", tags, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version=v"+r.version, "-o", bin, ".")
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build for %s/%s: %w\n%s", t.os, t.arch, err, out)
	}
	return bin, nil
}

func (r *release) checksums() ([]string, error) {
	files, err := os.ReadDir(r.out)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(r.out, f.Name()))
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(b), f.Name()))
		fmt.Fprintf(r.say, "%9.1f MB  %s\n", float64(len(b))/1e6, f.Name())
	}
	return lines, os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(strings.Join(lines, "")), 0o644)
}
