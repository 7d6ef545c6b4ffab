//go:build !unix

package zoo

import "os/exec"

func apart(*exec.Cmd) {}
