package faults

import (
	"time"

	"distsim/sim"
)

// Flap takes all links, or those of its Scope, down and up again and again: down
// for Down, up for Up, from down on. Messages sent over a link that is down and
// messages that would arrive over one are lost; on FIFO links the stream breaks.
// Healing leaves the links up.
type Flap struct {
	Down, Up time.Duration
	Scope
}

func (Flap) Kind() Kind       { return "flap" }
func (f Flap) String() string { return spell(f) }

func (f Flap) Fields(v Fields) Fault {
	v.Duration("down", &f.Down)
	v.Duration("up", &f.Up)
	f.Scope.fields(v)
	return f
}

func (f Flap) Check() error {
	return firstError(checkSpell("down", f.Down), checkSpell("up", f.Up), f.Scope.check())
}

// checkSpell says whether links can be so for that long in turn.
func checkSpell(field string, d time.Duration) error {
	switch {
	case d == 0:
		return missing(field, "how long the links are so in turn, such as 200ms")
	case d < time.Microsecond || d > MaxDuration:
		return outside(field, d, "1µs … %v", MaxDuration)
	}
	return nil
}

func (Flap) Blocked(*Stage) error { return nil }

func (f Flap) Apply(s *Stage) func() {
	over := false
	var end, down, up func()
	name := s.name
	later := func(d time.Duration, do func()) {
		s.World.After(sim.Time(d), func(*sim.World) {
			if !over {
				do()
			}
		})
	}
	down = func() {
		s.name = name
		end = f.disturb(s, sim.LinkRule{Cut: true})
		later(f.Down, up)
	}
	up = func() {
		end()
		end = nil
		later(f.Up, down)
	}
	down()
	return func() {
		over = true
		if end != nil {
			end()
		}
	}
}

func (Flap) Within(Model) error { return nil }

// Weaker proposes links that are up most of the time.
func (f Flap) Weaker() []Fault {
	var out []Fault
	for _, down := range halves(f.Down) {
		if down >= time.Microsecond {
			out = append(out, Flap{down, f.Up, f.Scope})
		}
	}
	return out
}

func (Flap) draw(d *dice) Fault {
	length := func(what string) time.Duration {
		return 10*time.Millisecond + d.round(d.span(what, 500*time.Millisecond))
	}
	return Flap{length("down"), length("up"), d.scope()}
}
