//go:build !desktop || !windows

package app

// Clicked reports whether a person started the program by its icon, or by a
// notification of its, and so wants its window: never where there is a console.
func Clicked([]string) bool { return false }
