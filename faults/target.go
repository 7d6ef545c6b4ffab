package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"distsim/sim"
)

// Who is a symbolic target: whom it means is decided when the fault strikes.
type Who uint8

const (
	Leader    Who = iota + 1 // the up server with the highest term that believes it leads or coordinates; of equals the first
	Any                      // a server that is up, drawn
	Majority                 // more than half of the servers, drawn
	Minority                 // fewer than half of the servers, as many as that allows, drawn
	Dirty                    // an up server with un-synced writes, drawn; the fault waits up to Patience for one
	Candidate                // an up server that stands for election, drawn; likewise
	Follower                 // an up server that neither leads nor stands for election, drawn
	Holder                   // an up machine, server or client, that believes it holds a lock, drawn; waited for as a dirty one is
)

// Patience is how long a fault aimed at a dirty server, a candidate or a holder waits
// for one, looking every patienceStep: un-synced writes come and go within a disk's
// latency.
const (
	Patience     = 100 * time.Millisecond
	patienceStep = 100 * time.Microsecond
)

var whoNames = [...]string{"", "leader", "any", "majority", "minority", "dirty", "candidate", "follower", "holder"}

// String names the target as plans spell it.
func (w Who) String() string { return whoNames[w] }

// ParseWho reads what String prints.
func ParseWho(s string) (Who, bool) {
	i := slices.Index(whoNames[:], s)
	return Who(max(i, 0)), i > 0
}

// WhoNames lists the symbolic targets.
func WhoNames() []string { return slices.Clone(whoNames[1:]) }

// Target says whom a fault hits: nodes by name, or symbolically. The zero
// Target is nobody, or everybody where a fault allows that.
type Target struct {
	Who   Who          // symbolic, or 0
	Nodes []sim.NodeID // when Who is 0
	With  Who          // Majority and Minority only: they contain this server: leader, any, dirty, candidate or follower
	Was   []sim.NodeID // whom a symbolic target meant; where set it is in force
}

// Aim is a symbolic target.
func Aim(who Who) Target { return Target{Who: who} }

// On targets nodes by name.
func On(nodes ...sim.NodeID) Target { return Target{Nodes: nodes} }

// None reports whether the target is not set.
func (t Target) None() bool { return t.Who == 0 && len(t.Nodes) == 0 }

// Known is whom the target means if that is certain, else nil.
func (t Target) Known() []sim.NodeID {
	if t.Who == 0 {
		return t.Nodes
	}
	return t.Was
}

// Check says what is wrong with the target by itself.
func (t Target) Check() error {
	switch {
	case t.Who != 0 && len(t.Nodes) > 0:
		return wrong("target", "the target is both %v and %v; keep one", t.Who, t.Nodes)
	case t.Who == 0 && len(t.Was) > 0:
		return wrong("was", "was is for symbolic targets (%v); leave it out for nodes by name", whoNames[1:])
	case t.With != 0 && t.Who != Majority && t.Who != Minority:
		return wrong("with", "with is for the targets majority and minority, not for %v", t)
	case t.With == Majority || t.With == Minority:
		return wrong("with", "with names one server (leader, any, dirty, candidate or follower), not a %v", t.With)
	case t.With == Holder:
		return wrong("with", "with names one server (leader, any, dirty, candidate or follower); a holder may be a client, so make it the target itself")
	case len(t.Was) > 1 && t.Who != Majority && t.Who != Minority:
		return wrong("was", "%v is one machine, but was lists %d", t.Who, len(t.Was))
	}
	return firstError(distinct("target", t.Nodes), distinct("was", t.Was))
}

func (t Target) required() error {
	if t.None() {
		return missing("target", fmt.Sprintf("name a node, or one of %v", whoNames[1:]))
	}
	return t.Check()
}

func distinct(what string, ids []sim.NodeID) error {
	for i, id := range ids {
		if id == 0 {
			return wrong(what, "%s names nobody", what)
		}
		if slices.Contains(ids[:i], id) {
			return wrong(what, "%s lists %v twice", what, id)
		}
	}
	return nil
}

// String prints the target alone: leader, n3 or [n1, n2].
func (t Target) String() string {
	if t.Who != 0 {
		return t.Who.String()
	}
	return nodesText(t.Nodes)
}

// resolve decides whom the target means now, and says so in Was.
func (t Target) resolve(s *Stage) (Target, error) {
	if t.Who == 0 {
		return t, nil
	}
	if len(t.Was) > 0 {
		return t, t.await(s)
	}
	var err error
	switch t.Who {
	case Majority:
		t.Was, err = s.crowd(len(s.World.Servers())/2+1, t.With)
	case Minority:
		t.Was, err = s.crowd((len(s.World.Servers())-1)/2, t.With)
	default:
		t.Was, err = s.one(t.Who)
	}
	return t, err
}

// await keeps a fault waiting whose recorded target is not yet what it was.
func (t Target) await(s *Stage) error {
	who := t.passing()
	is := func(id sim.NodeID) bool { return s.is(id, who) }
	if who == 0 || s.impatient || slices.ContainsFunc(t.Was, is) {
		return nil
	}
	return reason{"none of " + nodesText(t.Was) + " is " + who.String(), true}
}

// passing is the symbol, if the target has one, for a state that comes and goes:
// worth waiting for.
func (t Target) passing() Who {
	for _, who := range []Who{t.Who, t.With} {
		if who == Dirty || who == Candidate || who == Holder {
			return who
		}
	}
	return 0
}

// is reports whether a symbol for one machine may mean this one, if it may be a client.
func (s *Stage) is(id sim.NodeID, who Who) bool {
	w := s.World
	switch who {
	case Leader:
		return leader(w, s.up(w.Servers())) == id
	case Dirty:
		return w.Up(id) && w.Dirty(id)
	case Candidate:
		return w.Up(id) && plays(w, id, "candidate")
	case Follower:
		return w.Up(id) && plays(w, id, "follower", "backup", "participant")
	case Holder:
		return w.Up(id) && holds(w, id)
	default:
		return w.Up(id)
	}
}

// holds reports whether a machine's view says that it holds a lock: by its role, or by
// a field section of any of its parts, which names the lock in whose critical section
// it is.
func holds(w *sim.World, id sim.NodeID) bool {
	return plays(w, id, "holder") || slices.ContainsFunc(w.ViewOf(id).Fields, func(f sim.Field) bool {
		return (f.Name == "section" || strings.HasSuffix(f.Name, ".section")) && f.Text != "" && f.Text != "-"
	})
}

// plays reports whether a machine's view says that its role is one of some.
func plays(w *sim.World, id sim.NodeID, roles ...string) bool {
	role, _ := w.ViewOf(id).Get("role")
	return slices.Contains(roles, role.Text)
}

// one finds the machine that a symbol for one machine means.
func (s *Stage) one(who Who) ([]sim.NodeID, error) {
	fit := slices.DeleteFunc(who.among(s.World), func(id sim.NodeID) bool { return !s.is(id, who) })
	switch {
	case len(fit) == 0:
		return nil, reason{"no " + who.meaning(), Aim(who).passing() != 0}
	case who == Leader:
		return fit, nil
	default:
		return []sim.NodeID{fit[s.pick(len(fit))]}, nil
	}
}

// among lists the machines that a symbol may mean, be they up or down.
func (w Who) among(world *sim.World) []sim.NodeID {
	if w == Holder {
		return append(world.Servers(), world.Clients()...)
	}
	return world.Servers()
}

// meaning completes "no".
func (w Who) meaning() string {
	switch w {
	case Any:
		return "server is up"
	case Leader:
		return "server is up and believes it is the leader"
	case Dirty:
		return "server is up with un-synced writes"
	case Holder:
		return "machine is up and holds a lock"
	default:
		return "server is up as a " + w.String()
	}
}

// leader is the server with the highest term among those whose view says that
// their role is leader, primary or coordinator; of equals the first.
func leader(w *sim.World, up []sim.NodeID) sim.NodeID {
	var best sim.NodeID
	var bestTerm int64
	for _, id := range up {
		if !plays(w, id, "leader", "primary", "coordinator") {
			continue
		}
		if term, _ := w.ViewOf(id).Get("term"); best == 0 || term.Int > bestTerm {
			best, bestTerm = id, term.Int
		}
	}
	return best
}

// crowd draws n servers, up or down, that contain with if it is set.
func (s *Stage) crowd(n int, with Who) ([]sim.NodeID, error) {
	rest := s.World.Servers()
	if n < 1 {
		return nil, reason{text: fmt.Sprintf("a minority of %d servers is nobody", len(rest))}
	}
	var out []sim.NodeID
	if with != 0 {
		first, err := s.one(with)
		if err != nil {
			return nil, err
		}
		out = first
		rest = slices.DeleteFunc(rest, func(id sim.NodeID) bool { return id == first[0] })
	}
	out = append(out, s.some(n-len(out), rest)...)
	slices.Sort(out)
	return out, nil
}

// some draws n of the nodes, or all if they are fewer, and takes them out of the list.
func (s *Stage) some(n int, of []sim.NodeID) (drawn []sim.NodeID) {
	for len(drawn) < n && len(of) > 0 {
		i := s.pick(len(of))
		drawn = append(drawn, of[i])
		of = slices.Delete(of, i, i+1)
	}
	return drawn
}
