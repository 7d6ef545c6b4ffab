package scenarios

import (
	"strings"
	"testing"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/nodes/kv"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// late is a server that refuses everybody until an instant and answers from then on.
// It ticks, so that it goes round in circles, before and after, unless it is idle and
// waits to be told by a client.
type late struct {
	well sim.Time
	idle bool
	is   bool
}

type (
	tick   struct{}
	wellAt struct{}
)

func (l *late) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		if l.idle {
			return
		}
		env.Arm(tick{}, 10*time.Millisecond)
		if l.well > 0 {
			env.Arm(wellAt{}, time.Duration(l.well))
		}
	case tick:
		env.Arm(tick{}, 10*time.Millisecond)
	case wellAt:
		l.is = true
	case *kv.Request:
		reply := &kv.Reply{Status: kv.Refused}
		if l.is && m.Op.Kind == ops.Put {
			reply = &kv.Reply{Status: kv.Done}
		}
		env.Reply(env.ReplyTo(), reply)
	}
}

func (l *late) Canonical(v *sim.View) { v.Bool("well", l.is) }

// A cluster that is well after the bound is stalled, but nothing proves that it
// stays so, although idle and well it goes round in circles.
func TestAnIdleClusterIsNoLivelock(t *testing.T) {
	for _, c := range []struct {
		well  time.Duration
		idle  bool
		lasso bool
		why   string
	}{
		{0, false, true, ""},
		{1500 * time.Millisecond, false, false, "the servers go round in circles, but at 1.5"},
		{0, true, true, ""},
		{1500 * time.Millisecond, true, false, "the servers stand still, but by 2s"},
	} {
		s := &Scenario{
			Name:   "late",
			Params: []Param{{Name: "keys", Default: "1", Min: 1, Max: 1}},
			Declare: func(Values) Declaration {
				return Declaration{Live: &Liveness{Core: faults.AnyOf(1), Bound: time.Second, Probe: kvProbe}}
			},
			Config: func(Values) sim.Config { return sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}} },
			Build: func(b *Build) {
				n1 := b.World.AddServer(func() sim.Node { return &late{well: sim.Time(c.well), idle: c.idle} })
				if c.idle && c.well > 0 {
					b.World.AddClient(sim.Go(func(p *sim.Proc) { p.Sleep(c.well); p.Send(n1, wellAt{}) }))
				}
			},
			Judge: func(Values, *sim.World) ([]checker.Result, error) { return nil, nil },
		}
		r := mustRun(t, s, seeded(1), Options{}).Report
		l := r.Liveness
		if r.Verdict != "stalled" || (l.Lasso != nil) != c.lasso || c.lasso && l.Lasso.Still != c.idle || !strings.HasPrefix(l.NoLasso, c.why) {
			t.Errorf("well after %v: %s, lasso %+v, %q", c.well, r.Verdict, l.Lasso, l.NoLasso)
		}
	}
}
