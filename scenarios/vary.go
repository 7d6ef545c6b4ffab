package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Vary makes a scenario an experiment: many seeds for each value of one parameter,
// and how some measures are spread over them.
type Vary struct {
	Param    string
	Values   []string
	Seeds    uint64   // for each value
	Measures []string // one or more; the first is plotted

	// Threshold is that the question is from which value on the first measure, a ratio, is
	// more than 0; the values are in order.
	Threshold bool

	// Beside is what stands beside the measures of some parameters, under the same
	// names for all of them, such as what a textbook expects; nil: nothing.
	Beside func(Values) []Value
}

// VaryReport is what an experiment found, as `simctl run --json` prints it.
type VaryReport struct {
	Scenario string    `json:"scenario"`
	Param    string    `json:"param"`
	Measure  string    `json:"measure"` // the first
	Measures []string  `json:"measures"`
	From     uint64    `json:"from"` // the seeds of every value
	To       uint64    `json:"to"`
	Rows     []VaryRow `json:"rows"`

	// Threshold is between which values of the parameter the first measure leaves 0, if that
	// is the question.
	Threshold *Threshold `json:"threshold,omitempty"`
}

// Threshold is where a measure leaves 0. Either is null where there is no such value.
type Threshold struct {
	Zero *string `json:"zero_until"` // the last value of which all up to it have 0
	From *string `json:"above_from"` // the next one
}

// threshold finds where the first measure leaves 0, as far as it was taken.
func threshold(rows []VaryRow) *Threshold {
	t := &Threshold{}
	for i := range rows {
		switch row := &rows[i]; {
		case row.Quotient == nil:
			return t
		case row.Num > 0:
			t.From = &row.Value
			return t
		default:
			t.Zero = &row.Value
		}
	}
	return t
}

// VaryRow is one value of the parameter.
type VaryRow struct {
	Value  string      `json:"value"`
	Spread             // of the first measure; its ranks are −1 when nothing ran
	Others []Spread    `json:"others,omitempty"` // of the other measures, likewise
	Beside Values      `json:"beside,omitempty"`
	Hunt   *HuntReport `json:"hunt"`
}

// Experiment runs the scenario's Vary, from a seed on, with the other parameters as
// given. It returns what it has when the context ends.
func (s *Scenario) Experiment(ctx context.Context, given []Value, from uint64, workers int, progress func(done uint64)) (*VaryReport, error) {
	v := s.Vary
	if err := s.fits(given); err != nil {
		return nil, err
	}
	r := &VaryReport{Scenario: s.Name, Param: v.Param, Measure: v.Measures[0], Measures: v.Measures, From: from, To: from + v.Seeds - 1}
	var before uint64
	for _, value := range v.Values {
		params := append(slices.Clone(given), Value{v.Param, value})
		h := Hunt{Scenario: s, Params: params, From: r.From, To: r.To,
			Workers: workers, Keep: true, Progress: func(done uint64) { progress(before + done) }}
		hunt, err := h.Run(ctx)
		if err != nil {
			return nil, err
		}
		hunt.Interrupted = ctx.Err() != nil && hunt.Ran < v.Seeds
		before += hunt.Ran
		row, err := s.row(value, params, hunt)
		if err != nil {
			return nil, err
		}
		r.Rows = append(r.Rows, row)
		if hunt.Interrupted {
			break
		}
	}
	if v.Threshold {
		r.Threshold = threshold(r.Rows)
	}
	return r, nil
}

// fits makes sure, before the first run, that every value goes with the parameters given.
func (s *Scenario) fits(given []Value) error {
	if _, err := s.Resolve(given); err != nil {
		return err
	}
	for _, value := range s.Vary.Values {
		if _, err := s.Resolve(append(slices.Clone(given), Value{s.Vary.Param, value})); err != nil {
			return fmt.Errorf("%w; %s=VALUE makes it one run", err, s.Vary.Param)
		}
	}
	return nil
}

// row is what the hunt with one value found.
func (s *Scenario) row(value string, params []Value, hunt *HuntReport) (VaryRow, error) {
	row := VaryRow{Value: value, Hunt: hunt}
	for i, name := range s.Vary.Measures {
		spread := s.spread(name, hunt)
		if i == 0 {
			row.Spread = spread
		} else {
			row.Others = append(row.Others, spread)
		}
	}
	if s.Vary.Beside != nil {
		values, err := s.Resolve(params)
		if err != nil {
			return row, err
		}
		row.Beside = s.Vary.Beside(values)
	}
	return row, nil
}

// spread finds a measure of a hunt.
func (s *Scenario) spread(name string, hunt *HuntReport) Spread {
	i := slices.IndexFunc(hunt.Measures, func(m Spread) bool { return m.Name == name })
	switch {
	case i >= 0:
		return hunt.Measures[i]
	case hunt.Ran == 0:
		return Spread{Name: name, Times: &Times{P50: -1, P99: -1, Max: -1}}
	default:
		panic(fmt.Sprintf("scenario %s: it varies the measure %q, and takes none of that name", s.Name, name))
	}
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
	return fmt.Sprintf("%s against %s", strings.Join(r.Measures, ", "), r.Param)
}
