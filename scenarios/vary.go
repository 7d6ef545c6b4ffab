package scenarios

import (
	"context"
	"fmt"
)

// Vary makes a scenario an experiment: many seeds for each value of one parameter,
// and how a measure is spread over them.
type Vary struct {
	Param   string
	Values  []string
	Seeds   uint64 // for each value
	Measure string
}

// VaryReport is what an experiment found, as `simctl run --json` prints it.
type VaryReport struct {
	Scenario string    `json:"scenario"`
	Param    string    `json:"param"`
	Measure  string    `json:"measure"`
	From     uint64    `json:"from"` // the seeds of every value
	To       uint64    `json:"to"`
	Rows     []VaryRow `json:"rows"`
}

// VaryRow is one value of the parameter.
type VaryRow struct {
	Value  string      `json:"value"`
	Spread             // its ranks are −1 when nothing ran
	Hunt   *HuntReport `json:"hunt"`
}

// Experiment runs the scenario's Vary, from a seed on, with the other parameters as
// given. It returns what it has when the context ends.
func (s *Scenario) Experiment(ctx context.Context, given []Value, from uint64, workers int, progress func(done uint64)) (*VaryReport, error) {
	v := s.Vary
	r := &VaryReport{Scenario: s.Name, Param: v.Param, Measure: v.Measure, From: from, To: from + v.Seeds - 1}
	var before uint64
	for _, value := range v.Values {
		h := Hunt{Scenario: s, Params: append(append([]Value{}, given...), Value{v.Param, value}), From: r.From, To: r.To,
			Workers: workers, Keep: true, Progress: func(done uint64) { progress(before + done) }}
		hunt, err := h.Run(ctx)
		if err != nil {
			return nil, err
		}
		hunt.Interrupted = ctx.Err() != nil && hunt.Ran < v.Seeds
		before += hunt.Ran
		row := VaryRow{Value: value, Hunt: hunt}
		row.Spread = Spread{Name: v.Measure, P50: -1, P99: -1, Max: -1}
		for _, m := range hunt.Measures {
			if m.Name == v.Measure {
				row.Spread = m
			}
		}
		r.Rows = append(r.Rows, row)
		if hunt.Interrupted {
			break
		}
	}
	return r, nil
}

// Exit is the worst exit code of the rows.
func (r *VaryReport) Exit() int {
	worst := 0
	for _, row := range r.Rows {
		worst = max(worst, row.Hunt.Exit())
	}
	return worst
}

// String names the experiment.
func (r *VaryReport) String() string {
	return fmt.Sprintf("%s against %s", r.Measure, r.Param)
}
