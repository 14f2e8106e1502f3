//go:build !killpoints

package agent

// reached marks a point of a turn at which the death of the process must do no
// harm. Only a program that was built to be killed there does anything.
func (a *Agent) reached(string) {}
