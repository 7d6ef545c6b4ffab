package concurrency

import (
	"context"
	_ "sync"        // want `concurrency: import of sync; keep to one thread of control`
	_ "sync/atomic" // want `concurrency: import of sync/atomic`
)

type inbox chan int // want `concurrency: channel type`

func bad(in inbox, f func()) {
	go f()         // want `concurrency: go statement`
	in <- 1        // want `concurrency: send on a channel`
	_ = <-in       // want `concurrency: receive from a channel`
	close(in)      // want `concurrency: close of a channel`
	select {}      // want `concurrency: select statement`
	for range in { // want `concurrency: range over a channel`
	}
}

func cancelled(ctx context.Context, f func()) {
	<-ctx.Done()              // want `concurrency: receive from a channel`
	context.AfterFunc(ctx, f) // want `concurrency: context.AfterFunc starts a goroutine`
}

func generic[C ~chan int](c C) { // want `concurrency: channel type`
	for range c { // want `concurrency: range over a channel`
	}
}
