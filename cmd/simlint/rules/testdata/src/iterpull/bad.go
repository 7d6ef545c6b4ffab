package iterpull

import "iter"

func bad(one iter.Seq[int], two iter.Seq2[int, int]) {
	iter.Pull(one)  // want `iterpull: iter.Pull starts a coroutine; write a Proc`
	iter.Pull2(two) // want `iterpull: iter.Pull2 starts a coroutine`
}

func good(one iter.Seq[int]) {
	for range one {
	}
}
