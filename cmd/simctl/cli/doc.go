// Package cli is simctl, as a library: hand Main your scenarios and you have a
// simctl of your own.
//
//	func main() { os.Exit(cli.Main(append(scenarios.All(), mine)...)) }
//
// Results go to stdout, progress and diagnostics to stderr; the same command
// prints the same bytes. Exit codes: 0 as declared, 1 not, 2 bad usage or input,
// 3 undecided, 130 interrupted.
//
// Contents: cli.go the commands' frame · list.go, run.go, hunt.go, replay.go, zoo.go
// and zootable.go one command each · seeds.go, settings.go, names.go what users type ·
// plans.go plan files · outfile.go where they are written · expect.go what a plan
// expects · determinism.go a run done twice · build.go who recorded it · show.go
// reports in words · events.go a run as plans call it · liveness.go stalls and
// experiments · table.go, terminal.go, progress.go, results.go how they are shown ·
// signals.go Ctrl-C.
package cli
