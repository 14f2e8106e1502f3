package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// browser makes sure that there is a Chromium, Chrome or Edge, and runs args
// with CHROME set to its path. A CHROME that the user set is taken as it is.
func browser(ctx context.Context, args []string) error {
	path, err := findBrowser()
	if err != nil {
		return err
	}
	if path == "" {
		if err := installBrowser(ctx); err != nil {
			return err
		}
		if path, err = findBrowser(); err != nil {
			return err
		}
		if path == "" {
			return errors.New("a Chromium was installed but can't be found; set CHROME to its path")
		}
	}
	if len(args) == 0 {
		fmt.Println("browser:", path)
		return nil
	}
	return command(ctx, []string{"CHROME=" + path}, args[0], args[1:]...)
}

// findBrowser is "" where there is none.
func findBrowser() (string, error) {
	if set := os.Getenv("CHROME"); set != "" {
		path, err := exec.LookPath(set)
		if err != nil {
			return "", fmt.Errorf("CHROME=%s can't be started: %w", set, err)
		}
		return path, nil
	}
	for _, name := range candidates() {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", nil
}

func candidates() []string {
	switch runtime.GOOS {
	case "windows":
		var paths []string
		for _, root := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
			for _, app := range []string{
				`Google\Chrome\Application\chrome.exe`,
				`Chromium\Application\chrome.exe`,
				`Microsoft\Edge\Application\msedge.exe`,
			} {
				if dir := os.Getenv(root); dir != "" {
					paths = append(paths, filepath.Join(dir, app))
				}
			}
		}
		return paths
	case "darwin":
		return []string{
			"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
			"/Applications/Chromium.app/Contents/MacOS/Chromium",
			"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
		}
	}
	return []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"}
}

// installBrowser installs Debian's Chromium. It needs root and does not ask
// for it: a test run is no place for a password prompt.
func installBrowser(ctx context.Context) error {
	const packages = "chromium fonts-liberation"
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("the browser tests need Chromium, Chrome or Edge; install one, or set CHROME to its path")
	}
	if os.Getuid() != 0 {
		return errors.New("the browser tests need Chromium, and installing it needs root. Run this once:\n\n\tsudo apt-get update && sudo apt-get install -y " + packages + "\n\nor set CHROME to a Chromium, Chrome or Edge that you have")
	}
	fmt.Println("browser: none found, installing Debian's", packages)
	return command(ctx, []string{"DEBIAN_FRONTEND=noninteractive"}, "sh", "-c",
		"apt-get update -qq && apt-get install -y -qq --no-install-recommends "+packages)
}
