package cli

import (
	"fmt"

	"distsim/faults"
	"distsim/scenarios"
	"distsim/sim"
)

// runTwice runs a plan twice, also looking at payloads and views, and returns
// the first run and where the second parts from it. If it does, two more runs
// with records name the first record that differs.
func runTwice(s *scenarios.Scenario, plan faults.Plan) (*scenarios.Run, sim.Divergence, error) {
	closely := scenarios.Options{Fingerprint: true, FreezeCheck: true}
	first, err := s.Run(plan, closely)
	if err != nil {
		return nil, sim.Divergence{}, err
	}
	second, err := s.Run(plan, closely)
	if err != nil {
		return nil, sim.Divergence{}, err
	}
	d := sim.Diverge(first.World.Trace(), second.World.Trace())
	if !d.Same {
		d, err = firstDifference(s, plan, d)
	}
	return first, d, err
}

// firstDifference looks for the record at which two runs part. The two that are
// recorded may agree where the original ones did not; then the original
// interval is all there is to say.
func firstDifference(s *scenarios.Scenario, plan faults.Plan, seen sim.Divergence) (sim.Divergence, error) {
	recorded := scenarios.Options{Records: true, Fingerprint: true, FreezeCheck: true}
	first, err := s.Run(plan, recorded)
	if err != nil {
		return seen, err
	}
	second, err := s.Run(plan, recorded)
	if err != nil {
		return seen, err
	}
	d := sim.Diverge(first.World.Trace(), second.World.Trace())
	if d.Same {
		seen.Message += "; two more runs, with records, agreed with each other"
		return seen, nil
	}
	return d, nil
}

// addDeterministic enters what runTwice found as the property "deterministic".
func addDeterministic(r *scenarios.Report, d sim.Divergence) {
	p := scenarios.PropertyReport{Name: "deterministic", Declared: scenarios.Holds.String(), Verdict: "holds", Nodes: []string{}}
	if d.Same {
		p.Detail = fmt.Sprintf("two runs agree on %s, payloads and views included", scenarios.Plural(d.Seq, "record"))
	} else {
		no := false
		p.Verdict, p.Detail = "violated", d.Message
		if d.A != nil && d.A.Node != 0 {
			p.AtNS, p.Nodes = int64(d.A.At), append(p.Nodes, d.A.Node.String())
		}
		r.Verdict, r.AsDeclared = "violated", &no
	}
	r.Properties = append(r.Properties, p)
}
