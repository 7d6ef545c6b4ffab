// Command simlint rejects code that could behave differently in two runs of the
// same plan. In this repository, from its root:
//
//	go run ./cmd/simlint
//
// and over a protocol of your own, in your module:
//
//	go get -tool distsim/cmd/simlint   # once: go mod tidy does not find what a command needs
//	go tool simlint ./...
//
// or, in a workspace that uses both modules, go run distsim/cmd/simlint ./....
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"distsim/cmd/simlint/rules"
)

// Exit codes. ("go run" turns every failure into 1; build the command to tell them
// apart.)
const (
	clean    = 0
	breaches = 1
	unusable = 2 // bad usage, or code that does not compile
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("simlint", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {} // printed below, where it belongs
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		usage(stdout)
		return clean
	case err != nil:
		fmt.Fprintln(stderr, "simlint -help explains")
		return unusable
	}
	result, err := lint(".", flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, "simlint:", err)
		return unusable
	}
	for _, f := range result.findings {
		fmt.Fprintln(stdout, f)
	}
	if len(result.findings) > 0 {
		return breaches
	}
	return clean
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: simlint [packages]

Rejects Go code that could behave differently in two runs of the same plan.
Packages are patterns as for go build, by default ./...; tests are not checked.
A pattern with ... leaves out those packages of distsim itself that run no code
inside a simulation (cmd, scenarios, checker, sim/simtest); name one to check it.
Prints one finding a line, file:line:col: rule: what; what to do instead.

Rules:
`)
	for _, r := range rules.All() {
		fmt.Fprintf(w, "  %-12s %s\n", r.Name, r.Doc)
	}
	fmt.Fprint(w, `
One escape, on the line or the line above it:
  //simlint:allow <rule> <reason>
An escape without a reason, of an unknown rule, or that suppresses nothing is a
finding too (rule allow).

Exit codes: 0 clean, 1 findings, 2 bad usage or code that does not compile.
`)
}
