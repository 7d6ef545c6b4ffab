package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// CheckKinds says which of the model's kinds no planner can ever draw, because there
// is no such fault or because a bound that it needs is missing: a test under such a
// model would pass without having tried anything. [Needs] lists the bounds.
func (m Model) CheckKinds() error {
	if len(m.Kinds) == 0 {
		return nil
	}
	for _, k := range m.Kinds {
		if _, ok := OfKind(k); !ok {
			return noSuchKind(k)
		}
		for _, n := range needsOf(k) {
			if got, ok := n.met(m); !ok && !(n.field == "MaxDown" && m.aimsAtClients(k)) {
				return fmt.Errorf("%s needs %s, which is %v: it would never be drawn", k, n, got)
			}
		}
	}
	return firstError(m.checkClients(), m.checkLengths())
}

// checkLengths says why no drawn fault can last as long as it should.
func (m Model) checkLengths() error {
	switch {
	case m.Least < 0 || m.Most < 0:
		return fmt.Errorf("Least is %v and Most %v: a fault cannot last less than nothing", m.Least, m.Most)
	case m.Most != 0 && m.Least > m.Most:
		return fmt.Errorf("Least is %v and Most %v: no fault lasts that long and that short", m.Least, m.Most)
	case m.Most != 0 && m.Most < grain:
		return fmt.Errorf("Most is %v, less than the %v that a drawn fault lasts", m.Most, grain)
	}
	return nil
}

// CheckWorld says that a world of so many servers leaves all of the model's kinds
// nothing to strike. Some of them may lack servers: a model may serve worlds of
// several sizes.
func (m Model) CheckWorld(servers int) error {
	if len(m.Kinds) == 0 {
		return nil
	}
	least := slices.Min(mapped(m.Kinds, m.serversFor))
	if servers >= least {
		return nil
	}
	return fmt.Errorf("the world has %s, and a fault among %s needs %d: no run would have one",
		count(servers, "server"), namesOf(m.Kinds), least)
}

// Needs says in words which of a Model's fields a kind needs before it is drawn, such
// as "MaxDown of 1 or more"; "" if none. A kind among ClientKinds does without MaxDown.
func Needs(k Kind) string {
	return strings.Join(mapped(needsOf(k), need.String), ", ")
}

// need is a bound without which some kinds are never drawn.
type need struct {
	field, least string
	kinds        []Kind
	met          func(m Model) (got any, ok bool)
}

func (n need) String() string { return n.field + " of " + n.least }

// needs mirrors what the draw methods ask of a model; a test compares.
func needs() []need {
	return []need{
		atLeast("MaxDown", 1, func(m Model) int { return m.MaxDown },
			"crash", "pause", "wipe", "upgrade", "sync_fail", "read_error", "disk_full"),
		atLeast("LossPPM", 1, func(m Model) int64 { return m.LossPPM }, "loss"),
		atLeast("Delay", 2*time.Millisecond, func(m Model) time.Duration { return m.Delay }, "delay"),
		atLeast("DuplicatePPM", 1, func(m Model) int64 { return m.DuplicatePPM }, "duplicate"),
		atLeast("Window", grain, func(m Model) time.Duration { return m.Window }, "reorder"),
		atLeast("CorruptPPM", 1, func(m Model) int64 { return m.CorruptPPM }, "corrupt"),
		atLeast("Bandwidth", 1, func(m Model) int64 { return m.Bandwidth }, "bandwidth"),
		{"Types", "one or more", []Kind{"filter"}, func(m Model) (any, bool) { return m.Types, len(m.Types) > 0 }},
		atLeast("Slow", grain, func(m Model) time.Duration { return m.Slow }, "slow"),
		{"Builds", "one or more", []Kind{"upgrade"}, func(m Model) (any, bool) { return m.Builds, len(m.Builds) > 0 }},
		atLeast("DriftPPM", 1, func(m Model) int64 { return m.DriftPPM }, "clock_drift"),
		atLeast("Step", time.Millisecond, func(m Model) time.Duration { return m.Step }, "clock_step", "clock_slew"),
		atLeast("Offset", time.Millisecond, func(m Model) time.Duration { return m.Offset }, "clock_offset"),
		atLeast("SlewPPM", 1, func(m Model) int64 { return m.SlewPPM }, "clock_slew"),
		{"Most", "1ms/SlewPPM or more", []Kind{"clock_slew"}, slewsInTime},
		{"CrashModels", "one or more, or nil", []Kind{"crash"}, func(m Model) (any, bool) { return m.CrashModels, len(m.crashModels()) > 0 }},
	}
}

func atLeast[T cmp.Ordered](field string, least T, of func(m Model) T, kinds ...Kind) need {
	met := func(m Model) (any, bool) { return of(m), of(m) >= least }
	return need{field, fmt.Sprintf("%v or more", least), kinds, met}
}

// slewsInTime reports whether the longest slew gains the least that is drawn.
func slewsInTime(m Model) (any, bool) {
	_, longest := m.lengths()
	return longest, longest/million*time.Duration(min(m.SlewPPM, maxSlew)) >= time.Millisecond
}

func needsOf(k Kind) []need {
	return slices.DeleteFunc(needs(), func(n need) bool { return !slices.Contains(n.kinds, k) })
}

// serversFor is how many servers a world must have for a kind to strike anything.
func (m Model) serversFor(k Kind) int {
	if m.aimsAtClients(k) {
		return 0
	}
	switch k {
	case "loss", "delay", "duplicate", "reorder", "corrupt", "bandwidth", "hold", "flap":
		return 0 // there are links between clients, too
	case "partition", "partition_one_way":
		return 2
	case "bridge":
		return 3
	case "majorities_ring":
		return 4
	}
	return 1
}

// noSuchKind names the kind that looks most like one that there is not.
func noSuchKind(typed Kind) error {
	kinds := Kinds()
	best := slices.MinFunc(kinds, func(a, b Kind) int {
		return cmp.Compare(Distance(string(typed), string(a)), Distance(string(typed), string(b)))
	})
	if Distance(string(typed), string(best)) <= max(1, len(typed)/2) {
		return fmt.Errorf("there is no fault %q; did you mean %s?", typed, best)
	}
	return fmt.Errorf("there is no fault %q; there are %s", typed, namesOf(kinds))
}

func mapped[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

func namesOf(kinds []Kind) string {
	return strings.Join(mapped(kinds, func(k Kind) string { return string(k) }), ", ")
}

// count is how many there are, in words: 1 server, 2 servers.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
