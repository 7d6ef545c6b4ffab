package naive

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
	"distsim/sim/simtest/golden"
)

// story is a mistake, and the call that puts it right.
type story struct {
	name    string
	naive   Client
	fixed   Client
	befalls func(w *sim.World)
	clients []Client // but for their mistake
	crucial []string // what the story is about, in its order
}

var stories = []story{
	{
		name:  "put",
		naive: Client{Take: ByPut, GiveBack: ByRevoking},
		fixed: Client{Take: IfAbsent, GiveBack: ByRevoking},
		clients: []Client{
			{Think: sim.Fixed(10 * ms), Work: sim.Fixed(60 * ms)},
			{Think: sim.Fixed(20 * ms), Work: sim.Fixed(30 * ms), Wait: sim.Fixed(200 * ms), Retry: sim.Fixed(10 * ms)},
		},
		crucial: []string{
			"c1 enters its section of l1", "c2 to n1: put l1", "n1 holds l1: c2/2", "c2 to n1: revoke lease 2", "n1 holds nothing",
			"n1 holds l1: c2/3", "— lock.one-holder is violated: c2 enters the critical section of l1 while c1 is in it —", "c1 leaves its section",
		},
	},
	{
		name:  "delete",
		naive: Client{Take: IfAbsent, GiveBack: ReadThenDelete},
		fixed: Client{Take: IfAbsent, GiveBack: CompareAndDelete},
		befalls: func(w *sim.World) {
			w.Disturb(sim.LinkRule{From: []sim.NodeID{sim.Client(1)}, Type: "naive.Delete", Delay: sim.Fixed(120 * ms)})
		},
		clients: []Client{
			{Think: sim.Fixed(10 * ms), Work: sim.Fixed(30 * ms), TTL: 100 * ms, Timeout: time.Second},
			{Think: sim.Fixed(95 * ms), Work: sim.Fixed(70 * ms), TTL: 100 * ms, Wait: sim.Fixed(200 * ms), Retry: sim.Fixed(20 * ms)},
			{Think: sim.Fixed(150 * ms), Work: sim.Fixed(20 * ms), TTL: 100 * ms, Wait: sim.Fixed(200 * ms), Retry: sim.Fixed(10 * ms)},
		},
		crucial: []string{
			"c1 leaves its section of l1", "n1 to c1: it is c1/1", "the lease of c1/1 ends at n1", "n1 holds l1: c2/", "c2 enters its section of l1",
			"c1 to n1: delete l1", "n1 holds nothing", "n1 holds l1: c3/",
			"— lock.one-holder is violated: c3 enters the critical section of l1 while c2 is in it —", "c2 leaves its section",
		},
	},
}

// Each mistake makes one story. What is crucial must be in it, whatever the golden file
// says; with the call that puts the mistake right nothing is violated.
func TestNaiveLockTranscripts(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			w := s.run(t, s.naive)
			got := tell(w)
			golden.InOrder(t, got, s.crucial...)
			golden.Compare(t, "lock-naive/"+s.name+".txt", []byte(got))
			if w = s.run(t, s.fixed); len(w.Violations()) > 0 {
				t.Errorf("put right: %v", w.Violations())
			}
		})
	}
}

func (s story) run(t *testing.T, mistake Client) *sim.World {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}, Records: true, FreezeCheck: true})
	t.Cleanup(w.Close)
	w.AddServer(NewStore)
	for _, c := range s.clients {
		c.Take, c.GiveBack, c.Ops, c.Pieces = mistake.Take, mistake.GiveBack, 1, 1
		w.AddClient(c.Node)
	}
	w.AddInvariant(invariant.All(invariant.System{})...)
	if s.befalls != nil {
		s.befalls(w)
	}
	if !w.RunClients(sim.Time(10 * time.Second)) {
		t.Error("clients are not done")
	}
	return w
}

// tell is what a run's machines say to each other, and what that changes.
func tell(w *sim.World) string {
	var b strings.Builder
	tr := w.Trace()
	shown := map[sim.NodeID]string{}
	for i := range tr.Records() {
		r := &tr.Records()[i]
		us := time.Duration(r.At).Microseconds()
		line := func(format string, args ...any) {
			fmt.Fprintf(&b, "%4d ms  %s\n", us/1000, fmt.Sprintf(format, args...))
		}
		switch {
		case r.Kind == sim.KindDeliver && r.Peer != r.Node && r.Peer != 0:
			line("%v to %v: %s", r.Peer, r.Node, r.Text)
		case r.Kind == sim.KindTimer && tr.NameOf(&r.Core) == "naive.leaseOver" && len(r.Fields) > 0:
			_, value, _ := strings.Cut(shown[r.Node], ": ")
			line("the lease of %s ends at %v", value, r.Node)
		case r.Kind == sim.KindInvoke:
			line("%v wants %s", r.Node, strings.TrimSuffix(r.Text, " -> unknown"))
		case r.Kind == sim.KindReturn:
			line("%v knows %s", r.Node, r.Text)
		case r.Kind == sim.KindViolated:
			name, detail, _ := strings.Cut(r.Text, ": ")
			line("— %s is violated: %s —", name, detail)
		}
		for _, f := range r.Fields {
			if was := shown[r.Node]; f.Value() != was {
				line("%s", change(r.Node, f, was))
				shown[r.Node] = f.Value()
			}
		}
	}
	return b.String()
}

// change says what it means that a machine shows something else now.
func change(who sim.NodeID, f sim.Field, was string) string {
	switch {
	case f.Name == "held" && f.Text == "":
		return fmt.Sprintf("%v holds nothing", who)
	case f.Name == "held":
		return fmt.Sprintf("%v holds %s", who, f.Text)
	case f.Text == "":
		return fmt.Sprintf("%v leaves its section of %s", who, was)
	default:
		return fmt.Sprintf("%v enters its section of %s", who, f.Text)
	}
}
