// Package sim stands for the kernel, which may pull.
package sim

import "iter"

func pull(one iter.Seq[int]) { iter.Pull(one) }
