package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// fuzz runs the target named by args[1] for args[0]; without a name, each in
// turn. `go test -fuzz` takes one target of one package, so they are looked up
// in the sources.
func fuzz(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("fuzz: for how long?")
	}
	targets, err := fuzzTargets(os.DirFS("."))
	if err != nil {
		return err
	}
	if len(args) > 1 {
		all := targets
		targets = slices.DeleteFunc(slices.Clone(all), func(t fuzzTarget) bool { return t.name != args[1] })
		if len(targets) == 0 {
			return fmt.Errorf("fuzz: no target %s; there are %v", args[1], all)
		}
	}
	for _, t := range targets {
		fmt.Println("fuzz:", t)
		if err := command(ctx, nil, "go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+args[0], "./"+t.dir); err != nil {
			return err
		}
	}
	return nil
}

type fuzzTarget struct{ dir, name string }

func (t fuzzTarget) String() string { return t.name + " in ./" + t.dir }

// fuzzTargets finds `func FuzzX(f *testing.F)` in the tests under root.
func fuzzTargets(root fs.FS) (targets []fuzzTarget, err error) {
	declaration := regexp.MustCompile(`(?m)^func (Fuzz\w*)\(`)
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"node_modules", "testdata", "tools", ".git"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		for _, m := range declaration.FindAllSubmatch(text, -1) {
			targets = append(targets, fuzzTarget{path.Dir(name), string(m[1])})
		}
		return nil
	})
	return targets, err
}
