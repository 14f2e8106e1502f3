package chromium

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Trust makes the browsers of this home trust a certificate authority, in a PEM file, for
// servers. It needs certutil and must be called before Start.
func Trust(ctx context.Context, home, pem string) error {
	dir := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"-N", "--empty-password"},
		{"-A", "-t", "C,,", "-n", "test CA", "-i", pem},
	} {
		cmd := exec.CommandContext(ctx, "certutil", append([]string{"-d", "sql:" + dir}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("certutil %s (Debian: apt-get install libnss3-tools): %w: %s", args[0], err, out)
		}
	}
	return nil
}

// SetPref writes a preference, named by the keys that lead to it, into the profile of a home whose
// browser is not running.
func SetPref(home string, value any, keys ...string) error {
	file := filepath.Join(home, "profile", "Default", "Preferences")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	prefs := map[string]any{}
	if err := json.Unmarshal(text, &prefs); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	at, last := prefs, len(keys)-1
	for _, key := range keys[:last] {
		next, ok := at[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[key] = next
		}
		at = next
	}
	at[keys[last]] = value
	if text, err = json.Marshal(prefs); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
