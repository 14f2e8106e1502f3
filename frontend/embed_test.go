package frontend

import (
	"io/fs"
	"testing"
)

// A program compiled without the built app still carries a page that says so, and
// Built tells the two apart.
func TestDistAlwaysHasAPageToServe(t *testing.T) {
	dist, err := Dist()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(dist, "placeholder.html"); err != nil {
		t.Errorf("placeholder: %v", err)
	}
	_, err = fs.Stat(dist, "index.html")
	if got := err == nil; got != Built() {
		t.Errorf("Built() = %v, index.html present = %v", Built(), got)
	}
}
