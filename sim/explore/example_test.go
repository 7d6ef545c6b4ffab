package explore_test

import (
	"fmt"
	"time"

	"distsim/sim"
	"distsim/sim/explore"
)

// Of three servers one says that it keeps something before it does. No crash alone and
// no lost message alone breaks the promise; both together do, in three of all cases.
func ExampleRun() {
	w := sim.New(sim.Config{})
	bounds := explore.Bounds{Crashes: 1, Losses: 1, RestartAfter: []time.Duration{100 * ms}}
	res := explore.Run(bounds, func(c *explore.Case) (outcome string) {
		w.Reset(sim.Config{Chooser: c, Explore: c.Explore(),
			Net: sim.NetConfig{Latency: sim.Fixed(ms)}, Disk: sim.DiskConfig{Sync: sim.Fixed(ms)}})
		for _, eager := range []bool{false, true, false} {
			w.AddServer(func() sim.Node { return &keeper{eager: eager} })
		}
		w.RunUntil(sim.Time(time.Second))
		return (&toy{servers: 3, w: w}).judge()
	})
	fmt.Println(res)
	fmt.Println(&res.Outcomes[len(res.Outcomes)-1].First)
	// Output:
	// 84 cases: 1 with 0 crashes and 0 losses, 4 with 0 crashes and 1 losses, 18 with 1 crashes and 0 losses, 61 with 1 crashes and 1 losses; 61 kept; 20 unheard; 3 broken
	// case 30: message n1>n3 explore_test.put #1 lost; crash: {target: n2, before_effect: 3} for 100ms after message n1>n2 explore_test.put #1
}
