package arrows

const (
	yaml      = "github.com/goccy/go-yaml/..."
	porcupine = "github.com/anishathalye/porcupine/..."
	rapid     = "pgregory.net/rapid/..."
	gitdiff   = "github.com/bluekeyes/go-gitdiff/..."

	history = "distsim/sim/history/..."
)

// Design is DESIGN §2 as a table.
func Design() Rules {
	return Rules{
		Arrows: append(arrows(), adapters()...),
		Soles: []Sole{
			{yaml, "distsim/faults/planfile", "plans are values, and YAML is one way to write them"},
			{gitdiff, "distsim/cmd/simctl/zoo", "bugs are patched in nowhere else"},
		},
		Reach: []Reach{
			{"distsim/sim", []string{"std", "distsim/sim", history},
				"whoever imports sim compiles only the standard library"},
		},
	}
}

func arrows() []Arrow {
	return []Arrow{
		{history, []string{"std", history},
			"a history is data that any checker can read"},
		{"distsim/sim", []string{"std", "distsim/sim/history"},
			"the kernel knows no protocol, fault or checker"},
		{"distsim/sim/transcript", []string{"std", "distsim/sim"},
			"a transcript is told from the trace alone"},
		{"distsim/sim/explore", []string{"std", "distsim/sim"},
			"which runs there are is a matter of decisions alone"},
		{"distsim/sim/simtest/...", []string{"std", "distsim/sim", history, "distsim/sim/simtest/...", "distsim/faults/...", "distsim/checker/...", rapid},
			"simtest drives any protocol, so it knows none"},
		{"distsim/faults/...", []string{"std", "distsim/sim", history, "distsim/faults"},
			"faults are values; they strike whatever runs"},
		{"distsim/faults/planfile", []string{"std", "distsim/sim", history, "distsim/faults", yaml},
			"the codec is the only part of faults that sees YAML"},
		{"distsim/nodes/...", []string{"std", "distsim/sim", history, "distsim/nodes/..."},
			"a system under test must not know how it is tested"},
		{"distsim/nodes/twopc/bank", []string{"std", history},
			"what a participant remembers is data; it knows no world"},
		{"distsim/nodes/wal/...", []string{"std", "distsim/sim", "distsim/nodes/wal/..."},
			"a write-ahead log knows no protocol that writes it"},
		{"distsim/nodes/wal/record", []string{"std"},
			"an encoding knows neither who uses it nor where it runs"},
		{"distsim/checker/...", []string{"std", "distsim/sim", history, "distsim/checker/...", porcupine},
			"a bug in a server must not hide in the checker that judges it"},
		{"distsim/sim/simtest/golden", []string{"std"},
			"what tests compare with files knows nothing of what they tell"},
		{"distsim/scenarios/...", []string{"std", "distsim/sim", "distsim/sim/explore", history, "distsim/faults/...", "distsim/nodes/...", "distsim/checker/...", "distsim/scenarios/..."},
			"scenarios put the parts together, and leave presentation to cmd"},
		{"distsim/cmd/...", []string{"any"},
			"cmd is where everything meets"},
	}
}

// adapters lists the nodes that wrap a foreign library: each may import that one
// beside what all nodes may.
func adapters() []Arrow {
	return nil
}
