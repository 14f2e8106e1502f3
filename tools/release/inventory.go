package main

import (
	"debug/buildinfo"
	"io"
	"path/filepath"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// inventory writes what the program is made of, as the program itself says it
// (CycloneDX 1.6).
func (r *release) inventory(t target, bin string) error {
	info, err := buildinfo.ReadFile(bin)
	if err != nil {
		return err
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Timestamp: r.when.Format(time.RFC3339),
		Component: &cdx.Component{Type: cdx.ComponentTypeApplication, Name: "hark", Version: r.version},
	}
	std := cdx.Component{Type: cdx.ComponentTypeLibrary, Name: "std", Version: info.GoVersion, PackageURL: "pkg:golang/std@" + info.GoVersion}
	parts := []cdx.Component{std}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		parts = append(parts, cdx.Component{
			Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: "pkg:golang/" + m.Path + "@" + m.Version,
		})
	}
	bom.Components = &parts
	path := filepath.Join(r.out, "hark-"+r.version+"-"+t.os+"-"+t.arch+".cdx.json")
	return write(path, func(w io.Writer) error {
		return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
	})
}
