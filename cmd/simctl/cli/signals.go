package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// signals is what Ctrl-C does. The first ends a command at once, unless it is
// graceful: then its context ends, and it reports what it has. The second ends
// the process whatever it is doing.
type signals struct {
	graceful atomic.Bool
}

func catchSignals(stderr io.Writer) (context.Context, *signals) {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of Write; see results
	ctx, cancel := context.WithCancel(context.Background())
	s := &signals{}
	came := make(chan os.Signal, 2)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-came
		if !s.graceful.Load() {
			fmt.Fprintln(stderr, "simctl: interrupted")
			os.Exit(exitInterrupted)
		}
		fmt.Fprintln(stderr, "simctl: interrupted; finishing the runs under way (once more to stop at once)")
		cancel()
		<-came
		os.Exit(exitInterrupted)
	}()
	return ctx, s
}
