package shrink

import (
	"time"

	"distsim/faults"
)

// grain is what durations are rounded to, for the eye.
const grain = 100 * time.Microsecond

// milder proposes shorter and weaker versions of an entry, the mildest first.
func milder(e faults.Entry) []faults.Entry {
	var out []faults.Entry
	for _, part := range []time.Duration{8, 4, 2} {
		if d := (e.For / part).Truncate(grain); d > 0 {
			shorter := e
			shorter.For = d
			out = append(out, shorter)
		}
	}
	if e.Moment.Of != 0 { // just any time will do?
		plain := e
		plain.Moment = faults.Moment{}
		out = append(out, plain)
	}
	for _, f := range e.Fault.Weaker() {
		weaker := e
		weaker.Fault = f
		out = append(out, weaker)
	}
	return out
}
