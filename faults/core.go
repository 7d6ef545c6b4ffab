package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"distsim/sim"
)

// ProgressProperty is the name under which a broken promise of progress is reported.
const ProgressProperty = "progress"

// Core is a promise of progress: once faults have stopped and some servers are well,
// the others having failed for good, one operation of a fresh client is answered
// within a bound.
type Core struct {
	Groups []Group       // who is well
	Bound  time.Duration // for the answer

	// Probe adds the client that asks; its first operation that ends OK counts. It
	// should go on asking for twice the bound: see RunCore.
	Probe func(w *sim.World) sim.NodeID
}

// Group is servers of which so many are well in a core; which of them is drawn. A
// server is of the first group that lists it, and one of no group fails.
//
//	{{Well: 3}}                                             any three of all servers
//	{{Members: participants, Well: len(participants)},      all participants, and
//	 {Members: coordinators, Well: len(coordinators)/2 + 1}} a majority of the coordinators
//	{{Members: []sim.NodeID{n1}, Well: 1}, {Well: 2}}       n1 and any two others
type Group struct {
	Members []sim.NodeID // nil: all servers
	Well    int
}

// AnyOf is a core of n servers, whichever.
func AnyOf(n int) []Group { return []Group{{Well: n}} }

// Progress is what became of the promise.
type Progress struct {
	Core     []sim.NodeID  // who was well
	Lacking  string        // why they are fewer than promised, and nothing was asked
	Answered bool          // within the bound
	After    time.Duration // when
	Stalled  bool          // no answer within the bound
	Lasso    *sim.Lasso    // the proof that there never will be one
	NoLasso  string        // or why there is none
}

// RunCore is the liveness phase of a run: it heals the world, leaves a core (see
// LeaveCore) and runs until the probe is answered or the bound has passed. A stall is
// reported to the world, after a search for a lasso that may last as long again;
// stalls, if not nil, is called before it. None of the three, Answered, Stalled or
// Lacking: the run was ended by something else.
//
// A cluster that is idle and well goes round in circles too. So a lasso counts only if
// the probe, which asks on for as long again as the bound, is still not answered.
func (in *Installed) RunCore(c Core, stalls func()) Progress {
	w := in.stage.World
	began := w.Now()
	probe := c.Probe(w)
	in.HealAll()
	if !w.RunUntil(began) { // machines start again
		return Progress{}
	}
	var p Progress
	if p.Core, p.Lacking = in.LeaveCore(c.Groups...); p.Lacking != "" {
		return p
	}
	if !w.RunWhile(began+sim.Time(c.Bound), func() bool { return w.Answers(probe) == 0 }) {
		return p
	}
	if w.Answers(probe) > 0 {
		p.Answered, p.After = true, time.Duration(w.Now()-began)
		return p
	}
	p.Stalled = true
	if stalls != nil {
		stalls()
	}
	at, seq := w.Now(), w.Trace().Len
	p.prove(w, probe, at+sim.Time(c.Bound))
	v := p.stall(c.Bound)
	v.At, v.Seq = at, seq
	w.Report(v)
	return p
}

// prove looks for a lasso until an instant, and asks for an answer until then.
func (p *Progress) prove(w *sim.World, probe sim.NodeID, until sim.Time) {
	l, why := w.FindLasso(until)
	if l == nil {
		p.NoLasso = why
		return
	}
	if !w.RunWhile(until, func() bool { return w.Answers(probe) == 0 }) || w.Answers(probe) > 0 {
		how := "go round in circles, but at"
		if l.Still {
			how = "stand still, but by"
		}
		p.NoLasso = fmt.Sprintf("the servers %s %v the probe was answered, or the run was ended", how, w.Now())
		return
	}
	p.Lasso = l
}

// stall is the violation that a stalled core is.
func (p *Progress) stall(bound time.Duration) sim.Violation {
	var names []string
	v := sim.Violation{Property: ProgressProperty, Stalled: true, Nodes: p.Core}
	for _, id := range p.Core {
		names = append(names, id.String())
		v.Fields = append(v.Fields, sim.Place{Node: id, Field: "role"})
	}
	v.Detail = fmt.Sprintf("%s are well, and %v after faults have stopped no operation has been answered", strings.Join(names, ", "), bound)
	switch {
	case p.Lasso == nil:
	case p.Lasso.Still:
		v.Detail += fmt.Sprintf("; none ever will be unless something else comes from a client than from %v to %v, when nothing was under way between servers, no timer of theirs would ever be due, and what came from clients changed nothing",
			p.Lasso.From, p.Lasso.To)
	default:
		v.Detail += fmt.Sprintf("; none ever will be: the state of %v comes back every %v", p.Lasso.From, p.Lasso.Period())
	}
	return v
}

// LeaveCore lets all servers but a core fail for good, each crashed, cut off from
// everybody or paused. It is for a healed world: after HealAll, and after the events
// of that instant, in which machines start again. Who is in the core, and how the
// others fail, is drawn from the seed. It returns the core, and what it lacks when of
// some group not so many can run. HealAll heals the others.
//
// Cut off means in both directions: a server that can speak and not hear may keep
// a core busy for ever, and no protocol has promised otherwise.
func (in *Installed) LeaveCore(groups ...Group) (core []sim.NodeID, lacking string) {
	s := &in.stage
	s.name, core = "core", []sim.NodeID{}
	rest := s.World.Servers() // of no group yet
	for _, g := range groups {
		members := g.of(rest)
		rest = slices.DeleteFunc(rest, func(id sim.NodeID) bool { return slices.Contains(members, id) })
		well := s.some(g.Well, slices.DeleteFunc(members, s.World.Halted))
		if len(well) < g.Well && lacking == "" {
			lacking = g.lacking(len(well))
		}
		core = append(core, well...)
	}
	slices.Sort(core)
	for _, id := range s.World.Servers() {
		if !slices.Contains(core, id) {
			in.impose([]Fault{Crash{Target: On(id)}, Isolate{Target: On(id), Clients: true}, Pause{Target: On(id)}}[s.pick(3)])
		}
	}
	return core, lacking
}

// of is the group's members among some servers.
func (g Group) of(servers []sim.NodeID) []sim.NodeID {
	if g.Members == nil {
		return slices.Clone(servers)
	}
	return slices.DeleteFunc(slices.Clone(servers), func(id sim.NodeID) bool { return !slices.Contains(g.Members, id) })
}

// lacking says that too few of the group can run.
func (g Group) lacking(can int) string {
	needed := "are needed"
	if g.Well == 1 {
		needed = "is needed"
	}
	if g.Members == nil {
		return fmt.Sprintf("only %s can still run, and %d %s", many(can, "server"), g.Well, needed)
	}
	return fmt.Sprintf("of %s only %d can still run, and %d %s", nodesText(g.Members), can, g.Well, needed)
}

// impose lets a fault strike that is in no plan.
func (in *Installed) impose(f Fault) {
	if f.Blocked(&in.stage) != nil {
		return
	}
	begun := in.stage.World.FaultBegins(f.String())
	in.force = append(in.force, &inForce{begun, f.String(), f.Apply(&in.stage)})
}
