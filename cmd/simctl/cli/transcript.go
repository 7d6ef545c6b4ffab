package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"distsim/scenarios"
	"distsim/sim"
	"distsim/sim/transcript"
)

const leastWidth, mostWidth = 60, 1000

// viewFlags say how to tell a run.
type viewFlags struct {
	width    int
	from, to time.Duration
	nodes    []string
	ascii    bool
	prose    bool
	events   bool

	only []sim.NodeID // nodes, read
}

func (v *viewFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&v.width, "width", 0, "columns of the transcript (default the terminal's, or 110)")
	cmd.Flags().DurationVar(&v.from, "from", 0, "tell from this virtual time on, such as 1.5s")
	cmd.Flags().DurationVar(&v.to, "to", 0, "tell up to this virtual time (default to the end)")
	cmd.Flags().StringSliceVar(&v.nodes, "node", nil, "tell only about these nodes, such as n1,c2")
	cmd.Flags().BoolVar(&v.ascii, "ascii", false, "use ASCII characters only")
	cmd.Flags().BoolVar(&v.events, "events", false, "list the events as a plan calls them, with their numbers, instead")
	cmd.Flags().BoolVar(&v.prose, "prose", false, "tell in words alone, without columns")
}

// check says what is wrong with the flags, and reads the nodes.
func (v *viewFlags) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	switch {
	case changed("width") && (v.width < leastWidth || v.width > mostWidth):
		return fmt.Errorf("--width %d: want %d to %d columns", v.width, leastWidth, mostWidth)
	case changed("node") && len(v.nodes) == 0:
		return fmt.Errorf("--node: want nodes, such as n1,c2")
	case v.from < 0:
		return fmt.Errorf("--from %v: virtual time begins at 0s", v.from)
	case changed("to") && v.to <= 0:
		return fmt.Errorf("--to %v: want a time after 0s", v.to)
	case changed("to") && v.to < v.from:
		return fmt.Errorf("--to %v comes before --from %v", v.to, v.from)
	}
	for _, name := range v.nodes {
		id, err := sim.ParseNodeID(name)
		if err != nil || id == 0 {
			return fmt.Errorf("--node %q: want n1, n2, … for servers or c1, c2, … for clients", name)
		}
		v.only = append(v.only, id)
	}
	return nil
}

// transcript tells a recorded run.
func (a *app) transcript(run *scenarios.Run, v *viewFlags) error {
	for _, id := range v.only {
		if !exists(run.World, id) {
			return fmt.Errorf("--node %v: %s has %s and %s", id, run.Report.Scenario,
				scenarios.Plural(len(run.World.Servers()), "server"), scenarios.Plural(len(run.World.Clients()), "client"))
		}
	}
	if v.events {
		a.events(run, v)
		return nil
	}
	o := transcript.Options{Width: v.width, ASCII: v.ascii, Colour: a.term.colour, From: sim.Time(v.from), To: sim.Time(v.to), Nodes: v.only}
	if o.Width == 0 {
		o.Width = a.term.width // 0 in a pipe: the transcript's own default
	}
	tell := transcript.Write
	if v.prose {
		tell = transcript.Prose
	}
	if err := tell(a.out, run.World.Trace(), o); err != nil {
		return err
	}
	a.out.printf("\n")
	return nil
}

func exists(w *sim.World, id sim.NodeID) bool {
	if id.IsClient() {
		return id.Ordinal() <= len(w.Clients())
	}
	return id.Ordinal() <= len(w.Servers())
}
