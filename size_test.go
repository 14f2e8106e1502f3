package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxBinary is what a small board downloads, keeps and maps without noticing.
// The server with its PWA was built within 16 MB; the library that gets
// certificates by all three ACME challenges costs 2.6 MB by itself, and a phone
// gets no push without a certificate; being an MCP server, mailboxes, feeds and
// backups take the rest. All of it is one download of some 9 MB.
// The usual way to break it is a library that calls reflect's MethodByName:
// the linker then keeps every exported method of every type, 2.5 MB at once.
const maxBinary = 24_000_000

// The headless binary, built as `make build` builds it, stays within maxBinary.
func TestBinarySize(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "hark.exe")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	info, err := os.Stat(bin)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f MB", float64(info.Size())/1e6)
	if info.Size() > maxBinary {
		t.Errorf("the binary has %d bytes, more than %d: `go tool nm -size -sort size` on an unstripped build names what grew", info.Size(), maxBinary)
	}
}
