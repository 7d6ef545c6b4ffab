// Simctl runs, hunts and replays the scenarios of distsim.
package main

import (
	"os"

	"distsim/cmd/simctl/cli"
	"distsim/scenarios"
)

func main() { os.Exit(cli.Main(scenarios.All()...)) }
