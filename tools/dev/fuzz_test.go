package main

import (
	"fmt"
	"testing"
	"testing/fstest"
)

// `make fuzz` finds the targets of every package and nothing else.
func TestFuzzTargets(t *testing.T) {
	root := fstest.MapFS{
		"store/cursor_test.go":              {Data: []byte("package store\n\nfunc FuzzCursor(f *testing.F) {\n}\n")},
		"daemon/agent/sse_test.go":          {Data: []byte("func FuzzA(f *testing.F) {}\nfunc FuzzB(f *testing.F) {}\n")},
		"store/fuzz.go":                     {Data: []byte("func FuzzNotATest() {}\n")},
		"frontend/node_modules/x/x_test.go": {Data: []byte("func FuzzTheirs(f *testing.F) {}\n")},
	}
	got, err := fuzzTargets(root)
	if err != nil {
		t.Fatal(err)
	}
	if want := "[FuzzA in ./daemon/agent FuzzB in ./daemon/agent FuzzCursor in ./store]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
