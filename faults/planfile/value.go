package planfile

import (
	"strconv"
	"strings"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// text is the value of a scalar.
func (d *decoder) text(n *node, what string) (string, bool) {
	if n.shape != scalar {
		d.fail(n, "%s is %v; want a single value", what, n.shape)
		return "", false
	}
	return n.text, true
}

// natural reads a whole number of at least least.
func (d *decoder) natural(n *node, what string, least uint64) uint64 {
	s, ok := d.text(n, what)
	if !ok {
		return 0
	}
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil || v < least {
		d.fail(n, "%s is %s; want a whole number of at least %d", what, show(s), least)
	}
	return v
}

// integer reads a whole number that may be negative.
func (d *decoder) integer(n *node, what string) int64 {
	s, ok := d.text(n, what)
	if !ok {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		d.fail(n, "%s is %s; want a whole number", what, show(s))
	}
	return v
}

// duration reads a length of time; negative ones only where that means something.
func (d *decoder) duration(n *node, what string, negative bool) time.Duration {
	s, ok := d.text(n, what)
	if !ok {
		return 0
	}
	v, err := time.ParseDuration(s)
	switch {
	case err != nil && isNumber(s):
		d.fail(n, "%s is %s without a unit; write %s", what, show(s), s+"ms, or "+s+"s")
	case err != nil:
		d.fail(n, "%s is %s; want a duration such as 800ms or 1.5s", what, show(s))
	case v < 0 && !negative:
		d.fail(n, "%s is %v; it cannot be negative", what, v)
	case v > faults.MaxDuration || v < -faults.MaxDuration:
		d.fail(n, "%s is %v; want at most %v", what, v, faults.MaxDuration)
	default:
		return v
	}
	return 0
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "-.0123456789") == "" && len(s) <= 20
}

// instant reads a virtual time since the start of the run.
func (d *decoder) instant(n *node, what string) sim.Time { return sim.Time(d.duration(n, what, false)) }

// flag reads true or false.
func (d *decoder) flag(n *node, what string) bool {
	s, ok := d.text(n, what)
	if ok && s != "true" && s != "false" {
		d.fail(n, "%s is %s; want true or false", what, show(s))
	}
	return s == "true"
}

// word reads one of a few words.
func (d *decoder) word(n *node, what string, choices []string) string {
	s, ok := d.text(n, what)
	if !ok {
		return ""
	}
	for _, c := range choices {
		if s == c {
			return s
		}
	}
	d.fail(n, "%s is %s; %s", what, show(s), suggestion(s, choices))
	return ""
}

// node reads the name of a machine.
func (d *decoder) node(n *node, what string) sim.NodeID {
	s, ok := d.text(n, what)
	if !ok {
		return 0
	}
	id, err := sim.ParseNodeID(s)
	if err != nil || id == 0 {
		d.fail(n, "%s is %s; want a node: n1, n2, … for servers or c1, c2, … for clients", what, show(s))
		return 0
	}
	return id
}

// nodes reads one machine or a list of them.
func (d *decoder) nodes(n *node, what string) []sim.NodeID {
	if n.shape == scalar {
		return []sim.NodeID{d.node(n, what)}
	}
	var out []sim.NodeID
	for _, x := range d.items(n, what) {
		out = append(out, d.node(x, what))
	}
	return out
}
