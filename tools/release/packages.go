package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

// packages makes the .deb and the .rpm, which install and start the service.
func (r *release) packages(ctx context.Context, t target, bin, unit string) error {
	unitFile := filepath.Join(filepath.Dir(bin), "hark.service")
	if err := os.WriteFile(unitFile, []byte(unit), 0o644); err != nil {
		return err
	}
	manual, err := r.manual(ctx, filepath.Dir(bin))
	if err != nil {
		return err
	}
	for kind, packager := range map[string]nfpm.Packager{"deb": deb.Default, "rpm": rpm.DefaultRPM} {
		info := nfpm.WithDefaults(r.info(t, kind, bin, unitFile))
		for _, to := range slices.Sorted(maps.Keys(manual)) {
			info.Contents = append(info.Contents, &files.Content{Source: manual[to], Destination: to, FileInfo: &files.ContentFileInfo{
				Mode: 0o644, MTime: r.when, Owner: "root", Group: "root",
			}})
		}
		if err := nfpm.PrepareForPackager(info, kind); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		path := filepath.Join(r.out, packager.ConventionalFileName(info))
		if err := write(path, func(w io.Writer) error { return packager.Package(info, w) }); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func (r *release) info(t target, kind, bin, unit string) *nfpm.Info {
	at := func(mode os.FileMode) *files.ContentFileInfo {
		return &files.ContentFileInfo{Mode: mode, MTime: r.when, Owner: "root", Group: "root"}
	}
	parts := filepath.Join(r.root, "packaging")
	script := func(name string) string { return filepath.Join(parts, kind, name) }
	return &nfpm.Info{
		Name: "hark", Arch: t.arch, Platform: t.os, Version: r.version, MTime: r.when,
		Maintainer: "The Hark project <hark@example.org>", License: "MIT", Section: "net", Priority: "optional",
		Description: "An assistant that lives on your own machine and can speak first",
		Overridables: nfpm.Overridables{
			RPM: nfpm.RPM{BuildHost: "hark"},
			Contents: files.Contents{
				{Source: bin, Destination: "/usr/bin/hark", FileInfo: at(0o755)},
				{Source: unit, Destination: "/usr/lib/systemd/system/hark.service", FileInfo: at(0o644)},
				{Source: filepath.Join(parts, "hark.default"), Destination: "/etc/default/hark", Type: "config|noreplace", FileInfo: at(0o640)},
				{Source: filepath.Join(r.root, "LICENSE"), Destination: "/usr/share/doc/hark/copyright", FileInfo: at(0o644)},
			},
			Scripts: nfpm.Scripts{
				PostInstall: script("postinstall.sh"), PreRemove: script("preremove.sh"), PostRemove: script("postremove.sh"),
			},
		},
	}
}
