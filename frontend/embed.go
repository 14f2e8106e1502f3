// Package frontend carries the built web app inside the program.
//
// The files are those of one run of the build in this folder, embedded when the
// program was compiled; they never change while it runs and are safe to read from
// any goroutine. Beside every text file lie its ".gz" and ".br" forms, made by
// the same build, byte for byte reproducible; text under "assets/" lies there in
// these forms alone. Everything under "assets/" has a
// content hash in its name and may be cached for ever; "index.html" and "sw.js"
// may not.
//
// A program compiled without Node carries "placeholder.html" alone, a page that
// says how to build the real one.
package frontend

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist returns the built app, rooted so that "index.html" is its first page. The
// error is non-nil only if the program was compiled from a broken tree.
func Dist() (fs.FS, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the embedded web app: %w", err)
	}
	return sub, nil
}

// Built reports whether the program carries the real app. When it does not, only
// "placeholder.html" can be served.
func Built() bool {
	_, err := fs.Stat(dist, "dist/index.html")
	return err == nil
}
