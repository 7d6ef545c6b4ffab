//go:build unix

package zoo

import (
	"os/exec"
	"syscall"
)

// apart keeps the terminal's Ctrl-C from a child: it is told when its context ends, so
// that nothing fails of it before this process knows why.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
