package cli

import (
	"fmt"
	"strings"
	"time"

	"distsim/scenarios"
	"distsim/sim/transcript"
)

// livenessFacts are the lines below the table about progress and measures.
func livenessFacts(r *scenarios.Report) []fact {
	var out []fact
	if l := r.Liveness; l != nil {
		how := "no answer"
		if l.AnsweredNS != nil {
			how = "answered after " + time.Duration(*l.AnsweredNS).String()
		}
		out = append(out, fact{"core", fmt.Sprintf("%s: %s, bound %v", strings.Join(l.Core, ", "), how, time.Duration(l.BoundNS))})
		if l.AnsweredNS == nil {
			out = append(out, fact{"bound", l.Why})
		}
		if l.NoLasso != "" {
			out = append(out, fact{"lasso", "none: " + l.NoLasso})
		}
	}
	for _, m := range r.Measures {
		out = append(out, fact{"measure", m.Name + " " + measuredText(m)})
	}
	return out
}

// showLasso prints one round of a run that goes round in circles, or says that it stands
// still. A run without records is repeated with them.
func (a *app) showLasso(s *scenarios.Scenario, run *scenarios.Run) error {
	l := run.Report.Liveness
	if l == nil || l.Lasso == nil {
		return nil
	}
	if l.Lasso.Still {
		a.out.printf("\na standstill: at %v nothing is under way between the servers, and no timer of theirs will ever be due\n"+
			"(--json shows the state). What came from clients from then to %v changed nothing, nor does it if it comes\n"+
			"again: until something else comes from one of them, the servers stay as they are.\n", l.Lasso.From, l.Lasso.To)
		return nil
	}
	if len(run.World.Trace().Records()) == 0 {
		var err error
		if run, err = s.Run(run.Plan, scenarios.Options{Records: true}); err != nil {
			return err
		}
	}
	a.out.printf("\na lasso: every %v the servers, and what is on its way between them, are in the same state\n"+
		"(--json shows it), terms aside, and nothing in between is a matter of chance. One round, %d events:\n",
		l.Lasso.To-l.Lasso.From, l.Lasso.Events)
	o := transcript.Options{Width: a.term.width, Colour: a.term.colour, From: l.Lasso.From + 1, To: l.Lasso.To, Nodes: run.World.Servers()}
	return transcript.Write(a.out, run.World.Trace(), o)
}
