package daemon

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/kardianos/service"
	"gopkg.in/natefinch/lumberjack.v2"
)

// LogTo returns where the log goes: to the file that LogFile names, which is
// rotated at 10 MB with four older ones kept, or to standard error. A service of
// Windows has no standard error and gets a file in its data folder.
func (c Config) LogTo(stderr io.Writer) (io.Writer, error) {
	name := c.LogFile
	if name == "" && hasConsole() {
		return stderr, nil
	}
	if name == "" {
		name = filepath.Join(c.Data, "logs", "hark.log")
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	return &lumberjack.Logger{Filename: name, MaxSize: 10, MaxBackups: 4}, nil
}

// hasConsole reports whether somebody may read standard error: a person, or on
// every system but Windows the service manager.
func hasConsole() bool { return filepath.Separator == '/' || service.Interactive() }
